"""The description of a secret, and what the reads of a run have found of each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

CURRENT, PREVIOUS = "AWSCURRENT", "AWSPREVIOUS"
CHECKED = "pulumi-signa-check"
"""The staging label of `check_put`: with it, AWSCURRENT stays where it is, whatever AWS makes of the put."""


@dataclass(frozen=True, slots=True)
class Description:
    """
    `Description` is a secret without its value; the key is None for AWS's own, and AWS's own tags are left out.

    Attributes:
        is_deleted: Whether the secret is scheduled for deletion.
        versions: Version ids by staging label; AWS does not name a version that has none.
        replicas: By region why the replica there failed, or None.
    """

    arn: str
    name: str
    description: str | None
    kms_key_id: str | None
    is_deleted: bool
    tags: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    replicas: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def current_version(self) -> str | None:
        """Id of the version that readers get."""
        return self.versions.get(CURRENT)

    @property
    def previous_version(self) -> str | None:
        """Id of the version that the current one replaced."""
        return self.versions.get(PREVIOUS)

    @property
    def checked_version(self) -> str | None:
        """Id of a version that AWS no longer had when it was checked; it holds no secret."""
        return self.versions.get(CHECKED)


Describe = Callable[[str], Description]
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
