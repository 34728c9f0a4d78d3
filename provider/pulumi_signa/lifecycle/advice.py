"""What the user is told of an endpoint that is not as it should be: what is wrong, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_signa.inputs import is_unknown
from pulumi_signa.lifecycle import URN
from pulumi_signa.lifecycle.held_secret import CURRENT, STALE, HeldSecret
from pulumi_signa.lifecycle.rotation import ROTATE, refused_until

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    elif held.status == STALE:
        remedy = 'with on_stale_secret="rotate", `pulumi up` has a new one issued as soon as Signa allows that'
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


def on_adoption(adopt: Mapping[str, Any]) -> str:
    """Say what taking over an endpoint will do to it, which Pulumi shows as a create."""
    if adopt.get("rotate"):
        then = "its secret is rotated, and the one before stays valid for 24 hours"
    elif adopt.get("secret") is not None:
        then = "its secret stays"
    else:
        then = "its secret stays, unknown to this stack"
    return f"takes over {adopt['id']}: what differs is changed; {then}"


def on_adopt(adopt: Mapping[str, Any] | None, endpoint_id: str) -> list[str]:
    """Tell of an endpoint that is not taken over, since the resource has another one already."""
    if adopt is None or is_unknown(adopt["id"]) or adopt["id"] == endpoint_id:
        return []
    problem = f"{adopt['id']} is not taken over, since this resource has {endpoint_id} already"
    return [f"{problem}: declare another resource for it; `adopt` counts when a resource is created"]
