"""Moments, as Signa writes them and as others might."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_signa.lifecycle.times import moment, text_of

_MOMENTS = st.timedeltas(timedelta(0), timedelta(days=365 * 5000)).map(
    lambda passed: datetime(1970, 1, 1, tzinfo=timezone.utc) + passed
)


def at(microsecond: int) -> datetime:
    """Return a moment of the year 2026."""
    return datetime(2026, 5, 8, 14, 32, 11, microsecond, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-08T14:32:11.428Z", at(428_000)),
        ("2026-05-08T14:32:11Z", at(0)),
        ("2026-05-08T14:32:11+00:00", at(0)),
        ("2026-05-08T14:32:11.4Z", at(400_000)),
        ("2026-05-08T14:32:11.428+00:00", at(428_000)),
        ("2026-05-08T14:32:11.428571999Z", at(428_571)),
    ],
)
def test_moment_is_read(text: str, expected: datetime) -> None:
    assert moment(text) == expected


@pytest.mark.parametrize("hours", [-11, 0, 5])
def test_moment_is_written_in_utc(hours: int) -> None:
    zone = timezone(timedelta(hours=hours))

    assert text_of(at(0).astimezone(zone)) == "2026-05-08T14:32:11.000Z"
    assert text_of(at(428_999).astimezone(zone)) == "2026-05-08T14:32:11.428Z"


@given(_MOMENTS)
def test_written_moment_is_read_again(time: datetime) -> None:
    text = text_of(time)

    assert moment(text) == time - timedelta(microseconds=time.microsecond % 1000)
    assert text_of(moment(text)) == text


@given(_MOMENTS, st.text("0123456789", min_size=1, max_size=12), st.sampled_from(["Z", "+00:00"]))
def test_any_number_of_digits_is_read(time: datetime, digits: str, zone: str) -> None:
    whole = time.replace(microsecond=0)

    found = moment(f"{whole:%Y-%m-%dT%H:%M:%S}.{digits}{zone}")

    assert found - whole == timedelta(microseconds=int(digits) * 10**6 // 10 ** len(digits))
