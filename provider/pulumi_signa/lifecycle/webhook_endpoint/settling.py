"""
Bringing an endpoint to what is declared, whatever made it or found it: change what differs, then rotate.

The rotation comes last because nothing may keep an issued secret out of the state.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pulumi_signa.lifecycle.progress import Progress
from pulumi_signa.lifecycle.times import moment
from pulumi_signa.lifecycle.webhook_endpoint import messages
from pulumi_signa.lifecycle.webhook_endpoint.forms import Forms, forms_in
from pulumi_signa.lifecycle.webhook_endpoint.issuing import rotate
from pulumi_signa.lifecycle.webhook_endpoint.schedule import Schedule
from pulumi_signa.lifecycle.webhook_endpoint.state import State, as_declared, observed_at
from pulumi_signa.signa_api.errors import NotFoundError

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
        is_taken_over: Whether the endpoint is adopted. An adoption that failed is carried out anew, as a whole: an
            update does not adopt.
    """

    id: str
    seen: WebhookEndpoint | None
    observed: Observed
    held: HeldSecret
    different: tuple[str, ...]
    rotation: Rotation | None = None
    forms: Forms = field(default_factory=dict)
    is_taken_over: bool = False


def settle(  # noqa: PLR0913 - what is there, what is wanted, and what was before
    context: Context, signa: SignaClient, found: Found, declared: Declared, *, keeper: Keeper, before: State | None
) -> State:
    """
    Bring an endpoint to what is declared, and return the state after it.

    Raises:
        PartlyDoneError: A step failed after one that a state is to record.
    """
    endpoint, held = found.seen, found.held
    known = {} if before is None else before.forms
    forms = {**known, **found.forms}
    progress = Progress(before)
    if before is None and endpoint is not None and not found.is_taken_over:
        progress.reach(_so_far(context, found, declared, before, endpoint, forms=forms, left=found.different))
    with nullcontext() if found.is_taken_over else progress.recorded(NotFoundError):
        if found.different:
            endpoint = signa.update_webhook_endpoint(
                found.id, {name: getattr(declared, name) for name in found.different}
            )
            added = forms.get("metadata", {}).keys() - (before.declared if before else declared).metadata.keys()
            others = {name: form for name, form in forms.items() if name not in found.different}
            forms = {**others, **forms_in(as_declared(endpoint), declared, found.different)}
            left_over = _left_over(endpoint, declared, found.different, added_by_signa=added)
            if left_over:
                progress.reach(_so_far(context, found, declared, before, endpoint, forms=forms, left=("metadata",)))
                cleared = {**declared.metadata, **dict.fromkeys(left_over)}
                endpoint = signa.update_webhook_endpoint(found.id, {"metadata": cleared})
                forms = {**others, **forms_in(as_declared(endpoint), declared, found.different)}
            progress.reach(_so_far(context, found, declared, before, endpoint, forms=forms, left=()))
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
        trigger_before=None if before is None else before.recorded_trigger,
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


def _so_far(  # noqa: PLR0913 - as above
    context: Context,
    found: Found,
    declared: Declared,
    before: State | None,
    endpoint: WebhookEndpoint,
    *,
    forms: Forms,
    left: tuple[str, ...],
) -> State:
    """
    Return the state once all fields are as declared but those that are left, which are as Signa has them.

    Settings are recorded at the end of an update: a trigger that is recorded asks for no rotation any more.
    """
    signas = as_declared(endpoint)
    done = {name: getattr(declared, name) for name in found.different if name not in left}
    inputs = replace(
        declared if before is None else before.declared, **done, **{name: getattr(signas, name) for name in left}
    )
    # The secret is where the state before has it: what an update does to its place is done again, and changes nothing.
    held = (found.held if before is None else before.held).seen_beside(endpoint)
    return State(
        id=found.id,
        declared=inputs,
        held=held.without_expired(context.now),
        schedule=rescheduled(declared, held, None) if before is None else before.schedule,
        observed=observed_at(endpoint),
        forms={name: form for name, form in forms.items() if name not in left},
        trigger_before=None if before is None else before.recorded_trigger,
    )


def _left_over(
    endpoint: WebhookEndpoint, declared: Declared, fields: tuple[str, ...], *, added_by_signa: AbstractSet[str]
) -> AbstractSet[str]:
    """
    Return the keys of metadata that an answer still shows, although they are declared no longer.

    Metadata is sent whole. Whether Signa then drops keys that are no longer there is not documented, so keys that its
    answer still shows are cleared by name. Keys that Signa adds come back. Where a declared key is missing, Signa
    writes keys in its own way, and a key that looks left over may be a declared one.
    """
    is_whole = all(key in endpoint.metadata for key, value in declared.metadata.items() if value is not None)
    if "metadata" not in fields or not is_whole:
        return set()
    return endpoint.metadata.keys() - declared.metadata.keys() - added_by_signa
