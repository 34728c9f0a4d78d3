"""
Bringing an endpoint to what is declared, whatever made it or found it: change what differs, then rotate.

The rotation comes last because nothing may keep an issued secret out of the state.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pulumi_signa.lifecycle.times import moment
from pulumi_signa.lifecycle.webhook_endpoint import messages
from pulumi_signa.lifecycle.webhook_endpoint.forms import Forms, forms_in
from pulumi_signa.lifecycle.webhook_endpoint.issuing import rotate
from pulumi_signa.lifecycle.webhook_endpoint.schedule import Schedule
from pulumi_signa.lifecycle.webhook_endpoint.state import State, as_declared, observed_at

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from pulumi_signa.lifecycle.context import Context
    from pulumi_signa.lifecycle.webhook_endpoint.held_secret import HeldSecret
    from pulumi_signa.lifecycle.webhook_endpoint.keeping import Keeper
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
        forms: The fields that Signa keeps in another form than declared, as the answer to the create shows them.
    """

    id: str
    seen: WebhookEndpoint | None
    observed: Observed
    held: HeldSecret
    different: tuple[str, ...]
    rotation: Rotation | None = None
    forms: Forms = field(default_factory=dict)


def settle(  # noqa: PLR0913 - what is there, what is wanted, and what was before
    context: Context, signa: SignaClient, found: Found, declared: Declared, *, keeper: Keeper, before: State | None
) -> State:
    """Bring an endpoint to what is declared, and return the state after it."""
    endpoint, held = found.seen, found.held
    known = {} if before is None else before.forms
    forms = {**known, **found.forms}
    if found.different:
        added = forms.get("metadata", {}).keys() - (before.declared if before else declared).metadata.keys()
        endpoint = _patch(signa, found.id, declared, found.different, added_by_signa=added)
        forms = {name: form for name, form in forms.items() if name not in found.different}
        forms |= forms_in(as_declared(endpoint), declared, found.different)
    if endpoint is not None:
        held = held.seen_beside(endpoint)
    if found.rotation is not None:
        endpoint, held = rotate(
            context, signa, found.id, held, found.rotation, keeper=keeper, seen=found.seen, changed=found.different
        )
    new = sorted(forms.keys() - known.keys())
    if new:
        context.inform(messages.KEPT_IN_ANOTHER_FORM.format(id=found.id, fields=", ".join(new)))
    if endpoint is not None and (before is None or held.status != before.held.status):
        for warning in messages.on_secret(held, endpoint, declared, is_managed=context.urn is not None):
            context.warn(warning)
    return State(
        id=found.id,
        declared=declared,
        held=held.without_expired(context.now),
        schedule=rescheduled(declared, held, before),
        observed=found.observed if endpoint is None else observed_at(endpoint),
        forms=forms,
    )


def rescheduled(declared: Declared, held: HeldSecret, before: State | None) -> Schedule | None:
    """Return the schedule of a secret; one that was issued since the state before begins or continues it."""
    days = declared.rotation_period_days
    if before is None:
        return Schedule.declared(days, held, None)
    schedule = Schedule.declared(days, before.held, before.schedule)
    if schedule is None or held.rotated_at is None or held.version == before.held.version:
        return schedule
    return schedule.after(moment(held.rotated_at))


def _patch(
    signa: SignaClient,
    endpoint_id: str,
    declared: Declared,
    fields: tuple[str, ...],
    *,
    added_by_signa: AbstractSet[str],
) -> WebhookEndpoint:
    endpoint = signa.update_webhook_endpoint(endpoint_id, {name: getattr(declared, name) for name in fields})
    # Metadata is sent whole. Whether Signa then drops keys that are no longer there is not documented, so keys that its
    # answer still shows are cleared by name.
    # Keys that Signa adds come back. Where a declared key is missing, Signa writes keys in its own way, and a key that
    # looks left over may be a declared one.
    left_over = endpoint.metadata.keys() - declared.metadata.keys() - added_by_signa
    is_whole = all(key in endpoint.metadata for key, value in declared.metadata.items() if value is not None)
    if left_over and is_whole and "metadata" in fields:
        cleared = {**declared.metadata, **dict.fromkeys(left_over)}
        endpoint = signa.update_webhook_endpoint(endpoint_id, {"metadata": cleared})
    return endpoint
