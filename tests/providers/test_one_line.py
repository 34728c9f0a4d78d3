"""Failures as the dynamic host shows them."""

import traceback

import pytest

from pulumi_signa.hosting.one_line import OneLineError
from pulumi_signa.providers.host.one_line import check_failures, show_own_errors_in_one_line


def test_problems_are_reported_under_no_name() -> None:
    found = check_failures(["url: is wrong", "status: too"])

    assert [(failure.property, failure.reason) for failure in found] == [("", "url: is wrong"), ("", "status: too")]


def formatting_of(error: Exception) -> str:
    """Return what the host would print of an error."""
    try:
        raise error
    except type(error):
        return traceback.format_exc()


def test_traceback_is_left_away_for_our_own_errors_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traceback, "format_exc", traceback.format_exc)
    show_own_errors_in_one_line()
    installed = traceback.format_exc
    show_own_errors_in_one_line()

    formatted = [formatting_of(OneLineError("ours")), formatting_of(ValueError("theirs"))]

    assert traceback.format_exc is installed
    assert formatted[0] == "ours"
    assert formatted[1].startswith("Traceback (most recent call last):")
    assert formatted[1].endswith("ValueError: theirs\n")
