"""What the reads of a run have found of each secret."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulumi_signa.aws.secrets_manager import Description

Describe = Callable[[str], "Description"]
"""Asks AWS for the description of one secret."""


class _Slot:
    """What was found of one secret; whoever asks AWS for it holds the lock."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.found: Description | None = None


class Descriptions:
    """
    `Descriptions` caches what reads have found of each secret, for all threads together.

    Two resources may describe one secret in a refresh: the secret itself, and the endpoint whose signing secret the
    secret holds. The second one finds the description in the cache, or waits for the first one's call. A failure is not
    cached: each reader has its own.
    """

    def __init__(self, describe: Describe) -> None:
        self._describe = describe
        self._lock = threading.Lock()
        self._slots: dict[str, _Slot] = {}

    def find(self, arn: str) -> Description:
        """
        Return the description of a secret; ask AWS where it is not cached.

        Raises:
            AwsError: AWS refused, or could not be reached.
        """
        with self._lock:
            slot = self._slots.setdefault(arn, _Slot())
        with slot.lock:
            if slot.found is None:
                slot.found = self._describe(arn)
            return slot.found

    def drop(self, secret_id: str) -> None:
        """Forget a secret after a change, with the answer that another thread is waiting for; a name forgets all."""
        with self._lock:
            if secret_id.startswith("arn:"):
                self._slots.pop(secret_id, None)
            else:
                self._slots.clear()
