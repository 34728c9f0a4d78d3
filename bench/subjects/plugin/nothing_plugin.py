"""A native provider that does nothing, on the bindings that pulumi-signa's plugin stands on."""

import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

_MOST_CALLS = 2048
"""As many threads as pulumi-signa's plugin has at most."""


class Nothing(provider_pb2_grpc.ResourceProviderServicer):
    """Keeps what was declared. What is not here is not implemented, and the engine does without."""

    def GetPluginInfo(self, _request: Any, _context: Any) -> plugin_pb2.PluginInfo:  # noqa: N802 - the protocol's name
        """Return a version."""
        return plugin_pb2.PluginInfo(version="0.1.0")

    def CheckConfig(self, request: Any, _context: Any) -> provider_pb2.CheckResponse:  # noqa: N802
        """Take whatever is set."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def Configure(self, _request: Any, _context: Any) -> provider_pb2.ConfigureResponse:  # noqa: N802
        """Take whatever is set."""
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Check(self, request: Any, _context: Any) -> provider_pb2.CheckResponse:  # noqa: N802
        """Find nothing wrong."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def Diff(self, request: Any, _context: Any) -> provider_pb2.DiffResponse:  # noqa: N802
        """Compare all at once."""
        changed = any(request.olds.fields[name] != value for name, value in request.news.fields.items())
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE
        )

    def Create(self, request: Any, _context: Any) -> provider_pb2.CreateResponse:  # noqa: N802
        """Make up an id."""
        id_ = "" if request.preview else f"nowhere-{uuid.uuid4()}"
        return provider_pb2.CreateResponse(id=id_, properties=request.properties)

    def Read(self, request: Any, _context: Any) -> provider_pb2.ReadResponse:  # noqa: N802
        """Find what the state has."""
        return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)

    def Update(self, request: Any, _context: Any) -> provider_pb2.UpdateResponse:  # noqa: N802
        """Keep what is declared now."""
        return provider_pb2.UpdateResponse(properties=request.news)

    def Delete(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        """Have nothing to delete."""
        return empty_pb2.Empty()


def main() -> None:
    """Serve one run of the engine, which ends this process."""
    server = grpc.server(ThreadPoolExecutor(_MOST_CALLS))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Nothing(), server)
    sys.stdout.write(f"{server.add_insecure_port('127.0.0.1:0')}\n")
    server.start()
    sys.stdout.flush()
    server.wait_for_termination()
