"""Create, read, update and delete, and what previews promise of their outcomes."""

import json
from typing import Any

import boto3
import pytest

from native.conftest import ENDPOINT, Plugin, Start, failure, own, unwrapped, urn_of
from plugin_process import ENVELOPE, secret
from signa_emulator.server import EmulatorServer

KIND, STORED = "WebhookEndpoint", "SecretsManagerSecret"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def promised(preview: dict[str, Any]) -> dict[str, Any]:
    """Return what a preview knows."""
    return {name: value for name, value in own(preview).items() if UNKNOWN not in json.dumps(value)}


def test_endpoint_lives_and_dies(plugin: Plugin, emulator: EmulatorServer) -> None:
    inputs, failures = plugin.check(KIND, {**ENDPOINT, "metadata": {"a_b": 1, "b": {"c": [2, True]}}})
    assert failures == []

    id_, outputs = plugin.create(KIND, inputs)

    (endpoint,) = emulator.organization.endpoints.newest_first()
    assert id_ == endpoint.id
    assert outputs["secret"] == secret(endpoint.secret)
    assert json.dumps(endpoint.metadata) == '{"a_b": 1, "b": {"c": [2, true]}}'
    state = unwrapped(outputs)
    assert plugin.read(KIND, id_, state, inputs) == (id_, outputs, inputs)

    changed = {**inputs, "description": "new"}
    updated = plugin.update(KIND, id_, state, changed)
    assert updated["secret"] == outputs["secret"]
    assert endpoint.description == updated["description"] == "new"

    plugin.delete(KIND, id_, unwrapped(updated))
    assert emulator.organization.endpoints.newest_first() == []
    assert plugin.read(KIND, id_, state, inputs) == ("", {}, {})


def test_names_are_those_of_every_other_language(plugin: Plugin) -> None:
    _, outputs = plugin.create(KIND, ENDPOINT)

    assert not [name for name in own(outputs) if "_" in name]
    assert {"secretVersion", "createdAt", "consecutiveFailures", "enabledEvents"} <= outputs.keys()


def test_preview_of_a_create_promises_what_comes(plugin: Plugin, emulator: EmulatorServer) -> None:
    inputs, _ = plugin.check(KIND, {**ENDPOINT, "description": "a"})

    id_, foreseen = plugin.create(KIND, inputs, preview=True)
    before = emulator.organization.requests.entries()
    _, outputs = plugin.create(KIND, inputs)

    assert (id_, list(before)) == ("", [])
    assert promised(foreseen).items() <= outputs.items()
    assert {"url", "description", "secretVersion", "secretStatus"} <= promised(foreseen).keys()
    assert foreseen["secret"] == secret(UNKNOWN)


def test_preview_of_an_edit_promises_all_but_the_date(plugin: Plugin) -> None:
    inputs, _ = plugin.check(KIND, ENDPOINT)
    id_, outputs = plugin.create(KIND, inputs)
    state = unwrapped(outputs)
    changed = {**inputs, "description": "b"}

    foreseen = plugin.update(KIND, id_, state, changed, preview=True)
    updated = plugin.update(KIND, id_, state, changed)

    assert promised(foreseen).items() <= updated.items()
    assert foreseen["secret"] == outputs["secret"]
    assert own(foreseen).keys() - promised(foreseen).keys() <= {"updatedAt"}


def test_preview_of_a_rotation_knows_the_version_and_marks_the_secret(plugin: Plugin) -> None:
    inputs, _ = plugin.check(KIND, ENDPOINT)
    id_, outputs = plugin.create(KIND, inputs)
    state = unwrapped(outputs)
    rotated = {**inputs, "rotateTrigger": "1"}

    foreseen = plugin.update(KIND, id_, state, rotated, preview=True)
    updated = plugin.update(KIND, id_, state, rotated)

    assert (foreseen["secretVersion"], foreseen["secret"]) == (2, secret(UNKNOWN))
    assert promised(foreseen).items() <= updated.items()
    assert updated["secret"] != outputs["secret"]


def test_marks_of_a_program_are_on_the_outputs(plugin: Plugin) -> None:
    declared = {**ENDPOINT, "description": secret("d"), "metadata": {"a": secret("m")}}

    id_, created = plugin.create(KIND, declared)
    updated = plugin.update(KIND, id_, unwrapped(created), {**declared, "status": "disabled"})
    read = plugin.read(KIND, id_, {**updated}, declared)

    for outputs in (created, updated, read[1]):
        assert outputs["description"] == secret("d")
        assert outputs["metadata"] == secret({"a": "m"})


def test_drift_is_in_the_inputs_that_a_refresh_gives(plugin: Plugin, emulator: EmulatorServer) -> None:
    inputs, _ = plugin.check(KIND, {**ENDPOINT, "description": secret("a")})
    id_, outputs = plugin.create(KIND, inputs)
    emulator.organization.endpoints.get(id_).description = "drifted"

    _, found, found_inputs = plugin.read(KIND, id_, unwrapped(outputs), inputs)

    assert found["description"] == found_inputs["description"] == secret("drifted")
    assert found["secret"] == outputs["secret"]
    assert (found_inputs["__urn"], found_inputs["__stack"]) == (inputs["__urn"], inputs["__stack"])


