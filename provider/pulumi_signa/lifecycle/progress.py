"""
How far a create or an update has come.

A host that can record a failure together with a state needs the state after the last step that was carried out. The
journal recovers what no state records; a state that records it spares the recovery.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from pulumi_signa.lifecycle.errors import PartlyDoneError


class Progress:
    """
    The state after each step.

    Attributes:
        state: What is so now.
        is_begun: Whether a step was carried out that a state is to record.
    """

    def __init__(self, state: Any) -> None:
        self.state = state
        self.is_begun = False

    def reach(self, state: Any) -> None:
        """Record that a step was carried out, after which this is so."""
        self.state = state
        self.is_begun = True

    def note(self, **inputs: object) -> None:
        """Record that a step was carried out, which has brought these inputs to what is declared."""
        self.reach(replace(self.state, declared=replace(self.state.declared, **inputs)))

    @contextmanager
    def recorded(self, *gone: type[Exception]) -> Iterator[None]:
        """Raise `PartlyDoneError` in place of a failure after the first step, unless the object is gone."""
        try:
            yield
        except Exception as cause:
            if not self.is_begun or isinstance(cause, gone):
                raise
            raise PartlyDoneError(self.state, cause) from cause
