"""
Taking over an endpoint that exists: it is never made twice, and no secret of it ends unasked.

Signa does not show the endpoint's secret again. It is the one that the user has; or, where the user says so, a rotation
issues another one, beside which the one that receivers have stays valid for 24 hours; or it is unknown, and the
endpoint is managed without.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from pulumi_signa.lifecycle import URN, LifecycleError
from pulumi_signa.lifecycle.held_secret import HeldSecret
from pulumi_signa.lifecycle.rotation import Rotation, carry_out, refused_until
from pulumi_signa.signa_api.errors import ConflictError, NotFoundError

if TYPE_CHECKING:
    from pulumi_signa.inputs import Properties
    from pulumi_signa.lifecycle.kept import Kept
    from pulumi_signa.lifecycle.run import Run
    from pulumi_signa.signa_api.client import SignaClient
    from pulumi_signa.signa_api.models import WebhookEndpoint


class Adoptions:
    """
    Which resources of this run are to take over which endpoint.

    Pulumi shows a provider one resource at a time, and in any order; so both who is to take over an endpoint and who
    has it already look for the other.
    """

    def __init__(self) -> None:
        """Know of none yet."""
        self._lock = threading.Lock()
        self._urns: dict[str, str] = {}

    def claim(self, endpoint_id: str, urn: str, kept: Kept) -> None:
        """
        Note that a resource is to take over an endpoint, which a resource that is declared no longer may have had.

        The endpoint is not deleted then.

        Raises:
            LifecycleError: Another resource of the program has it, or is to take it over.
        """
        with self._lock:
            first = self._urns.setdefault(endpoint_id, urn)
        _refuse_second(endpoint_id, urn, kept.holder(endpoint_id) or first)
        kept.take(endpoint_id, urn)

    def hold(self, endpoint_id: str, urn: str) -> None:
        """
        Note that a resource has an endpoint.

        Raises:
            LifecycleError: Another resource of the program is to take it over.
        """
        _refuse_second(endpoint_id, urn, self._urns.get(endpoint_id, urn))

    def leave(self, endpoint_id: str, urn: str) -> None:
        """
        Note that a resource is to be rid of an endpoint.

        Raises:
            LifecycleError: It is to take it over again: it is being replaced by force, and the secret that it was given
                may be an old one by now.
        """
        if self._urns.get(endpoint_id) == urn:
            raise LifecycleError(
                f"a resource that adopts {endpoint_id} is not replaced: change rotate_trigger to have another secret, "
                "or take `adopt` out to have another endpoint"
            )


def _refuse_second(endpoint_id: str, urn: str, other: str) -> None:
    if other != urn:
        one, another = (name.rsplit("::", 1)[-1] for name in (urn, other))
        if one == another:
            one, another = urn, other
        raise LifecycleError(
            f"{endpoint_id} is declared twice, by the resources {one!r} and {another!r}: keep one of them"
        )


def find(client: SignaClient, endpoint_id: str) -> WebhookEndpoint:
    """
    Fetch the endpoint that is to be taken over.

    Raises:
        SignaError: Signa refused or could not be reached.
        LifecycleError: There is none.
    """
    try:
        return client.get_webhook_endpoint(endpoint_id)
    except NotFoundError:
        raise LifecycleError(
            f"{endpoint_id} does not exist in the API key's organization: check the id in `adopt` and the key, or take "
            "`adopt` out to make a new endpoint"
        ) from None


def secret_of(
    client: SignaClient, found: WebhookEndpoint, adopt: Properties, declared: Properties, run: Run
) -> tuple[WebhookEndpoint | None, HeldSecret]:
    """
    Give the secret with which the endpoint goes on, and the endpoint as it is after a rotation, or None.

    Args:
        found: The endpoint as it was before anything was changed.
        adopt: `id`, and optionally `secret` and `rotate`.
        declared: The inputs in normal form.

    Raises:
        SignaError: Signa refused or could not be reached.
        LifecycleError: A rotation is asked for, and Signa does not rotate yet.
    """
    held = HeldSecret.first(found, adopt.get("secret"))
    if not adopt.get("rotate"):
        return None, held
    rotation = Rotation("adopt", is_asked=True, reason=declared.get("force_rotation_reason"))
    # Not by a version: a run that died after the rotation has made it another one.
    known_by = ("adopt", found.id, run.namespace, declared.get(URN) or "")
    try:
        return carry_out(client, found.id, held, rotation, run, known_by=known_by)
    except ConflictError:
        raise LifecycleError(
            f"{found.id} was rotated less than 24 hours ago, and Signa rotates it again at {refused_until(found)} at "
            "the latest: run `pulumi up` again then, or give adopt the secret, or force_rotation_reason to end the "
            "secret before at once"
        ) from None