def test_import_finds_the_endpoint_without_its_secret(plugin: Plugin, emulator: EmulatorServer) -> None:
    id_, _ = plugin.create(KIND, {**ENDPOINT, "description": "a"})

    found, outputs, inputs = plugin.read(KIND, id_)

    assert (found, outputs["secretStatus"], outputs["description"]) == (id_, "unknown", "a")
    assert "secret" not in outputs
    assert (inputs["url"], inputs["description"]) == (ENDPOINT["url"], "a")
    assert plugin.check(KIND, inputs, inputs)[1] == []


@pytest.mark.parametrize("id_", ["whk_0000000000000000", "https://example.com/"])
def test_import_of_what_is_not_there_is_refused_in_one_line(plugin: Plugin, id_: str) -> None:
    assert failure(lambda: plugin.read(KIND, id_)) == (
        f"cannot read webhook endpoint: {id_} does not exist in the API key's organization: check the id and the key"
    )


@pytest.mark.parametrize("account", ["", "1eu", "e u", "eu/eu", "sig_" + "deadbeef" * 4])
def test_import_from_what_cannot_be_an_organization_does_not_ask_the_default_one(
    plugin: Plugin, emulator: EmulatorServer, account: str
) -> None:
    id_, _ = plugin.create(KIND, ENDPOINT)
    before = len(emulator.organization.requests.entries())

    said = failure(lambda: plugin.read(KIND, f"{account}/{id_}"), *([account] if account else []))

    assert "no name of an organization in signa:accounts" in said
    assert len(emulator.organization.requests.entries()) == before


def test_check_cannot_be_imported(plugin: Plugin) -> None:
    assert "nothing to import" in failure(lambda: plugin.read("DeliveryCheck", "whk_0190c2f4"))


def test_endpoint_of_two_resources_is_refused_by_the_names_of_both(plugin: Plugin) -> None:
    """An import gives a second resource what another one has, and shows the plugin only the second one."""
    id_, outputs = plugin.create(KIND, ENDPOINT)
    inputs = {}
    for name in ("alerts", "spare"):
        inputs[name], _ = plugin.check(KIND, ENDPOINT, urn=urn_of(KIND, name))
    plugin.diff(KIND, id_, unwrapped(outputs), inputs["alerts"])

    said = failure(lambda: plugin.diff(KIND, id_, unwrapped(outputs), inputs["spare"]))

    assert said == (
        f"cannot update webhook endpoint: {id_} is declared twice, by the resources 'spare' and 'alerts': "
        "keep one of them"
    )


def test_stored_secret_lives_and_dies(aws_plugin: Plugin) -> None:
    inputs, failures = aws_plugin.check(
        STORED, {"secretName": "signa/a", "secretJson": {"a_b": "one"}, "tags": {"a_b": "c"}}
    )
    assert failures == []

    arn, outputs = aws_plugin.create(STORED, inputs)

    client = boto3.client("secretsmanager", region_name="eu-west-1")
    assert json.loads(client.get_secret_value(SecretId=arn)["SecretString"]) == {"a_b": "one"}
    assert {each["Key"]: each["Value"] for each in client.describe_secret(SecretId=arn)["Tags"]}["a_b"] == "c"
    assert outputs["arn"] == arn
    assert "one" not in json.dumps(outputs)
    assert outputs["__fingerprint"].keys() == {*ENVELOPE, "value"}
    state = unwrapped(outputs)
    assert aws_plugin.read(STORED, arn, state, inputs)[0] == arn

    changed = {**inputs, "secretJson": {"a_b": "two"}}
    foreseen = aws_plugin.update(STORED, arn, state, changed, preview=True)
    updated = aws_plugin.update(STORED, arn, state, changed)
    assert json.loads(client.get_secret_value(SecretId=arn)["SecretString"]) == {"a_b": "two"}
    assert promised(foreseen).items() <= updated.items()

    aws_plugin.delete(STORED, arn, unwrapped(updated))
    assert aws_plugin.read(STORED, arn, state, inputs) == ("", {}, {})


def test_next_run_deletes_what_another_has_made(plugin: Plugin, start: Start, emulator: EmulatorServer) -> None:
    id_, outputs = plugin.create(KIND, ENDPOINT)
    destroying = start(SIGNA_API_KEY="sig_" + "0" * 48)
    destroying.configure({"baseUrl": emulator.base_url})

    assert "401" in failure(lambda: destroying.delete(KIND, id_, unwrapped(outputs)))


@pytest.mark.parametrize("verb", ["create", "update"])
def test_what_the_program_marked_is_taken_out_of_the_words_of_a_server(
    plugin: Plugin, emulator: EmulatorServer, verb: str
) -> None:
    id_, outputs = plugin.create(KIND, ENDPOINT)
    declared = {**ENDPOINT, "description": secret("a birthday present"), "url": secret("https://example.com/t0ken")}
    quote = "the description a birthday present of https://example.com/t0ken is refused"
    emulator.organization.faults.add(kind="status", operation=verb, status=400, detail=quote)

    if verb == "create":
        details = failure(lambda: plugin.create(KIND, declared, name="other"), "birthday", "t0ken")
    else:
        details = failure(lambda: plugin.update(KIND, id_, unwrapped(outputs), declared), "birthday", "t0ken")

    assert details.startswith(f"cannot {verb} webhook endpoint: Signa answered 400")
    assert "is refused" in details
