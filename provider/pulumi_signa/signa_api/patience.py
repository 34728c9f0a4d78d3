"""How long a call may wait, whatever for."""

import math
import time
from collections.abc import Callable

Pause = Callable[[float, str], None]
"""Waits that many seconds; the text tells the user what for, and how much longer."""

_STEP_S = 1.0
"""Longest pause at a time: what is left counts down before the user, and who waits sees what has changed."""


def sleep(seconds: float, _text: str) -> None:
    """Wait, and tell nobody."""
    time.sleep(seconds)


class Patience:
    """
    How long one call of a client may still wait: for the rate limit, and before it tries again, all waits together.

    Attributes:
        left_s: What is left of it, in seconds.
    """

    def __init__(self, left_s: float, pause: Pause) -> None:
        self.left_s = left_s
        self._pause = pause

    def allows(self, seconds: float) -> bool:
        """Whether a wait of that many seconds may be begun: failing at once beats failing later."""
        return seconds <= self.left_s

    def wait(self, seconds: float, reason: str) -> None:
        """
        Wait that long.

        Args:
            reason: What for, in a few words.
        """
        while seconds > 0:
            seconds -= self.wait_a_little(seconds, reason)

    def wait_a_little(self, seconds: float, reason: str) -> float:
        """
        Wait for the first second of so many, for somebody who then looks again.

        Returns:
            The seconds that were waited.
        """
        step_s = min(seconds, _STEP_S)
        self.left_s -= step_s
        self._pause(step_s, f"{reason}, {math.ceil(seconds)} s left")
        return step_s
