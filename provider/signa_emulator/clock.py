"""The emulator's time: real time plus an offset that tests move."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone


class Clock:
    """
    The time that every window of the emulator is measured with.

    The clock runs with real time. `advance` and `set` move the clock at once, so that a test reaches the end of a
    24-hour window without a wait.
    """

    def __init__(self) -> None:
        self._offset = timedelta()

    def now(self) -> datetime:
        """Return the current moment in UTC, to the millisecond that answers show."""
        moment = datetime.now(timezone.utc) + self._offset
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def advance(self, seconds: float) -> None:
        """
        Move time forward.

        Raises:
            ValueError: The number is negative, or leads beyond the year 9999.
        """
        if seconds < 0:
            raise ValueError("time is advanced by a number of seconds that is not negative")
        try:
            offset = self._offset + timedelta(seconds=seconds)
            datetime.now(timezone.utc) + offset
        except OverflowError as error:
            raise ValueError(f"time cannot be advanced by {seconds} seconds") from error
        self._offset = offset

    def set(self, moment: datetime) -> None:
        """Set the clock to `moment`, which has a time zone; going back in time is allowed."""
        self._offset = moment - datetime.now(timezone.utc)

    def follow_real_time(self) -> None:
        """Undo every `advance` and `set`."""
        self._offset = timedelta()


def to_iso(moment: datetime) -> str:
    """
    Write a moment as Signa does: ISO 8601, UTC, milliseconds, `Z`, as in `2026-05-08T14:32:11.428Z`.

    Source: https://docs.signa.so/guides/monitoring/webhooks
    """
    utc = moment.astimezone(timezone.utc).replace(tzinfo=None)
    return utc.isoformat(timespec="milliseconds") + "Z"


def from_iso(text: str) -> datetime:
    """
    Read an ISO 8601 date or moment; without a time zone it is UTC.

    Raises:
        ValueError: The text is not ISO 8601.
    """
    # fromisoformat of Python 3.10 does not know the suffix Z.
    moment = datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith(("Z", "z")) else text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=timezone.utc)
