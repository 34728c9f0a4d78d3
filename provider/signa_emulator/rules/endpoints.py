"""Endpoints: their life, and the overlap in which two secrets are valid."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from signa_emulator.clock import to_iso
from signa_emulator.rules.errors import ConflictError, IdTypeMismatchError, NotFoundError
from signa_emulator.rules.ids import new_id, new_secret

if TYPE_CHECKING:
    from signa_emulator.rules.validation import EndpointChanges, NewEndpoint, Rotation, Status
    from signa_emulator.settings import Settings

_OVERLAP = timedelta(hours=24)


@dataclass
class Endpoint:
    """
    One webhook endpoint, with the secrets that no read shows.

    Attributes:
        sequence: Grows with every endpoint made.
        id: `whk_` and a UUIDv7.
        url: Where deliveries go.
        description: Free text, or None.
        enabled_events: The event types it is subscribed to, as sent.
        metadata: The caller's own data.
        created_at: When it was made.
        updated_at: When it was last changed by a call or disabled by failures.
        secret: The current signing secret.
        secret_version: 1 at first, one more after every rotation.
        previous_secret: The secret before the last rotation without force; valid while the overlap is open.
        previous_secret_expires_at: The end of that overlap.
        status: `active` or `disabled`.
        consecutive_failures: Failed delivery attempts since the last success; tests do not count.
        last_success_at: When an event was last delivered.
        last_failure_at: When an attempt to deliver an event last failed.
    """

    sequence: int
    id: str
    url: str
    description: str | None
    enabled_events: list[str]
    metadata: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    secret: str = field(default_factory=new_secret, repr=False)
    secret_version: int = 1
    previous_secret: str | None = field(default=None, repr=False)
    previous_secret_expires_at: datetime | None = None
    status: Status = "active"
    consecutive_failures: int = 0
    last_success_at: datetime | None = None
    last_failure_at: datetime | None = None

    def live_previous_secret(self, now: datetime) -> str | None:
        """Return the previous secret while its overlap is open, else None."""
        expires_at = self.previous_secret_expires_at
        return self.previous_secret if expires_at is not None and now < expires_at else None

    def change(self, changes: EndpointChanges, settings: Settings, now: datetime) -> None:
        """
        Apply a valid update; fields that the update does not name stay as they are.

        Open points: whether `metadata` merges and whether re-enabling resets the counter; both are settings.
        """
        if "url" in changes:
            self.url = changes["url"]
        if "description" in changes:
            self.description = changes["description"]
        if "enabled_events" in changes:
            self.enabled_events = changes["enabled_events"]
        if "metadata" in changes:
            sent = changes["metadata"]
            kept = self.metadata if settings.metadata_merge == "merge" else {}
            removed = [key for key, value in sent.items() if value is None and settings.metadata_merge == "merge"]
            self.metadata = {key: value for key, value in {**kept, **sent}.items() if key not in removed}
        if "status" in changes:
            enabled_again = self.status == "disabled" and changes["status"] == "active"
            if enabled_again and settings.reenable_resets_failures:
                self.consecutive_failures = 0
            self.status = changes["status"]
        self.updated_at = now

    def rotate(self, rotation: Rotation, now: datetime) -> None:
        """
        Replace the secret; without force the old secret stays valid for 24 hours.

        Raises:
            ConflictError: Without force, while the overlap of an earlier rotation is open.

        Source: https://docs.signa.so/api-reference/monitoring/webhooks/rotate-secret. Open point: a forced
        rotation inside an overlap drops both older secrets.
        """
        if rotation.force:
            self.previous_secret, self.previous_secret_expires_at = None, None
        elif self.live_previous_secret(now) is not None and self.previous_secret_expires_at is not None:
            until = to_iso(self.previous_secret_expires_at)
            detail = f"The previous secret of {self.id} is valid until {until}; rotate then, or with force=true."
            raise ConflictError(detail)
        else:
            self.previous_secret, self.previous_secret_expires_at = self.secret, now + _OVERLAP
        self.secret = new_secret()
        self.secret_version += 1
        self.updated_at = now

    def record_success(self, now: datetime) -> None:
        """Record that an event was delivered."""
        self.consecutive_failures = 0
        self.last_success_at = now

    def record_failure(self, now: datetime) -> None:
        """Record that an attempt to deliver an event failed."""
        self.consecutive_failures += 1
        self.last_failure_at = now

    def disable(self, now: datetime) -> None:
        """Stop deliveries, because the receiver failed too often or answered 410."""
        self.status = "disabled"
        self.updated_at = now


class Endpoints:
    """
    The endpoints of one organization. Two of them may share a URL.

    Attributes:
        deleted: IDs of the endpoints that were deleted, oldest deletion first.
    """

    def __init__(self) -> None:
        self._by_id: dict[str, Endpoint] = {}
        self._made = 0
        self.deleted: list[str] = []

    def create(self, new: NewEndpoint, settings: Settings, now: datetime) -> Endpoint:
        """
        Register an endpoint and make its secret.

        Raises:
            ConflictError: The organization already has `max_endpoints` of them.
        """
        if settings.max_endpoints is not None and len(self._by_id) >= settings.max_endpoints:
            raise ConflictError(
                f"The organization already has its limit of {settings.max_endpoints} webhook endpoints."
            )
        self._made += 1
        endpoint = Endpoint(
            sequence=self._made,
            id=new_id("whk", now),
            url=new.url,
            description=new.description,
            enabled_events=new.enabled_events,
            metadata=new.metadata,
            created_at=now,
            updated_at=now,
        )
        self._by_id[endpoint.id] = endpoint
        return endpoint

    def get(self, endpoint_id: str) -> Endpoint:
        """
        Return an endpoint.

        Raises:
            IdTypeMismatchError: The ID is not a `whk_` one.
            NotFoundError: There is no such endpoint, or no longer.
        """
        if not endpoint_id.startswith("whk_"):
            raise IdTypeMismatchError(f"Expected a webhook endpoint ID (whk_*) but received {endpoint_id}.")
        endpoint = self._by_id.get(endpoint_id)
        if endpoint is None:
            raise NotFoundError(f"Webhook endpoint {endpoint_id} does not exist.")
        return endpoint

    def find(self, endpoint_id: str) -> Endpoint | None:
        """Return an endpoint, or None when it does not exist."""
        return self._by_id.get(endpoint_id)

    def newest_first(self) -> list[Endpoint]:
        """
        Return every endpoint; those of one millisecond also keep their order.

        Open point: the order of Signa's list is not documented.
        """
        return list(self._by_id.values())[::-1]

    def delete(self, endpoint: Endpoint) -> None:
        """Remove an endpoint for good."""
        del self._by_id[endpoint.id]
        self.deleted.append(endpoint.id)

    def forget(self) -> None:
        """Forget every endpoint, and every deletion."""
        self._by_id.clear()
        self.deleted.clear()
