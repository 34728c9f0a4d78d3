"""
Messages on the line of the resource that is being worked on.

Whatever a plugin prints appears under the stack, without a resource. The engine's own log service takes a URN; its
address is the first argument of the plugin's process.
"""

import functools
import sys

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

_TIMEOUT_S = 5.0


def warn(message: str, urn: str) -> None:
    """Show a warning on a resource, and keep it among the diagnostics; nothing where no engine listens."""
    engine = _engine()
    if engine is None:
        return
    try:
        engine.Log(engine_pb2.LogRequest(severity=engine_pb2.WARNING, message=message, urn=urn), timeout=_TIMEOUT_S)
    except grpc.RpcError:
        # A message that cannot be shown must not fail the operation it is about.
        return


@functools.cache
def _engine() -> engine_pb2_grpc.EngineStub | None:
    address = sys.argv[1] if len(sys.argv) > 1 else ""
    is_address = address.startswith("127.0.0.1:")
    return engine_pb2_grpc.EngineStub(grpc.insecure_channel(address)) if is_address else None
