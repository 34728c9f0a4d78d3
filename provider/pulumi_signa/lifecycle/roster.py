"""Which resource of one run has which object."""

import threading


def names_apart(urn: str | None, other: str) -> tuple[str, str]:
    """Return what a message calls two resources: their names, or the whole URNs where the names are the same."""
    one, another = ((each or "").rsplit("::", 1)[-1] for each in (urn, other))
    return (urn or "", other) if one == another else (one, another)


class Roster:
    """
    What the engine has shown so far of a run's resources and their objects; one for each account and run.

    Pulumi shows a provider one resource at a time, in any order, and from several threads. The roster collects what
    was shown, so that an object is never taken over from, or deleted under, the resource that has it. Objects are named
    by id: `whk_…` or an ARN. A resource without a URN is recorded under None.
    """

    def __init__(self, *, settle_s: float = 1.0) -> None:
        """Begin a run in which `is_free_after_settling` waits for so many seconds."""
        self._settle_s = settle_s
        self._changed = threading.Condition()
        self._declared: set[str | None] = set()
        self._owners: dict[str, str | None] = {}
        self._claims: dict[str, str | None] = {}
        self._seen: set[str] = set()
        self._read: set[str] = set()

    def declare(self, urn: str | None) -> None:
        """Record that the program declares this resource: the engine never checks during a refresh or destroy."""
        with self._changed:
            self._declared.add(urn)

    def claim(self, object_id: str, urn: str | None) -> str | None:
        """Record that a declared resource is to take over this object; return the URN of one that has or claims it."""
        with self._changed:
            claimant = self._claims.setdefault(object_id, urn)
            rival = self._owners.get(object_id, claimant)
            if rival != urn:
                return rival
            self.take(object_id, urn)
            return None

    def compare(self, object_id: str, urn: str | None, *, is_replaced: bool = False) -> str | None:
        """Record that the engine compares the object's resource; return the URN of another one that claims it."""
        with self._changed:
            if is_replaced or urn not in self._declared:
                # Another resource may have claimed the object before.
                if self._owners.get(object_id) == urn:
                    self._owners.pop(object_id, None)
                self.see(object_id)
            else:
                self.take(object_id, urn)
            claimant = self._claims.get(object_id, urn)
            return None if claimant == urn else claimant

    def read(self, object_id: str) -> None:
        """Record that a resource of the state, which has this object, was read."""
        with self._changed:
            self._read.add(object_id)
            self.see(object_id)

    def see(self, object_id: str) -> None:
        """Record that a resource of the run has this object, whichever resource it is."""
        with self._changed:
            self._seen.add(object_id)
            self._changed.notify_all()

    def take(self, object_id: str, urn: str | None) -> None:
        """Record that a resource was created with this object, which was there before."""
        with self._changed:
            self._owners[object_id] = urn
            self.see(object_id)

    def is_known(self, object_id: str) -> bool:
        """Return whether a resource of the run is known to have this object."""
        with self._changed:
            return object_id in self._seen

    def is_free_after_settling(self, object_id: str) -> bool:
        """
        Return whether no resource has this object, once the program has had the time to declare one.

        The engine compares a stack's resources while it creates the first ones. After a renaming with an alias, Signa's
        answer to the old name's key is the endpoint that the new name has.
        """
        with self._changed:
            return not self._changed.wait_for(lambda: object_id in self._seen, timeout=self._settle_s)

    def must_stay(self, object_id: str) -> bool:
        """
        Return whether a declared resource has this object, so that `delete` has to leave it alone.

        A resource may get the very object of another one that is then deleted: a forced replacement of a secret, whose
        name only one secret can have, or a resource that was renamed and renamed back.
        """
        with self._changed:
            return object_id in self._owners

    def is_claimed_by(self, object_id: str, urn: str | None) -> bool:
        """Return whether this resource is to take over the object."""
        with self._changed:
            return object_id in self._claims and self._claims[object_id] == urn

    def is_refresh(self, object_id: str, urn: str | None) -> bool:
        """Return whether the object is being refreshed: its resource was read, and nothing declares the resource."""
        with self._changed:
            return object_id in self._read and urn not in self._declared
