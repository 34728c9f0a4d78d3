"""
The plugin's process: it prints its port, answers the engine until the run ends, and ends with its engine.

Source: https://www.pulumi.com/docs/iac/packages-and-automation/pulumi-packages/ and proto/pulumi/provider.proto
"""

import sys
from concurrent.futures import ThreadPoolExecutor

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from pulumi_signa.native.plugin import Plugin

_MOST_CALLS = 2048
"""A bound of the threads. They are made when they are needed, so the engine's `--parallel` decides how many."""

_MOST_BYTES = 400 * 1024 * 1024
"""The largest message, as the engine has it."""


def main() -> None:
    """Serve one run of the engine that has started this process."""
    server = grpc.server(
        ThreadPoolExecutor(_MOST_CALLS),
        options=[("grpc.max_receive_message_length", _MOST_BYTES), ("grpc.max_send_message_length", _MOST_BYTES)],
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Plugin(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    try:
        server.wait_for_termination()
    except KeyboardInterrupt:  # the end of the engine, as `interruption` tells the main thread
        server.stop(0)
