"""
Making an endpoint once, although the run may die and be repeated.

The keys are pages of the journal, derived from the resource alone. Signa replays its answer to a known key and body for
24 hours, secret included, and refuses a known key with another body. Hence a create is

* **carried out**: there was no such endpoint, and now there is one;
* **replayed**: an earlier run made it. If the endpoint still lives and no resource has it, that run died before its
  state was saved. If it was deleted since, belongs to a renamed resource, or was moved to another stack, the next page
  makes another one;
* **refused**: an earlier run made an endpoint from other inputs, and `search` looks for it.

Source: https://github.com/signa-so/skills/blob/main/skills/signa/SKILL.md (idempotency)
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from pulumi_signa.lifecycle.errors import LifecycleError
from pulumi_signa.lifecycle.journal import pages
from pulumi_signa.lifecycle.schema import differing
from pulumi_signa.lifecycle.webhook_endpoint import messages
from pulumi_signa.lifecycle.webhook_endpoint.forms import forms_in
from pulumi_signa.lifecycle.webhook_endpoint.held_secret import HeldSecret
from pulumi_signa.lifecycle.webhook_endpoint.issuing import rotate
from pulumi_signa.lifecycle.webhook_endpoint.keeping import NotKeptError, Nowhere, SigningSecret
from pulumi_signa.lifecycle.webhook_endpoint.moving import is_moved_away
from pulumi_signa.lifecycle.webhook_endpoint.rotation import Rotation, Why
from pulumi_signa.lifecycle.webhook_endpoint.schema import MADE_WITH, SENT
from pulumi_signa.lifecycle.webhook_endpoint.search import find_made_from_other_inputs
from pulumi_signa.lifecycle.webhook_endpoint.settling import Found
from pulumi_signa.lifecycle.webhook_endpoint.state import as_declared, body_of, observed_at
from pulumi_signa.signa_api.errors import ConflictError, NotFoundError, SignaError

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.context import Context
    from pulumi_signa.lifecycle.webhook_endpoint.keeping import Keeper, Kept
    from pulumi_signa.lifecycle.webhook_endpoint.schema import Declared
    from pulumi_signa.signa_api.client import SignaClient
    from pulumi_signa.signa_api.models import IssuedWebhookEndpoint, WebhookEndpoint

_MAX_KEYS = 100
"""Keys that are tried for one create. A key is used up each time the resource is created and deleted in 24 hours."""

_MAX_UNEXPLAINED = 2
"""Refusals that may mean something else, such as a limit of the plan, before Signa's words go to the user."""


class _Creation(NamedTuple):
    """
    Signa's answer to the create that made an endpoint, now or earlier, and the endpoint as it is.

    Attributes:
        is_as_declared: Whether the endpoint was made from the inputs that are declared now.
    """

    made: IssuedWebhookEndpoint
    current: WebhookEndpoint
    is_found: bool
    is_as_declared: bool


def make_or_find(context: Context, signa: SignaClient, declared: Declared, keeper: Keeper) -> Found:
    """Create the endpoint, unless an earlier run of the resource has done so."""
    creation = _create(context, signa, declared)
    made, current = creation.made, creation.current
    if creation.is_found:
        context.warn(messages.TOOK_OVER.format(id=made.id, created_at=made.created_at))
    # The secret that Signa repeats may have been replaced since, and an interrupted run may have stored the newer one.
    is_newest = made.secret is not None and made.secret_version == current.secret_version
    kept = Nowhere() if is_newest else keeper.find(current.id, current.secret_version)
    if not isinstance(kept, Nowhere):
        held = HeldSecret.first(current, kept)
    elif made.secret is not None:
        secret = SigningSecret(made.id, made.secret_version, made.secret)
        held = HeldSecret.first(made, _kept(signa, secret, keeper, creation))
    else:
        # Rotate before patching. If Signa refuses the rotation, the next run finds this endpoint by the body that
        # created it, so the body must be unchanged.
        unheld = HeldSecret.first(current, Nowhere())
        current, held = rotate(context, signa, made.id, unheld, Rotation(Why.REISSUE), keeper=keeper, seen=current)
        context.warn(messages.REISSUED.format(id=made.id, version=held.version))
    # A create cannot set the status. If the next call fails, the next run finds the endpoint.
    forms = forms_in(as_declared(made), declared, MADE_WITH) if creation.is_as_declared else {}
    different = differing(SENT, as_declared(current), replace(declared, **forms))
    return Found(made.id, current, observed_at(current), held, different, forms=forms)


def _kept(signa: SignaClient, secret: SigningSecret, keeper: Keeper, creation: _Creation) -> Kept:
    """
    Keep the secret of an endpoint; where that is refused for good, delete the endpoint that this very call has made.

    Signa repeats the secret for 24 hours. A permission may take longer to come, and then a second endpoint is made.
    """
    try:
        return keeper.keep(secret, Nowhere())
    except NotKeptError as failed:
        message = messages.made_but_not_kept(failed, creation.made)
        if failed.is_final and not creation.is_found:
            try:
                signa.delete_webhook_endpoint(secret.endpoint_id)
            except SignaError:
                pass
            else:
                message = messages.UNDONE.format(id=secret.endpoint_id, reason=failed.reason)
        raise LifecycleError(message) from None


def _create(context: Context, signa: SignaClient, declared: Declared) -> _Creation:
    body = body_of(declared)
    unexplained = 0
    for key in _keys(context):
        is_declared = True
        try:
            issued = signa.create_webhook_endpoint(body, idempotency_key=key)
            is_found = issued.made_earlier
        except ConflictError as refusal:
            found = find_made_from_other_inputs(context, signa, body, key=key)
            if found is None:
                unexplained += not refusal.is_about_idempotency_key
                if unexplained >= _MAX_UNEXPLAINED:
                    raise
                continue
            issued, is_found, is_declared = found, found.is_replay, False
        if not issued.is_replay:
            context.roster.see(issued.endpoint.id)
            return _Creation(issued.endpoint, issued.endpoint, is_found=False, is_as_declared=is_declared)
        try:
            current = signa.get_webhook_endpoint(issued.endpoint.id)
        except NotFoundError:
            continue
        if is_moved_away(context, signa, issued, current):
            continue
        if context.roster.is_free_after_settling(current.id):
            context.roster.take(current.id, context.urn)
            return _Creation(issued.endpoint, current, is_found=is_found, is_as_declared=is_declared)
    raise LifecycleError(messages.EVERY_KEY_USED.format(number=_MAX_KEYS))


def _keys(context: Context) -> Iterator[str]:
    """Yield the keys that every run of the resource derives alike, or random ones where no other run may meet them."""
    identity = context.identity
    if identity is None or context.must_be_second:
        identity = (uuid.uuid4().hex,)
    return (f"pulumi-create-{page}" for page in pages(*identity, limit=_MAX_KEYS))
