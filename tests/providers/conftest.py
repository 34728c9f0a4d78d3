"""A plugin process as the engine starts it, spoken to as the engine does."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.dynamic.dynamic import ResourceProvider, serialize_provider
from pulumi.runtime.proto import provider_pb2

from plugin_process import Connected, FakeEngine, forked_into, started, struct
from pulumi_signa.providers.delivery_check import DeliveryCheckProvider
from pulumi_signa.providers.secrets_manager_secret import SecretsManagerSecretProvider
from pulumi_signa.providers.webhook_endpoint import WebhookEndpointProvider

PROVIDERS: dict[str, type[ResourceProvider]] = {
    "webhook": WebhookEndpointProvider,
    "secret": SecretsManagerSecretProvider,
    "check": DeliveryCheckProvider,
}


def plain(message: struct_pb2.Struct) -> dict[str, Any]:
    """Return what came back, without the host's own property."""
    properties: dict[str, Any] = json_format.MessageToDict(message)
    properties.pop("__provider", None)
    return properties


class Plugin:
    """
    One plugin process and one kind of resource in it.

    Every call takes and gives plain dictionaries; a failing one raises `grpc.RpcError`.
    """

    def __init__(self, connected: Connected, kind: str) -> None:
        """Take the process that is connected, and the kind of resource."""
        self.process = connected.process
        self._stub = connected.stub
        self._own = {"__provider": serialize_provider(PROVIDERS[kind]())}

    def configure(self, config: Mapping[str, Any] | None = None) -> None:
        """Return the configuration of the stack."""
        self._stub.Configure(provider_pb2.ConfigureRequest(args=struct(config or {})), timeout=60)

    def check(self, news: Mapping[str, Any], olds: Mapping[str, Any] | None = None) -> tuple[dict[str, Any], list[Any]]:
        """Return the checked inputs, and property and reason of each failure."""
        answer = self._stub.Check(
            provider_pb2.CheckRequest(olds=self._bag(olds or {}), news=self._bag(news)), timeout=60
        )
        return plain(answer.inputs), [(failure.property, failure.reason) for failure in answer.failures]

    def diff(self, id_: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Any:
        """Return the answer as it is."""
        return self._stub.Diff(provider_pb2.DiffRequest(id=id_, olds=self._bag(olds), news=self._bag(news)), timeout=60)

    def create(self, properties: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """Return id and outputs."""
        answer = self._stub.Create(provider_pb2.CreateRequest(properties=self._bag(properties)), timeout=60)
        return answer.id, plain(answer.properties)

    def read(self, id_: str, properties: Mapping[str, Any]) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """Return id, outputs and inputs."""
        answer = self._stub.Read(provider_pb2.ReadRequest(id=id_, properties=self._bag(properties)), timeout=60)
        return answer.id, plain(answer.properties), plain(answer.inputs)

    def update(self, id_: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
        """Return the outputs."""
        request = provider_pb2.UpdateRequest(id=id_, olds=self._bag(olds), news=self._bag(news))
        return plain(self._stub.Update(request, timeout=60).properties)

    def delete(self, id_: str, properties: Mapping[str, Any]) -> None:
        """Delete."""
        self._stub.Delete(provider_pb2.DeleteRequest(id=id_, properties=self._bag(properties)), timeout=60)

    def cancel(self) -> None:
        """Say that the run was cancelled."""
        self._stub.Cancel(empty_pb2.Empty(), timeout=60)

    def _bag(self, properties: Mapping[str, Any]) -> struct_pb2.Struct:
        return struct({**properties, **self._own})


@pytest.fixture
def fake_engine() -> Iterator[FakeEngine]:
    """Return what stands for the engine: one that did not answer would hold each line of a plugin up."""
    engine = FakeEngine()
    yield engine
    engine.close()


@pytest.fixture
def plugin(fake_engine: FakeEngine) -> Iterator[Callable[..., Plugin]]:
    """
    Return what starts a plugin process with further environment variables, and speaks to it.

    It is a fork, unless the test looks at the process. All are of one run, unless `another` engine starts them.
    """
    with ExitStack() as processes:

        def start(
            kind: str,
            config: Mapping[str, Any] | None = None,
            another: FakeEngine | None = None,
            *,
            with_process: bool = False,
            **environment: str,
        ) -> Plugin:
            address = "{}:{}".format(*(another or fake_engine).getsockname())
            begin = partial(started, sys.executable, "-u") if with_process else forked_into
            connected = processes.enter_context(
                begin("-m", "pulumi.dynamic", address, PULUMI_PROJECT="p", **environment)
            )
            found = Plugin(connected, kind)
            found.configure(config)
            return found

        yield start


@pytest.fixture
def next_run(plugin: Callable[..., Plugin]) -> Iterator[Callable[..., Plugin]]:
    """Return what starts plugin processes as `plugin` does, for another engine."""
    another = FakeEngine()
    yield partial(plugin, another=another)
    another.close()
