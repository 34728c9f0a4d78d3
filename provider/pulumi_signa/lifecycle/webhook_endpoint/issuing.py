"""
Carrying a due rotation out once, although the run may die and be repeated.

The keys are pages of the journal. Their identity is the version that the rotation makes, so that every run derives the
same keys, and a rotation whose answer was lost is replayed rather than repeated.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

from pulumi_signa.lifecycle.errors import LifecycleError
from pulumi_signa.lifecycle.journal import pages
from pulumi_signa.lifecycle.times import text_of
from pulumi_signa.lifecycle.webhook_endpoint import messages
from pulumi_signa.lifecycle.webhook_endpoint.held_secret import HeldSecret, overlap_ends_by
from pulumi_signa.lifecycle.webhook_endpoint.keeping import NotKeptError, Nowhere
from pulumi_signa.lifecycle.webhook_endpoint.rotation import Rotation, Why
from pulumi_signa.signa_api.errors import ConflictError, ResponseFormatError

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.context import Context
    from pulumi_signa.lifecycle.webhook_endpoint.keeping import Keeper
    from pulumi_signa.signa_api.client import Issued, SignaClient
    from pulumi_signa.signa_api.models import WebhookEndpoint

_MAX_KEYS = 10
"""Keys that are tried for one rotation. A key is used up by each rotation of the last 24 hours that no state holds."""


def rotate(  # noqa: PLR0913 - what is rotated, why, and what was done before, for the message
    context: Context,
    signa: SignaClient,
    endpoint_id: str,
    held: HeldSecret,
    rotation: Rotation,
    *,
    keeper: Keeper,
    seen: WebhookEndpoint | None = None,
    changed: tuple[str, ...] = (),
) -> tuple[WebhookEndpoint, HeldSecret]:
    """
    Rotate, or find what an earlier run of the same rotation has made; where Signa does not rotate yet, wait or refuse.

    Args:
        seen: The endpoint before anything was changed; None where Signa was not asked for it.
        changed: The fields that this call has changed already.
    """
    try:
        return _issue(context, signa, endpoint_id, held, rotation, keeper=keeper)
    except ConflictError:
        if rotation.reason is not None:
            raise
        endpoint = seen or signa.get_webhook_endpoint(endpoint_id)
        until = overlap_ends_by(endpoint)
        if not rotation.can_wait:
            raise LifecycleError(messages.not_yet(rotation, endpoint_id, until, changed)) from None
        context.warn(messages.ROTATION_WAITS.format(id=endpoint_id, until=text_of(until)))
        return endpoint, held.seen_beside(endpoint)


def _issue(  # noqa: PLR0913 - as above
    context: Context, signa: SignaClient, endpoint_id: str, held: HeldSecret, rotation: Rotation, *, keeper: Keeper
) -> tuple[WebhookEndpoint, HeldSecret]:
    secretless = ResponseFormatError("Signa's answer to rotate webhook secret holds no secret")
    moved_on = LifecycleError(messages.NEVER_CURRENT.format(id=endpoint_id))
    failure: Exception = moved_on
    for page in pages(*_identity(context, endpoint_id, rotation), limit=_MAX_KEYS):
        try:
            issued, is_forced = _send(context, signa, endpoint_id, rotation, key=f"pulumi-rotate-{page}")
        except ConflictError as refusal:
            if rotation.reason is None:
                raise
            # Force meets no overlap, so an earlier run has used this key with another reason.
            failure = refusal
            held = _after_another(held, rotation)
            continue
        current = signa.get_webhook_endpoint(endpoint_id) if issued.is_replay else issued.endpoint
        secret = issued.endpoint.secret
        is_current = issued.endpoint.secret_version == current.secret_version
        if secret is not None and is_current:
            try:
                return current, held.rotated(secret, issued.endpoint, keeper, forced=is_forced)
            except NotKeptError as failed:
                raise LifecycleError(messages.rotated_but_not_kept(failed, issued.endpoint, forced=is_forced)) from None
        failure = secretless if is_current else moved_on
        if not issued.is_replay:
            raise failure
        if is_current:
            # Signa does not repeat the secret, but an interrupted run may have put it into its place.
            kept = keeper.find(endpoint_id, current.secret_version)
            if not isinstance(kept, Nowhere):
                return current, HeldSecret.issued(kept, issued.endpoint, forced=is_forced)
        # This key's secret cannot be used: Signa no longer shows it, or someone rotated afterwards. The next key
        # follows from this one rather than from Signa's current version, because every run must arrive at the same key.
        held = _after_another(held, rotation)
    raise failure


def _after_another(held: HeldSecret, rotation: Rotation) -> HeldSecret:
    """
    Return what is held when an interrupted run has rotated before the next key is sent.

    An adopted secret is recorded with the version we found, so its version does not tell that others lie between.
    """
    return replace(held, kept=Nowhere()) if rotation.why is Why.ADOPTION else held


def _identity(context: Context, endpoint_id: str, rotation: Rotation) -> tuple[str | int | None, ...]:
    """Return what the keys are derived from: the endpoint and the version after the held one, where one is held."""
    if rotation.why is Why.ADOPTION:
        # The version that was found cannot go into the key, because an interrupted run may have raised it.
        return ("adopt", endpoint_id, context.settings.namespace, context.urn)
    if rotation.held_version is None:
        # Without a held secret the version is Signa's, which an interrupted run may have raised as well.
        return (endpoint_id, "none held", rotation.recorded_trigger)
    return (endpoint_id, rotation.held_version + 1)


def _send(
    context: Context, signa: SignaClient, endpoint_id: str, rotation: Rotation, *, key: str
) -> tuple[Issued, bool]:
    """
    Send the rotation with one key, and return whether it was forced.

    A rotation with a reason is sent both ways, the likelier one first: Signa may know of an overlap that the state does
    not know of, and what an interrupted run has sent is replayed only to the same body.
    """

    def send(reason: str | None) -> tuple[Issued, bool]:
        context.require_engine()
        return signa.rotate_secret(endpoint_id, idempotency_key=key, force_reason=reason), reason is not None

    if rotation.reason is None:
        return send(None)
    likelier, other = (rotation.reason, None) if rotation.is_inside_overlap else (None, rotation.reason)
    with contextlib.suppress(ConflictError):
        return send(likelier)
    return send(other)
