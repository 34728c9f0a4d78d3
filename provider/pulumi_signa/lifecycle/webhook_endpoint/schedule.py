"""The dates at which the secret is to be rotated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pulumi_signa.lifecycle.times import moment
from pulumi_signa.lifecycle.values import is_unknown

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.webhook_endpoint.held_secret import HeldSecret


@dataclass(frozen=True, slots=True)
class Schedule:
    """The time from one date to the next, and the next date."""

    period: timedelta
    next_at: datetime

    @classmethod
    def stored(cls, days: int | None, next_at: str | None) -> Schedule | None:
        """Return the schedule that a state holds, or None."""
        return None if days is None or next_at is None else cls(timedelta(days=days), moment(next_at))

    @classmethod
    def declared(cls, days: int | None, held: HeldSecret, before: Schedule | None) -> Schedule | None:
        """
        Return the schedule of a declared period; None without a period, or for a secret of unknown age.

        The stored schedule goes on where the period is the same; a new one counts from the issue of the held secret.
        """
        if days is None or is_unknown(days):
            return None
        period = timedelta(days=days)
        if before is not None and before.period == period:
            return before
        return None if held.rotated_at is None else cls(period, moment(held.rotated_at) + period)

    def after(self, rotated_at: datetime) -> Schedule:
        """
        Return the schedule after a rotation.

        A late rotation does not move the dates, and however many have passed, one rotation is all that they ask for. A
        rotation before its date begins the schedule anew.
        """
        missed = (rotated_at - self.next_at) // self.period + 1
        next_at = self.next_at + missed * self.period if missed > 0 else rotated_at + self.period
        return Schedule(self.period, next_at)
