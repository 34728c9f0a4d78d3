"""Failures that are raised by us rather than by Signa or AWS; each is one line that says what to do."""

from typing import Any


class LifecycleError(Exception):
    """The operation is refused, before or after Signa or AWS was asked."""


class InterruptedRunError(Exception):
    """The run was cancelled, or its engine is gone."""

    def __init__(self) -> None:
        super().__init__("interrupted; run the same command again, and it finds what was begun")


class PartlyDoneError(Exception):
    """
    A step failed after others had been carried out: the object is there, and its secret is in its place.

    Attributes:
        state: What is so now. A plan from this state finds what is left to be done.
        cause: The failure, which is what the user reads.
    """

    def __init__(self, state: Any, cause: Exception) -> None:
        super().__init__(str(cause))
        self.state = state
        self.cause = cause
