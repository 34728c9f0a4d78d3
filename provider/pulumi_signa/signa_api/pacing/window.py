"""
What is known of a sliding window that permits a number of calls to all users of an organization together.

Every answer tells where the window stands: `RateLimit-Policy: 100;w=60`, `RateLimit: remaining=94, reset=30`. It does
not tell whose calls were counted, nor when each of them leaves the window. So our own calls are kept with their times,
and what they do not explain is taken for calls of others.

Source: https://docs.signa.so/api-reference/rate-limits
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

_GAP = 0.015
"""
How long a place of ours stays free before it is taken again, as a share of the window.

Through these gaps somebody gets in who has no place yet.
"""

_ROOM = 5
"""How many times what others had lately is left to them, up to half of the window."""

_LOOK_AGAIN_S = 0.1
"""Where only the answer to a call that is under way tells how it goes on."""

# Nine digits at most: whatever a header says can be reckoned with.
_POLICY = re.compile(r"([1-9][0-9]{0,8}) *; *w=([1-9][0-9]{0,8})\b")
_LEFT = re.compile(r"remaining=([0-9]{1,9}) *, *reset=([0-9]{1,9})\b")


@dataclass(frozen=True, slots=True)
class WindowState:
    """
    Where the window stands, as one answer tells.

    Attributes:
        limit: Calls that the window permits.
        window_s: Its length in seconds.
        remaining: Calls that are left.
        reset_s: Seconds until a call leaves the window.
    """

    limit: int
    window_s: int
    remaining: int
    reset_s: int

    @property
    def hold_s(self) -> float:
        """Seconds from a call of ours to the next in the same place."""
        return self.window_s * (1 + _GAP)

    @classmethod
    def in_headers(cls, headers: Mapping[str, str]) -> "WindowState | None":
        """Read the headers; None where they are absent or malformed."""
        policy = _POLICY.match(headers.get("RateLimit-Policy", ""))
        left = _LEFT.match(headers.get("RateLimit", ""))
        return None if policy is None or left is None else cls(*map(int, policy.groups() + left.groups()))


@dataclass(slots=True, eq=False)
class OwnCall:
    """
    One of our calls; the server counts it somewhere between its two times.

    Attributes:
        ended_at: When its answer came, or failed to come; None while it is under way.
    """

    sent_at: float
    ended_at: float | None = None


class _Place(NamedTuple):
    """
    A place in the window that one of our calls takes up.

    Attributes:
        free_at: When another of our calls may have it.
        left_at: When the call has left the window for certain.
    """

    free_at: float
    left_at: float


class RateWindow:
    """
    The books of one window. All times are seconds on one clock.

    Attributes:
        standing: What the newest answer told; None while nothing is known.
    """

    def __init__(self) -> None:
        self.standing: WindowState | None = None
        self._calls: list[OwnCall] = []
        self._reset_at = -math.inf
        self._others = 0
        self._others_lately: list[tuple[float, int]] = []

    @property
    def has_call_under_way(self) -> bool:
        """Whether an answer of ours is still to come."""
        return any(call.ended_at is None for call in self._calls)

    def open(self, now: float) -> OwnCall:
        """Enter a call that is sent now."""
        call = OwnCall(now)
        self._calls.append(call)
        return call

    def close(self, call: OwnCall, now: float) -> None:
        """Note that a call is over, and drop those that no answer under way can still have seen."""
        call.ended_at = now
        since = now if self.standing is None else now - 2 * self.standing.window_s
        self._calls = [own for own in self._calls if own.ended_at is None or own.ended_at > since]

    def strike_out(self, call: OwnCall) -> None:
        """Remove a call that was refused: it does not count."""
        self._calls.remove(call)

    def forget(self) -> None:
        """Note that there is no limit."""
        self.standing = None
        self._others = 0
        self._others_lately = []

    def learn(self, call: OwnCall, standing: WindowState, now: float) -> None:
        """Take in what the answer to a call told that came just now."""
        self.standing = standing
        self._reset_at = now + standing.reset_s
        used = standing.limit - standing.remaining
        # Where a call of ours overlapped with this one, nobody knows whether it was counted before it.
        possible = certain = 0
        for own in self._calls:
            ended_at = now if own.ended_at is None else own.ended_at
            possible += ended_at + standing.window_s > call.sent_at
            certain += own is call or (ended_at <= call.sent_at and own.sent_at + standing.window_s > now)
        self._others = max(0, used - possible, min(self._others, used - certain))
        # An estimate that is no higher than a later one will never be the highest again.
        higher = [(at, others) for at, others in self._others_lately if others > self._others]
        self._others_lately = [*higher, (now, self._others)]

    def wait_s(self, ahead: int, now: float) -> float:
        """
        Give the seconds until a call may be sent, or until it is worth while to ask again.

        Args:
            ahead: How many calls are to be sent before it.
        """
        if self.standing is None:
            return 0
        places = self._places(self.standing, now)
        return max(
            self._until_room_s(self.standing, places, ahead, now), self._for_others_s(self.standing, places, ahead, now)
        )

    def _until_room_s(self, standing: WindowState, places: list[_Place], ahead: int, now: float) -> float:
        """Give the seconds until the limit permits the call."""
        free = standing.limit - self._others - len(places) - ahead
        if free > 0:
            return 0
        waits = [places[min(-free, len(places) - 1)].free_at - now] if places else []
        if self._others and self._reset_at < min((place.left_at for place in places), default=math.inf):
            # The next call to leave is somebody else's. How many leave with it, one call of ours finds out.
            if now < self._reset_at:
                waits.append(self._reset_at - now)
            else:
                waits.append(_LOOK_AGAIN_S if ahead or self.has_call_under_way else 0)
        return min(waits, default=_LOOK_AGAIN_S)

    def _for_others_s(self, standing: WindowState, places: list[_Place], ahead: int, now: float) -> float:
        """
        Give the seconds by which the call is put off for the sake of others.

        Beyond half of the places, calls come evenly spread over the window instead of all at once, unless others have
        far less than what is left. Who has fewer places is quicker then, so that two who want all they can get come to
        have half each; and what nobody else wants is used all the same.
        """
        needed = max((others for at, others in self._others_lately if at > now - standing.hold_s), default=0)
        if needed == 0 or len(places) < max(standing.limit / 2, standing.limit - _ROOM * needed):
            return 0
        last_sent_at = max(call.sent_at for call in self._calls)
        return max(0, last_sent_at + (1 + ahead) * standing.window_s / standing.limit - now)

    def _places(self, standing: WindowState, now: float) -> list[_Place]:
        """Give the places that our calls take up, in the order in which they may be taken again."""
        places = []
        for call in self._calls:
            left_at = (now if call.ended_at is None else call.ended_at) + standing.window_s
            free_at = max(left_at, call.sent_at + standing.hold_s)
            if free_at > now:
                places.append(_Place(free_at, left_at))
        return sorted(places)
