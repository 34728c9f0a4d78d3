"""`Diff`: what differs, property by property, and what that makes of the object."""

from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2

from native.conftest import ENDPOINT, Plugin, unwrapped
from plugin_process import secret
from signa_emulator.server import EmulatorServer

KIND, STORED = "WebhookEndpoint", "SecretsManagerSecret"
ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AbCdEf"
CHANGES = provider_pb2.DiffResponse

State = tuple[str, dict[str, Any], dict[str, Any]]


@pytest.fixture
def made(plugin: Plugin) -> State:
    """Return id, state and inputs of an endpoint."""
    inputs, _ = plugin.check(KIND, {**ENDPOINT, "description": "a"})
    id_, outputs = plugin.create(KIND, inputs)
    return id_, unwrapped(outputs), inputs


def kinds(answer: provider_pb2.DiffResponse) -> dict[str, str]:
    """Return the kind of each difference."""
    return {
        name: provider_pb2.PropertyDiff.Kind.Name(difference.kind) for name, difference in answer.detailedDiff.items()
    }


def test_nothing_differs_without_a_call(plugin: Plugin, made: State, emulator: EmulatorServer) -> None:
    id_, state, inputs = made
    calls = len(emulator.organization.requests.entries())

    answer = plugin.diff(KIND, id_, state, inputs, old_inputs=inputs)

    assert answer.changes == CHANGES.DIFF_NONE
    assert answer.hasDetailedDiff
    assert kinds(answer) == {}
    assert len(emulator.organization.requests.entries()) == calls


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"description": "b"}, {"description": "UPDATE"}),
        ({"description": None}, {"description": "DELETE"}),
        ({"rotationPeriodDays": 30}, {"rotationPeriodDays": "ADD"}),
        ({"metadata": {"a_b": 1}, "status": "disabled"}, {"metadata": "UPDATE", "status": "UPDATE"}),
        ({"account": "eu"}, {"account": "ADD_REPLACE"}),
    ],
)
def test_each_difference_has_its_kind(
    plugin: Plugin, made: State, change: dict[str, Any], expected: dict[str, str]
) -> None:
    id_, state, inputs = made
    news = {name: value for name, value in {**inputs, **change}.items() if value is not None}

    answer = plugin.diff(KIND, id_, state, news, old_inputs=inputs)

    assert answer.changes == CHANGES.DIFF_SOME
    assert kinds(answer) == expected
    assert not any(difference.inputDiff for difference in answer.detailedDiff.values()) or "ADD" in str(expected)
    assert list(answer.replaces) == [name for name, kind in expected.items() if kind.endswith("_REPLACE")]


def test_other_organization_replaces_an_endpoint_and_deletes_first(plugin: Plugin, made: State) -> None:
    id_, state, inputs = made

    deleting_first = plugin.diff(KIND, id_, state, {**inputs, "account": "eu"})
    second = plugin.diff(KIND, id_, state, {**inputs, "account": "eu", "__random_key": True})

    assert deleting_first.deleteBeforeReplace
    assert not second.deleteBeforeReplace


@pytest.mark.parametrize(
    ("change", "replaces"),
    [({"secretName": "signa/b"}, "secretName"), ({"region": "us-east-1"}, "region")],
)
def test_other_name_or_region_replaces_a_stored_secret_and_deletes_last(
    aws_plugin: Plugin, change: dict[str, str], replaces: str
) -> None:
    """Receivers find one of the two at any time; the dynamic host does the same."""
    declared = {"secretName": "signa/a", "secretString": "s3cret"}
    arn, outputs = aws_plugin.create(STORED, declared)

    answer = aws_plugin.diff(STORED, arn, unwrapped(outputs), {**declared, **change}, old_inputs=declared)

    assert list(answer.replaces) == [replaces]
    assert kinds(answer)[replaces].endswith("_REPLACE")
    assert not answer.deleteBeforeReplace


def test_changed_value_is_a_difference_of_an_input(aws_plugin: Plugin) -> None:
    """The state has no value, only a fingerprint."""
    declared = {"secretName": "signa/a", "secretString": secret("s3cret-one")}
    arn, outputs = aws_plugin.create(STORED, declared)
    news = {**declared, "secretString": secret("s3cret-two")}

    answer = aws_plugin.diff(STORED, arn, unwrapped(outputs), news, old_inputs=declared)

    assert kinds(answer) == {"secretString": "UPDATE"}
    assert answer.detailedDiff["secretString"].inputDiff


def test_rotation_is_a_difference_of_its_trigger_alone(plugin: Plugin, made: State) -> None:
    """A change of outputs would read as if the secret were taken away."""
    id_, state, inputs = made

    answer = plugin.diff(KIND, id_, state, {**inputs, "rotateTrigger": "1"}, old_inputs=inputs)

    assert answer.changes == CHANGES.DIFF_SOME
    assert kinds(answer) == {"rotateTrigger": "ADD"}


def test_state_of_the_dynamic_host_is_written_anew_and_shows_no_property(plugin: Plugin, made: State) -> None:
    id_, state, inputs = made
    snake = {"enabledEvents": "enabled_events", "secretVersion": "secret_version", "secretStatus": "secret_status"}
    of_other = {snake.get(name, name): value for name, value in state.items()}

    answer = plugin.diff(KIND, id_, {**of_other, "__provider": "pickled"}, inputs, old_inputs=inputs)

    assert answer.changes == CHANGES.DIFF_SOME
    assert kinds(answer) == {}
    assert list(answer.replaces) == []


@pytest.mark.parametrize("unknown", ["04da6b54-80e4-46f7-96ec-b56ff0331ba9", "dd056dcd-154b-4c76-9bd3-c8f88648b5ff"])
def test_unknown_value_may_differ(plugin: Plugin, made: State, unknown: str) -> None:
    id_, state, inputs = made

    answer = plugin.diff(KIND, id_, state, {**inputs, "metadata": unknown}, old_inputs=inputs)

    assert kinds(answer) == {"metadata": "UPDATE"}
