"""A secret as a state holds it, typed and frozen; the value is not in the state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_signa.lifecycle.secrets_manager_secret.schema import FINGERPRINT, Declared, Recorded

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.values import Properties


@dataclass(frozen=True, slots=True)
class State:
    """
    What a stack knows of its secret: the inputs without the value, and the version; after `read` as AWS has them.

    Attributes:
        fingerprint: SHA-256 of the stored value; None where the current version is not the one that we stored, so that
            the value counts as changed.
    """

    id: str
    declared: Declared
    version_id: str | None
    fingerprint: str | None

    @staticmethod
    def is_in(outputs: Properties) -> bool:
        """Return whether the outputs describe a secret; those that a read by id begins with do not."""
        return "arn" in outputs

    @classmethod
    def of(cls, arn: str, outputs: Properties) -> State:
        """Return the state that stored outputs describe."""
        recorded = Recorded.of(outputs)
        return cls(recorded.arn or arn, Declared.of(outputs), recorded.version_id, outputs.get(FINGERPRINT))

    @property
    def region(self) -> str:
        """The region in `arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-abcdef`."""
        return self.id.split(":")[3]

    def outputs(self) -> dict[str, Any]:
        """Return the whole state by property: whatever is not in it is forgotten."""
        recorded = Recorded(arn=self.id, version_id=self.version_id).outputs()
        return {**self.declared.outputs(), **recorded, FINGERPRINT: self.fingerprint}

    def drifted_from(self, _before: State | None) -> dict[str, Any] | None:
        """Return no inputs: drift shows in the outputs, since the value is an input and cannot be read back."""
        return None
