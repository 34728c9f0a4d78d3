"""
Messages to the engine that started this plugin, and whether the engine is still there.

Text that a plugin prints appears under the stack, without a resource. The engine's log service takes a URN. The
engine's address is an argument of the plugin's process, behind flags of the engine's where there are any.
"""

import functools
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

_TIMEOUT_S = 5.0

_TOLD: list[str] = []
"""The address that the engine has told, if it has."""


@dataclass
class _Line:
    """The line of a resource in the engine's output; the URN is "" where the resource is not known."""

    urn: str
    is_written_on: bool = False


_LINE: ContextVar[_Line] = ContextVar("_LINE")


def warn(message: str, urn: str) -> None:
    """Show a warning on a resource and in the diagnostics; without an engine, show nothing."""
    _log(engine_pb2.LogRequest(severity=engine_pb2.WARNING, message=message, urn=urn))


def inform(message: str, urn: str) -> None:
    """Show a message on a resource and in the diagnostics; without an engine, show nothing."""
    _log(engine_pb2.LogRequest(severity=engine_pb2.INFO, message=message, urn=urn))


@contextmanager
def line_of(urn: str) -> Iterator[None]:
    """Let the current thread show progress on a resource's line, and clear the line afterwards: the engine does not."""
    line = _Line(urn)
    token = _LINE.set(line)
    try:
        yield
    finally:
        if line.is_written_on:
            show_progress("")
        _LINE.reset(token)


def show_progress(message: str) -> None:
    """Show what the current thread waits for on the line of its `line_of`, until the next message replaces the text."""
    line = _LINE.get()
    line.is_written_on = True
    _log(engine_pb2.LogRequest(severity=engine_pb2.INFO, message=message, urn=line.urn, ephemeral=True))


def found_at(address: str) -> None:
    """Take the address with which the engine introduces itself."""
    _TOLD[:] = [address]


@functools.cache
def address() -> tuple[str, int] | None:
    """Return host and port of the engine, or None in a process that no engine has started."""
    for each in (*_TOLD, *sys.argv[1:]):
        host, _, port = each.rpartition(":")
        if host == "127.0.0.1" and port.isdecimal():
            return host, int(port)
    return None


def connect() -> socket.socket:
    """Open a connection that lasts no longer than the engine; raise `OSError` where the engine is gone."""
    return socket.create_connection(address() or ("", 0), timeout=_TIMEOUT_S)


def _log(request: engine_pb2.LogRequest) -> None:
    engine = _engine()
    if engine is None:
        return
    try:
        engine.Log(request, timeout=_TIMEOUT_S)
    except grpc.RpcError:
        # A message that cannot be shown must not fail the operation it is about.
        return


@functools.cache
def _engine() -> engine_pb2_grpc.EngineStub | None:
    found = address()
    return None if found is None else engine_pb2_grpc.EngineStub(grpc.insecure_channel("{}:{}".format(*found)))
