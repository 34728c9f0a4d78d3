"""Unknown values, comparison and naming of kinds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_signa.lifecycle.values import UNKNOWN, is_same, is_unknown, kind_of

_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=8,
)


@pytest.mark.parametrize(
    "value", [UNKNOWN, [UNKNOWN], (UNKNOWN,), {"a": UNKNOWN}, {"a": [{"b": [1, UNKNOWN]}]}, [[[UNKNOWN]]]]
)
def test_unknown_is_found_at_any_depth(value: object) -> None:
    assert is_unknown(value)


@pytest.mark.parametrize("value", [None, "", "UNKNOWN", 0, False, [], {}, {"UNKNOWN": 1}, ["a", {"b": [1.5]}]])
def test_plain_value_is_known(value: object) -> None:
    assert not is_unknown(value)


def test_unknown_prints_as_what_it_is() -> None:
    assert repr([UNKNOWN]) == "[UNKNOWN]"


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (None, "null"),
        (True, "a boolean"),
        (1, "a number"),
        (1.5, "a number"),
        ("", "a string"),
        ({}, "an object"),
        ([], "a list"),
    ],
)
def test_kind_is_named_in_the_words_of_json(value: object, name: str) -> None:
    assert kind_of(value) == name


@given(_JSON)
def test_value_is_the_same_as_itself(value: object) -> None:
    assert is_same(value, value)


@given(_JSON, _JSON)
def test_comparison_is_symmetric_and_refines_equality(one: object, other: object) -> None:
    same = is_same(one, other)

    assert same == is_same(other, one)
    assert one == other or not same


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, True), (0, False), ({"a": 1}, {"a": True}), ([0], [False]), ({"a": {"b": [1]}}, {"a": {"b": [True]}})],
)
def test_boolean_is_not_the_number_that_python_takes_it_for(one: object, other: object) -> None:
    assert one == other
    assert not is_same(one, other)


@pytest.mark.parametrize(("one", "other"), [(1, 1.0), ([1], (1,)), ({"a": 1, "b": 2}, {"b": 2, "a": 1})])
def test_spelling_makes_no_difference(one: object, other: object) -> None:
    assert is_same(one, other)
