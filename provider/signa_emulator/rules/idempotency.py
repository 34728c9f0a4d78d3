"""
Idempotency keys: the first successful answer to a key is replayed for 24 hours.

Source: https://github.com/signa-so/skills/blob/main/skills/signa/SKILL.md
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from signa_emulator.rules.errors import ConflictError, IdempotencyProcessingError, Problem, ValidationError

_LIFETIME = timedelta(hours=24)
_FORMAT = re.compile(r"[A-Za-z0-9_-]{1,255}")
# Open point: neither the status nor the wait of idempotency_processing is documented.
_PROCESSING_RETRY_AFTER_S = 1


@dataclass(frozen=True)
class StoredAnswer:
    """
    A successful answer, kept for replays.

    Attributes:
        status: The HTTP status, 2xx.
        body: The JSON object that was answered, or None for an empty body.
    """

    status: int
    body: dict[str, Any] | None


@dataclass
class _Record:
    fingerprint: str
    begun_at: datetime
    answer: StoredAnswer | None = None


class IdempotencyKeys:
    """
    The keys of one organization.

    A call begins its key. Afterwards it completes the key with a 2xx answer, or abandons the key, so that a refused
    call may be sent again with the same key.
    """

    def __init__(self) -> None:
        self._records: dict[str, _Record] = {}

    def begin(self, key: str | None, fingerprint: str, now: datetime) -> StoredAnswer | None:
        """
        Claim a key for a call.

        Args:
            key: The value of `Idempotency-Key`, or None when the header is missing.
            fingerprint: Equal for equal requests only.
            now: The current moment.

        Returns:
            The answer to replay, or None when the call is to be carried out (and completed or abandoned).

        Raises:
            ValidationError: The key is missing, or is not 1 to 255 characters of `[A-Za-z0-9_-]`.
            ConflictError: The key belongs to another request.
            IdempotencyProcessingError: The first call with this key has not ended yet.
        """
        if key is None:
            raise ValidationError([Problem("Idempotency-Key", "Header 'Idempotency-Key' is required.")])
        if _FORMAT.fullmatch(key) is None:
            message = "Header 'Idempotency-Key' must be 1 to 255 characters of [A-Za-z0-9_-]."
            raise ValidationError([Problem("Idempotency-Key", message)])
        record = self._records.get(key)
        if record is None or (record.answer is not None and now >= record.begun_at + _LIFETIME):
            self._records[key] = _Record(fingerprint, now)
            return None
        if record.fingerprint != fingerprint:
            raise ConflictError("This Idempotency-Key was already used with a different request.")
        if record.answer is None:
            raise IdempotencyProcessingError(
                "The first request with this Idempotency-Key is still being processed.",
                retry_after=_PROCESSING_RETRY_AFTER_S,
            )
        return record.answer

    def complete(self, key: str, answer: StoredAnswer) -> None:
        """Record the answer of the call that began the key."""
        record = self._records.get(key)
        # `forget` may have run during the call.
        if record is not None:
            record.answer = answer

    def abandon(self, key: str) -> None:
        """Forget a key whose call did not succeed, so that the key can be used again."""
        self._records.pop(key, None)

    def forget(self) -> None:
        """Forget every key."""
        self._records.clear()
