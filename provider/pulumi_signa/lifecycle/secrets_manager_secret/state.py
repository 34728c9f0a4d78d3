"""A secret as a state holds it, typed and frozen; the value is not in the state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pulumi_signa.lifecycle.errors import LifecycleError
from pulumi_signa.lifecycle.places import MAX_NAME, region_of
from pulumi_signa.lifecycle.schema import differing
from pulumi_signa.lifecycle.secrets_manager_secret import messages
from pulumi_signa.lifecycle.secrets_manager_secret.schema import (
    FINGERPRINT,
    VALUE_INPUT,
    VALUE_PROPERTIES,
    Declared,
    Recorded,
)
from pulumi_signa.lifecycle.secrets_manager_secret.stand_in import stand_in

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.schema import Row
    from pulumi_signa.lifecycle.values import Properties


def _is_sound(name: str, row: Row, value: object) -> bool:
    if name == "tags":
        # Tags that others made need not follow the rules for those that are declared.
        return isinstance(value, Mapping) and all(isinstance(tag, str) for tag in value.values())
    return row.is_output and not any(row.rule(value))


@dataclass(frozen=True, slots=True)
class State:
    """
    What a stack knows of its secret: the inputs without the value, and the version; after `read` as AWS has them.

    Attributes:
        version_id: The current version; None where others write the value.
        fingerprint: SHA-256 of the stored value; None where the current version is not the one that we stored, so that
            the value counts as changed.
        value_input: The input that the value was declared with; None where the state does not say.
    """

    id: str
    declared: Declared
    version_id: str | None
    fingerprint: str | None
    value_input: str | None

    @staticmethod
    def is_in(outputs: Properties) -> bool:
        """Return whether the outputs describe a secret; those that a read by id begins with do not."""
        return not {"arn", "version_id", FINGERPRINT}.isdisjoint(outputs)

    @classmethod
    def of(cls, arn: str, outputs: Properties) -> State:
        """Return the state that stored outputs describe; what was damaged in them counts as absent."""
        normal = Declared.normalized(outputs)
        sound = {name: normal[name] for name, row in Declared.rows().items() if _is_sound(name, row, normal[name])}
        recorded = {name: value for name, value in outputs.items() if isinstance(value, str)}
        value_input = recorded.get(VALUE_INPUT)
        return cls(
            id=recorded["arn"] if region_of(recorded.get("arn", "")) else arn,
            declared=Declared.of(sound),
            version_id=recorded.get("version_id"),
            fingerprint=recorded.get(FINGERPRINT),
            value_input=value_input if value_input in VALUE_PROPERTIES else None,
        )

    @property
    def region(self) -> str:
        """The region in the ARN; raise `LifecycleError` where the id is not one."""
        region = region_of(self.id)
        if region is None:
            raise LifecycleError(messages.NO_ARN.format(id=self.id[:MAX_NAME]))
        return region

    @property
    def has_value(self) -> bool:
        """Whether this stack has put a value; not so where it only reads the secret, or leaves the value to others."""
        return self.fingerprint is not None or self.value_input is not None

    def holding(self, version_id: str | None, declared: Declared) -> State:
        """Return the state once the declared value is stored, or the value is left to others."""
        fingerprint, value_input = declared.fingerprint, declared.value_input
        return replace(self, version_id=version_id, fingerprint=fingerprint, value_input=value_input)

    def outputs(self) -> dict[str, Any]:
        """Return the whole state by property: whatever is not in it is forgotten."""
        recorded = Recorded(arn=self.id, version_id=self.version_id).outputs()
        return {
            **self.declared.outputs(),
            **recorded,
            FINGERPRINT: self.fingerprint,
            VALUE_INPUT: self.value_input,
        }

    def inputs(self) -> dict[str, Any]:
        """
        Return the inputs that declare exactly this secret, without defaults.

        A value that this stack has not put is others'. Where there are no replicas, none need be declared.
        """
        inputs = self.declared.given()
        if not self.declared.replica_regions:
            inputs.pop("replica_regions", None)
        if self.has_value:
            name = self.value_input or VALUE_PROPERTIES[0]
            return {**inputs, name: stand_in(name, self.version_id)}
        return {**inputs, "without_value": True}

    def drifted_from(self, before: State | None) -> dict[str, Any] | None:
        """Return the inputs that would declare exactly this secret; None where the state before says the same."""
        if before is None or (self.value_input is None and not self.declared.without_value):
            return None
        if self.version_id == before.version_id and not differing(Declared.rows(), before.declared, self.declared):
            return None
        inputs = self.declared.outputs()
        if self.value_input is not None:
            inputs[self.value_input] = stand_in(self.value_input, self.version_id)
        return inputs
