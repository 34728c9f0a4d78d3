"""The look that spares `plan`: whatever it says, `plan` would have said and done the same."""

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fake_host import URN, context
from pulumi_signa.lifecycle.roster import Roster
from pulumi_signa.lifecycle.values import UNKNOWN
from pulumi_signa.lifecycle.webhook_endpoint import life, planning
from pulumi_signa.lifecycle.webhook_endpoint.schema import DECIDED, Declared
from pulumi_signa.lifecycle.webhook_endpoint.state import State

ID, OWN, OTHER = "whk_1", "urn:pulumi:dev::p::t::alerts", "urn:pulumi:dev::p::t::others"

INPUTS: dict[str, Any] = {
    "url": "https://example.com/hooks/signa",
    "enabled_events": ["alert.created"],
    "metadata": {"a": 1, "b": {"c": [2, True]}},
    "status": "active",
    "on_stale_secret": "warn",
    URN: OWN,
}
OUTPUTS: dict[str, Any] = {
    **INPUTS,
    "secret": "whsec_x",
    "secret_version": 1,
    "secret_status": "current",
    "secret_rotated_at": "2026-01-01T00:00:00.000Z",
    "consecutive_failures": 0,
    "created_at": "2026-01-01T00:00:00.000Z",
    "updated_at": "2026-01-01T00:00:00.000Z",
}

_ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:signa/alerts-AbCdEf"
_INTO = {"secret_destination": {"secret_id": "signa/alerts"}}
_PLACE: dict[str, Any] = {"secret": None, "secret_arn": _ARN, "secret_version_id": "1f8e", "secret_fingerprint": "c0"}
PLACES: list[dict[str, dict[str, Any]]] = [
    {"outputs": {}, "inputs": {}},
    {"outputs": {**_INTO, **_PLACE}, "inputs": _INTO},
    {"outputs": {**_INTO, **_PLACE}, "inputs": {}},
    {"outputs": {}, "inputs": _INTO},
    {"outputs": {**_INTO, **_PLACE, "secret_status": "overwritten"}, "inputs": _INTO},
]

_VALUES = st.sampled_from(
    [
        *(None, True, False, 0, 1, 1.0, 90, -1, 10**30, "", "a", "stale", "unknown", "rotate", "disabled"),
        *("2026-01-01T00:00:00.000Z", "2999-01-01T00:00:00.000Z", "no time"),
        *([], ["b", "a"], ["a", "b"], [UNKNOWN], {}, {"a": 1}, {"a": True}, {"a": UNKNOWN}, {"a": [1, None]}, UNKNOWN),
        *({"secret_id": "signa/alerts"}, {"secret_id": _ARN}, {"secret_id": "other"}, {"secret_id": UNKNOWN}),
        *(_ARN, "overwritten", {"secret_id": "signa/alerts", "region": "us-east-1"}),
        *({"id": ID}, {"id": "whk_2", "secret": "whsec_y"}, {"id": UNKNOWN}, {"id": ID, "rotate": True}),
    ]
)
_INPUT_CHANGES = st.dictionaries(st.sampled_from([*Declared.rows(), "other"]), _VALUES, max_size=2)
_OUTPUT_CHANGES = st.dictionaries(st.sampled_from([*Declared.rows(), *DECIDED, "other"]), _VALUES, max_size=2)
_LEFT_OUT = st.sets(st.sampled_from([*OUTPUTS]), max_size=2)


def told(*, is_declared: bool, is_read: bool, claimant: str | None) -> Roster:
    """Return a roster of a run in which something has happened."""
    roster = Roster(settle_s=0)
    if is_declared:
        roster.declare(OWN)
    if is_read:
        roster.read(ID)
    if claimant is not None:
        roster.claim(ID, claimant)
    return roster


def known(roster: Roster) -> tuple[object, ...]:
    """Return all that a roster tells of the endpoint."""
    claimed = [roster.is_claimed_by(ID, urn) for urn in (OWN, OTHER)]
    return (roster.is_known(ID), roster.must_stay(ID), roster.is_refresh(ID, OWN), claimed)


