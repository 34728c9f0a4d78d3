"""The native plugin in a process of its own, spoken to as the engine does."""

import functools
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import provider_pb2

from fake_transport import API_KEY
from plugin_process import ENVELOPE, Connected, FakeEngine, forked_into, secret, started, struct
from program.conftest import run
from signa_emulator.server import EmulatorServer

__all__ = ["run"]

PROVIDER_ID = "7d3c3f2e-0000-4000-8000-1f2e3d4c5b6a"

ENDPOINT = {"url": "https://example.com/hooks/signa", "enabledEvents": ["alert.created"]}

Arguments = Mapping[str, Any]


def urn_of(kind: str, name: str = "alerts", stack: str = "dev") -> str:
    """Return the URN of a resource without a parent."""
    return f"urn:pulumi:{stack}::p::signa:index:{kind}::{name}"


def urn_of_provider(name: str = "default") -> str:
    """Return the URN of a provider resource."""
    return f"urn:pulumi:dev::p::pulumi:providers:signa::{name}"


def plain(message: struct_pb2.Struct) -> dict[str, Any]:
    """Return what came back."""
    properties: dict[str, Any] = json_format.MessageToDict(message)
    return properties


def own(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return properties without the hidden ones."""
    return {name: value for name, value in properties.items() if not name.startswith("__")}


def unwrapped(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return properties with the secrets among them in plain text."""
    return {
        name: value["value"] if isinstance(value, dict) and value.keys() >= ENVELOPE.keys() else value
        for name, value in properties.items()
    }


def failure(call: Callable[[], Any], *hidden: str) -> str:
    """Return the details with which a call fails: one line, no traceback, nothing hidden in it."""
    with pytest.raises(grpc.RpcError) as caught:
        call()
    details: str = caught.value.details()
    assert len(details.splitlines()) == 1, details
    assert "Traceback" not in details
    assert not any(text in details for text in (API_KEY, *hidden))
    return details


class Plugin:
    """
    One plugin process; a method takes the name of a kind of resource, and properties as plain dictionaries.

    A call that fails raises `grpc.RpcError`.
    """

    def __init__(self, connected: Connected) -> None:
        """Take the process that is connected."""
        self.process = connected.process
        self.stub = connected.stub

    def configure(
        self, args: Arguments | None = None, *, provider: str = "default", urn: str = "", id_: str = PROVIDER_ID
    ) -> Any:
        """Say what a provider resource gives."""
        request = provider_pb2.ConfigureRequest(args=struct(args or {}), urn=urn or urn_of_provider(provider), id=id_)
        return self.stub.Configure(request, timeout=60)

    def check_config(self, news: Arguments, *, provider: str = "default") -> tuple[dict[str, Any], list[str]]:
        """Return the checked arguments of a provider resource, and the reason of each failure."""
        request = provider_pb2.CheckRequest(urn=urn_of_provider(provider), news=struct(news))
        answer = self.stub.CheckConfig(request, timeout=60)
        return plain(answer.inputs), [each.reason for each in answer.failures]

    def diff_config(self, olds: Arguments, news: Arguments) -> Any:
        """Return the answer as it is."""
        request = provider_pb2.DiffRequest(urn=urn_of_provider(), olds=struct(olds), news=struct(news))
        return self.stub.DiffConfig(request, timeout=60)

    def check(
        self, kind: str, news: Arguments, olds: Arguments | None = None, *, urn: str = ""
    ) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        """Return the checked inputs, and property and reason of each failure."""
        request = provider_pb2.CheckRequest(
            urn=urn or urn_of(kind), type=f"signa:index:{kind}", olds=struct(olds or {}), news=struct(news)
        )
        answer = self.stub.Check(request, timeout=60)
        return plain(answer.inputs), [(each.property, each.reason) for each in answer.failures]

    def diff(
        self, kind: str, id_: str, olds: Arguments, news: Arguments, *, old_inputs: Arguments | None = None
    ) -> provider_pb2.DiffResponse:
        """Return the answer as it is."""
        request = provider_pb2.DiffRequest(
            id=id_,
            urn=urn_of(kind),
            type=f"signa:index:{kind}",
            olds=struct(olds),
            news=struct(news),
            old_inputs=struct(old_inputs or {}),
        )
        answer: provider_pb2.DiffResponse = self.stub.Diff(request, timeout=60)
        return answer

    def create(
        self, kind: str, properties: Arguments, *, preview: bool = False, name: str = "alerts"
    ) -> tuple[str, dict[str, Any]]:
        """Return id and outputs."""
        request = provider_pb2.CreateRequest(
            urn=urn_of(kind, name), type=f"signa:index:{kind}", properties=struct(properties), preview=preview
        )
        answer = self.stub.Create(request, timeout=60)
        return answer.id, plain(answer.properties)

    def read(
        self, kind: str, id_: str, properties: Arguments | None = None, inputs: Arguments | None = None
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """Return id, outputs and inputs."""
        request = provider_pb2.ReadRequest(
            id=id_,
            urn=urn_of(kind),
            type=f"signa:index:{kind}",
            properties=struct(properties or {}),
            inputs=struct(inputs or {}),
        )
        answer = self.stub.Read(request, timeout=60)
        return answer.id, plain(answer.properties), plain(answer.inputs)

    def update(self, kind: str, id_: str, olds: Arguments, news: Arguments, *, preview: bool = False) -> dict[str, Any]:
        """Return the outputs."""
        request = provider_pb2.UpdateRequest(
            id=id_,
            urn=urn_of(kind),
            type=f"signa:index:{kind}",
            olds=struct(olds),
            news=struct(news),
            preview=preview,
        )
        return plain(self.stub.Update(request, timeout=60).properties)

    def delete(self, kind: str, id_: str, properties: Arguments) -> None:
        """Delete."""
        request = provider_pb2.DeleteRequest(
            id=id_, urn=urn_of(kind), type=f"signa:index:{kind}", properties=struct(properties)
        )
        self.stub.Delete(request, timeout=60)

    def invoke(self, function: str, arguments: Arguments | None = None) -> dict[str, Any]:
        """Return what a function returns."""
        request = provider_pb2.InvokeRequest(tok=function, args=struct(arguments or {}))
        return plain(getattr(self.stub.Invoke(request, timeout=60), "return"))

    def cancel(self) -> None:
        """Say that the run was cancelled."""
        self.stub.Cancel(empty_pb2.Empty(), timeout=60)


Start = Callable[..., Plugin]


@pytest.fixture
def engine() -> Iterator[FakeEngine]:
    """Return what stands for the engine."""
    engine = FakeEngine()
    yield engine
    engine.close()


@pytest.fixture
def said(engine: FakeEngine) -> list[tuple[str, str]]:
    """Return the lines that were shown, each with the URN of a resource."""
    return engine.said


@pytest.fixture
def start(engine: FakeEngine) -> Iterator[Start]:
    """
    Return what starts a plugin with further environment variables; it is not configured.

    It is a fork, unless the test looks at the process.
    """
    with ExitStack() as processes:

        def start_plugin(*flags: str, with_process: bool = False, **environment: str) -> Plugin:
            address = "{}:{}".format(*engine.getsockname())
            command = (f"{sys.prefix}/bin/pulumi-resource-signa", *flags, address)
            begin = started if with_process else forked_into
            return Plugin(processes.enter_context(begin(*command, **environment)))

        yield start_plugin


@pytest.fixture(scope="session")
def shared() -> Iterator[Callable[[bool], Plugin]]:
    """Yield what starts a plugin once, configured or not, in the environment of the first test that needs it."""
    with ExitStack() as processes:
        engine = FakeEngine()
        processes.callback(engine.close)

        @functools.cache
        def start_plugin(is_configured: bool) -> Plugin:  # noqa: FBT001 - of this module
            address = "{}:{}".format(*engine.getsockname())
            found = Plugin(processes.enter_context(forked_into(f"{sys.prefix}/bin/pulumi-resource-signa", address)))
            if is_configured:
                found.configure({"apiKey": secret(API_KEY), "baseUrl": "http://127.0.0.1:1/v1"})
            return found

        yield start_plugin


@pytest.fixture
def unconfigured(shared: Callable[[bool], Plugin]) -> Plugin:
    """Return a plugin that has only been started, the same one for all tests."""
    return shared(False)  # noqa: FBT003 - of this module


@pytest.fixture
def checking(shared: Callable[[bool], Plugin]) -> Plugin:
    """Return a plugin that a stack has configured, without any server, the same one for all tests."""
    return shared(True)  # noqa: FBT003 - of this module


@pytest.fixture
def plugin(start: Start, emulator: EmulatorServer) -> Plugin:
    """Return a plugin that a stack has configured for the emulator."""
    found = start()
    found.configure({"apiKey": secret(API_KEY), "baseUrl": emulator.base_url})
    return found


@pytest.fixture
def aws_plugin(start: Start, aws: str) -> Plugin:
    """Return a plugin with a local AWS, and no key of Signa."""
    found = start()
    found.configure()
    return found
