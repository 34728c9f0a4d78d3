"""A delivery check as a state holds it, typed and frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_signa.lifecycle.delivery_check.schema import Declared, Outcome

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.values import Properties


@dataclass(frozen=True, slots=True)
class State:
    """
    What a stack knows of its check.

    Attributes:
        id: The id of the first attempt.
        declared: The inputs as they were carried out.
        outcome: What became of the last test.
    """

    id: str
    declared: Declared
    outcome: Outcome

    @staticmethod
    def is_in(outputs: Properties) -> bool:  # noqa: ARG004 - of every state
        """Return True: no check is read by its id alone."""
        return True

    @classmethod
    def of(cls, check_id: str, outputs: Properties) -> State:
        """Return the state that stored outputs describe; what is damaged in them counts as absent."""
        return cls(check_id, Declared.stored(outputs), Outcome.stored(outputs))

    def outputs(self) -> dict[str, Any]:
        """Return the whole state by property: whatever is not in it is forgotten."""
        return {**self.declared.outputs(), **self.outcome.outputs()}

    def inputs(self) -> dict[str, Any]:
        """Return the inputs that declare exactly this check, without defaults."""
        return self.declared.given()

    def drifted_from(self, before: State | None) -> None:
        """Return None: nobody but this stack changes a check."""
