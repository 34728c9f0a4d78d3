"""
Bringing an endpoint to what is declared, whatever made it or found it: change what differs, then rotate.

The rotation comes last because nothing may keep an issued secret out of the state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_signa.lifecycle.times import moment
from pulumi_signa.lifecycle.webhook_endpoint import messages
from pulumi_signa.lifecycle.webhook_endpoint.issuing import rotate
from pulumi_signa.lifecycle.webhook_endpoint.schedule import Schedule
from pulumi_signa.lifecycle.webhook_endpoint.state import State, observed_at

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.context import Context
    from pulumi_signa.lifecycle.webhook_endpoint.held_secret import HeldSecret
    from pulumi_signa.lifecycle.webhook_endpoint.keeping import Keep
    from pulumi_signa.lifecycle.webhook_endpoint.rotation import Rotation
    from pulumi_signa.lifecycle.webhook_endpoint.schema import Declared, Observed
    from pulumi_signa.signa_api.client import SignaClient
    from pulumi_signa.signa_api.models import WebhookEndpoint


@dataclass(frozen=True, slots=True)
class Found:
    """
    An endpoint that is there, with what is left to be done: the fields that differ, and the rotation that is due.

    Attributes:
        seen: The endpoint as Signa has shown it in this call; None where only the state tells of it.
    """

    id: str
    seen: WebhookEndpoint | None
    observed: Observed
    held: HeldSecret
    different: tuple[str, ...]
    rotation: Rotation | None = None


def settle(  # noqa: PLR0913 - what is there, what is wanted, and what was before
    context: Context, signa: SignaClient, found: Found, declared: Declared, *, keep: Keep, before: State | None
) -> State:
    """Bring an endpoint to what is declared, and return the state after it."""
    endpoint, held = found.seen, found.held
    if found.different:
        endpoint = _patch(signa, found.id, declared, found.different)
    if endpoint is not None:
        held = held.seen_beside(endpoint)
    if found.rotation is not None:
        endpoint, held = rotate(
            context, signa, found.id, held, found.rotation, keep=keep, seen=found.seen, changed=found.different
        )
    if endpoint is not None and (before is None or held.status != before.held.status):
        for warning in messages.on_secret(held, endpoint, declared, is_managed=context.urn is not None):
            context.warn(warning)
    return State(
        id=found.id,
        declared=declared,
        held=held.without_expired(context.now),
        schedule=_rescheduled(declared, held, before),
        observed=found.observed if endpoint is None else observed_at(endpoint),
    )


def _rescheduled(declared: Declared, held: HeldSecret, before: State | None) -> Schedule | None:
    days = declared.rotation_period_days
    if before is None:
        return Schedule.declared(days, held, None)
    schedule = Schedule.declared(days, before.held, before.schedule)
    if schedule is None or held.rotated_at is None or held.version == before.held.version:
        return schedule
    return schedule.after(moment(held.rotated_at))


def _patch(signa: SignaClient, endpoint_id: str, declared: Declared, fields: tuple[str, ...]) -> WebhookEndpoint:
    endpoint = signa.update_webhook_endpoint(endpoint_id, {name: getattr(declared, name) for name in fields})
    # Metadata is sent whole. Whether Signa then drops keys that are no longer there is not documented, so keys that its
    # answer still shows are cleared by name.
    left_over = endpoint.metadata.keys() - declared.metadata.keys() if "metadata" in fields else ()
    if left_over:
        cleared = {**declared.metadata, **dict.fromkeys(left_over)}
        endpoint = signa.update_webhook_endpoint(endpoint_id, {"metadata": cleared})
    return endpoint
