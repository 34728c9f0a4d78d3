"""Moments as people say them."""

from datetime import timedelta

import pytest

from cli.harness import NOW
from pulumi_signa.cli.ages import ago, duration, span
from signa_emulator.clock import to_iso


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "0 s ago"),
        (0, "0 s ago"),
        (59, "59 s ago"),
        (60, "1 min ago"),
        (3599, "59 min ago"),
        (3600, "1 h ago"),
        (86_399, "23 h ago"),
        (86_400, "1 d ago"),
        (86_400 * 400, "400 d ago"),
    ],
)
def test_age_is_said_in_its_largest_unit(seconds: int, said: str) -> None:
    assert ago(to_iso(NOW - timedelta(seconds=seconds)), NOW) == said


def test_what_was_not_yet_or_is_no_moment_is_said_as_it_is() -> None:
    assert ago(None, NOW) == "never"
    assert ago("yesterday", NOW) == "yesterday"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (40, "40 s"), (-40.4, "40 s"), (360, "6 min"), (7207, "2 h 7 s"), (93_784, "1 d 2 h"), (3600, "1 h")],
)
def test_length_is_said_in_two_units_at_most(seconds: float, said: str) -> None:
    assert span(timedelta(seconds=seconds)) == said


@pytest.mark.parametrize(
    ("text", "seconds"), [("0", 0), ("90s", 90), ("15m", 900), ("1h", 3600), ("2d", 172_800), ("0h", 0)]
)
def test_time_is_read(text: str, seconds: int) -> None:
    assert duration(text).total_seconds() == seconds


@pytest.mark.parametrize("text", ["", "1", "h", "1 h", "-1h", "1.5h", "1w", "9999999d"])
def test_other_text_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="is no time such as 90s, 15m, 1h or 2d"):
        duration(text)
