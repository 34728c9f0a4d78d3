"""
Protection against copies: whoever gets hold of a delivery can post it again for five minutes.

Neither `webhook-id` nor `webhook-attempt` tells such a copy from Signa's own deliveries: a retry and a redelivery have
the id of the first attempt and must pass, and the attempt's number is not signed. What is signed (id, timestamp and
body) differs between all attempts of Signa, and is the same in a copy.

Signa's retries pass, so a delivery whose handler failed is not lost. A queue or proxy of your own that sends the same
request again is refused: put the receiver in front of it.

Source: https://docs.signa.so/guides/monitoring/webhook-signature-verification
"""

import threading
import time
from typing import Protocol

from signa_receiver.forks import begin_anew_in_children


class Replays(Protocol):
    """What remembers verified deliveries; an implementation must be thread-safe."""

    def add(self, key: str, *, seconds: int) -> bool:
        """
        Remember a key for some seconds, and return whether it is new, in one atomic step.

        With Redis: `return bool(redis.set(key, 1, nx=True, ex=seconds))`. What is raised here leaves `Receiver.verify`:
        the delivery is answered with a 500, and Signa sends it again.

        Args:
            key: 64 hexadecimal digits, the SHA-256 of what was signed.
            seconds: After which the delivery is too old in any case.
        """


class MemoryReplays:
    """
    Verified deliveries in the memory of this process.

    Several processes, as of gunicorn or AWS Lambda, need a store that they share: write a `Replays` for it.
    """

    def __init__(self, max_entries: int = 100_000) -> None:
        """
        Remember nothing yet.

        Args:
            max_entries: Of some 200 bytes each. Where more are verified in ten minutes, the oldest are forgotten;
                forged deliveries take no room.

        Raises:
            ValueError: It is less than 1.
        """
        if max_entries < 1:
            raise ValueError("max_entries must be 1 or more")
        self._max_entries = max_entries
        self._ends: dict[str, float] = {}
        self._begin_anew()
        begin_anew_in_children(self)

    def _begin_anew(self) -> None:
        """Take a new lock; what is remembered stays."""
        self._lock = threading.Lock()

    def add(self, key: str, *, seconds: int) -> bool:
        """Remember a key, and return whether it is new."""
        now = time.monotonic()
        with self._lock:
            # All keys live equally long, so the first is the oldest.
            while self._ends and next(iter(self._ends.values())) <= now:
                del self._ends[next(iter(self._ends))]
            if key in self._ends:
                return False
            if len(self._ends) >= self._max_entries:
                del self._ends[next(iter(self._ends))]
            self._ends[key] = now + seconds
            return True
