"""
The signing secret that a stack holds, and what the stack knows about the secret.

Signa shows a secret when it is issued and never again, so everything here comes from the state. Later answers show only
the number of Signa's current version: a higher number than the held one means that somebody else has rotated.

Source: https://docs.signa.so/api-reference/monitoring/webhooks/rotate-secret
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from pulumi_signa.lifecycle.times import moment, text_of
from pulumi_signa.lifecycle.webhook_endpoint.keeping import (
    NO_VALUE,
    InSecretsManager,
    InState,
    Keeper,
    Kept,
    Nowhere,
    SigningSecret,
)
from pulumi_signa.lifecycle.webhook_endpoint.schema import CURRENT, OVERWRITTEN, STALE, UNKNOWN

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.webhook_endpoint.schema import Observed, Recorded
    from pulumi_signa.signa_api.models import WebhookEndpoint

OVERLAP = timedelta(hours=24)
"""How long after a rotation Signa signs with the secret before as well."""


def overlap_ends_by(endpoint: WebhookEndpoint) -> datetime:
    """Return when the overlap ends at the latest where somebody else has rotated: counted from the last change."""
    return moment(endpoint.updated_at) + OVERLAP


@dataclass(frozen=True, slots=True)
class HeldSecret:
    """
    A secret, and the one before while Signa still signs with that too.

    Attributes:
        kept: Where the value is.
        version: The version of the value; for `Nowhere` Signa's version.
        rotated_at: When Signa issued the secret, ISO 8601 UTC. If we did not see that, an upper bound (the endpoint's
            last change). None if unknown.
        is_stale: Whether Signa has a later version.
        previous_expires_at: End of the overlap that a rotation of ours has opened, ISO 8601 UTC, or None.
    """

    kept: Kept
    version: int
    rotated_at: str | None
    is_stale: bool = False
    previous_expires_at: str | None = None

    @classmethod
    def of_state(cls, recorded: Recorded, observed: Observed) -> HeldSecret:
        """Return what a state holds; a state that older code wrote lacks the times of the secret."""
        version = recorded.secret_version
        return cls(
            kept=place_of(recorded),
            version=version,
            rotated_at=recorded.secret_rotated_at or (observed.created_at if version == 1 else observed.updated_at),
            is_stale=recorded.secret_status == STALE,
            previous_expires_at=recorded.previous_secret_expires_at,
        )

    @classmethod
    def first(cls, endpoint: WebhookEndpoint, kept: Kept) -> HeldSecret:
        """Return the secret of an endpoint that no earlier state looked at."""
        rotated_at = endpoint.created_at if endpoint.secret_version == 1 else endpoint.updated_at
        return cls(kept, endpoint.secret_version, rotated_at)

    @property
    def status(self) -> str:
        """`stale` where Signa has a later version than the one that is kept, else the status of its place."""
        return STALE if self.is_stale and self.kept.status != UNKNOWN else self.kept.status

    def rotated(self, secret: str, endpoint: WebhookEndpoint, keeper: Keeper, *, forced: bool) -> HeldSecret:
        """
        Return the secret that a rotation issued; the held one is the previous one if no version lies between them.

        An adopted secret is recorded with the version we found. If an interrupted run had already rotated, that is the
        new version, so the issued version may equal ours.

        A forced rotation has ended the secrets before at once.
        """
        is_next = endpoint.secret_version <= self.version + 1
        before = self.kept if is_next and not forced else Nowhere()
        kept = keeper.keep(SigningSecret(endpoint.id, endpoint.secret_version, secret), before)
        return HeldSecret.issued(kept, endpoint, forced=forced)

    @classmethod
    def issued(cls, kept: Kept, endpoint: WebhookEndpoint, *, forced: bool) -> HeldSecret:
        """Return the secret that a rotation issued, once it is in its place."""
        return cls(
            kept=kept,
            version=endpoint.secret_version,
            rotated_at=endpoint.updated_at,
            previous_expires_at=None if forced else text_of(moment(endpoint.updated_at) + OVERLAP),
        )

    def seen_beside(self, endpoint: WebhookEndpoint) -> HeldSecret:
        """Return the same secret with the status that the endpoint's version gives it."""
        if self.version == endpoint.secret_version:
            return replace(self, is_stale=False)
        if isinstance(self.kept, Nowhere):
            return HeldSecret.first(endpoint, self.kept)
        # After a rotation elsewhere, ours is the only older secret that can still be valid. Our own previous secret is
        # not.
        return replace(self, is_stale=True, kept=self.kept.without_previous(), previous_expires_at=None)

    def without_expired(self, now: datetime) -> HeldSecret:
        """Return the same secret without a previous one that Signa no longer signs with."""
        if self.previous_expires_at is None or self.overlap_end(now) is not None:
            return self
        return replace(self, kept=self.kept.without_previous(), previous_expires_at=None)

    def overlap_end(self, now: datetime) -> datetime | None:
        """Return the end of the overlap in which Signa refuses a rotation; None where no open overlap is known."""
        if self.previous_expires_at is None:
            return None
        end = moment(self.previous_expires_at)
        return end if now < end else None

    def outputs(self) -> dict[str, Any]:
        """Return the outputs that describe the secret."""
        return {
            **NO_VALUE,
            **self.kept.outputs(),
            "secret_version": self.version,
            "secret_status": self.status,
            "secret_rotated_at": self.rotated_at,
            "previous_secret_expires_at": self.previous_expires_at,
        }


def place_of(recorded: Recorded) -> Kept:
    """Return the place that a state records; a value in the state counts more than one elsewhere."""
    if recorded.secret is not None:
        return InState(recorded.secret, recorded.previous_secret)
    if recorded.secret_arn is None or recorded.secret_version_id is None:
        return Nowhere()
    status = recorded.secret_status if recorded.secret_status in (OVERWRITTEN, UNKNOWN) else CURRENT
    return InSecretsManager(recorded.secret_arn, recorded.secret_version_id, recorded.secret_fingerprint, status)
