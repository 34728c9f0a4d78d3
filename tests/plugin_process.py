"""A plugin's process, as the engine starts it or sooner, and what stands for the engine."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2_grpc

from forks import forked

SIGNATURE = "4dabf18193072939515e22adb298388d"
ENVELOPE = {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270"}


class FakeEngine(engine_pb2_grpc.EngineServicer):
    """
    What stands for the engine: it hears what a plugin says of its resources.

    Attributes:
        said: URN and message of each line, oldest first.
    """

    def __init__(self) -> None:
        """Listen."""
        self.said: list[tuple[str, str]] = []
        self.server = grpc.server(ThreadPoolExecutor())
        engine_pb2_grpc.add_EngineServicer_to_server(self, self.server)
        self._port = self.server.add_insecure_port("127.0.0.1:0")
        self.server.start()

    def getsockname(self) -> tuple[str, int]:
        """Return host and port."""
        return "127.0.0.1", self._port

    def close(self) -> None:
        """End."""
        self.server.stop(grace=None).wait()

    def Log(self, request: engine_pb2.LogRequest, _context: grpc.ServicerContext) -> empty_pb2.Empty:  # noqa: N802 - gRPC's name
        """Hear a line."""
        self.said.append((request.urn, request.message))
        return empty_pb2.Empty()


@dataclass(frozen=True)
class Connected:
    """
    A plugin that listens, and a connection to it.

    Attributes:
        process: The process of one that was started; a fork has none to look at.
    """

    stub: provider_pb2_grpc.ResourceProviderStub
    process: "subprocess.Popen[bytes] | None" = None


@contextmanager
def forked_into(*arguments: str, **environment: str) -> Iterator[Connected]:
    """Fork into a plugin, given what Python would be started with, and connect to it; it ends with the block."""
    with forked(*arguments, **environment) as output, _channel(output.readline()) as channel:
        yield Connected(provider_pb2_grpc.ResourceProviderStub(channel))


@contextmanager
def started(*command: str, **environment: str) -> Iterator[Connected]:
    """Start a plugin as the engine does, and connect to it; its process ends with the block."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, **environment}
    )
    assert process.stdout is not None
    try:
        with _channel(process.stdout.readline()) as channel:
            yield Connected(provider_pb2_grpc.ResourceProviderStub(channel), process)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        process.communicate()


def _channel(port: bytes) -> grpc.Channel:
    return grpc.insecure_channel(f"127.0.0.1:{int(port)}")


def struct(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    """Return properties as they travel: every number a float."""
    message = struct_pb2.Struct()
    json_format.ParseDict(dict(properties), message)
    return message


def secret(value: object) -> dict[str, Any]:
    """Return a value that is marked as a secret."""
    return {**ENVELOPE, "value": value}
