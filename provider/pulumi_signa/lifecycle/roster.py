"""Which resource of one run has which object."""

import threading
import time
from collections.abc import Iterable
from typing import Protocol

from pulumi_signa.lifecycle.holdings import Holdings, Verb

LISTEN_AGAIN_S = 0.05
"""How long a roster that settles waits before it listens to the others again; nothing wakes it across processes."""


def names_apart(urn: str | None, other: str) -> tuple[str, str]:
    """Return what a message calls two resources: their names, or the whole URNs where the names are the same."""
    one, another = ((each or "").rsplit("::", 1)[-1] for each in (urn, other))
    return (urn or "", other) if one == another else (one, another)


class Channel(Protocol):
    """Joins the rosters of one run, those of other processes among them."""

    def tell(self, verb: Verb, object_id: str, urn: str | None) -> None:
        """Tell the others an event; whoever listens after this returns hears of it."""

    def hear(self) -> Iterable[Holdings]:
        """Return what each of the others has told so far."""


class Roster:
    """
    What the engine has shown so far of a run's resources and their objects; one for each account and process.

    Pulumi shows a provider one resource at a time, in any order, and from several threads. The roster collects what
    was shown, so that an object is never taken over from, or deleted under, the resource that has it. Objects are named
    by id: `whk_…` or an ARN. A resource without a URN is recorded under None.

    One run may have several processes of ours. A roster tells the others first, and listens then: of two that claim an
    object at once, at least one hears of the other.
    """

    def __init__(self, channel: Channel | None = None, *, settle_s: float = 1.0) -> None:
        """Begin a run in which `is_free_after_settling` waits for so many seconds; without a channel, alone."""
        self._channel = channel
        self._settle_s = settle_s
        self._changed = threading.Condition()
        self._own = Holdings()
        self._declared: set[str | None] = set()
        self._read: set[str] = set()

    def declare(self, urn: str | None) -> None:
        """Record that the program declares this resource: the engine never checks during a refresh or destroy."""
        with self._changed:
            self._declared.add(urn)

    def claim(self, object_id: str, urn: str | None) -> str | None:
        """Record that a declared resource is to take over this object; return the URN of one that has or claims it."""
        with self._changed:
            self._record("claim", object_id, urn)
            every = self._every()
            rival = _other_than(urn, self._owners(object_id, every) or self._claimants(object_id, every))
            if rival is None:
                self.take(object_id, urn)
            return rival

    def compare(self, object_id: str, urn: str | None, *, is_replaced: bool = False) -> str | None:
        """
        Record that the engine compares the object's resource; return the URN of another one that claims or has it.

        Two resources have one object where one of them was imported: the engine shows no provider the other one then.
        """
        with self._changed:
            owners: list[str | None] = []
            if not is_replaced and urn in self._declared:
                owners = self._owners(object_id, self._every())
                self.take(object_id, urn)
            elif self._own.owners.get(object_id) == urn:
                self._record("disown", object_id, urn)
            else:
                # Another resource may have claimed the object before.
                self.see(object_id)
            return _other_than(urn, [*self._claimants(object_id, self._every()), *owners])

    def read(self, object_id: str) -> None:
        """Record that a resource of the state, which has this object, was read."""
        with self._changed:
            self._read.add(object_id)
            self.see(object_id)

    def see(self, object_id: str) -> None:
        """Record that a resource of the run has this object, whichever resource it is."""
        self._record("see", object_id, None)

    def take(self, object_id: str, urn: str | None) -> None:
        """Record that a resource was created with this object, which was there before."""
        self._record("own", object_id, urn)

    def is_known(self, object_id: str) -> bool:
        """Return whether a resource of the run is known to have this object."""
        with self._changed:
            return object_id in self._own.seen or any(object_id in each.seen for each in self._every())

    def is_free_after_settling(self, object_id: str) -> bool:
        """
        Return whether no resource has this object, once the program has had the time to declare one.

        The engine compares a stack's resources while it creates the first ones. After a renaming with an alias, Signa's
        answer to the old name's key is the endpoint that the new name has.
        """
        settled = time.monotonic() + self._settle_s
        with self._changed:
            while not self.is_known(object_id):
                left = settled - time.monotonic()
                if left <= 0:
                    return True
                self._changed.wait(left if self._channel is None else min(left, LISTEN_AGAIN_S))
            return False

    def must_stay(self, object_id: str) -> bool:
        """
        Return whether a declared resource has this object, so that `delete` has to leave it alone.

        A resource may get the very object of another one that is then deleted: a forced replacement of a secret, whose
        name only one secret can have, or a resource that was renamed and renamed back.
        """
        with self._changed:
            return any(object_id in each.owners for each in self._every())

    def is_claimed_by(self, object_id: str, urn: str | None) -> bool:
        """Return whether this resource is to take over the object."""
        with self._changed:
            return urn in self._claimants(object_id, self._every())

    def is_refresh(self, object_id: str, urn: str | None) -> bool:
        """
        Return whether the object is being refreshed: its resource was read, and nothing declares the resource.

        The engine checks, reads and compares a resource in the process of one provider, so the others have no say.
        """
        with self._changed:
            return object_id in self._read and urn not in self._declared

    def _record(self, verb: Verb, object_id: str, urn: str | None) -> None:
        with self._changed:
            self._own.record(verb, object_id, urn)
            if self._channel is not None:
                self._channel.tell(verb, object_id, urn)
            self._changed.notify_all()

    def _every(self) -> list[Holdings]:
        """Return what this roster knows, and then what the others do."""
        return [self._own, *(() if self._channel is None else self._channel.hear())]

    @staticmethod
    def _owners(object_id: str, every: Iterable[Holdings]) -> list[str | None]:
        return [each.owners[object_id] for each in every if object_id in each.owners]

    @staticmethod
    def _claimants(object_id: str, every: Iterable[Holdings]) -> list[str | None]:
        return [each.claims[object_id] for each in every if object_id in each.claims]


def _other_than(urn: str | None, urns: Iterable[str | None]) -> str | None:
    return next((each for each in urns if each != urn), None)
