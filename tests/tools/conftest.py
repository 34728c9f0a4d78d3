"""Scripts that answer as Pulumi and pip do, and a checkout to run `make` in."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tools.lock import exclusive
from tools.pulumi_cli import VERSION

ROOT = Path(__file__).resolve().parents[2]

# Python finds this module before its own. The environment that it makes holds scripts that record how they were called.
VENV = """\
import pathlib, shutil, sys
folder = pathlib.Path(sys.argv[-1])
shutil.rmtree(folder, ignore_errors=True)
(folder / "bin").mkdir(parents=True)
for name in ("python", "uv"):
    shutil.copy(pathlib.Path(__file__).with_name("command"), folder / "bin" / name)
with open("calls", "a") as calls:
    print("venv", folder, file=calls)
"""
COMMAND = """\
case "$*" in *tools.pulumi_cli*) exec {python} "$@" ;; esac
echo "${{0##*/}} $*" >> calls
{then}
"""


@pytest.fixture
def executable() -> Callable[..., Path]:
    """Return what writes an executable shell script."""

    def write(path: Path, script: str = "exit 0") -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
        return path

    return write


@pytest.fixture
def cli(executable: Callable[..., Path]) -> Callable[..., Path]:
    """Return what writes the executables of a Pulumi CLI into a folder, and returns its `pulumi`."""

    def write(folder: Path, version: str = f"v{VERSION}", *, without: str = "") -> Path:
        for name in ("pulumi-language-python", "pulumi-language-python-exec", "pulumi-resource-pulumi-python"):
            if name != without:
                executable(folder / name)
        return executable(folder / "pulumi", f"echo {version}")

    return write


@pytest.fixture
def lock(tmp_path: Path) -> Iterator[int]:
    """Hold a lock, as those do who run commands."""
    folder = tmp_path / "locked"
    folder.mkdir()
    with exclusive(folder) as descriptor:
        yield descriptor


class Checkout:
    """
    A copy of what `make` needs, on a machine with a Pulumi CLI.

    Attributes:
        folder: The copy.
        fakes: The first folder on Python's path.
        bin: The first folder on PATH.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "checkout"
        self.fakes = folder / "fakes"
        self.bin = folder / "bin"
        self.fakes.mkdir()
        shutil.copytree(ROOT / "tools", self.folder / "tools")
        (self.folder / "receiver").mkdir()
        for name in ("Makefile", "constraints.txt", "pyproject.toml", "receiver/pyproject.toml"):
            shutil.copy(ROOT / name, self.folder / name)
        (self.fakes / "venv.py").write_text(VENV)
        self.environment = {
            "PATH": os.pathsep.join([str(self.bin), "/usr/bin", "/bin"]),
            "PYTHONPATH": str(self.fakes),
            "HOME": str(folder / "home"),
        }
        self._started: list[subprocess.Popen[str]] = []
        self.commands_then("exit 0")

    def commands_then(self, script: str) -> None:
        """Let the commands of environments that are made from now on end with a script."""
        command = self.fakes / "command"
        command.write_text("#!/bin/sh\n" + COMMAND.format(python=sys.executable, then=script))
        command.chmod(0o755)

    def start(self, *targets: str) -> subprocess.Popen[str]:
        """Start `make`, in a process group of its own."""
        process = subprocess.Popen(
            ["make", *targets, f"PYTHON={sys.executable}"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._started.append(process)
        return process

    def make(self, *targets: str) -> Any:
        """Return the exit status, the output and the errors of `make`."""
        process = self.start(*targets)
        output, errors = process.communicate()
        return process.returncode, output, errors

    def steps(self) -> list[str]:
        """Return what was called since the last time: each command with the groups, and what it installs or runs."""
        calls = self.folder / "calls"
        lines = [line.split() for line in calls.read_text().splitlines()] if calls.exists() else []
        calls.unlink(missing_ok=True)
        return [
            " ".join([words[0], *(word for word in words if word.startswith("--group")), words[-1].rpartition("/")[2]])
            for words in lines
        ]

    def stop(self) -> None:
        """End whatever was started."""
        for process in self._started:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            process.stdout.close()
            process.stderr.close()


@pytest.fixture
def checkout(tmp_path: Path, cli: Callable[..., Path]) -> Iterator[Checkout]:
    """Return a checkout without an environment."""
    checkout = Checkout(tmp_path)
    cli(checkout.bin)
    yield checkout
    checkout.stop()
