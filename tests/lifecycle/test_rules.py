"""The rules that several properties share."""

import pytest

from pulumi_signa.lifecycle.rules import date, json_value, whole_number


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_number_that_json_cannot_write_is_refused(number: float) -> None:
    assert list(json_value({"deep": [number]})) == [
        "must not hold NaN or an infinite number: JSON has no form for them",
    ]
    assert list(json_value({"deep": [1e300, -0.0, 2**60]})) == []


def test_what_json_does_not_have_is_refused() -> None:
    assert list(json_value({"deep": [object()]})) == [
        "must hold only what JSON has: strings, numbers, booleans, lists and objects",
    ]


@pytest.mark.parametrize("value", [0, -1, 2**60])
def test_whole_number_is_accepted(value: object) -> None:
    assert list(whole_number(value)) == []


@pytest.mark.parametrize("value", [True, 1.5, "1", None, [1]])
def test_what_is_no_whole_number_is_refused(value: object) -> None:
    assert len(list(whole_number(value))) == 1


@pytest.mark.parametrize("value", ["2026-11-25T05:14:26.898Z", "2026-11-25T05:14:26+00:00", "0001-01-01T00:00:00Z"])
def test_date_is_accepted(value: object) -> None:
    assert list(date(value)) == []


@pytest.mark.parametrize(
    "value", ["", "x", "2026-02-31T00:00:00Z", "9999-12-31T23:59:59Z", 5, True, None, ["2026"], {}]
)
def test_what_is_no_date_or_too_late_for_a_schedule_is_refused(value: object) -> None:
    assert list(date(value)) == ["must be a date, ISO 8601 UTC"]
