"""Where the value of a signing secret is kept: in the state, or nowhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class InState:
    """The value stands in the state, encrypted by Pulumi, and so does the one before while Signa signs with it too."""

    value: str = field(repr=False)
    previous: str | None = field(default=None, repr=False)

    def without_previous(self) -> InState:
        """Return the place once the secret before has ended."""
        return replace(self, previous=None)

    def outputs(self) -> dict[str, Any]:
        """Return the outputs that the place accounts for."""
        return {"secret": self.value, "previous_secret": self.previous}


@dataclass(frozen=True, slots=True)
class Nowhere:
    """This stack was never told the secret."""

    def without_previous(self) -> Nowhere:
        """Return the place, which holds no secret before either."""
        return self

    def outputs(self) -> dict[str, Any]:
        """Return the outputs that the place accounts for."""
        return {"secret": None, "previous_secret": None}


Kept = InState | Nowhere

Keep = Callable[[str, Kept], Kept]
"""Keeps a secret that Signa has just issued; takes the place of the secret before, `Nowhere` where that has ended."""


def in_state(secret: str, before: Kept) -> InState:
    """Keep a secret, and the one before it, in the state."""
    return InState(secret, before.value if isinstance(before, InState) else None)
