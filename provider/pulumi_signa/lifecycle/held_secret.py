"""
The signing secret that a stack holds, and what it knows of it.

Signa shows a secret when it is issued and never again, so everything here comes from the state. What Signa shows later
is the number of its current version: a higher one than that held means that somebody else has rotated.

Source: https://docs.signa.so/api-reference/monitoring/webhooks/rotate-secret
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from pulumi_signa.lifecycle.times import moment, text_of

if TYPE_CHECKING:
    from pulumi_signa.inputs import Properties
    from pulumi_signa.signa_api.models import IssuedWebhookEndpoint, WebhookEndpoint

CURRENT, STALE, UNKNOWN = "current", "stale", "unknown"

OVERLAP = timedelta(hours=24)
"""How long after a rotation Signa signs with the secret before as well."""

SECRET_OUTPUTS = ("secret", "previous_secret")

OUTPUTS = (
    "secret",
    "secret_version",
    "secret_status",
    "secret_rotated_at",
    "previous_secret",
    "previous_secret_expires_at",
)


@dataclass(frozen=True, slots=True)
class HeldSecret:
    """
    A secret, and the one before while Signa still signs with that too.

    Attributes:
        value: The secret; None where the stack was never told it.
        version: Its number; without a value that of Signa's.
        rotated_at: When it was issued. Where that was not seen: no later than this; None where nothing is known.
        status: `current`, `stale` where Signa has a later version, `unknown` without a value.
        previous: The secret before, or None.
        previous_expires_at: End of the overlap that a rotation of ours has opened, or None.
    """

    value: str | None = field(repr=False)
    version: int
    rotated_at: str | None
    status: str = CURRENT
    previous: str | None = field(default=None, repr=False)
    previous_expires_at: str | None = None

    @classmethod
    def of_state(cls, outputs: Properties) -> HeldSecret:
        """Give what a state holds; one that older code has written lacks the times of the secret."""
        version = outputs.get("secret_version", 1)
        return cls(
            value=outputs.get("secret"),
            version=version,
            rotated_at=outputs.get("secret_rotated_at") or outputs.get("created_at" if version == 1 else "updated_at"),
            status=outputs.get("secret_status", CURRENT),
            previous=outputs.get("previous_secret"),
            previous_expires_at=outputs.get("previous_secret_expires_at"),
        )

    @classmethod
    def first(cls, endpoint: WebhookEndpoint, value: str | None) -> HeldSecret:
        """Give a secret, or none, as that of an endpoint at which no earlier state looked."""
        rotated_at = endpoint.created_at if endpoint.secret_version == 1 else endpoint.updated_at
        return cls(value, endpoint.secret_version, rotated_at, UNKNOWN if value is None else CURRENT)

    def rotated(self, issued: IssuedWebhookEndpoint, *, forced: bool) -> HeldSecret:
        """
        Give the secret that a rotation issued; the one held is the previous one if no version lies between them.

        A secret that was given for an adoption has the version that the endpoint had when it was found, and that is
        the issued one where a run that died has rotated.
        """
        is_next = issued.secret_version <= self.version + 1
        return HeldSecret(
            value=issued.secret,
            version=issued.secret_version,
            rotated_at=issued.updated_at,
            previous=self.value if is_next and not forced else None,
            previous_expires_at=None if forced else text_of(moment(issued.updated_at) + OVERLAP),
        )

    def seen_beside(self, endpoint: WebhookEndpoint) -> HeldSecret:
        """Give the same secret with the status that the endpoint, as it is at Signa, gives it."""
        if self.value is None:
            return self if self.version == endpoint.secret_version else HeldSecret.first(endpoint, None)
        if self.version == endpoint.secret_version:
            return replace(self, status=CURRENT)
        # Of the secrets before, Signa knows at most the one that it has replaced: ours, if anything.
        return replace(self, status=STALE, previous=None, previous_expires_at=None)

    def without_expired(self, now: datetime) -> HeldSecret:
        """Give the same secret without a previous one that Signa no longer signs with."""
        is_over = self.previous_expires_at is not None and self.overlap_end(now) is None
        return replace(self, previous=None, previous_expires_at=None) if is_over else self

    def overlap_end(self, now: datetime) -> datetime | None:
        """Give the end of the overlap in which Signa refuses a rotation, where one is known to be open."""
        if self.previous_expires_at is None:
            return None
        end = moment(self.previous_expires_at)
        return end if now < end else None

    def outputs(self) -> dict[str, Any]:
        """Give it as a state holds it."""
        values = (self.value, self.version, self.status, self.rotated_at, self.previous, self.previous_expires_at)
        return dict(zip(OUTPUTS, values, strict=True))
