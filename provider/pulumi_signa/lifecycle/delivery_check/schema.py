"""
The properties of a delivery check, a row each.

Source: https://docs.signa.so/api-reference/monitoring/webhooks/test, …/list-deliveries
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pulumi_signa.lifecycle.rules import account, boolean, endpoint_id, json_value, optional, text, whole_number
from pulumi_signa.lifecycle.schema import Record, row
from pulumi_signa.lifecycle.values import kind_of

DEFAULT_TIMEOUT_S, MAX_TIMEOUT_S = 60, 600


def _triggers(value: object) -> Iterator[str]:
    if not isinstance(value, list | tuple):
        yield f"must be a list, not {kind_of(value)}"
    yield from json_value(value)


def _timeout(value: object) -> Iterator[str]:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if not (is_whole and 1 <= value <= MAX_TIMEOUT_S):  # type: ignore[operator]
        yield f"must be a whole number of seconds, 1 to {MAX_TIMEOUT_S}"


_TRIGGERS = "any values; a change of one sends another test, as in `[endpoint.url, endpoint.secret_version]`"
_REQUIRED = "whether a test that is not delivered fails the run; else it is a warning, and `delivered` is false"


@dataclass(frozen=True, slots=True)
class Declared(Record):
    """What a stack may declare of a delivery check."""

    endpoint_id: str | None = row(
        "`whk_…`, the `id` of a `WebhookEndpoint`; another one is sent another test",
        optional(endpoint_id),
        is_public=True,
    )
    triggers: list[Any] = row(_TRIGGERS, _triggers, default=[])
    timeout_seconds: int = row(
        f"1 to {MAX_TIMEOUT_S} seconds that the receiver's answer is waited for",
        _timeout,
        default=DEFAULT_TIMEOUT_S,
        is_public=True,
    )
    required: bool = row(_REQUIRED, boolean, default=True, is_public=True)
    account: str | None = row(
        "name of another organization that the endpoint is in; another one is another check",
        account,
        is_public=True,
        judges_unknown=True,
        replaces=True,
    )


@dataclass(frozen=True, slots=True)
class Outcome(Record):
    """What became of the last test."""

    delivered: bool = row("whether the receiver has accepted the last test", boolean, default=False)
    http_status: int | None = row("what the receiver answered; absent without an answer", optional(whole_number))
    delivered_at: str | None = row("when the receiver accepted it, ISO 8601 UTC", optional(text()))
    attempt_id: str | None = row("id of the attempt in Signa's list of deliveries", optional(text()))
    response_excerpt: str | None = row(
        "the first 200 characters of the receiver's answer, in one line, without what may be a secret", optional(text())
    )
