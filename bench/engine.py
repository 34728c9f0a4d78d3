"""Pulumi commands on a stack of one subject, and how long they take."""

import json
import resource
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox import stack

from bench.signa import API_KEY
from bench.subjects import PLUGINS, Subject

CREATE, DESTROY = "create", "destroy"

OPERATIONS = {
    "preview": ("preview",),
    CREATE: ("up", "--yes", "--skip-preview"),
    "no-change up": ("up", "--yes", "--skip-preview", "--expect-no-changes"),
    "refresh": ("refresh", "--yes", "--skip-preview"),
    DESTROY: ("destroy", "--yes", "--skip-preview"),
}
"""The life of a stack, in order: name to command."""

LEAVE_NOTHING = ("preview", DESTROY)
"""Those after which no endpoint exists."""

_NAME = "bench"
_IDENTITY = ":StackIdentity"  # pulumi-signa makes one a stack, whose type ends with this

_ENDPOINTS = """\
{program_import}

for number in range({endpoints}):
    endpoint = WebhookEndpoint(f"endpoint-{{number}}", url=f"https://example.com/hooks/{{number}}")
"""

_STORED = """\
    SecretsManagerSecret(f"secret-{{number}}", secret_name=f"{prefix}{{number}}", secret_string=endpoint.{stored})
"""


class BenchError(Exception):
    """A command did not do what it was to do, so its time means nothing."""


@dataclass(frozen=True)
class Run:
    """
    A command that has ended.

    Attributes:
        seconds: From its start to its end.
        cpu_seconds: Of all cores, used by the engine and by what it started: the program and the plugins.
        succeeded: Whether it exited with 0.
        output: What it printed.
        errors: What it printed to standard error.
    """

    seconds: float
    cpu_seconds: float
    succeeded: bool
    output: str
    errors: str


def pulumi_version() -> str:
    """Return the version of the CLI, such as v3.259.0."""
    return subprocess.run([stack.PULUMI, "version"], capture_output=True, text=True, check=True).stdout.strip()


class Stack(stack.Stack):
    """A stack of one subject."""

    def __init__(
        self,
        folder: Path,
        subject: Subject,
        *,
        endpoints: int = 0,
        base_url: str = "",
        aws: Mapping[str, str] | None = None,
    ) -> None:
        """
        Write the program.

        Args:
            folder: Is made.
            subject: Whose endpoints it declares.
            endpoints: How many it declares.
            base_url: Of Signa's API.
            aws: The variables that lead to AWS; with them, the secret of each endpoint goes to Secrets Manager.
        """
        imports = [subject.program_import, subject.storing_import] if aws else [subject.program_import]
        program = _ENDPOINTS.format(program_import="\n".join(imports), endpoints=endpoints)
        if aws:
            program += _STORED.format(prefix=subject.secret_prefix, stored=subject.stored)
        environment = {"SIGNA_API_KEY": API_KEY, "SIGNA_BASE_URL": base_url, **(aws or {})}
        super().__init__(folder, program, environment, plugins=PLUGINS)
        for source in subject.sources:
            shutil.copy(source, self.folder)

    def init(self) -> None:
        """Make the stack; nothing is in it yet."""
        self._must(stack.PULUMI, "stack", "init", _NAME)

    def run(self, operation: str, *, parallel: int | None = None) -> Run:
        """
        Run one of `OPERATIONS`.

        Args:
            parallel: How many resources the engine works on at a time; by default as many as it likes.
        """
        options = [] if parallel is None else ["--parallel", str(parallel)]
        return self._timed(stack.PULUMI, *OPERATIONS[operation], *options, "--non-interactive")

    def interpret(self, statement: str) -> Run:
        """Run one statement of Python in an interpreter of its own."""
        return self._must(sys.executable, "-c", statement)

    def resources(self) -> int:
        """Count the resources in the state that the program declares."""
        latest = json.loads(self._state().read_text())["checkpoint"]["latest"] or {}
        types = [one["type"] for one in latest.get("resources") or []]
        return sum(not type_.startswith("pulumi:") and not type_.endswith(_IDENTITY) for type_ in types)

    def state_bytes(self) -> int:
        """Return the size of the state, which the engine writes anew after each step."""
        return self._state().stat().st_size

    def _state(self) -> Path:
        return self.state / ".pulumi" / "stacks" / stack.NAME / f"{_NAME}.json"

    def _must(self, *command: str) -> Run:
        run = self._timed(*command)
        if not run.succeeded:
            raise BenchError(f"`{shlex.join(command)}` failed:\n{run.output}{run.errors}")
        return run

    def _timed(self, *command: str) -> Run:
        start, cpu_before = time.monotonic(), cpu_of_ended_children()
        process = self.start(*command, stderr=subprocess.PIPE)
        try:
            output, errors = process.communicate()
        except KeyboardInterrupt:
            # The engine got the signal too. It ends its plugins, which would outlive it if it were killed.
            process.communicate()
            raise
        seconds, cpu_seconds = time.monotonic() - start, cpu_of_ended_children() - cpu_before
        return Run(round(seconds, 4), round(cpu_seconds, 4), process.returncode == 0, output, errors)


def cpu_of_ended_children() -> float:
    """Return the CPU seconds of this process's children that have ended, and of what those have waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
