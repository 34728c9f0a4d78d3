"""The calls of Signa's API: a log without secrets, and counters."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any, TextIO

from signa_emulator.faults import OPERATION_NAMES


@dataclass(frozen=True)
class LogEntry:
    """
    One call without its secrets: no header but the idempotency key, and no body.

    Attributes:
        at: ISO 8601 moment of the answer, on the emulator's clock.
        method: The HTTP method.
        path: The path, without the query.
        query: The raw query string.
        status: The status answered, or None when the call got no answer.
        idempotency_key: The value of `Idempotency-Key`, or None.
        replayed: Whether a stored answer was replayed.
        fault: The kind of the planned fault that the call met, or None.
    """

    at: str
    method: str
    path: str
    query: str
    status: int | None
    idempotency_key: str | None
    replayed: bool
    fault: str | None


class RequestLog:
    """
    The calls of Signa's API; `Organization.lock` guards it.

    Args:
        file: Gets each entry as one line of JSON, flushed before the answer is sent.
    """

    def __init__(self, file: TextIO | None = None) -> None:
        self._file = file
        self._entries: list[LogEntry] = []
        self._by_operation: Counter[str] = Counter()
        self._by_status: Counter[str] = Counter()

    def record(self, operation: str, entry: LogEntry) -> None:
        """Record one call."""
        self._entries.append(entry)
        self._by_operation[operation] += 1
        self._by_status["none" if entry.status is None else str(entry.status)] += 1
        if self._file is not None:
            self._file.write(json.dumps(asdict(entry)) + "\n")
            self._file.flush()

    def entries(self) -> list[dict[str, Any]]:
        """Return every entry, oldest first."""
        return [asdict(entry) for entry in self._entries]

    def calls(self) -> dict[str, Any]:
        """
        Return the counters.

        The keys are `total`, `by_operation` (zero for operations that were not called) and `by_status`. The keys of
        `by_status` are texts such as `201`, and `none` for calls that got no answer.
        """
        return {
            "total": self._by_operation.total(),
            "by_operation": {**dict.fromkeys(OPERATION_NAMES, 0), **self._by_operation},
            "by_status": dict(self._by_status),
        }

    def reset_calls(self) -> None:
        """Set the counters to zero; the log stays."""
        self._by_operation.clear()
        self._by_status.clear()

    def forget(self) -> None:
        """Forget the entries and the counters; the file keeps its lines."""
        self._entries.clear()
        self.reset_calls()
