"""What an engine command did."""

import re
from dataclasses import dataclass

from pulumi.automation.events import EngineEvent

from e2e.host import in_python, is_declared

# A program that still waits when the engine gives up says the last one, from Pulumi 3.274 on.
_FOLLOWS_AN_ERROR = ("update failed", "preview failed", "Resource monitor has terminated, shutting down")


@dataclass
class Run:
    """
    One engine command that has ended.

    Attributes:
        succeeded: Whether it exited with 0.
        output: Everything it printed, properties by their names in Python.
        events: The engine's own events.
    """

    succeeded: bool
    output: str
    events: list[EngineEvent]

    def steps(self) -> dict[str, str]:
        """Return the operation on each resource that the program declares, by logical name; `same` is nothing to do."""
        planned = [event.resource_pre_event.metadata for event in self.events if event.resource_pre_event]
        return {step.urn.rsplit("::", 1)[-1]: step.op.value for step in planned if is_declared(step.type)}

    def diagnostics(self, severity: str) -> list[str]:
        """Return the messages of a severity, without those that only say that there are others."""
        return [message for _, message in self._shown(severity)]

    def warns(self, *words: str) -> bool:
        """Return whether one warning has all these words."""
        return any(all(word in warning for word in words) for warning in self.diagnostics("warning"))

    def errors(self) -> dict[str, str]:
        """Return the one error of each resource that failed, by logical name; others fail the test."""
        assert not self.succeeded, self.output
        assert "Traceback" not in self.output
        shown = self._shown("error")
        errors = dict(shown)
        assert "" not in errors
        assert len(errors) == len(shown), self.output
        assert not any("\n" in error for error in errors.values())
        return errors

    def error(self) -> str:
        """Return the one error that was shown; two, or one of several lines, fail the test."""
        assert not self.succeeded, self.output
        (error,) = self.diagnostics("error")
        assert "\n" not in error
        assert "Traceback" not in self.output
        return error

    def _shown(self, severity: str) -> list[tuple[str, str]]:
        """Return the logical name of the resource, or "", and the message of each diagnostic of a severity."""
        shown = [event.diagnostic_event for event in self.events if event.diagnostic_event]
        messages = [
            ((one.urn or "").rsplit("::", 1)[-1], in_python(re.sub(r"<\{%[^%]*%\}>", "", one.message).strip()))
            for one in shown
            if one.severity == severity
        ]
        return [(name, message) for name, message in messages if message not in _FOLLOWS_AN_ERROR]
