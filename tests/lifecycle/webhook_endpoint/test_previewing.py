"""What a preview knows of an endpoint's outputs, and that all of it comes true."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timezone
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fake_host import URN, Outputs, endpoints, no_warning
from fake_secrets_manager import FakeClient, manager_of
from fake_transport import FakeTransport
from pulumi_signa.lifecycle.errors import LifecycleError
from pulumi_signa.lifecycle.roster import Roster
from pulumi_signa.lifecycle.values import UNKNOWN, is_same, is_unknown
from pulumi_signa.lifecycle.webhook_endpoint.schema import DECIDED, FORMS, Declared
from pulumi_signa.signa_api.client import SignaClient
from pulumi_signa.signa_api.pacing.retry import RetryPolicy
from signa_emulator.rules.validation import NewEndpoint
from signa_emulator.server import EmulatorServer

NOW = datetime(2026, 6, 12, tzinfo=timezone.utc)
ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:signa/alerts-AbCdEf"
PLACE = {"secret_arn": ARN, "secret_version_id": "v", "secret_fingerprint": "f" * 16}
TIMES = {"secret_rotated_at", "created_at", "updated_at"}
INTO = {"secret_destination": {"secret_id": "signa/alerts"}}

DECLARED: dict[str, Any] = {"url": "https://a.example/", URN: "urn:pulumi:dev::p::t::alerts"}
PLAIN: Outputs = {
    **DECLARED,
    "secret": "whsec_two",
    "secret_version": 2,
    "secret_status": "current",
    "secret_rotated_at": "2026-05-01T00:00:00.000Z",
    "consecutive_failures": 3,
    "created_at": "2026-01-01T00:00:00.000Z",
    "updated_at": "2026-05-01T00:00:00.000Z",
}
STORED: Outputs = {**PLAIN, **INTO, **PLACE, "secret": None}


def after(outputs: Outputs | None, declared: Mapping[str, Any], **run: Any) -> Outputs:
    """Return the outputs to come, which nobody is told and nobody is asked for."""
    run = {"now": NOW, "warn": no_warning, "inform": no_warning, **run}
    found: Outputs = endpoints.preview("whk_1", outputs, declared, **run)
    assert {*Declared.rows(), *DECIDED} - {"adopt"} == {*found}
    return found


def unknown_in(outputs: Outputs) -> set[str]:
    """Return the names of what is not known."""
    return {name for name, value in outputs.items() if value is UNKNOWN}


# Creates


def test_new_endpoint_has_its_first_secret_and_no_failures() -> None:
    outputs = after(None, DECLARED)

    assert unknown_in(outputs) == {"secret", *TIMES}
    assert (outputs["url"], outputs["status"], outputs["metadata"]) == ("https://a.example/", "active", {})
    assert (outputs["secret_version"], outputs["secret_status"], outputs["consecutive_failures"]) == (1, "current", 0)


def test_new_endpoint_with_a_destination_has_a_place_instead_of_a_secret() -> None:
    outputs = after(None, {**DECLARED, **INTO, "rotation_period_days": 30})

    assert unknown_in(outputs) == {*PLACE, *TIMES, "next_rotation_at"}
    assert outputs["secret"] is outputs["previous_secret"] is None


def test_destination_that_is_not_known_may_turn_out_to_be_none() -> None:
    assert unknown_in(after(None, {**DECLARED, "secret_destination": UNKNOWN})) >= {"secret", *PLACE}
    assert after(None, {**DECLARED, "secret_destination": {"secret_id": UNKNOWN}})["secret"] is None


@pytest.mark.parametrize(
    ("adopt", "certain"),
    [
        ({"rotate": True}, {*PLACE, "next_rotation_at"}),
        ({"secret": "whsec_c2VjcmV0"}, {*PLACE, "next_rotation_at"}),
        ({"rotate": UNKNOWN}, {*PLACE, "next_rotation_at"}),
        ({}, {*PLACE, "next_rotation_at", "secret", "previous_secret"}),
    ],
)
def test_signa_decides_everything_of_an_endpoint_that_is_taken_over(adopt: Outputs, certain: set[str]) -> None:
    outputs = after(None, {**DECLARED, "adopt": {"id": "whk_9", **adopt}})

    assert unknown_in(outputs) == {*DECIDED} - certain
    assert {outputs[name] for name in certain} == {None}


# Updates


def test_edit_changes_nothing_but_the_time_of_the_last_change() -> None:
    outputs = after({**PLAIN, FORMS: '{"description": "New"}'}, {**DECLARED, "description": "new"})

    assert unknown_in(outputs) == {"updated_at"}
    assert (outputs["description"], outputs["secret"], outputs["secret_version"]) == ("new", "whsec_two", 2)
    assert outputs["consecutive_failures"] == 3


def test_failures_may_be_counted_anew_for_an_endpoint_that_is_switched_on_or_off() -> None:
    assert unknown_in(after(PLAIN, {**DECLARED, "status": "disabled"})) == {"updated_at", "consecutive_failures"}
    assert unknown_in(after({**PLAIN, "consecutive_failures": 0}, {**DECLARED, "status": "disabled"})) == {"updated_at"}


def test_setting_is_known_with_the_date_that_follows_from_it() -> None:
    outputs = after(PLAIN, {**DECLARED, "rotation_period_days": 90, "on_stale_secret": "rotate"})

    assert unknown_in(outputs) == set()
    assert outputs["next_rotation_at"] == "2026-07-30T00:00:00.000Z"


def test_secret_before_that_has_ended_is_gone() -> None:
    ended = {"previous_secret": "whsec_one", "previous_secret_expires_at": "2026-05-02T00:00:00.000Z"}
    edited = {**DECLARED, "description": "new"}

    outputs = after({**PLAIN, **ended}, edited)

    assert outputs["previous_secret"] is outputs["previous_secret_expires_at"] is None


def test_rotation_raises_the_version() -> None:
    outputs = after(PLAIN, {**DECLARED, "rotate_trigger": "1", "rotation_period_days": 30})

    secret = {"secret", "previous_secret", "previous_secret_expires_at", "secret_rotated_at"}
    assert unknown_in(outputs) == {*secret, "updated_at", "next_rotation_at"}
    assert (outputs["secret_version"], outputs["secret_status"], outputs["rotate_trigger"]) == (3, "current", "1")


def test_rotation_of_a_secret_that_is_not_current_raises_the_version_nobody_knows_how_far() -> None:
    lost = {**PLAIN, "secret": None, "secret_status": "unknown"}

    asked = after(lost, {**DECLARED, "rotate_trigger": "1"})
    repaired = after(lost, {**DECLARED, "on_stale_secret": "rotate"})

    assert (asked["secret_version"], asked["secret_status"]) == (UNKNOWN, "current")
    assert (repaired["secret_version"], repaired["secret_status"]) == (UNKNOWN, UNKNOWN), "it may have to wait"


def test_scheduled_rotation_promises_what_one_that_is_asked_for_promises() -> None:
    outputs = after(PLAIN, {**DECLARED, "rotation_period_days": 1})

    assert (outputs["secret_version"], outputs["secret_status"]) == (3, "current")


def test_rotation_stays_in_its_place() -> None:
    outputs = after(STORED, {**DECLARED, **INTO, "rotate_trigger": "1"})

    assert (outputs["secret"], outputs["previous_secret"], outputs["secret_arn"]) == (None, None, ARN)
    assert {"secret_version_id", "secret_fingerprint", "secret_rotated_at"} < unknown_in(outputs)


def test_another_destination_is_another_place() -> None:
    outputs = after(STORED, {**DECLARED, "secret_destination": {"secret_id": "signa/other"}})

    assert unknown_in(outputs) >= {*PLACE, "updated_at"}
    assert (outputs["secret"], outputs["secret_version"]) == (None, 3)


def test_secret_that_moves_out_of_the_state_stays_the_same_secret() -> None:
    outputs = after(PLAIN, {**DECLARED, **INTO})

    assert unknown_in(outputs) == {"secret_arn", "secret_version_id"}
    assert (outputs["secret"], outputs["secret_version"], outputs["secret_status"]) == (None, 2, "current")
    assert outputs["secret_fingerprint"] == hashlib.sha256(b"whsec_two").hexdigest()[:16]


def test_secret_whose_destination_is_taken_out_is_held_nowhere() -> None:
    outputs = after(STORED, DECLARED)

    assert unknown_in(outputs) == set()
    assert [outputs[name] for name in ("secret", *PLACE)] == [None, None, None, None]
    assert (outputs["secret_status"], outputs["secret_version"]) == ("unknown", 2)


@pytest.mark.parametrize("name", ["rotate_trigger", "rotation_period_days", "on_stale_secret", "secret_destination"])
def test_input_that_is_not_known_may_rotate_the_secret(name: str) -> None:
    assert unknown_in(after(PLAIN, {**DECLARED, name: UNKNOWN})) >= {"secret", "secret_version", "updated_at", name}


def test_field_that_is_not_known_stays_unknown_and_rotates_nothing() -> None:
    assert unknown_in(after(PLAIN, {**DECLARED, "url": UNKNOWN})) == {"url", "updated_at"}


def test_replacement_is_a_new_endpoint() -> None:
    assert after({**PLAIN, "account": "us"}, {**DECLARED, "account": "eu"}) == after(
        None, {**DECLARED, "account": "eu"}
    )


def test_rotation_that_signa_refuses_has_no_outputs() -> None:
    inside = {**PLAIN, "previous_secret_expires_at": "2026-06-12T12:00:00.000Z"}

    with pytest.raises(LifecycleError, match="set rotate_trigger back until then"):
        after(inside, {**DECLARED, "rotate_trigger": "1"})


def test_preview_asks_nobody_and_claims_nothing() -> None:
    roster = Roster(settle_s=0)
    refused = partial(pytest.fail, "asked")

    for outputs in (None, PLAIN, STORED):
        after(outputs, {**DECLARED, **INTO, "rotate_trigger": "1"}, roster=roster, aws=refused)

    assert not roster.is_known("whk_1")
    assert roster.claim("whk_1", "another") is None


# What comes true

_SECRETS = ("signa/alerts", "signa/other")
_INPUTS: dict[str, st.SearchStrategy[Any]] = {
    "url": st.sampled_from(["https://a.example/", "https://b.example/"]),
    "description": st.sampled_from([None, "first"]),
    "metadata": st.sampled_from([{}, {"a": 1}, {"b": [2]}]),
    "status": st.sampled_from(["active", "disabled"]),
    "rotate_trigger": st.sampled_from([None, "one", "two"]),
    "rotation_period_days": st.sampled_from([None, 1, 2, 30]),
    "on_stale_secret": st.sampled_from(["warn", "rotate"]),
    "force_rotation_reason": st.sampled_from([None, "leaked"]),
    "secret_destination": st.sampled_from([None, *({"secret_id": name} for name in _SECRETS)]),
}
_DECLARED = st.fixed_dictionaries(_INPUTS).map(lambda inputs: {**DECLARED, **inputs})
_STEPS = st.lists(
    st.tuples(
        _DECLARED | st.sampled_from([*_INPUTS]).flatmap(lambda name: st.fixed_dictionaries({name: _INPUTS[name]})),
        st.sets(st.sampled_from([*_INPUTS])),
        st.sampled_from([0, 1, 25, 24 * 40]),
    ),
    min_size=1,
    max_size=5,
)
_ADOPTIONS = st.none() | st.fixed_dictionaries({"is_known": st.booleans(), "rotate": st.booleans()})


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(adoption=_ADOPTIONS, first=_DECLARED, steps=_STEPS, refreshes=st.booleans())
def test_what_a_preview_knows_comes_true(
    *,
    emulator: EmulatorServer,
    adoption: Outputs | None,
    first: Outputs,
    steps: list[tuple[Outputs, set[str], int]],
    refreshes: bool,
) -> None:
    organization = emulator.organization
    organization.reset()
    aws = FakeClient()
    for name in _SECRETS:
        aws.make(name)
    client = SignaClient(FakeTransport(emulator.base_url), RetryPolicy(), pause=lambda _seconds, _reason: None)

    def run() -> dict[str, Any]:
        return {
            "now": organization.clock.now(),
            "warn": lambda _message: None,
            "roster": Roster(settle_s=0),
            "aws": lambda _region: manager_of(aws),
        }

    declared = dict(first)
    if adoption is not None:
        new = NewEndpoint("https://b.example/", None, ["alert.created"], {"a": 1})
        theirs = organization.endpoints.create(new, organization.settings, organization.clock.now())
        declared["adopt"] = {"id": theirs.id, "rotate": adoption["rotate"]}
        if adoption["is_known"]:
            declared["adopt"]["secret"] = theirs.secret

    promised = after(None, declared, **run())
    id_, outputs = endpoints.create(client, declared, **run())
    _assert_kept(promised, outputs)

    for edit, unknown, hours in steps:
        organization.advance_clock(hours * 3600)
        if refreshes:
            outputs = endpoints.read(client, id_, outputs, **run()).outputs  # type: ignore[union-attr]
        declared.update(edit)
        at = run()
        try:
            needed = endpoints.plan(id_, outputs, declared, **at).is_needed
        except LifecycleError:
            declared["force_rotation_reason"] = "asked again"
            needed = endpoints.plan(id_, outputs, declared, **at).is_needed
        if not needed:
            continue
        promised = after(outputs, declared, **at)
        vaguely = after(outputs, {**declared, **dict.fromkeys(unknown, UNKNOWN)}, **at)
        outputs = endpoints.update(client, id_, outputs, declared, **at)
        _assert_kept(promised, outputs)
        _assert_kept(vaguely, outputs)


def _assert_kept(promised: Outputs, outputs: Outputs) -> None:
    broken = {name for name, value in promised.items() if not is_unknown(value) and not is_same(value, outputs[name])}
    assert broken == set()
