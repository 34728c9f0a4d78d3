"""The rules that several properties share."""

import pytest

from pulumi_signa.lifecycle.rules import json_value


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