@given(
    place=st.sampled_from(PLACES),
    in_both=_INPUT_CHANGES,
    in_outputs=_OUTPUT_CHANGES,
    in_inputs=_INPUT_CHANGES,
    left_out=_LEFT_OUT,
    run=st.fixed_dictionaries(
        {"is_declared": st.booleans(), "is_read": st.booleans(), "claimant": st.sampled_from([None, OWN, OTHER])}
    ),
)
def test_what_is_settled_has_no_plan(
    *,
    place: dict[str, dict[str, Any]],
    in_both: dict[str, Any],
    in_outputs: dict[str, Any],
    in_inputs: dict[str, Any],
    left_out: set[str],
    run: dict[str, Any],
) -> None:
    """Neither a difference nor a rotation, a message or a refusal is missed, and the roster learns as much."""
    before = {**OUTPUTS, **place["outputs"], **in_both, **in_outputs}
    outputs = {name: value for name, value in before.items() if name not in left_out}
    inputs = {**INPUTS, **place["inputs"], **in_both, **in_inputs}
    # What `check` refuses is never compared.
    assume(not Declared.problems(Declared.normalized(inputs)))
    looked, planned = told(**run), told(**run)
    said: list[str] = []

    if planning.is_settled(context(inputs, roster=looked), ID, outputs, inputs):
        run_of_plan = context(inputs, roster=planned, warn=said.append, inform=said.append)
        plan = life.plan(run_of_plan, State.of(ID, outputs), Declared.of(inputs))

        assert (plan.is_needed, plan.replaces, said) == (False, (), [])
        assert known(looked) == known(planned)


@given(in_both=st.dictionaries(st.sampled_from(["description", "rotate_trigger", "force_rotation_reason"]), st.text()))
def test_unchanged_endpoint_is_settled(in_both: dict[str, Any]) -> None:
    """The look is worth something."""
    assert planning.is_settled(context(INPUTS), ID, {**OUTPUTS, **in_both}, {**INPUTS, **in_both})


def test_endpoint_whose_secret_is_in_its_destination_is_settled() -> None:
    outputs, inputs = ({**OUTPUTS, **PLACES[1]["outputs"]}, {**INPUTS, **PLACES[1]["inputs"]})

    assert planning.is_settled(context(inputs), ID, outputs, inputs)


@pytest.mark.parametrize("place", PLACES[2:])
def test_secret_that_is_not_where_it_is_declared_is_not_settled(place: dict[str, dict[str, Any]]) -> None:
    outputs, inputs = ({**OUTPUTS, **place["outputs"]}, {**INPUTS, **place["inputs"]})

    assert not planning.is_settled(context(inputs), ID, outputs, inputs)


@pytest.mark.parametrize(
    ("in_outputs", "in_inputs"),
    [
        ({"metadata": {"a": True}}, {"metadata": {"a": 1}}),
        ({"metadata": {"a": UNKNOWN}}, {"metadata": {"a": UNKNOWN}}),
        ({"secret_status": "stale"}, {}),
        ({"secret": None}, {}),
        ({"previous_secret_expires_at": "2999-01-01T00:00:00.000Z"}, {}),
        ({"rotation_period_days": 90}, {"rotation_period_days": 90}),
        ({}, {"adopt": {"id": "whk_2"}}),
    ],
)
def test_what_may_need_more_than_a_look_is_not_settled(in_outputs: dict[str, Any], in_inputs: dict[str, Any]) -> None:
    """`plan` has the say."""
    assert not planning.is_settled(context(INPUTS), ID, {**OUTPUTS, **in_outputs}, {**INPUTS, **in_inputs})


def test_endpoint_of_another_resource_is_not_settled() -> None:
    """`plan` refuses an endpoint that another resource is to take over."""
    roster = told(is_declared=True, is_read=False, claimant=OTHER)

    assert not planning.is_settled(context(INPUTS, roster=roster), ID, OUTPUTS, INPUTS)
