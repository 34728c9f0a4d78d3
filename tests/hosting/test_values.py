"""Properties as the host sends and takes them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.output import UNKNOWN as PULUMI_UNKNOWN

from pulumi_signa.hosting.values import UNKNOWN_MARKERS, bag_of
from pulumi_signa.lifecycle.values import UNKNOWN
from pulumi_signa.providers.host.values import to_host

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"

_PLAIN = st.recursive(
    st.one_of(st.booleans(), st.integers(-(2**53), 2**53), st.text(max_size=5), st.just(UNKNOWN)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=8,
)


def own(properties: dict[str, Any]) -> dict[str, Any]:
    """Return a resource's own properties as the lifecycle gets them."""
    return dict(bag_of(properties, {}).own)


def floating(value: Any) -> Any:
    """Return a value as it travels: every number a float."""
    if isinstance(value, dict):
        return {key: floating(item) for key, item in value.items()}
    if isinstance(value, list):
        return [floating(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"absent": None, "kept": 0}, {"kept": 0}),
        ({"a": {"absent": None}}, {"a": {}}),
        ([None, {"absent": None}], [None, {}]),
        ({"absent": {SIGNATURE: SECRET, "value": None}}, {}),
    ],
)
def test_members_that_are_null_are_dropped_for_both_hosts(value: Any, expected: Any) -> None:
    assert own({"value": value}) == {"value": expected}


@given(st.dictionaries(st.from_regex("[a-z][a-z_]{0,4}", fullmatch=True), _PLAIN))
def test_round_trip_gives_the_same(properties: dict[str, Any]) -> None:
    found = own(floating(to_host(properties)))

    assert found == properties
    assert repr(found) == repr(properties)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1.0, "1"),
        (-0.0, "0"),
        (1.5, "1.5"),
        (float(2**53), str(2**53)),
        (2.0**60, str(2.0**60)),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
        (True, "True"),
        ({"a": [1.0, {"b": 2.0}]}, "{'a': [1, {'b': 2}]}"),
    ],
)
def test_whole_numbers_become_integers_at_any_depth(value: Any, expected: str) -> None:
    assert repr(own({"x": value})["x"]) == expected


@pytest.mark.parametrize("marker", sorted(UNKNOWN_MARKERS))
def test_markers_are_unknown_at_any_depth(marker: str) -> None:
    found = own({"a": marker, "b": [{"c": marker}], "d": PULUMI_UNKNOWN, "e": [PULUMI_UNKNOWN]})

    assert found == {"a": UNKNOWN, "b": [{"c": UNKNOWN}], "d": UNKNOWN, "e": [UNKNOWN]}


def test_envelopes_are_opened_at_any_depth() -> None:
    envelope = {SIGNATURE: SECRET, "value": "x"}

    assert own({"a": envelope, "b": [{"c": envelope}]}) == {"a": "x", "b": [{"c": "x"}]}


def test_secrets_go_out_in_envelopes() -> None:
    found = to_host({"a": "x", "b": None, "c": "y"}, secret=("a", "b", "d"))

    assert found == {"a": {SIGNATURE: SECRET, "value": "x"}, "c": "y"}
