"""How long one call may wait."""

import math
import time
from collections.abc import Callable

Pause = Callable[[float, str], None]
"""Waits the given number of seconds; the text shows the user the reason and the seconds left. "" shows nothing new."""

_LONGEST_PAUSE_S = 1.0


def sleep(seconds: float, _text: str) -> None:
    """Wait without showing anything."""
    time.sleep(seconds)


class WaitBudget:
    """
    `WaitBudget` limits the waits and attempts of one client call together; `left_s` seconds are left.

    Attributes:
        counts_queue: Whether waiting for earlier calls of ours counts. Otherwise only the limit's own time does.
    """

    def __init__(self, left_s: float, pause: Pause, *, counts_queue: bool = False) -> None:
        self.left_s = left_s
        self.counts_queue = counts_queue
        self._pause = pause
        self._silent_s = 0.0

    def allows(self, seconds: float) -> bool:
        """Return whether a wait of this length fits; a longer one is not begun, since it would end in failure."""
        return seconds <= self.left_s

    def spend(self, seconds: float) -> None:
        """Count the seconds that an attempt or a queue took."""
        self.left_s -= seconds

    def wait(self, seconds: float, reason: str) -> None:
        """Wait for the whole time, in pauses of at most one second; the reason is a few words."""
        while seconds > 0:
            step_s = min(seconds, _LONGEST_PAUSE_S)
            self.pause(step_s, reason, seconds)
            self.spend(step_s)
            seconds -= step_s

    def pause(self, step_s: float, reason: str, seconds: float) -> None:
        """Wait for a step of these seconds, without counting the step; the user reads of the wait once a second."""
        is_told = max(step_s, self._silent_s) >= _LONGEST_PAUSE_S
        self._silent_s = step_s + (0 if is_told else self._silent_s)
        self._pause(step_s, f"{reason}, {math.ceil(seconds)} s left" if is_told else "")
