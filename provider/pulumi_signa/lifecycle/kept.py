"""What a run must not delete, although Pulumi asks for it."""

from __future__ import annotations


class Kept:
    """
    Ids of the objects that the program's own resources have; one instance for each kind of resource and each run.

    A resource may get the very object of another one that is then deleted: a forced replacement of a secret, whose name
    only one secret can have, or a resource that was renamed and renamed back. The delete comes in the same run, or in
    the next one if that run died in between.
    """

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._declared: set[str] = set()
        self._holders: dict[str, str] = {}

    def __contains__(self, id_: str) -> bool:
        """Tell whether the object is one to be left alone."""
        return id_ in self._holders

    def holder(self, id_: str) -> str | None:
        """Give the URN of the program's resource that has the object, or None."""
        return self._holders.get(id_)

    def declare(self, urn: str) -> None:
        """Note that the program declares this resource: it is checked, which no refresh and no destroy does."""
        self._declared.add(urn)

    def is_declared(self, urn: str) -> bool:
        """Tell whether the program is known to declare this resource."""
        return urn in self._declared

    def compare(self, id_: str, urn: str, *, is_replaced: bool) -> None:
        """Note that the state's resource was compared with its declaration, or, by a refresh, with itself."""
        if is_replaced or urn not in self._declared:
            self._holders.pop(id_, None)
        else:
            self._holders[id_] = urn

    def take(self, id_: str, urn: str) -> None:
        """Note that a resource got an object that was there before."""
        self._holders[id_] = urn
