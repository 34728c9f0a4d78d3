"""
A language host, as far as all languages agree: the engine starts it to run a program.

The protocol: the engine starts the host with its own address as the last argument, reads the port of the
service from the first line of output, and ends the host with SIGINT. Further output is the program's and
reaches the user.

Source: https://github.com/pulumi/pulumi/blob/master/proto/pulumi/language.proto
"""

# ruff: noqa: N802 - the names and the parameters are those of the gRPC service

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor

import grpc
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

EXIT_SHOWN = 32
"""How a program exits when Pulumi's SDK, in any language, has shown the error to the user itself."""

PARENT_POLL_S = 1.0


class ProgramError(Exception):
    """The program cannot be started; the text is for the user."""


class LanguageServer(language_pb2_grpc.LanguageRuntimeServicer, ABC):
    """The service that the engine calls, and the program while it runs. A language adds how its programs start."""

    def __init__(self, engine_address: str) -> None:
        self._engine_address = engine_address
        self._program: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self, request: language_pb2.RunRequest, about: dict[str, str]) -> tuple[list[str], dict[str, str]]:
        """
        Return the command that runs a program, without the user's arguments, and its environment.

        Args:
            request: What the engine asks for.
            about: The same for the program's SDK, by names of which every language makes its own options.

        Raises:
            ProgramError: The program lacks something.
        """

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

    def Run(self, request: language_pb2.RunRequest, context: grpc.ServicerContext) -> language_pb2.RunResponse:
        """Run the program to its end; what it prints goes to the engine, which shows it."""
        try:
            self._program = self._start(request)
        except ProgramError as exc:
            return language_pb2.RunResponse(error=str(exc))
        status = self._program.wait()
        if status == 0:
            return language_pb2.RunResponse()
        if status == EXIT_SHOWN:
            return language_pb2.RunResponse(bail=True)
        return language_pb2.RunResponse(error=f"the program ended with exit status {status}")

    def end_program(self) -> None:
        """Kill the program if it still runs."""
        if self._program is not None:
            self._program.kill()

    def _start(self, request: language_pb2.RunRequest) -> subprocess.Popen[bytes]:
        about = {
            "monitor": request.monitor_address,
            "engine": self._engine_address,
            "project": request.project,
            "stack": request.stack,
            "organization": request.organization,
            "root_directory": request.info.root_directory,
            "pwd": request.pwd,
            "dry_run": "true" if request.dryRun else "false",
            "parallel": str(request.parallel),
        }
        command, environment = self.command(request, about)
        environment["PULUMI_CONFIG"] = json.dumps(dict(request.config))
        environment["PULUMI_CONFIG_SECRET_KEYS"] = json.dumps(list(request.configSecretKeys))
        # Same process group as this host: the SIGINT with which the engine ends the host reaches the program too.
        try:
            return subprocess.Popen([*command, *request.args], cwd=request.pwd, env=environment)
        except OSError as exc:
            raise ProgramError(f"cannot start {command[0]}: {exc.strerror}") from exc


def serve(host: LanguageServer) -> None:
    """Serve until the engine ends this process, or is gone itself."""
    engine = os.getppid()
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
