"""
`answer`: every call goes through faults, the checks before an operation, the operation, and the log.

The checks run in this order: key (401), scope (403), rate limit (429), form of the idempotency key (400),
replay or refusal of a used key (409), then the checks of the operation itself. Open point: Signa does not document
the order.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from signa_emulator.api import representation
from signa_emulator.clock import to_iso
from signa_emulator.request_log import LogEntry
from signa_emulator.rules import parameters
from signa_emulator.rules.errors import ApiError, InjectedError, NotFoundError, RateLimitedError
from signa_emulator.rules.idempotency import StoredAnswer
from signa_emulator.rules.ids import new_id

if TYPE_CHECKING:
    from signa_emulator.api.operations import Call, Operation
    from signa_emulator.faults import Fault
    from signa_emulator.organization import Organization
    from signa_emulator.rules.rate_limit import RateStatus

Ending = Literal["sent", "cut", "dropped", "hanging"]


@dataclass(frozen=True)
class Answer:
    """
    The answer to a caller.

    Attributes:
        status: The HTTP status.
        body: The JSON object, or None for an empty body.
        headers: Headers beyond those of HTTP itself.
        replayed: Whether the answer is a stored one.
        text: Sent instead of `body` when not None.
        ending: `sent` whole, `cut` in the middle of the body, `dropped` with the connection, or left `hanging`.
    """

    status: int
    body: dict[str, Any] | None
    headers: Mapping[str, str] = field(default_factory=dict)
    replayed: bool = False
    text: str | None = None
    ending: Ending = "sent"


# Its argument is a wait in seconds before the work, during which other calls see this one in flight.
Respond = Callable[[float], Answer]


def answer(organization: Organization, name: str, call: Call, respond: Respond) -> Answer:
    """
    Carry out a call as the next fault allows, and log the call.

    Args:
        organization: The state.
        name: The operation's name, for faults and counters.
        call: The request.
        respond: Carries out the call.
    """
    organization.pause(organization.settings.latency_ms / 1000)
    with organization.lock:
        fault = organization.faults.take(name)
    given = respond(0) if fault is None else _faulty_answer(organization, call, respond, fault)
    with organization.lock:
        entry = LogEntry(
            at=to_iso(organization.clock.now()),
            method=call.method,
            path=call.path,
            query=call.query,
            status=None if given.ending in {"dropped", "hanging"} else given.status,
            idempotency_key=call.idempotency_key,
            replayed=given.replayed,
            fault=None if fault is None else fault.kind,
        )
        organization.requests.record(name, entry)
    return given


def perform(organization: Organization, operation: Operation, call: Call) -> Respond:
    """Return the function that carries out a webhook operation."""

    def respond(delay_s: float) -> Answer:
        headers: dict[str, str] = {}
        try:
            with organization.lock:
                stored = _admit(organization, operation, call, headers)
            if stored is not None:
                return _replay(organization, stored, headers)
            return _run(organization, operation, call, headers, delay_s)
        except ApiError as error:
            return refuse(organization, call, error, headers)

    return respond


def report_health(organization: Organization) -> Respond:
    """
    Return the function that answers `GET /v1/health`, which needs no key.

    Source: https://docs.signa.so/guides/monitoring/uptime-monitoring
    """

    def respond(delay_s: float) -> Answer:
        organization.pause(delay_s)
        return Answer(200, {"status": "ok"})

    return respond


def report_readiness(organization: Organization) -> Respond:
    """
    Return the function that answers `GET /health/ready`, which needs no key, as the setting `readiness` says.

    Open point: the body of a 503 is not documented.

    Source: https://docs.signa.so/guides/monitoring/uptime-monitoring
    """

    def respond(delay_s: float) -> Answer:
        organization.pause(delay_s)
        readiness = organization.settings.readiness
        return Answer(503 if readiness == "unavailable" else 200, {"status": readiness})

    return respond


def refuse_unknown(organization: Organization, call: Call) -> Respond:
    """Return the function that answers an unknown method or path (open point: 404, with or without a key)."""

    def respond(delay_s: float) -> Answer:
        organization.pause(delay_s)
        return refuse(organization, call, NotFoundError(f"There is no {call.method} {call.path}."), {})

    return respond


def refuse(organization: Organization, call: Call, error: ApiError, headers: Mapping[str, str]) -> Answer:
    """Return the answer of an error."""
    body = representation.refusal(error, instance=call.path, settings=organization.settings)
    if error.retry_after is not None:
        headers = {**headers, "Retry-After": str(error.retry_after)}
    return Answer(error.status, _with_request_id(organization, body), headers)


def _admit(
    organization: Organization, operation: Operation, call: Call, headers: dict[str, str]
) -> StoredAnswer | None:
    """Make the checks before the operation; return the stored answer to replay, or None."""
    now = organization.clock.now()
    organization.authorize(call.authorization)
    rate = organization.rate_limits.admit(operation.pool, organization.settings, now)
    if rate is not None:
        headers.update(_rate_headers(rate))
        if not rate.admitted:
            raise RateLimitedError(
                f"More than {rate.quota.limit} calls in {rate.quota.window_s} seconds.", retry_after=rate.reset_s
            )
    if not operation.needs_idempotency_key:
        return None
    return organization.idempotency.begin(call.idempotency_key, _fingerprint(call), now)


def _run(
    organization: Organization, operation: Operation, call: Call, headers: Mapping[str, str], delay_s: float
) -> Answer:
    key = call.idempotency_key if operation.needs_idempotency_key else None
    stored = None
    try:
        organization.pause(delay_s)
        with organization.lock:
            query = parameters.known(call.query_parameters, operation.query, organization.settings)
            result = operation.run(organization, dataclasses.replace(call, query_parameters=query))
            body = None if result.body is None else _with_request_id(organization, result.body)
            stored = StoredAnswer(result.status, body)
            if key is not None:
                organization.idempotency.complete(key, stored)
    finally:
        if key is not None and stored is None:
            with organization.lock:
                organization.idempotency.abandon(key)
    return Answer(stored.status, stored.body, headers)


def _replay(organization: Organization, stored: StoredAnswer, headers: Mapping[str, str]) -> Answer:
    body = stored.body
    # Open point: whether Signa's replay of create and rotate still shows the secret.
    if body is not None and not organization.settings.replay_includes_secret:
        body = {name: value for name, value in body.items() if name != "secret"}
    return Answer(stored.status, body, {**headers, "Idempotent-Replayed": "true"}, replayed=True)


def _faulty_answer(organization: Organization, call: Call, respond: Respond, fault: Fault) -> Answer:
    if fault.kind == "drop_before" or (fault.kind in {"status", "hang"} and not fault.after_commit):
        given = Answer(503, None)
    else:
        given = respond(fault.seconds if fault.kind == "delay" and not fault.after_commit else 0)
    if fault.kind == "status":
        error = InjectedError(
            fault.status, fault.type, fault.detail, retryable=fault.retryable, retry_after=fault.retry_after
        )
        given = refuse(organization, call, error, given.headers)
    if fault.kind == "delay" and fault.after_commit:
        organization.pause(fault.seconds)
    return dataclasses.replace(given, text=fault.body, ending=_ENDINGS.get(fault.kind, "sent"))


_ENDINGS: dict[str, Ending] = {
    "drop_before": "dropped",
    "drop_after": "dropped",
    "truncate": "cut",
    "hang": "hanging",
}


def _rate_headers(rate: RateStatus) -> dict[str, str]:
    return {
        "RateLimit-Policy": f"{rate.quota.limit};w={rate.quota.window_s}",
        "RateLimit": f"remaining={rate.remaining}, reset={rate.reset_s}",
    }


def _fingerprint(call: Call) -> str:
    """
    Return a text that is equal for equal requests only; JSON bodies count by content, not by spelling.

    Open point: Signa says "same body" and does not say how it compares.
    """
    try:
        body = json.dumps(json.loads(call.body), sort_keys=True).encode()
    except ValueError:
        body = call.body
    request = b"\n".join([call.method.encode(), call.path.encode(), call.query.encode(), body])
    return hashlib.sha256(request).hexdigest()


def _with_request_id(organization: Organization, body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "request_id": new_id("req", organization.clock.now())}
