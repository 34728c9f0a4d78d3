"""
Taking over an endpoint that exists: it is never made twice, and no secret of it ends unasked.

Signa does not show the endpoint's secret again. The secret is the one that the user has; or, where the user says so, a
rotation issues another one, beside which the secret that receivers have stays valid for 24 hours; or it is unknown, and
the endpoint is managed without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_signa.lifecycle.errors import LifecycleError
from pulumi_signa.lifecycle.schema import differing
from pulumi_signa.lifecycle.webhook_endpoint import messages
from pulumi_signa.lifecycle.webhook_endpoint.held_secret import HeldSecret
from pulumi_signa.lifecycle.webhook_endpoint.keeping import Nowhere, SigningSecret, StateKeeper
from pulumi_signa.lifecycle.webhook_endpoint.rotation import Rotation, Why
from pulumi_signa.lifecycle.webhook_endpoint.schema import SENT
from pulumi_signa.lifecycle.webhook_endpoint.settling import Found
from pulumi_signa.lifecycle.webhook_endpoint.state import as_declared, observed_at
from pulumi_signa.signa_api.errors import NotFoundError

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.webhook_endpoint.keeping import Keeper
    from pulumi_signa.lifecycle.webhook_endpoint.schema import Adoption, Declared
    from pulumi_signa.signa_api.client import SignaClient


def find(signa: SignaClient, adoption: Adoption, declared: Declared, keeper: Keeper) -> Found:
    """Return the endpoint that is to be taken over, with what is left to be done of it."""
    try:
        endpoint = signa.get_webhook_endpoint(adoption.id)
    except NotFoundError:
        raise LifecycleError(messages.NOTHING_TO_ADOPT.format(id=adoption.id)) from None
    version = endpoint.secret_version
    if adoption.secret is None:
        kept = keeper.find(endpoint.id, version)
    else:
        # A rotation puts its own secret into the destination. The given one is the one before, and which version it is
        # is not known once an interrupted run has rotated.
        keeper = StateKeeper() if adoption.rotate else keeper
        kept = keeper.keep(SigningSecret(endpoint.id, version, adoption.secret), Nowhere())
    return Found(
        id=endpoint.id,
        seen=endpoint,
        observed=observed_at(endpoint),
        held=HeldSecret.first(endpoint, kept),
        different=differing(SENT, as_declared(endpoint), declared),
        rotation=Rotation(Why.ADOPTION, declared.force_rotation_reason) if adoption.rotate else None,
        is_taken_over=True,
    )
