"""Two plugin processes of one engine: what one of them has, the other leaves alone."""

from collections.abc import Callable
from typing import Any

import boto3
import grpc
import pytest

from fake_transport import API_KEY
from signa_emulator.server import EmulatorServer

STACK = "5ca1ab1e"
ALERTS, SPARE, FORMER = (f"urn:pulumi:dev::p::t::{name}" for name in ("alerts", "spare", "former"))
ENDPOINT = {
    "url": "https://example.com/hooks/signa",
    "enabled_events": ["alert.created"],
    "__urn": ALERTS,
    "__stack": STACK,
}
SECRET = {"secret_name": "signa/prod", "secret_string": "s3cret-value-one", "__urn": ALERTS, "__stack": STACK}

Start = Callable[..., Any]


@pytest.fixture
def environment(emulator: EmulatorServer) -> dict[str, str]:
    """Return what leads a plugin to the emulator."""
    return {"SIGNA_API_KEY": API_KEY, "SIGNA_BASE_URL": emulator.base_url}


def stored(outputs: dict[str, Any]) -> dict[str, Any]:
    """Return outputs as the engine passes them back: secrets in plain text."""
    return {
        name: value["value"] if isinstance(value, dict) and "value" in value else value
        for name, value in outputs.items()
    }


def refusal(call: Callable[[], Any]) -> str:
    """Return how a call is refused."""
    with pytest.raises(grpc.RpcError) as caught:
        call()
    return str(caught.value.details())


def test_endpoint_that_one_process_takes_over_is_not_deleted_by_another(
    plugin: Start, next_run: Start, environment: dict[str, str], emulator: EmulatorServer
) -> None:
    id_, outputs = plugin("webhook", **environment).create(ENDPOINT)
    # The state knows the endpoint by another URN, whose resource is deleted once the new one is there.
    one, other = (next_run("webhook", **environment) for _ in range(2))

    again, _ = one.create(one.check(ENDPOINT)[0])
    other.delete(id_, {**stored(outputs), "__urn": FORMER})

    assert again == id_
    assert [each.id for each in emulator.organization.endpoints.newest_first()] == [id_]


def test_secret_that_one_process_takes_over_is_not_deleted_by_another(plugin: Start, next_run: Start, aws: str) -> None:
    arn, outputs = plugin("secret").create(SECRET)
    one, other = (next_run("secret") for _ in range(2))

    again, _ = one.create(one.check(SECRET)[0])
    other.delete(arn, {**stored(outputs), "__urn": FORMER})

    assert again == arn
    client = boto3.client("secretsmanager", region_name="eu-west-1")
    assert client.get_secret_value(SecretId=arn)["SecretString"] == "s3cret-value-one"


def test_endpoint_that_one_process_has_cannot_be_adopted_in_another(
    plugin: Start, next_run: Start, environment: dict[str, str]
) -> None:
    id_, outputs = plugin("webhook", **environment).create(ENDPOINT)
    adopting = {**ENDPOINT, "__urn": SPARE, "adopt": {"id": id_}}
    state = stored(outputs)

    one, other = (next_run("webhook", **environment) for _ in range(2))
    one.check(ENDPOINT, ENDPOINT)
    one.diff(id_, state, ENDPOINT)

    assert f"{id_} is declared twice" in refusal(lambda: other.check(adopting))


def test_endpoint_that_is_adopted_in_one_process_cannot_be_another_ones(
    plugin: Start, next_run: Start, environment: dict[str, str]
) -> None:
    id_, outputs = plugin("webhook", **environment).create(ENDPOINT)
    state = stored(outputs)
    one, other = (next_run("webhook", **environment) for _ in range(2))

    one.check({**ENDPOINT, "__urn": SPARE, "adopt": {"id": id_}})
    other.check(ENDPOINT, ENDPOINT)

    assert f"{id_} is declared twice" in refusal(lambda: other.diff(id_, state, ENDPOINT))


def test_destination_of_one_process_is_refused_in_another(plugin: Start, environment: dict[str, str], aws: str) -> None:
    declared = {**ENDPOINT, "secret_destination": {"secret_id": "signa/alerts"}}
    one, other = (plugin("webhook", **environment) for _ in range(2))

    assert one.check(declared)[1] == []

    assert "is written by the resources 'spare' and 'alerts'" in refusal(
        lambda: other.check({**declared, "__urn": SPARE})
    )


def test_destroy_in_two_processes_deletes(
    plugin: Start, next_run: Start, environment: dict[str, str], emulator: EmulatorServer
) -> None:
    id_, outputs = plugin("webhook", **environment).create(ENDPOINT)
    state = stored(outputs)
    one, other = (next_run("webhook", **environment) for _ in range(2))

    for process in (one, other):
        process.read(id_, state)
        process.diff(id_, state, ENDPOINT)
    other.delete(id_, state)

    assert emulator.organization.endpoints.newest_first() == []
