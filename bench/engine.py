"""Pulumi commands on a stack of one subject, and how long they take."""

import json
import shlex
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from sandbox import stack

from bench.signa import API_KEY
from bench.subjects import Subject

OPERATIONS = {
    "preview": ("preview",),
    "create": ("up", "--yes", "--skip-preview"),
    "no-change up": ("up", "--yes", "--skip-preview", "--expect-no-changes"),
    "refresh": ("refresh", "--yes", "--skip-preview"),
    "destroy": ("destroy", "--yes", "--skip-preview"),
}
"""The life of a stack, in order: name to command."""

LEAVE_NOTHING = ("preview", "destroy")
"""Those after which no endpoint exists."""

_PROGRAM = """\
{program_import}

for number in range({endpoints}):
    WebhookEndpoint(f"endpoint-{{number}}", url=f"https://example.com/hooks/{{number}}")
"""


class BenchError(Exception):
    """A command did not do what it was to do, so its time means nothing."""


@dataclass(frozen=True)
class Run:
    """
    A command that has ended.

    Attributes:
        seconds: From its start to its end.
        succeeded: Whether it exited with 0.
        output: What it printed.
        errors: What it printed to standard error.
    """

    seconds: float
    succeeded: bool
    output: str
    errors: str


def pulumi_version() -> str:
    """Return the version of the CLI, such as v3.259.0."""
    return subprocess.run([stack.PULUMI, "version"], capture_output=True, text=True, check=True).stdout.strip()


class Stack(stack.Stack):
    """A stack of one subject."""

    def __init__(self, folder: Path, subject: Subject, *, endpoints: int = 0, base_url: str = "") -> None:
        """
        Write the program.

        Args:
            folder: Is made.
            subject: Whose endpoints it declares.
            endpoints: How many it declares.
            base_url: Of Signa's API.
        """
        program = _PROGRAM.format(program_import=subject.program_import, endpoints=endpoints)
        super().__init__(folder, program, {"SIGNA_API_KEY": API_KEY, "SIGNA_BASE_URL": base_url})
        if subject.source:
            shutil.copy(subject.source, self.folder)

    def init(self) -> None:
        """Make the stack; nothing is in it yet."""
        self._must(stack.PULUMI, "stack", "init", "bench")

    def run(self, operation: str) -> Run:
        """Run one of `OPERATIONS`."""
        return self._timed(stack.PULUMI, *OPERATIONS[operation], "--non-interactive")

    def interpret(self, statement: str) -> Run:
        """Run one statement of Python in an interpreter of its own."""
        return self._must(sys.executable, "-c", statement)

    def resources(self) -> int:
        """Count the dynamic resources in the state."""
        exported = json.loads(self._must(stack.PULUMI, "stack", "export").output)
        resources = exported["deployment"].get("resources") or []
        return sum(resource["type"].startswith("pulumi-python:dynamic") for resource in resources)

    def _must(self, *command: str) -> Run:
        run = self._timed(*command)
        if not run.succeeded:
            raise BenchError(f"`{shlex.join(command)}` failed:\n{run.output}{run.errors}")
        return run

    def _timed(self, *command: str) -> Run:
        start = time.monotonic()
        process = self.start(*command, stderr=subprocess.PIPE)
        try:
            output, errors = process.communicate()
        except KeyboardInterrupt:
            # The engine got the signal too. It ends its plugins, which would outlive it if it were killed.
            process.communicate()
            raise
        return Run(round(time.monotonic() - start, 4), process.returncode == 0, output, errors)
