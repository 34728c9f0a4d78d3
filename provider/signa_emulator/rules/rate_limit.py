"""
Calls per sliding window, for each pool of the organization.

Source: https://docs.signa.so/api-reference/rate-limits
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from signa_emulator.settings import Settings

Pool = Literal["monitoring", "utility"]


@dataclass(frozen=True)
class Quota:
    """
    How many calls a pool allows.

    Attributes:
        limit: Calls per window.
        window_s: Length of the window in seconds.
    """

    limit: int
    window_s: int


@dataclass(frozen=True)
class RateStatus:
    """
    The state of a pool after one more call asked for admission.

    Attributes:
        quota: The limit that applied.
        admitted: Whether the call may go on.
        remaining: Calls left at this moment.
        reset_s: Whole seconds until the oldest call leaves the window.
    """

    quota: Quota
    admitted: bool
    remaining: int
    reset_s: int


class RateLimits:
    """The moments of the admitted calls of each pool; refused calls do not count."""

    _UTILITY = Quota(limit=1000, window_s=60)

    def __init__(self) -> None:
        self._admitted: dict[Pool, deque[datetime]] = {"monitoring": deque(), "utility": deque()}

    def admit(self, pool: Pool, settings: Settings, now: datetime) -> RateStatus | None:
        """
        Count one call, or refuse it because the window is full.

        Returns:
            The pool's state, or None when the pool has no limit.
        """
        quota = self._quota(pool, settings)
        if quota is None:
            return None
        calls = self._admitted[pool]
        window = timedelta(seconds=quota.window_s)
        while calls and calls[0] <= now - window:
            calls.popleft()
        admitted = len(calls) < quota.limit
        if admitted:
            calls.append(now)
        return RateStatus(
            quota=quota,
            admitted=admitted,
            remaining=max(0, quota.limit - len(calls)),
            reset_s=max(1, math.ceil((calls[0] + window - now).total_seconds())),
        )

    def forget(self) -> None:
        """Open fresh windows."""
        for calls in self._admitted.values():
            calls.clear()

    def _quota(self, pool: Pool, settings: Settings) -> Quota | None:
        if pool == "utility":
            return self._UTILITY
        if settings.rate_limit is None:
            return None
        return Quota(settings.rate_limit, settings.rate_window_s)
