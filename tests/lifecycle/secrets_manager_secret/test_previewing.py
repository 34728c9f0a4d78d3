"""What a preview knows of a secret's outputs, and that all of it comes true."""

import hashlib
from typing import Any

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fake_host import URN, Outputs, no_warning, secrets
from pulumi_signa.aws.secrets_manager import SecretsManager
from pulumi_signa.lifecycle.roster import Roster
from pulumi_signa.lifecycle.secrets_manager_secret.schema import FINGERPRINT, VALUE_INPUT, Declared
from pulumi_signa.lifecycle.values import UNKNOWN, is_same, is_unknown

REGION, NAME = "eu-west-1", "signa/prod"
ARN = f"arn:aws:secretsmanager:{REGION}:123456789012:secret:{NAME}-AbCdEf"
DECLARED: dict[str, Any] = {"secret_name": NAME, "secret_string": "one", URN: "urn:pulumi:dev::p::t::stored"}
LEFT: dict[str, Any] = {"secret_name": NAME, "without_value": True, URN: "urn:pulumi:dev::p::t::stored"}
FINGERPRINT_OF_ONE = hashlib.sha256(b"one").hexdigest()
STORED: Outputs = {
    "secret_name": NAME,
    "arn": ARN,
    "version_id": "v",
    FINGERPRINT: FINGERPRINT_OF_ONE,
    VALUE_INPUT: "secret_string",
}


def after(outputs: Outputs | None, declared: Outputs, **run: Any) -> Outputs:
    """Return the outputs to come, which nobody is told and nobody is asked for."""
    run = {"warn": no_warning, "inform": no_warning, "roster": Roster(settle_s=0), **run}
    found: Outputs = secrets.preview(ARN, outputs, declared, **run)
    inputs = {name for name, row in Declared.rows().items() if row.is_output}
    assert {*inputs, "arn", "version_id", FINGERPRINT, VALUE_INPUT} == {*found}
    assert run["roster"].claim(ARN, "another") is None
    return found


def unknown_in(outputs: Outputs) -> set[str]:
    """Return the names of what is not known."""
    return {name for name, value in outputs.items() if value is UNKNOWN}


def test_new_secret_has_an_arn_and_a_version_that_aws_decides() -> None:
    outputs = after(None, DECLARED)

    assert unknown_in(outputs) == {"arn", "version_id"}
    assert (outputs["secret_name"], outputs[FINGERPRINT]) == (NAME, FINGERPRINT_OF_ONE)


def test_new_secret_without_a_value_has_no_version_of_ours() -> None:
    outputs = after(None, LEFT)

    assert unknown_in(outputs) == {"arn"}
    assert (outputs["version_id"], outputs["without_value"]) == (None, True)


def test_value_that_is_not_known_leaves_its_record_open() -> None:
    for inputs in ({**DECLARED, "secret_string": UNKNOWN}, {**LEFT, "without_value": UNKNOWN}):
        assert unknown_in(after(None, inputs)) >= {"version_id", FINGERPRINT, VALUE_INPUT}
        assert unknown_in(after(STORED, inputs)) >= {"version_id", FINGERPRINT, VALUE_INPUT}


def test_edit_keeps_the_version() -> None:
    outputs = after(STORED, {**DECLARED, "tags": {"a": "b"}})

    assert unknown_in(outputs) == set()
    assert (outputs["version_id"], outputs["arn"], outputs["tags"]) == ("v", ARN, {"a": "b"})


def test_another_value_has_another_version() -> None:
    outputs = after(STORED, {**DECLARED, "secret_string": "two"})

    assert unknown_in(outputs) == {"version_id"}
    assert outputs["arn"] == ARN


def test_value_that_is_left_to_others_has_no_version_of_ours() -> None:
    outputs = after(STORED, LEFT)

    assert unknown_in(outputs) == set()
    assert outputs["version_id"] is outputs[FINGERPRINT] is outputs[VALUE_INPUT] is None


@pytest.mark.parametrize("changes", [{"secret_name": "signa/other"}, {"region": "us-east-1"}, {"secret_name": UNKNOWN}])
def test_replacement_is_a_new_secret(changes: Outputs) -> None:
    assert after(STORED, {**DECLARED, **changes}) == after(None, {**DECLARED, **changes})


_INPUTS: dict[str, st.SearchStrategy[Any]] = {
    "description": st.sampled_from([None, "first", "second"]),
    "kms_key_id": st.sampled_from([None, "alias/a"]),
    "tags": st.sampled_from([{}, {"a": "b"}, {"a": "c", "d": "e"}]),
    "recovery_window_in_days": st.sampled_from([7, 30]),
    "region": st.sampled_from([None, REGION]),
    "adopt_existing": st.booleans(),
}
_VALUES = st.sampled_from(
    [{"secret_string": "one"}, {"secret_string": '{"a": 1}'}, {"secret_json": {"a": 1}}, {"without_value": True}]
)
_DECLARED = st.tuples(st.fixed_dictionaries(_INPUTS), _VALUES).map(lambda parts: {**parts[0], **parts[1]})


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=st.lists(st.tuples(_DECLARED, st.sets(st.sampled_from([*_INPUTS]))), min_size=1, max_size=5))
def test_what_a_preview_knows_comes_true(*, aws: str, steps: list[tuple[Outputs, set[str]]]) -> None:
    by_hand, manager = boto3.client("secretsmanager", region_name=REGION), SecretsManager(REGION)
    if by_hand.list_secrets(IncludePlannedDeletion=True)["SecretList"]:
        by_hand.delete_secret(SecretId=NAME, ForceDeleteWithoutRecovery=True)
    outputs: Outputs | None = None
    for inputs, unknown in steps:
        declared = {"secret_name": NAME, URN: DECLARED[URN], **inputs}
        if outputs is not None and not secrets.plan(outputs["arn"], outputs, declared).is_needed:
            continue
        promised = after(outputs, declared)
        vaguely = after(outputs, {**declared, **dict.fromkeys(unknown, UNKNOWN)})
        if outputs is None:
            outputs = secrets.create(manager, declared)[1]
        else:
            outputs = secrets.update(manager, outputs["arn"], outputs, declared)
        for known in (promised, vaguely):
            assert all(is_unknown(value) or is_same(value, outputs[name]) for name, value in known.items())
