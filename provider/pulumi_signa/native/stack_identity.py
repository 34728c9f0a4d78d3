"""The identity of a stack, as a resource that programs in Python register with both hosts."""

import uuid

from pulumi_signa.native.values import PACKAGE

STACK_IDENTITY = f"{PACKAGE}:index:StackIdentity"


class StackIdentities:
    """Makes the id of the resource once, and keeps it; without a random id of the provider, the id is random."""

    def __init__(self, identity: str | None) -> None:
        self._identity = identity or uuid.uuid4().hex

    def create(self) -> str:
        """Return the id. A replacement keeps it, because it tells what the stack owns."""
        return self._identity

    def delete(self, id_: str) -> None:
        """Remember the id for a create that follows."""
        self._identity = id_
