"""
Where the value of a signing secret is kept: in the state, in a secret of AWS Secrets Manager, or nowhere.

A keeper is what puts an issued secret into its place.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Protocol

from pulumi_signa.lifecycle.errors import LifecycleError
from pulumi_signa.lifecycle.places import leads_to, region_of
from pulumi_signa.lifecycle.webhook_endpoint.schema import CURRENT, OVERWRITTEN, UNKNOWN

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.webhook_endpoint.schema import Declared, Destination

NO_VALUE = dict.fromkeys(("secret", "previous_secret", "secret_arn", "secret_version_id", "secret_fingerprint"))
"""The outputs that places account for, each of which is None where a place says nothing else."""

_FINGERPRINT_DIGITS = 16


def fingerprint_of(value: str) -> str:
    """Return the first 16 hexadecimal digits of the SHA-256 of a value, by which two secrets are compared."""
    return hashlib.sha256(value.encode(errors="surrogatepass")).hexdigest()[:_FINGERPRINT_DIGITS]


@dataclass(frozen=True, slots=True)
class SigningSecret:
    """A secret as Signa issued it, or as somebody had it: the endpoint, the version, and the value."""

    endpoint_id: str
    version: int
    value: str = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """The first 16 hexadecimal digits of the SHA-256 of the value."""
        return fingerprint_of(self.value)


@dataclass(frozen=True, slots=True)
class InState:
    """The value stands in the state, encrypted by Pulumi, and so does the one before while Signa signs with it too."""

    value: str = field(repr=False)
    previous: str | None = field(default=None, repr=False)
    status = CURRENT

    def without_previous(self) -> InState:
        """Return the place once the secret before has ended."""
        return replace(self, previous=None)

    def outputs(self) -> dict[str, Any]:
        """Return the outputs that the place accounts for."""
        return {"secret": self.value, "previous_secret": self.previous}


@dataclass(frozen=True, slots=True)
class InSecretsManager:
    """
    The value is in Secrets Manager, and only there.

    Attributes:
        version_id: The version that this stack has put, or has recognized.
        fingerprint: Of the value; None where the value was recognized by the id of its version alone.
        status: `current`; `overwritten` where another version is the current one; `unknown` where ours is gone.
    """

    arn: str
    version_id: str
    fingerprint: str | None
    status: str = CURRENT

    def is_at(self, destination: Destination) -> bool:
        """Return whether the place is the one that a destination names, by name or by ARN."""
        is_same_region = destination.region in (None, region_of(self.arn))
        return destination.secret_id is not None and is_same_region and leads_to(destination.secret_id, self.arn)

    def without_previous(self) -> InSecretsManager:
        """Return the place, which keeps the secret before by itself, as AWSPREVIOUS."""
        return self

    def outputs(self) -> dict[str, Any]:
        """Return the outputs that the place accounts for."""
        return {
            "secret_arn": self.arn,
            "secret_version_id": self.version_id,
            "secret_fingerprint": self.fingerprint,
        }


@dataclass(frozen=True, slots=True)
class Nowhere:
    """This stack was never told the secret, or has given it away."""

    status = UNKNOWN

    def without_previous(self) -> Nowhere:
        """Return the place, which holds no secret before either."""
        return self

    def outputs(self) -> dict[str, Any]:
        """Return the outputs that the place accounts for."""
        return {}


Kept = InState | InSecretsManager | Nowhere


class Keeper(Protocol):
    """What puts secrets into their place."""

    def keep(self, secret: SigningSecret, before: Kept) -> Kept:
        """Keep a secret; `before` is the place of the secret before, `Nowhere` where that has ended."""

    def find(self, endpoint_id: str, version: int) -> Kept:
        """Return the place of a version of an endpoint's secret that an earlier state has kept, or `Nowhere`."""


class StateKeeper:
    """Keeps a secret, and the one before it, in the state."""

    def keep(self, secret: SigningSecret, before: Kept) -> InState:
        """Keep a secret."""
        return InState(secret.value, before.value if isinstance(before, InState) else None)

    def find(self, endpoint_id: str, version: int) -> Nowhere:  # noqa: ARG002 - of every keeper
        """Find nothing: no state but this one is looked at."""
        return Nowhere()


class NotKeptError(LifecycleError):
    """
    A secret could not be put into its place.

    Attributes:
        arn: The place.
        reason: What AWS said, in one line.
        is_final: Whether the secret is certainly not there, and trying again does not help.
    """

    def __init__(self, arn: str, reason: str, *, is_final: bool) -> None:
        super().__init__(f"the secret could not be written to {arn}: {reason}")
        self.arn = arn
        self.reason = reason
        self.is_final = is_final


class Move(Enum):
    """What a declaration makes of the place of a secret."""

    IN = auto()  # out of the state into the destination
    ELSEWHERE = auto()  # into another destination, for which the value is not to be had
    OUT = auto()  # the destination is taken out
    FOUND = auto()  # a destination for a secret that nobody holds, unless the destination has it already
    BACK = auto()  # the version that somebody has overwritten


def move(kept: Kept, declared: Declared) -> Move | None:
    """Return what is to be done about the place of a secret, or None; nothing is concluded from an unknown input."""
    destination = declared.destination
    if destination is None:
        return Move.OUT if isinstance(kept, InSecretsManager) else None
    if destination.secret_id is None:
        return None
    if isinstance(kept, InState):
        return Move.IN
    if isinstance(kept, Nowhere):
        return Move.FOUND
    if not kept.is_at(destination):
        return Move.ELSEWHERE
    return Move.BACK if kept.status == OVERWRITTEN else None
