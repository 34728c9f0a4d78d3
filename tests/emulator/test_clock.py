"""The emulator's time."""

from datetime import datetime, timedelta, timezone

import pytest

from signa_emulator.clock import Clock, from_iso, to_iso


def test_clock_runs_with_real_time_until_it_is_moved() -> None:
    before = datetime.now(timezone.utc)

    now = Clock().now()

    assert before - timedelta(milliseconds=1) < now <= datetime.now(timezone.utc)
    assert now.microsecond % 1000 == 0


def test_advancing_moves_time_by_at_least_that_much() -> None:
    clock = Clock()
    before = clock.now()

    clock.advance(86400)

    assert clock.now() - before >= timedelta(days=1)


def test_time_can_be_set_to_a_moment() -> None:
    clock = Clock()
    moment = datetime(2026, 5, 8, 14, 32, tzinfo=timezone.utc)

    clock.set(moment)

    assert moment <= clock.now() < moment + timedelta(hours=1)


def test_moved_clock_can_follow_real_time_again() -> None:
    clock = Clock()
    clock.advance(10**6)

    clock.follow_real_time()

    assert abs(clock.now() - datetime.now(timezone.utc)) < timedelta(hours=1)


@pytest.mark.parametrize("seconds", [-1, 10**12, float("inf"), float("nan")])
def test_impossible_advance_is_refused_and_changes_nothing(seconds: float) -> None:
    clock = Clock()

    with pytest.raises(ValueError, match=r"seconds|NaN"):
        clock.advance(seconds)

    assert abs(clock.now() - datetime.now(timezone.utc)) < timedelta(hours=1)


def test_moments_are_written_with_milliseconds_and_z() -> None:
    moment = datetime(2026, 5, 8, 16, 32, 11, 428900, tzinfo=timezone(timedelta(hours=2)))

    assert to_iso(moment) == "2026-05-08T14:32:11.428Z"


@pytest.mark.parametrize(
    "text", ["2026-05-01T00:00:00Z", "2026-05-01T00:00:00.000Z", "2026-05-01", "2026-05-01T02:00:00+02:00"]
)
def test_iso_8601_is_read_as_utc(text: str) -> None:
    assert from_iso(text) == datetime(2026, 5, 1, tzinfo=timezone.utc)


def test_other_text_is_no_moment() -> None:
    with pytest.raises(ValueError, match="yesterday"):
        from_iso("yesterday")
