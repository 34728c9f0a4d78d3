"""What one run learns of the organization's endpoints while it goes."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulumi_signa.signa_api.client import SignaClient
    from pulumi_signa.signa_api.models import WebhookEndpoint


class KnownEndpoints:
    """
    Which endpoints the resources of this run have.

    Pulumi shows a provider one resource at a time. What it shows is collected here, so that an endpoint that a
    resource has is never taken for one that a run left behind: after a renaming with an alias, Signa's answer to the
    old name's key is the endpoint that the new name has.
    """

    def __init__(self, *, settle_s: float = 1.0) -> None:
        """
        Know nothing yet.

        Args:
            settle_s: How long to wait for the program to declare the resource that may have an endpoint. The engine
                compares a stack's resources while the first ones are being created.
        """
        self._settle_s = settle_s
        self._changed = threading.Condition()
        self._held: set[str] = set()

    def hold(self, endpoint_id: str) -> None:
        """Note that a resource has this endpoint."""
        with self._changed:
            self._held.add(endpoint_id)
            self._changed.notify_all()

    def is_held(self, endpoint_id: str) -> bool:
        """Tell whether a resource is known to have this endpoint."""
        with self._changed:
            return endpoint_id in self._held

    def is_free(self, endpoint_id: str) -> bool:
        """Tell whether no resource has this endpoint, once the program has had the time to declare one."""
        with self._changed:
            return not self._changed.wait_for(lambda: endpoint_id in self._held, timeout=self._settle_s)

    def unheld(self, client: SignaClient) -> list[WebhookEndpoint]:
        """
        Return the organization's endpoints that no resource of this run is known to have; the client lists them once.

        Raises:
            SignaError: Signa refused or could not be reached.
        """
        return [endpoint for endpoint in client.endpoints_listed_once() if not self.is_held(endpoint.id)]
