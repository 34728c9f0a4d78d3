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
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True, eq=False)
class OwnCall:
    """`OwnCall` is a call of this client; the server counts it at some time between its sending and its end."""

    sent_at: float


def look_again_s(ahead: int) -> float:
    """Return the wait where only the answer to a call in flight shows how long the wait will be."""
    return max(0.1, ahead / 1000)


class RateWindow:
    """`RateWindow` reckons one window; times are seconds on one clock, and `state` is None while no limit is known."""

    def __init__(self) -> None:
        self.state: WindowState | None = None
        self.in_flight: set[OwnCall] = set()
        # When each call was sent and ended, by its end. A search finds the calls of a time, also among thousands.
        self._ended: list[tuple[float, float]] = []
        self._others = 0
        self._reset_at = -math.inf

    def start(self, now: float) -> OwnCall:
        """Record a call that is sent now."""
        call = OwnCall(now)
        self.in_flight.add(call)
        return call

    def finish(self, call: OwnCall, now: float) -> None:
        """Record that a call has ended, and drop the calls that no answer in flight can still have counted."""
        self.in_flight.remove(call)
        self._ended.append((call.sent_at, now))
        del self._ended[: self._count_ended(0 if self.state is None else 2 * self.state.window_s, before=now)]

    def remove(self, call: OwnCall) -> None:
        """Remove a call that the server refused, since the server does not count it."""
        self.in_flight.remove(call)

    def forget(self) -> None:
        """Record that there is no limit."""
        self.state = None
        self._others = 0

    def update(self, call: OwnCall, state: WindowState, now: float) -> None:
        """Record the state in the answer to `call`, which came now; `call` has not ended yet."""
        self.state = state
        self._reset_at = now + state.reset_s
        used = state.limit - state.remaining
        # Calls in flight at the same time leave a range. The estimate moves only as far as the range demands, because
        # the answers to many workers' calls cross all the time.
        least = max(0, used - self._possibly_counted(call, state))
        if self._others > least:
            self._others = max(least, min(self._others, used - self._certainly_counted(call, state, now)))
        else:
            self._others = least

    def wait_s(self, ahead: int, now: float) -> float:
        """Return the seconds to wait before the call with so many ahead of it may be sent, or should look again."""
        if self.state is None:
            return 0
        limit, window_s = self.state.limit, self.state.window_s
        first = self._count_ended(window_s, before=now)
        ours = len(self._ended) - first + len(self.in_flight)
        permitted = limit - self._others - ours
        if ahead < permitted:
            return 0
        waits = []
        if ours:
            # The calls that go before this one leave the window a window later than those that are in it now.
            rounds, place = divmod(ahead - permitted, max(ours, limit - self._others))
            waits.append(self._leaves_at(first + place, now) + rounds * window_s - now)
        if self._others and (not ours or self._reset_at < self._leaves_at(first, now)):
            waits.append(self._until_others_leave_s(ahead, now))
        return min(waits, default=look_again_s(ahead))

    def _possibly_counted(self, call: OwnCall, state: WindowState) -> int:
        """Return how many calls of ours were perhaps in the window when the server answered `call`."""
        return len(self.in_flight) + len(self._ended) - self._count_ended(state.window_s, before=call.sent_at)

    def _certainly_counted(self, call: OwnCall, state: WindowState, now: float) -> int:
        """Return how many calls of ours were certainly in the window then; `call` itself was unless it was refused."""
        before = self._ended[: self._count_ended(0, before=call.sent_at)]
        return (call in self.in_flight) + sum(sent_at + state.window_s > now for sent_at, _ in before)

    def _until_others_leave_s(self, ahead: int, now: float) -> float:
        if now < self._reset_at:
            return self._reset_at - now
        # The headers do not say how many calls leave together, so one call goes first to find out.
        return look_again_s(ahead) if ahead or self.in_flight else 0

    def _leaves_at(self, number: int, now: float) -> float:
        """Return when a call of ours has certainly left the window; those in flight come after all that have ended."""
        ended_at = self._ended[number][1] if number < len(self._ended) else now
        return ended_at + (0 if self.state is None else self.state.window_s)

    def _count_ended(self, seconds: float, *, before: float) -> int:
        """Return how many calls of ours had ended so many seconds before a time."""
        return bisect_right(self._ended, before, key=lambda call: call[1] + seconds)
