"""`Check`: what is wrong, what a default is, and which stack a resource belongs to."""

import re
from typing import Any

import pytest

from fake_transport import API_KEY
from native.conftest import ENDPOINT, Plugin, Start, own, urn_of
from plugin_process import SIGNATURE, secret
from signa_emulator.server import EmulatorServer

KIND = "WebhookEndpoint"
SHARED_URN = "urn:pulumi:dev::p::pulumi-python:dynamic/signa:WebhookEndpoint::alerts"
ASSET = {SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "text": "s3cret", "hash": "aa"}
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def identity(plugin: Plugin, news: dict[str, Any], olds: dict[str, Any] | None = None, *, stack: str = "dev") -> Any:
    """Return the identity of the stack in checked inputs."""
    inputs, failures = plugin.check(KIND, {**ENDPOINT, **news}, olds, urn=urn_of(KIND, stack=stack))
    assert failures == []
    return inputs.get("__stack")


def test_problem_is_reported_by_its_property_where_that_is_a_number(checking: Plugin) -> None:
    """The engine prints the value of a property that has a name in a failure."""
    _, failures = checking.check(
        KIND, {"url": "https://u:hunter22@example.com/", "status": "paused", "rotationPeriodDays": 0, "description": 5}
    )

    found = {property_ or reason.partition(":")[0] for property_, reason in failures}
    assert found == {"url", "status", "rotationPeriodDays", "description"}
    assert {property_ for property_, _ in failures} == {"", "rotationPeriodDays"}
    assert ("", "status: must be active or disabled") in failures
    assert not any("hunter22" in reason for _, reason in failures)


def test_problem_of_a_property_that_is_marked_is_reported_under_no_name(checking: Plugin) -> None:
    _, failures = checking.check(KIND, {**ENDPOINT, "rotationPeriodDays": secret(0)})

    assert [property_ for property_, _ in failures] == [""]
    assert failures[0][1].startswith("rotationPeriodDays: ")


def test_problem_with_a_value_does_not_show_it(aws_plugin: Plugin) -> None:
    declared = {"secretName": "signa/a", "secretString": "s3cret-one", "secretJson": {"a": "s3cret-two"}}

    _, failures = aws_plugin.check("SecretsManagerSecret", declared)

    assert len(failures) == 1
    assert failures[0][0] == ""
    assert "secretString" in failures[0][1]
    assert "s3cret" not in failures[0][1]


@pytest.mark.parametrize(
    ("kind", "declared"),
    [
        (KIND, {**ENDPOINT, "metadata": {"a": ASSET}}),
        ("SecretsManagerSecret", {"secretName": "signa/a", "secretString": ASSET}),
        ("SecretsManagerSecret", {"secretName": "signa/a", "secretJson": {"a": [ASSET]}}),
        ("DeliveryCheck", {"endpointId": "whk_1", "triggers": [ASSET]}),
    ],
)
def test_asset_is_refused_like_any_value_of_a_wrong_type(plugin: Plugin, kind: str, declared: dict[str, Any]) -> None:
    _, failures = plugin.check(kind, declared)

    assert re.match("(metadata|secretString|secretJson|triggers): ", failures[0][1])
    assert "s3cret" not in str(failures)


def test_members_are_named_as_in_every_other_language(checking: Plugin) -> None:
    declared = {**ENDPOINT, "secretDestination": {"secretId": "signa/a", "region": 5}, "onStaleSecret": "cry"}

    _, failures = checking.check(KIND, declared)

    assert any(reason.startswith("onStaleSecret: ") for _, reason in failures)
    assert any(reason.startswith("secretDestination: region") for _, reason in failures)


def test_defaults_are_filled_in(checking: Plugin) -> None:
    inputs, failures = checking.check(KIND, {"url": "https://example.com/"})

    assert failures == []
    assert own(inputs) == {
        "url": "https://example.com/",
        "enabledEvents": ["alert.created"],
        "metadata": {},
        "status": "active",
        "onStaleSecret": "warn",
    }


