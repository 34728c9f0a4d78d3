"""
Carrying a wanted check out once, although the run may die and be repeated.

The keys are pages of the journal. Their identity is the check, what it is to prove, and the attempt that the state
holds. So a run that is repeated derives the same keys, and finds the attempt of the run that died. After an attempt was
recorded, the next check derives others.

A page is used up where its attempt has failed, or is older than a run waits: then it is the attempt of a run that has
told its user so, and another test is sent. An attempt that was delivered is proof for as long; a state that has lost it
within that time, because the check was taken out of the program and declared again, gets this proof once more.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pulumi_signa.lifecycle.delivery_check import messages
from pulumi_signa.lifecycle.delivery_check.excerpts import excerpt
from pulumi_signa.lifecycle.delivery_check.schema import Outcome
from pulumi_signa.lifecycle.errors import LifecycleError
from pulumi_signa.lifecycle.journal import pages
from pulumi_signa.lifecycle.times import text_of
from pulumi_signa.signa_api.errors import NotFoundError

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.context import Context
    from pulumi_signa.lifecycle.delivery_check.schema import Declared
    from pulumi_signa.signa_api.client import SentTest, SignaClient
    from pulumi_signa.signa_api.models import Delivery

_MAX_PAGES = 20
"""Pages that are tried; each check of the last 24 hours that failed has used one up."""

_CLOCKS_APART = timedelta(minutes=1)
"""How far the clocks of Signa's servers may be apart: one answers, and another dates the attempts."""


def record_deletion(context: Context) -> None:
    """Record that this run has deleted a check; its resource may be created once more."""
    context.roster.see(f"{context.urn}")


def carry_out(context: Context, declared: Declared, *, recorded_attempt: str | None) -> Outcome:
    """
    Send a test, or find the one of a run that died; wait for the receiver's answer, and return what became of it.

    Args:
        recorded_attempt: The attempt that the state holds, or None for a new check.

    Raises:
        LifecycleError: There is no such endpoint, or the test was not delivered and has to be.
    """
    endpoint_id = declared.endpoint_id or ""
    try:
        attempt_id, row = _settled(context, context.signa(), endpoint_id, declared, recorded_attempt)
    except NotFoundError:
        raise LifecycleError(messages.NO_ENDPOINT.format(id=endpoint_id)) from None
    found = {} if row is None else _observed(context, row)
    outcome = Outcome.of({"attempt_id": attempt_id, **found})
    if not outcome.delivered:
        problem = messages.undelivered(endpoint_id, outcome, row, declared)
        if declared.required:
            raise LifecycleError(problem)
        context.warn(problem)
    return outcome


def _settled(
    context: Context, signa: SignaClient, endpoint_id: str, declared: Declared, recorded_attempt: str | None
) -> tuple[str, Delivery | None]:
    """Return an attempt, and its row once the attempt has ended or the time is over."""
    for key in _keys(context, declared, recorded_attempt):
        context.require_engine()
        sent = signa.send_test_webhook(endpoint_id, idempotency_key=key)
        since = _earliest(context, sent, declared)
        if not sent.made_earlier:
            break
        row = signa.wait_for_delivery(endpoint_id, sent.attempt_id, since=since, timeout_s=0)
        if row is not None and (row.is_delivered or not row.is_settled):
            context.inform(messages.FOUND.format(id=endpoint_id))
            break
    row = signa.wait_for_delivery(endpoint_id, sent.attempt_id, since=since, timeout_s=declared.timeout_seconds)
    return sent.attempt_id, row


def _observed(context: Context, row: Delivery) -> dict[str, Any]:
    return {
        "delivered": row.is_delivered,
        "http_status": row.http_status,
        "delivered_at": row.delivered_at,
        "response_excerpt": excerpt(context, row.response_body),
    }


def _keys(context: Context, declared: Declared, recorded_attempt: str | None) -> Iterator[str]:
    """Yield the journal's keys, and then a random one: a check that is wanted is never left out."""
    if context.identity is not None and not (recorded_attempt is None and _is_replacement(context)):
        triggers = json.dumps(declared.triggers, sort_keys=True)
        # With another time-out, the age of an attempt would not tell whether its run has given it up.
        wanted = (declared.endpoint_id, triggers, declared.timeout_seconds, recorded_attempt)
        yield from (f"pulumi-check-{page}" for page in pages("check", *context.identity, *wanted, limit=_MAX_PAGES))
    yield f"pulumi-check-{uuid.uuid4()}"


def _is_replacement(context: Context) -> bool:
    """Return whether this run has deleted the check that is created, or is to keep it until then: it wants another."""
    return context.must_be_second or context.roster.is_known(f"{context.urn}")


def _earliest(context: Context, sent: SentTest, declared: Declared) -> str:
    """Return since when the attempt may have been made; on Signa's clock where its answer shows one."""
    at_most_ago = timedelta(seconds=declared.timeout_seconds) if sent.made_earlier else _CLOCKS_APART
    return text_of((sent.answered_at or context.now) - at_most_ago)
