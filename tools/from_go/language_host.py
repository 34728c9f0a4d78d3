"""
Pulumi's Python language host, as far as a stack needs it: the engine starts it to run a Python program.

The official CLI ships an executable `pulumi-language-python`. A CLI built from Go modules has none, because
the module of that executable is not published; there, and only there, this module stands in for it. It
answers what previews, updates, refreshes, destroys, `pulumi new`, `pulumi install` and `pulumi about` ask, for
programs in a virtual environment or on the system's Python. What package authors need, and environments managed by uv
or poetry, it leaves out.
"""

# ruff: noqa: N802, ARG002 - the names and the parameters are those of the gRPC service

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

if __name__ == "__main__":
    # A script finds what lies in its own folder, and not its checkout.
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from tools.from_go import bare_sdk

    bare_sdk.load()

import grpc
from pulumi.runtime.proto import language_pb2

from tools.from_go.language_server import LanguageServer, ProgramError, serve

EXECUTOR = "pulumi-language-python-exec"
"""Pulumi's script that runs a program. It lies on PATH, beside the engine."""


class PythonHost(LanguageServer):
    """The host of Python programs."""

    def About(self, request: language_pb2.AboutRequest, context: grpc.ServicerContext) -> language_pb2.AboutResponse:
        """Name the Python of this host."""
        return language_pb2.AboutResponse(executable=sys.executable, version=platform.python_version())

    def InstallDependencies(
        self, request: language_pb2.InstallDependenciesRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.InstallDependenciesResponse]:
        """Make the program's virtual environment, install `requirements.txt` into it, and pass on what pip prints."""
        try:
            for line in _install(request.info):
                yield language_pb2.InstallDependenciesResponse(stdout=line)
        except ProgramError as exc:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(exc))

    def command(self, request: language_pb2.RunRequest, about: dict[str, str]) -> tuple[list[str], dict[str, str]]:
        """Return the command with which the program's Python starts Pulumi's executor."""
        executor = shutil.which(EXECUTOR)
        if executor is None:
            raise ProgramError(f"{EXECUTOR} is not on PATH; run Pulumi through .venv/bin/pulumi")
        python, environment = _python(request.info)
        options = [f"--{name}={value}" for name, value in about.items()]
        # Unbuffered, so that the user sees a line when it is printed.
        return [python, "-u", executor, *options, request.info.entry_point], environment


def _install(info: language_pb2.ProgramInfo) -> Iterator[bytes]:
    folder = _virtualenv(info)
    if folder is not None and not (folder / "bin" / "python").exists():
        yield from _output(_system_python(), "-m", "venv", str(folder))
    python, _ = _python(info)
    requirements = Path(info.program_directory, "requirements.txt")
    if requirements.exists():
        yield from _output(python, "-m", "pip", "install", "--requirement", str(requirements))


def _output(*command: str) -> Iterator[bytes]:
    """Run a command, and yield each line that it prints."""
    try:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except OSError as exc:
        raise ProgramError(f"cannot start {command[0]}: {exc.strerror}") from exc
    with process:
        yield from process.stdout or ()
    if process.returncode != 0:
        raise ProgramError(f"{' '.join(command)} ended with exit status {process.returncode}")


def _system_python() -> str:
    return os.environ.get("PULUMI_PYTHON_CMD", "python3")


def _virtualenv(info: language_pb2.ProgramInfo) -> Path | None:
    options = dict(info.options)
    toolchain = options.get("toolchain", "pip")
    if toolchain != "pip":
        raise ProgramError(f"toolchain {toolchain} in Pulumi.yaml needs the official Pulumi CLI")
    return Path(info.root_directory, str(options["virtualenv"])) if options.get("virtualenv") else None


def _python(info: language_pb2.ProgramInfo) -> tuple[str, dict[str, str]]:
    environment = dict(os.environ)
    folder = _virtualenv(info)
    if folder is None:
        return _system_python(), environment
    python = folder / "bin" / "python"
    if not python.exists():
        raise ProgramError(f"the virtualenv of Pulumi.yaml, {folder}, has no bin/python")
    # What `activate` does, for programs that start others.
    environment["VIRTUAL_ENV"] = str(folder)
    environment["PATH"] = os.pathsep.join([str(python.parent), environment.get("PATH", os.defpath)])
    environment.pop("PYTHONHOME", None)
    return str(python), environment


if __name__ == "__main__":
    serve(PythonHost(sys.argv[-1]))
