"""Go, as the builds from published modules use it."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from tools.progress import StepError, run

MODULE = Path(__file__).resolve().parent / "cli"


def find_go(lock: int) -> str:
    """
    Return the path of `go`.

    Raises:
        StepError: There is none, or it is older than `cli/go.mod` asks for.
    """
    needed = _version(r"^go (\S+)$", (MODULE / "go.mod").read_text(encoding="utf-8"))
    go = shutil.which("go")
    if go is None:
        raise StepError(f"there is no `go` on PATH, and Go {_dotted(needed)} or newer is needed")
    # In the folder of the module: a Go that fetches a newer one by itself (GOTOOLCHAIN) answers for that one.
    found = _version(r"go(\d\S*)", run_go([go, "version"], "asking Go for its version", lock)[-1])
    if found < needed:
        raise StepError(f"{go} is Go {_dotted(found)}, and {_dotted(needed)} or newer is needed")
    return go


def run_go(command: list[str], doing: str, lock: int, *, cwd: Path = MODULE, **variables: str) -> list[str]:
    """
    Run a command of Go and return the last lines of its output.

    Args:
        command: `go` and its arguments.
        doing: What it does, for the user.
        lock: The descriptor that `lock.exclusive` gave.
        cwd: The folder to run it in.
        variables: Further variables of its environment.

    Raises:
        StepError: The command failed.
    """
    environment = {
        **os.environ,
        # As in Pulumi's releases; otherwise Go would use, and then need, a C compiler where there is one.
        "CGO_ENABLED": "0",
        # A Go workspace around the checkout knows nothing of these modules.
        "GOWORK": "off",
        **variables,
    }
    return run(command, doing=doing, cwd=cwd, lock=lock, environment=environment)


def _version(pattern: str, text: str) -> tuple[int, ...]:
    match = re.search(pattern, text, re.MULTILINE)
    return tuple(map(int, re.findall(r"\d+", match[1])[:3])) if match else ()


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version)) or "of an unknown version"
