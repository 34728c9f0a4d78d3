"""What one roster knows of resources and their objects, told event by event."""

from dataclasses import dataclass, field
from typing import Literal

Verb = Literal["own", "disown", "claim", "see"]


@dataclass(slots=True)
class Holdings:
    """
    What was recorded so far of objects, by id.

    Attributes:
        owners: The URN of the declared resource that has the object.
        claims: The URN of the declared resource that is to take the object over: the first one.
        seen: The objects that a resource of the run has, whichever resource it is.
    """

    owners: dict[str, str | None] = field(default_factory=dict)
    claims: dict[str, str | None] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def record(self, verb: Verb, object_id: str, urn: str | None) -> None:
        """Record an event; whatever happens to an object, a resource has the object."""
        self.seen.add(object_id)
        if verb == "own":
            self.owners[object_id] = urn
        elif verb == "disown":
            self.owners.pop(object_id, None)
        elif verb == "claim":
            self.claims.setdefault(object_id, urn)
