"""How long one call may wait."""

import math
import time
from collections.abc import Callable

Pause = Callable[[float, str], None]
"""Waits the given number of seconds; the text shows the user the reason and the seconds left."""

_LONGEST_PAUSE_S = 1.0


def sleep(seconds: float, _text: str) -> None:
    """Wait without showing anything."""
    time.sleep(seconds)


class WaitBudget:
    """`WaitBudget` limits the waits and attempts of one client call together; `left_s` seconds are left."""

    def __init__(self, left_s: float, pause: Pause) -> None:
        self.left_s = left_s
        self._pause = pause

    def allows(self, seconds: float) -> bool:
        """Return whether a wait of this length fits; a longer one is not begun, since it would end in failure."""
        return seconds <= self.left_s

    def spend(self, seconds: float) -> None:
        """Count the seconds that an attempt took."""
        self.left_s -= seconds

    def wait(self, seconds: float, reason: str) -> None:
        """Wait for the whole time, in pauses of at most one second; the reason is a few words."""
        while seconds > 0:
            seconds -= self.wait_step(seconds, reason)

    def wait_step(self, seconds: float, reason: str) -> float:
        """Wait for at most the first second, and return the seconds waited; the caller then looks again."""
        step_s = min(seconds, _LONGEST_PAUSE_S)
        self.left_s -= step_s
        self._pause(step_s, f"{reason}, {math.ceil(seconds)} s left")
        return step_s
