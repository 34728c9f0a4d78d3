"""
Faults: errors, delays and lost connections that a test plans.

    status        answer with the error `status` (and, if wanted, `type`, `detail`, `retryable`, `retry_after`, `body`)
    delay         wait `seconds`
    hang          never answer
    drop_before   close the connection before the operation takes effect
    drop_after    close it afterwards, without an answer
    truncate      cut the answer's body short
    body          answer with another `body`

Every fault has a kind from this list, and may have `operation`, `times` (1; null for every call) and `skip` (0). With
`after_commit` an operation takes effect before `status`, `delay` or `hang`:

    curl localhost:8000/_emulator/faults -d '{"kind": "status", "status": 503, "operation": "rotate", "times": 2}'
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeGuard

OPERATION_NAMES = (
    "create",
    "list",
    "retrieve",
    "update",
    "delete",
    "rotate",
    "test",
    "list_deliveries",
    "redeliver",
)

Kind = Literal["status", "delay", "hang", "drop_before", "drop_after", "truncate", "body"]

# Kind → (parameters that it needs, parameters that it may have).
_PARAMETERS: dict[str, tuple[set[str], set[str]]] = {
    "status": ({"status"}, {"type", "detail", "retryable", "retry_after", "after_commit", "body"}),
    "delay": ({"seconds"}, {"after_commit"}),
    "hang": (set(), {"after_commit"}),
    "drop_before": (set(), set()),
    "drop_after": (set(), set()),
    "truncate": (set(), set()),
    "body": ({"body"}, set()),
}
_GENERAL = {"operation", "kind", "times", "skip"}


class FaultError(ValueError):
    """A description of a fault that makes no sense."""


@dataclass
class Fault:
    """
    One planned failure.

    Attributes:
        kind: One of the kinds above.
        operation: `create`, `list`, `retrieve`, `update`, `delete`, `rotate`, `test`, `list_deliveries` or `redeliver`;
            or `*` for every call of Signa's API.
        times: Number of calls that fail; None for every one.
        skip: Number of matching calls that pass first.
        after_commit: For `status`, `delay`, `hang`: let the operation take effect first.
        status: For `status`: the HTTP status, 400 to 599.
        type: For `status`: the slug; without it, the usual one of the status.
        detail: For `status`: the detail.
        retryable: For `status`: the flag; without it, true for 429 and from 500 on.
        retry_after: For `status`: seconds, in the body and in the header `Retry-After`; None for neither.
        seconds: For `delay`: real seconds.
        body: For `body`, and if wanted for `status`: the text to answer with, JSON or not.
    """

    kind: Kind
    operation: str = "*"
    times: int | None = 1
    skip: int = 0
    after_commit: bool = False
    status: int = 500
    type: str | None = None
    detail: str = "The emulator was told to answer with this error."
    retryable: bool | None = None
    retry_after: int | None = None
    seconds: float = 0
    body: str | None = None

    @classmethod
    def from_json(cls, description: Mapping[str, Any]) -> Fault:
        """
        Read a fault as `POST /_emulator/faults` takes it.

        Raises:
            FaultError: A parameter is missing, unknown for this kind, or has a wrong value.
        """
        kind = description.get("kind")
        if not isinstance(kind, str) or kind not in _PARAMETERS:
            raise FaultError(f"a fault needs a kind: {', '.join(_PARAMETERS)}")
        needed, possible = _PARAMETERS[kind]
        missing = needed - description.keys()
        unknown = description.keys() - needed - possible - _GENERAL
        if missing or unknown:
            message = f"a fault of kind {kind} needs {sorted(needed)} and may have {sorted(possible | _GENERAL)}"
            raise FaultError(message)
        for name, value in description.items():
            if not _IS_VALID[name](value):
                raise FaultError(f"a fault cannot have {name} = {value!r}")
        return cls(**description)

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` reads, with every parameter that this kind has."""
        needed, possible = _PARAMETERS[self.kind]
        names = _GENERAL | needed | possible
        return {name: value for name, value in dataclasses.asdict(self).items() if name in names}


class Faults:
    """
    Pending faults, in the order in which tests planned them.

    The caller holds the organization's lock.
    """

    def __init__(self) -> None:
        self._pending: list[Fault] = []

    def add(self, /, **description: Any) -> Fault:
        """
        Plan a fault; the arguments are the members of the JSON object that the control API takes.

        Raises:
            FaultError: See `Fault.from_json`.
        """
        fault = Fault.from_json(description)
        self._pending.append(fault)
        return fault

    def pending(self) -> list[Fault]:
        """Return the faults that have not happened as often as planned."""
        return list(self._pending)

    def take(self, operation: str) -> Fault | None:
        """
        Return the fault of this call, or None, and count down how often the fault happens.

        Args:
            operation: One of `OPERATION_NAMES`, or another name that only `*` matches.
        """
        for fault in self._pending:
            if fault.operation not in {"*", operation}:
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            if fault.times is not None:
                fault.times -= 1
                if fault.times == 0:
                    self._pending.remove(fault)
            return fault
        return None

    def clear(self) -> None:
        """Drop every planned fault."""
        self._pending.clear()


def _is_count(value: object) -> TypeGuard[int]:
    # A bool is an int in Python, and no number in JSON.
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_duration(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < float("inf")


_IS_VALID: dict[str, Callable[[object], bool]] = {
    "kind": lambda value: value in _PARAMETERS,
    "operation": lambda value: value == "*" or value in OPERATION_NAMES,
    "times": lambda value: value is None or (_is_count(value) and value >= 1),
    "skip": _is_count,
    "after_commit": lambda value: isinstance(value, bool),
    "status": lambda value: _is_count(value) and 400 <= value <= 599,  # noqa: PLR2004 - HTTP's error statuses
    "type": lambda value: value is None or isinstance(value, str),
    "detail": lambda value: isinstance(value, str),
    "retryable": lambda value: value is None or isinstance(value, bool),
    "retry_after": lambda value: value is None or _is_count(value),
    "seconds": _is_duration,
    "body": lambda value: isinstance(value, str),
}