def test_keys_of_a_user_are_left_as_they_are(checking: Plugin) -> None:
    metadata = {"a_b": 1, "aB": 2, "__x": {"rotate_trigger": 3}}

    inputs, failures = checking.check(KIND, {**ENDPOINT, "metadata": metadata})

    assert (inputs["metadata"], failures) == (metadata, [])


def test_marks_of_a_program_are_kept(checking: Plugin) -> None:
    inputs, _ = checking.check(KIND, {**ENDPOINT, "description": secret("d"), "metadata": {"a": secret("m")}})

    assert inputs["description"] == secret("d")
    assert inputs["metadata"] == secret({"a": "m"})


def test_inputs_that_are_secrets_by_nature_are_marked(checking: Plugin, aws_plugin: Plugin) -> None:
    given = {"id": "whk_0000000000000000", "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}

    adopting, _ = checking.check(KIND, {**ENDPOINT, "adopt": given})
    without_secret, _ = checking.check(KIND, {**ENDPOINT, "adopt": {"id": given["id"]}})
    stored, _ = aws_plugin.check("SecretsManagerSecret", {"secretName": "signa/a", "secretString": "s"})

    assert adopting["adopt"] == secret(given)
    assert without_secret["adopt"] == {"id": given["id"]}
    assert stored["secretString"] == secret("s")


def test_unknown_values_pass_a_preview(checking: Plugin) -> None:
    declared = {
        "url": UNKNOWN,
        "metadata": {"a": UNKNOWN},
        "secretDestination": {"secretId": UNKNOWN},
        "enabledEvents": ["alert.created"],
    }

    inputs, failures = checking.check(KIND, declared)

    assert failures == []
    assert {name: inputs[name] for name in declared} == declared


def test_urn_is_the_one_that_both_hosts_derive_keys_from(checking: Plugin) -> None:
    assert checking.check(KIND, ENDPOINT)[0]["__urn"] == SHARED_URN


def test_identity_of_a_new_resource_is_that_of_the_provider(checking: Plugin) -> None:
    found = identity(checking, {})

    assert len(found) == 32
    assert identity(checking, {}, {**ENDPOINT, "__urn": SHARED_URN}) == found


def test_identity_that_a_program_passes_counts(checking: Plugin) -> None:
    assert identity(checking, {"__stack": "theirs"}) == "theirs"
    assert identity(checking, {"__stack": "theirs"}, {**ENDPOINT, "__urn": SHARED_URN, "__stack": "old"}) == "theirs"


def test_identity_in_the_state_stays_whatever_the_provider(checking: Plugin) -> None:
    assert identity(checking, {}, {**ENDPOINT, "__urn": SHARED_URN, "__stack": "old"}) == "old"


@pytest.mark.parametrize("stack", ["prod"])
def test_resource_that_was_moved_to_another_stack_gets_the_identity_of_the_provider(
    checking: Plugin, stack: str
) -> None:
    """`pulumi state move` copies the state with the identity of the stack before."""
    found = identity(checking, {}, {**ENDPOINT, "__urn": SHARED_URN, "__stack": "old"}, stack=stack)

    assert found == identity(checking, {})


@pytest.mark.parametrize("id_", ["", UNKNOWN])
def test_identity_is_left_out_where_the_provider_has_no_id_yet(
    start: Start, emulator: EmulatorServer, id_: str
) -> None:
    plugin = start()
    plugin.configure({"apiKey": secret(API_KEY), "baseUrl": emulator.base_url}, id_=id_)

    assert identity(plugin, {}) is None
    assert identity(plugin, {}, {**ENDPOINT, "__urn": SHARED_URN, "__stack": "old"}) == "old"


def test_check_calls_nobody(plugin: Plugin, emulator: EmulatorServer) -> None:
    plugin.check(KIND, {**ENDPOINT, "adopt": {"id": "whk_0000000000000000"}})

    assert emulator.organization.requests.entries() == []
