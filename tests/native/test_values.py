"""Properties as the native host sends and takes them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from native.conftest import plain
from plugin_process import secret, struct
from pulumi_signa.hosting.kinds import KINDS, SECRETS_MANAGER_SECRET, WEBHOOK_ENDPOINT, Kind
from pulumi_signa.hosting.values import UNKNOWN_MARKERS, Bag
from pulumi_signa.lifecycle.schema import Record
from pulumi_signa.lifecycle.values import UNKNOWN
from pulumi_signa.native.values import from_struct, shared_urn, stack_of, to_struct
from pulumi_signa.property_names import camel_case, in_camel_case, in_snake_case, snake_case

URN = "urn:pulumi:dev::p::signa:index:WebhookEndpoint::alerts"
SHARED = "urn:pulumi:dev::p::pulumi-python:dynamic/signa:WebhookEndpoint::alerts"
MARKER = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

_KEYS = st.text(max_size=3) | st.sampled_from(["a_b", "aB", "__x", "__urn", "rotate_trigger", "secretId", "a_", "A"])
_PLAIN = st.recursive(
    st.one_of(st.booleans(), st.integers(-(2**53), 2**53), st.text(max_size=5), st.just(UNKNOWN)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_KEYS, inner, max_size=3)),
    max_leaves=8,
)
_OF_A_ROW = st.sampled_from([(kind, name) for kind in KINDS for name in kind.declared.rows()])

RECORDS: list[tuple[Kind, type[Record]]] = [(kind, kind.declared) for kind in KINDS]


def taken(properties: dict[str, Any], kind: Kind = WEBHOOK_ENDPOINT, urn: str = URN) -> Bag:
    """Return what a structure of these properties means."""
    return from_struct(struct(properties), kind, urn)


@given(_OF_A_ROW, _PLAIN)
def test_round_trip_gives_the_same(place: tuple[Kind, str], value: Any) -> None:
    kind, name = place
    if kind.declared.rows()[name].members is not None and isinstance(value, dict):
        value = {}

    found = from_struct(to_struct({name: value}, kind), kind, URN)

    assert found.own == {name: value}
    assert json.dumps(found.own, sort_keys=True, default=str) == json.dumps({name: value}, sort_keys=True, default=str)


@given(st.dictionaries(_KEYS, _PLAIN, max_size=3))
@pytest.mark.parametrize(
    ("kind", "name"),
    [(WEBHOOK_ENDPOINT, "metadata"), (SECRETS_MANAGER_SECRET, "tags"), (SECRETS_MANAGER_SECRET, "secret_json")],
)
def test_keys_of_a_user_stay(kind: Kind, name: str, value: dict[str, Any]) -> None:
    sent = to_struct({name: value}, kind)

    assert set(sent.fields[camel_case(name)].struct_value.fields) == set(value)
    assert from_struct(sent, kind, URN).own[name] == value


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (
            {"secretDestination": {"secretId": "a", "region": "b"}},
            {"secret_destination": {"secret_id": "a", "region": "b"}},
        ),
        ({"adopt": {"id": "a", "rotate": True}}, {"adopt": {"id": "a", "rotate": True}}),
        ({"rotateTrigger": "a_b"}, {"rotate_trigger": "a_b"}),
    ],
)
def test_members_of_an_object_of_ours_are_renamed(theirs: dict[str, Any], ours: dict[str, Any]) -> None:
    assert taken(theirs).own == ours
    assert plain(to_struct(ours, WEBHOOK_ENDPOINT)) == theirs


def test_names_of_the_dynamic_host_are_taken_too() -> None:
    found = taken({"secret_destination": {"secret_id": "a"}, "rotate_trigger": "b", "__provider": "pickled"})

    assert found.own == {"secret_destination": {"secret_id": "a"}, "rotate_trigger": "b"}
    assert found.is_of_dynamic_host


def names_of(record: type[Record]) -> list[str]:
    """Return the names of a record, and of the objects in it."""
    rows = record.rows()
    return [*rows, *(name for row in rows.values() if row.members for name in names_of(row.members))]


@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_every_name_has_one_form_in_either_host(kind: Kind) -> None:
    names = {*names_of(kind.declared), *kind.secrets}

    assert {snake_case(camel_case(name)) for name in names} == names
    assert len({camel_case(name) for name in names}) == len(names)
    assert not [name for name in names if "_" in camel_case(name) and not name.startswith("__")]
    properties = dict.fromkeys(names, 1)
    assert in_snake_case(in_camel_case(properties, {}), {}) == properties


def test_marks_are_found_at_any_depth() -> None:
    found = taken(
        {
            "url": secret("a"),
            "metadata": {"a": [{"b": secret("c")}]},
            "enabledEvents": ["alert.created", secret("d")],
            "secretDestination": {"secretId": secret("e")},
            "status": "active",
        }
    )

    assert found.own["metadata"] == {"a": [{"b": "c"}]}
    assert found.own["enabled_events"] == ["alert.created", "d"]
    assert found.own["secret_destination"] == {"secret_id": "e"}
    assert found.marked == {"url", "metadata", "enabled_events", "secret_destination"}


def test_secrets_are_marked_and_none_is_left_out() -> None:
    found = plain(
        to_struct(
            {"secret": "a", "previous_secret": None, "secret_version": 1},
            WEBHOOK_ENDPOINT,
            secret=("secret", "previous_secret"),
        )
    )

    assert found == {"secret": secret("a"), "secretVersion": 1}


def test_secret_that_is_not_known_yet_is_marked() -> None:
    assert plain(to_struct({"secret": UNKNOWN}, WEBHOOK_ENDPOINT, secret=("secret",))) == {"secret": secret(MARKER)}


@pytest.mark.parametrize("marker", sorted(UNKNOWN_MARKERS))
def test_markers_are_unknown_at_any_depth(marker: str) -> None:
    found = taken({"url": marker, "metadata": {"a": [marker]}, "description": secret(marker)})

    assert found.own == {"url": UNKNOWN, "metadata": {"a": [UNKNOWN]}, "description": UNKNOWN}


def test_hidden_properties_are_no_properties_and_the_urn_is_the_shared_one() -> None:
    found = taken({"url": "a", "__stack": "s", "__random_key": True})

    assert found.own == {"url": "a"}
    assert (found.stack, found.urn, found.line, found.has_random_key) == ("s", SHARED, URN, True)


def test_urn_in_a_state_stays_the_identity() -> None:
    found = taken({"url": "a", "__urn": "urn:pulumi:dev::p::pulumi-python:dynamic/signa:WebhookEndpoint::before"})

    assert found.urn is not None
    assert found.urn.endswith("::before")
    assert found.shown_on == URN


@pytest.mark.parametrize(
    ("urn", "expected"),
    [
        (URN, SHARED),
        (
            "urn:pulumi:dev::p::signa:index:SecretsManagerSecret::a::b",
            "urn:pulumi:dev::p::pulumi-python:dynamic/signa:SecretsManagerSecret::a::b",
        ),
        (
            "urn:pulumi:dev::p::signa:index:DeliveryCheck::a$signa:index:WebhookEndpoint::b",
            "urn:pulumi:dev::p::pulumi-python:dynamic/signa:DeliveryCheck::a$signa:index:WebhookEndpoint::b",
        ),
        (
            "urn:pulumi:dev::p::signa:index:StoredWebhookEndpoint$signa:index:WebhookEndpoint::alerts",
            "urn:pulumi:dev::p::signa:index:StoredWebhookEndpoint$pulumi-python:dynamic/signa:WebhookEndpoint::alerts",
        ),
        (
            "urn:pulumi:dev::p::my:own:Box$signa:index:StoredWebhookEndpoint$signa:index:WebhookEndpoint::a",
            "urn:pulumi:dev::p::my:own:Box$signa:index:StoredWebhookEndpoint$pulumi-python:dynamic/signa:WebhookEndpoint::a",
        ),
        (SHARED, SHARED),
        ("urn:pulumi:dev::p::signa:index:StackIdentity::signa", "urn:pulumi:dev::p::signa:index:StackIdentity::signa"),
        ("", ""),
    ],
)
def test_shared_urn_has_the_type_of_the_dynamic_host(urn: str, expected: str) -> None:
    assert shared_urn(urn) == expected


def test_stack_is_known_by_the_names_in_a_urn() -> None:
    assert stack_of(URN) == "urn:pulumi:dev::p"
