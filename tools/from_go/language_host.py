"""
Pulumi's Python language host, as far as a stack needs it: the engine starts it to run a Python program.

The official CLI ships an executable `pulumi-language-python`. A CLI built from Go modules has none, because
the module of that executable is not published; there, and only there, this module stands in for it. It
answers what previews, updates, refreshes, destroys, `pulumi new`, `pulumi install` and `pulumi about` ask, for
programs in a virtual environment or on the system's Python. What package authors need, and environments managed by uv
or poetry, it leaves out.

The protocol: the engine starts the host with its own address as the last argument, reads the port of the
service from the first line of output, and ends the host with SIGINT. Further output is the program's and
reaches the user.

Source: https://github.com/pulumi/pulumi/blob/master/proto/pulumi/language.proto
"""

# ruff: noqa: N802, ARG002 - the names and the parameters are those of the gRPC service

from __future__ import annotations

import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType

import grpc

if __name__ == "__main__":
    # The engine starts two hosts a command, and `import pulumi` takes longer than all else that they import. The
    # messages need nothing of the SDK that stands around them, so its packages stay as empty as folders.
    path = None
    for package in ("pulumi", "pulumi.runtime", "pulumi.runtime.proto"):
        found = PathFinder.find_spec(package, path)
        path = None if found is None else found.submodule_search_locations
        sys.modules[package] = ModuleType(package)
        sys.modules[package].__path__ = path or []

from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

EXECUTOR = "pulumi-language-python-exec"
"""Pulumi's script that runs a program. It lies on PATH, beside the engine."""

EXIT_SHOWN = 32
"""How the executor exits when it has shown the error to the user itself."""

PARENT_POLL_S = 1.0


class ProgramError(Exception):
    """The program cannot be started; the text is for the user."""


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """The service that the engine calls, and the program while it runs."""

    def __init__(self, engine_address: str) -> None:
        self._engine_address = engine_address
        self._program: subprocess.Popen[bytes] | None = None

    def Handshake(
        self, request: language_pb2.LanguageHandshakeRequest, context: grpc.ServicerContext
    ) -> language_pb2.LanguageHandshakeResponse:
        """Greet the engine. It says nothing here that `Run` does not repeat."""
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: object, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        """Give no version: the host is part of a checkout."""
        return plugin_pb2.PluginInfo()

    def GetRequiredPackages(
        self, request: language_pb2.GetRequiredPackagesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetRequiredPackagesResponse:
        """Announce no plugin: a dynamic provider needs none, and others the engine meets as the program runs."""
        return language_pb2.GetRequiredPackagesResponse()

    def About(self, request: language_pb2.AboutRequest, context: grpc.ServicerContext) -> language_pb2.AboutResponse:
        """Name the Python of this host."""
        return language_pb2.AboutResponse(executable=sys.executable, version=platform.python_version())

    def Run(self, request: language_pb2.RunRequest, context: grpc.ServicerContext) -> language_pb2.RunResponse:
        """Run the program to its end; what it prints goes to the engine, which shows it."""
        try:
            self._program = _start(request, self._engine_address)
        except ProgramError as exc:
            return language_pb2.RunResponse(error=str(exc))
        status = self._program.wait()
        if status == 0:
            return language_pb2.RunResponse()
        if status == EXIT_SHOWN:
            return language_pb2.RunResponse(bail=True)
        return language_pb2.RunResponse(error=f"the program ended with exit status {status}")

    def InstallDependencies(
        self, request: language_pb2.InstallDependenciesRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.InstallDependenciesResponse]:
        """Make the program's virtual environment, install `requirements.txt` into it, and pass on what pip prints."""
        try:
            for line in _install(request.info):
                yield language_pb2.InstallDependenciesResponse(stdout=line)
        except ProgramError as exc:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(exc))

    def end_program(self) -> None:
        """Kill the program if it still runs."""
        if self._program is not None:
            self._program.kill()


def _start(request: language_pb2.RunRequest, engine_address: str) -> subprocess.Popen[bytes]:
    executor = shutil.which(EXECUTOR)
    if executor is None:
        raise ProgramError(f"{EXECUTOR} is not on PATH; run Pulumi through .venv/bin/pulumi")
    python, environment = _python(request.info)
    environment["PULUMI_CONFIG"] = json.dumps(dict(request.config))
    environment["PULUMI_CONFIG_SECRET_KEYS"] = json.dumps(list(request.configSecretKeys))
    options = {
        "monitor": request.monitor_address,
        "engine": engine_address,
        "project": request.project,
        "stack": request.stack,
        "organization": request.organization,
        "root_directory": request.info.root_directory,
        "pwd": request.pwd,
        "dry_run": "true" if request.dryRun else "false",
        "parallel": str(request.parallel),
    }
    # Unbuffered, so that the user sees a line when it is printed.
    command = [python, "-u", executor]
    command += [f"--{name}={value}" for name, value in options.items()]
    # Same process group as this host: the SIGINT with which the engine ends the host reaches the program too.
    try:
        return subprocess.Popen([*command, request.info.entry_point, *request.args], cwd=request.pwd, env=environment)
    except OSError as exc:
        raise ProgramError(f"cannot start {python}: {exc.strerror}") from exc


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


def main(engine_address: str) -> None:
    """Serve until the engine ends this process, or is gone itself."""
    engine = os.getppid()
    host = LanguageHost(engine_address)
    # No limit on messages: the configuration of a stack may be large.
    server = grpc.server(ThreadPoolExecutor(), options=[("grpc.max_receive_message_length", -1)])
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(host, server)
    # Only the engine, on this machine, has business here: `Run` executes what it is told.
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    # Where the engine runs in the background of a script, SIGINT arrives ignored, and Python would leave it so.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        print(port, flush=True)
        # A killed engine ends nobody; but its orphans get another parent, and that can be seen.
        while os.getppid() == engine:
            time.sleep(PARENT_POLL_S)
    except KeyboardInterrupt:
        pass
    finally:
        # An impatient user's second Ctrl-C must not cut this short.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        host.end_program()
        server.stop(grace=None).wait()


if __name__ == "__main__":
    main(sys.argv[-1])
