"""What the user is told of an endpoint that is not as it should be: what is wrong, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_signa.lifecycle import URN
from pulumi_signa.lifecycle.held_secret import CURRENT, STALE, HeldSecret
from pulumi_signa.lifecycle.rotation import ROTATE, refused_until

if TYPE_CHECKING:
    from pulumi_signa.inputs import Properties
    from pulumi_signa.signa_api.models import WebhookEndpoint


def on_secret(held: HeldSecret, endpoint: WebhookEndpoint, declared: Properties) -> list[str]:
    """Tell of a secret that receivers cannot verify with, or not for long."""
    if held.status == CURRENT:
        return []
    if held.status == STALE:
        problem = (
            f"the secret of {endpoint.id} was rotated elsewhere: Signa signs with version {endpoint.secret_version}, "
            f"this stack holds version {held.version}, which ends at {refused_until(endpoint)} at the latest"
        )
    else:
        problem = f"this stack does not hold the secret of {endpoint.id}, which Signa shows to nobody twice"
    if URN not in declared:
        remedy = "to have one, manage the endpoint in a stack, with `adopt`"
    elif declared["on_stale_secret"] == ROTATE:
        remedy = "the next `pulumi up` rotates it, as soon as Signa allows that (on_stale_secret)"
    else:
        remedy = 'to have a new one issued, set on_stale_secret="rotate", or change rotate_trigger, and run `pulumi up`'
    return [f"{problem}; {remedy}"]


def on_status(endpoint: WebhookEndpoint, old: Properties) -> list[str]:
    """Tell of an endpoint without deliveries, where that is news or Signa's own doing."""
    if endpoint.status != "disabled":
        return []
    remedy = "where `active` is declared, the next `pulumi up` switches it on again"
    if endpoint.consecutive_failures:
        failed = f"{endpoint.consecutive_failures} failed deliveries in a row"
        since = f"{endpoint.id} is disabled since {endpoint.last_failure_at}, after {failed}"
        return [f"{since}: mend the receiver; {remedy}"]
    if old.get("status") == "active":
        return [f"{endpoint.id} was disabled elsewhere, at {endpoint.updated_at} or before; {remedy}"]
    return []
