"""Properties as the host sends and takes them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.output import UNKNOWN as PULUMI_UNKNOWN

from pulumi_signa.lifecycle.values import UNKNOWN
from pulumi_signa.providers.host.values import UNKNOWN_MARKERS, from_host, hidden_in, to_host, urn_in

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"

_PLAIN = st.recursive(
    st.one_of(st.booleans(), st.integers(-(2**53), 2**53), st.text(max_size=5), st.just(UNKNOWN)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=8,
)


def floating(value: Any) -> Any:
    """Return a value as it travels: every number a float."""
    if isinstance(value, dict):
        return {key: floating(item) for key, item in value.items()}
    if isinstance(value, list):
        return [floating(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


@given(st.dictionaries(st.text(min_size=1, max_size=5).filter(lambda name: not name.startswith("__")), _PLAIN))
def test_round_trip_gives_the_same(properties: dict[str, Any]) -> None:
    found = from_host(floating(to_host(properties)))

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
    assert repr(from_host({"x": value})["x"]) == expected


@pytest.mark.parametrize("marker", sorted(UNKNOWN_MARKERS))
def test_markers_are_unknown_at_any_depth(marker: str) -> None:
    found = from_host({"a": marker, "b": [{"c": marker}], "d": PULUMI_UNKNOWN, "e": [PULUMI_UNKNOWN]})

    assert found == {"a": UNKNOWN, "b": [{"c": UNKNOWN}], "d": UNKNOWN, "e": [UNKNOWN]}


def test_envelopes_are_opened_at_any_depth() -> None:
    envelope = {SIGNATURE: SECRET, "value": "x"}

    assert from_host({"a": envelope, "b": [{"c": envelope}]}) == {"a": "x", "b": [{"c": "x"}]}


def test_hidden_properties_are_kept_apart() -> None:
    bag = {"__provider": "x", "__urn": "y", "__random_key": True, "url": "z"}

    assert from_host(bag) == {"url": "z"}
    assert hidden_in(bag) == {"__urn": "y", "__random_key": True}
    assert urn_in(["no bag", {}, bag]) == "y"
    assert urn_in([{"__urn": min(UNKNOWN_MARKERS)}]) is None


def test_secrets_go_out_in_envelopes() -> None:
    found = to_host({"a": "x", "b": None, "c": "y"}, secret=("a", "b", "d"))

    assert found == {"a": {SIGNATURE: SECRET, "value": "x"}, "c": "y"}
