"""Failures that are raised by us rather than by Signa or AWS; each is one line that says what to do."""


class LifecycleError(Exception):
    """The operation is refused, before or after Signa or AWS was asked."""


class InterruptedRunError(Exception):
    """The run was cancelled, or its engine is gone."""

    def __init__(self) -> None:
        super().__init__("interrupted; run the same command again, and it finds what was begun")
