"""What is compared."""

import os
import subprocess
import sys
from collections.abc import Iterator

import grpc
import pytest
from bench.subjects import PLUGINS, properties
from google.protobuf import struct_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from pulumi_signa.lifecycle.secrets_manager_secret import schema as secret
from pulumi_signa.lifecycle.webhook_endpoint.schema import DECIDED, KEPT, SENT


def test_same_properties_are_the_same() -> None:
    """The provider that measures what our properties cost has all of them, and no other."""
    assert {"url", *properties.DECLARED} == {*SENT, *KEPT}
    assert properties.DECIDED.keys() == set(DECIDED)


def test_same_properties_of_a_secret_are_the_same() -> None:
    """The same holds for the second resource."""
    declared = {"secret_name", "secret_string", *properties.DECLARED_OF_SECRET}
    assert declared == secret.Declared.rows().keys()
    assert properties.DECIDED_OF_SECRET.keys() == secret.Recorded.rows().keys()


@pytest.fixture
def plugin() -> Iterator[provider_pb2_grpc.ResourceProviderStub]:
    """Yield the native provider that does nothing, started as the engine starts it."""
    environment = {**os.environ, "PATH": f"{sys.prefix}/bin{os.pathsep}{os.environ['PATH']}"}
    script = PLUGINS["nothing"] / "pulumi-resource-nothing"
    with subprocess.Popen([script, "127.0.0.1:1"], env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            with grpc.insecure_channel(f"127.0.0.1:{process.stdout.readline().strip()}") as channel:
                yield provider_pb2_grpc.ResourceProviderStub(channel)
        finally:
            process.kill()


def test_native_provider_does_nothing_but_keep(plugin: provider_pb2_grpc.ResourceProviderStub) -> None:
    declared, changed = struct_pb2.Struct(), struct_pb2.Struct()
    declared.update({"url": "https://example.com/one"})
    changed.update({"url": "https://example.com/two"})

    created = plugin.Create(provider_pb2.CreateRequest(properties=declared))
    same = plugin.Diff(provider_pb2.DiffRequest(olds=created.properties, news=declared))
    other = plugin.Diff(provider_pb2.DiffRequest(olds=created.properties, news=changed))

    assert created.id
    assert created.properties == declared
    assert same.changes == provider_pb2.DiffResponse.DIFF_NONE
    assert other.changes == provider_pb2.DiffResponse.DIFF_SOME
