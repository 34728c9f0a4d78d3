"""The plugin's process: what the protocol asks of every plugin, and how the process lives and ends."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from fake_transport import API_KEY
from native.conftest import ENDPOINT, Plugin, Start, failure, urn_of
from plugin_process import FakeEngine, secret, struct
from pulumi_signa.native.plugin import SCHEMA
from signa_emulator.server import EmulatorServer

KIND = "WebhookEndpoint"

UNCONFIGURED: dict[str, Callable[[Plugin], Any]] = {
    "check": lambda plugin: plugin.check(KIND, {"url": "s3cret"}),
    "diff": lambda plugin: plugin.diff(KIND, "s3cret", {}, {}),
    "create": lambda plugin: plugin.create(KIND, {"url": "s3cret"}),
    "read": lambda plugin: plugin.read(KIND, "s3cret"),
    "update": lambda plugin: plugin.update(KIND, "s3cret", {}, {}),
    "delete": lambda plugin: plugin.delete(KIND, "s3cret", {}),
    "invoke": lambda plugin: plugin.invoke("signa:index:getWebhookEndpoint", {"id": "s3cret"}),
}


def begun(emulator: EmulatorServer, number: int = 1) -> None:
    """Come back when so many creates wait for their answers."""
    while len(emulator.organization.endpoints.newest_first()) < number:
        threading.Event().wait(0.01)


def test_handshake_says_that_secrets_are_taken_and_learns_where_the_engine_is(
    start: Start, engine: FakeEngine, emulator: EmulatorServer
) -> None:
    plugin = start("--logtostderr", "-v=3", with_process=True)
    other = FakeEngine()
    address = "{}:{}".format(*other.getsockname())

    answer = plugin.stub.Handshake(provider_pb2.ProviderHandshakeRequest(engine_address=address), timeout=60)
    plugin.configure({"apiKey": secret(API_KEY), "baseUrl": emulator.base_url})
    plugin.check(KIND, {**ENDPOINT, "enabledEvents": ["alert.other"]})
    other.close()

    assert answer.accept_secrets
    assert any("enabledEvents: Signa documents only" in message for _, message in other.said)
    assert engine.said == []


def test_engine_is_found_behind_its_flags(start: Start, said: list[tuple[str, str]], emulator: EmulatorServer) -> None:
    plugin = start("--logflow", "--logtostderr", "-v=3", with_process=True)
    plugin.configure({"apiKey": secret(API_KEY), "baseUrl": emulator.base_url})

    plugin.check(KIND, {**ENDPOINT, "enabledEvents": ["alert.other"]})

    assert [(urn, "alert.other" in message) for urn, message in said] == [(urn_of(KIND), True)]


def test_version_is_that_of_the_distribution(unconfigured: Plugin) -> None:
    assert unconfigured.stub.GetPluginInfo(empty_pb2.Empty(), timeout=60).version == version("pulumi-signa")


def test_schema_is_the_one_that_was_generated(unconfigured: Plugin) -> None:
    answer = unconfigured.stub.GetSchema(provider_pb2.GetSchemaRequest(), timeout=60)

    assert json.loads(answer.schema) == json.loads(SCHEMA.read_text())


def test_configured_plugin_takes_secrets_and_previews(start: Start) -> None:
    answer = start().configure()

    assert answer.acceptSecrets
    assert answer.supportsPreview
    assert not answer.acceptResources


@pytest.mark.parametrize(
    "call",
    [
        lambda plugin: plugin.check("Webhook", {}),
        lambda plugin: plugin.diff("Webhook", "x", {}, {}),
        lambda plugin: plugin.create("Webhook", {}),
        lambda plugin: plugin.read("Webhook", "x"),
        lambda plugin: plugin.update("Webhook", "x", {}, {}),
        lambda plugin: plugin.delete("Webhook", "x", {}),
    ],
)
def test_resource_of_another_type_is_refused_with_those_that_there_are(
    checking: Plugin, call: Callable[[Plugin], Any]
) -> None:
    assert failure(lambda: call(checking)) == (
        "there is no resource signa:index:Webhook; the resources are "
        "signa:index:WebhookEndpoint, signa:index:SecretsManagerSecret, signa:index:DeliveryCheck"
    )


@pytest.mark.parametrize("call", UNCONFIGURED.values(), ids=UNCONFIGURED)
def test_unforeseen_exception_is_one_line_without_a_value(unconfigured: Plugin, call: Callable[[Plugin], Any]) -> None:
    """The engine never makes such a call before `Configure`, so nothing foresees one."""
    details = failure(lambda: call(unconfigured), "s3cret")

    assert details.startswith("unexpected AttributeError at plugin.py:")
    assert details.endswith("please report it with the log that SIGNA_LOG_LEVEL=DEBUG gives")


def test_log_has_the_place_of_an_unforeseen_exception(start: Start, said: list[tuple[str, str]]) -> None:
    plugin = start(SIGNA_LOG_LEVEL="DEBUG")
    plugin.configure()
    request = provider_pb2.CheckRequest(urn="default", news=struct({"apiKeys": "s3cret"}))

    failure(lambda: plugin.stub.CheckConfig(request, timeout=60), "s3cret")

    assert "in CheckConfig" in said[-1][1]
    assert "s3cret" not in said[-1][1]


def test_what_the_protocol_has_besides_is_not_implemented(checking: Plugin) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        checking.stub.Call(provider_pb2.CallRequest(), timeout=60)

    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_cancelled_run_ends_a_call_and_begins_no_other(plugin: Plugin, emulator: EmulatorServer) -> None:
    emulator.organization.faults.add(kind="hang", operation="create", times=None, after_commit=True)

    with ThreadPoolExecutor(1) as callers:
        call = callers.submit(plugin.create, KIND, ENDPOINT)
        begun(emulator)
        plugin.cancel()
        error = call.exception()

    interrupted = "cannot create webhook endpoint: interrupted; run the same command again, and it finds what was begun"
    assert isinstance(error, grpc.RpcError)
    assert error.details() == interrupted
    assert failure(lambda: plugin.create(KIND, ENDPOINT, name="late")) == interrupted
    assert len(emulator.organization.endpoints.newest_first()) == 1


def test_process_ends_with_its_engine_although_a_create_hangs(
    start: Start, engine: FakeEngine, emulator: EmulatorServer
) -> None:
    plugin = start(with_process=True)
    plugin.configure({"apiKey": secret(API_KEY), "baseUrl": emulator.base_url})
    emulator.organization.faults.add(kind="hang", operation="create", times=None, after_commit=True)

    with ThreadPoolExecutor(1) as callers:
        call = callers.submit(plugin.create, KIND, ENDPOINT)
        begun(emulator)
        engine.close()
        plugin.process.wait(timeout=60)

    assert isinstance(call.exception(), grpc.RpcError)
    assert len(emulator.organization.endpoints.newest_first()) == 1


def test_sixty_four_creates_are_carried_out_at_once(plugin: Plugin, emulator: EmulatorServer) -> None:
    emulator.organization.change_settings(rate_limit=None)
    plugin.create(KIND, ENDPOINT, name="first")  # until the first answer, only a few calls go at once
    emulator.organization.faults.add(kind="hang", operation="create", times=None, after_commit=True)

    with ThreadPoolExecutor(64) as callers:
        calls = [callers.submit(plugin.create, KIND, ENDPOINT, name=f"alerts-{number}") for number in range(64)]
        begun(emulator, 1 + 64)
        plugin.cancel()
        assert all(isinstance(call.exception(), grpc.RpcError) for call in calls)


def test_log_is_shown_where_it_is_asked_for_without_a_secret(
    start: Start, said: list[tuple[str, str]], emulator: EmulatorServer, aws: str
) -> None:
    plugin = start(with_process=True, SIGNA_LOG_LEVEL="DEBUG")
    plugin.configure({"apiKey": secret(API_KEY), "baseUrl": emulator.base_url})

    id_, outputs = plugin.create(KIND, ENDPOINT)
    plugin.create("SecretsManagerSecret", {"secretName": "signa/a", "secretString": "s3cret-value"})
    failure(lambda: plugin.update(KIND, "whk_0000000000000000", {**ENDPOINT, "description": "a"}, ENDPOINT))
    plugin.process.kill()
    _, stderr = plugin.process.communicate()

    log = "\n".join(message for _, message in said)
    endpoint = emulator.organization.endpoints.get(id_)
    assert "pulumi_signa DEBUG Traceback" in log
    assert "botocore" not in log
    assert "urllib3" not in log
    assert not [value for value in (API_KEY, endpoint.secret, "s3cret-value") if value in log + stderr.decode()]
    assert outputs["secret"]
