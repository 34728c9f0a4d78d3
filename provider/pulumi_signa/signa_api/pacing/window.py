"""
How many calls a sliding window still permits, reckoned from our own calls and the headers of Signa's answers.

Signa limits the calls of an organization, whoever makes them, and reports the window with each answer:
`RateLimit-Policy: 100;w=60`, `RateLimit: remaining=94, reset=30`. Two facts are missing there: whose calls were
counted, and when each call leaves the window. `RateWindow` therefore records our own calls with their times. What the
headers count beyond them are calls of other clients:

    others    = calls used, by the header - our own calls in the window
    permitted = limit - others - our own calls in the window

When nothing is permitted, the next slot opens when our oldest call leaves the window, or, where another client's call
is older, after the `reset` of the header.

Nothing is left to other clients on purpose: whoever asks first for an open slot gets it.

Source: https://docs.signa.so/api-reference/rate-limits
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

_LOOK_AGAIN_S = 0.1
"""Wait where only the answer to a call in flight shows how long the wait will be."""

# At most nine digits, so that every number that matches can be added to a clock.
_POLICY = re.compile(r"([1-9][0-9]{0,8}) *; *w=([1-9][0-9]{0,8})\b")
_LEFT = re.compile(r"remaining=([0-9]{1,9}) *, *reset=([0-9]{1,9})\b")


@dataclass(frozen=True, slots=True)
class WindowState:
    """
    `WindowState` is what the headers of one answer say of the window: the calls it permits, and those that are left.

    Attributes:
        reset_s: Seconds until the oldest call leaves the window.
    """

    limit: int
    window_s: int
    remaining: int
    reset_s: int

    @classmethod
    def in_headers(cls, headers: Mapping[str, str]) -> "WindowState | None":
        """Return the state in these headers, or None where a header is absent or malformed."""
        policy = _POLICY.match(headers.get("RateLimit-Policy", ""))
        left = _LEFT.match(headers.get("RateLimit", ""))
        return None if policy is None or left is None else cls(*map(int, policy.groups() + left.groups()))


@dataclass(slots=True, eq=False)
class OwnCall:
    """`OwnCall` is a call of this client, counted by the server between its two times; in flight, the end is None."""

    sent_at: float
    ended_at: float | None = None


class RateWindow:
    """`RateWindow` reckons one window; times are seconds on one clock, and `state` is None while no limit is known."""

    def __init__(self) -> None:
        self.state: WindowState | None = None
        self._calls: list[OwnCall] = []
        self._others = 0
        self._reset_at = -math.inf

    @property
    def has_call_in_flight(self) -> bool:
        """Whether an answer to a call of ours is still to come."""
        return any(call.ended_at is None for call in self._calls)

    def start(self, now: float) -> OwnCall:
        """Record a call that is sent now."""
        call = OwnCall(now)
        self._calls.append(call)
        return call

    def finish(self, call: OwnCall, now: float) -> None:
        """Record that a call has ended, and drop the calls that no answer in flight can still have counted."""
        call.ended_at = now
        since = now if self.state is None else now - 2 * self.state.window_s
        self._calls = [own for own in self._calls if own.ended_at is None or own.ended_at > since]

    def remove(self, call: OwnCall) -> None:
        """Remove a call that the server refused, since the server does not count it."""
        self._calls.remove(call)

    def forget(self) -> None:
        """Record that there is no limit."""
        self.state = None
        self._others = 0

    def update(self, call: OwnCall, state: WindowState, now: float) -> None:
        """Record the state in the answer to `call`, which came now."""
        self.state = state
        self._reset_at = now + state.reset_s
        used = state.limit - state.remaining
        possibly_ours = sum(self._may_be_counted(own, call, state) for own in self._calls)
        certainly_ours = sum(self._is_counted(own, call, state, now) for own in self._calls)
        # Calls in flight at the same time leave a range. The estimate moves only as far as the range demands, because
        # the answers to four workers' calls cross all the time.
        self._others = max(0, used - possibly_ours, min(self._others, used - certainly_ours))

    def wait_s(self, ahead: int, now: float) -> float:
        """Return the seconds to wait before the call with so many ahead of it may be sent, or should look again."""
        if self.state is None:
            return 0
        leave_at = self._own_calls_leave_at(self.state, now)
        permitted = self.state.limit - self._others - len(leave_at)
        if ahead < permitted:
            return 0
        waits = [leave_at[min(ahead - permitted, len(leave_at) - 1)] - now] if leave_at else []
        if self._others and self._reset_at < min(leave_at, default=math.inf):
            waits.append(self._until_others_leave_s(ahead, now))
        return min(waits, default=_LOOK_AGAIN_S)

    @staticmethod
    def _may_be_counted(own: OwnCall, call: OwnCall, state: WindowState) -> bool:
        """Return whether `own` was perhaps in the window when the server answered `call`."""
        return own.ended_at is None or own.ended_at + state.window_s > call.sent_at

    @staticmethod
    def _is_counted(own: OwnCall, call: OwnCall, state: WindowState, now: float) -> bool:
        """Return whether `own` was certainly in the window when the server answered `call`."""
        had_ended = own.ended_at is not None and own.ended_at <= call.sent_at
        return own is call or (had_ended and own.sent_at + state.window_s > now)

    def _until_others_leave_s(self, ahead: int, now: float) -> float:
        if now < self._reset_at:
            return self._reset_at - now
        # The headers do not say how many calls leave together, so one call goes first to find out.
        return _LOOK_AGAIN_S if ahead or self.has_call_in_flight else 0

    def _own_calls_leave_at(self, state: WindowState, now: float) -> list[float]:
        """Return when each of our calls has certainly left the window, the oldest first."""
        ended_at = [now if call.ended_at is None else call.ended_at for call in self._calls]
        return sorted(at + state.window_s for at in ended_at if at + state.window_s > now)
