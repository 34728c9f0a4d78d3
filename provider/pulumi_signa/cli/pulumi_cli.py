"""What is read through the Pulumi CLI: the configuration and the state of a stack."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pulumi_signa.cli.errors import CommandError
from pulumi_signa.quotes import one_line

_PROJECT_FILES = ("Pulumi.yaml", "Pulumi.yml", "Pulumi.json")
_NO_STACK = "no stack selected"

_LONGEST_S = 60.0
"""Seconds for one command. A back end that is out of reach would otherwise be waited for in silence."""


class NoStackError(CommandError):
    """No stack was named, and none is selected in the folder."""


def project_file(folder: Path) -> Path | None:
    """Return the file of the Pulumi project that the folder, or one above it, is that of; None outside of projects."""
    folder = folder.resolve()
    files = (each / name for each in (folder, *folder.parents) for name in _PROJECT_FILES)
    return next((file for file in files if file.is_file()), None)


def is_in_project(folder: Path) -> bool:
    """Return whether the folder, or one above it, is that of a Pulumi project."""
    return project_file(folder) is not None


def configuration(folder: Path, stack: str | None) -> dict[str, object]:
    """Return a stack's configuration by full key, secrets in plain text; `None` is the selected stack."""
    answer = _answer(folder, "config", "--show-secrets", "--json", *_named(stack))
    with _in_the_usual_form("config"):
        return {key: value.get("value") for key, value in answer.items()}


def exported(folder: Path, stack: str | None) -> Any:
    """Return what `pulumi stack export` prints, in which secrets are encrypted; `None` is the selected stack."""
    answer = _answer(folder, "stack", "export", *_named(stack))
    with _in_the_usual_form("stack export"):
        return {**answer, "deployment": answer["deployment"]}


def stacks(folder: Path) -> list[str]:
    """Return the names of all stacks of the project."""
    answer = _answer(folder, "stack", "ls", "--json")
    with _in_the_usual_form("stack ls"):
        return [stack["name"] for stack in answer]


@contextmanager
def _in_the_usual_form(command: str) -> Iterator[None]:
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError):
        raise CommandError(
            f"`pulumi {command}` printed something else than Pulumi's CLI does: see which one is on PATH"
        ) from None


def _named(stack: str | None) -> list[str]:
    return [] if stack is None else ["--stack", stack]


def _answer(folder: Path, *arguments: str) -> Any:
    """Return the JSON that a command prints; raise `CommandError` with the line in which the CLI says why not."""
    command = shutil.which("pulumi")
    if command is None:
        raise CommandError("there is no `pulumi` on the PATH to read a stack with: install the Pulumi CLI")
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and the arguments are the user's own
            [command, *arguments, "--non-interactive", "--color", "never"],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            timeout=_LONGEST_S,
        )
    except subprocess.TimeoutExpired:
        failed = f"`pulumi {' '.join(arguments)}` gave no answer in {_LONGEST_S:.0f} s"
        raise CommandError(f"{failed}: see that the stack's back end can be reached") from None
    except OSError as error:
        raise CommandError(f"{command} does not run: {error.strerror}; install the Pulumi CLI anew") from None
    if done.returncode == 0:
        with _in_the_usual_form(" ".join(arguments)):
            return json.loads(done.stdout)
    said = next((line for line in done.stderr.splitlines() if line.startswith("error: ")), done.stderr)
    message = one_line(said.removeprefix("error: "))
    failure = NoStackError if _NO_STACK in message else CommandError
    raise failure(f"`pulumi {' '.join(arguments)}` failed: {message or f'exit status {done.returncode}'}")
