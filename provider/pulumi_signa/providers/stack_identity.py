"""The dynamic provider of `StackIdentity`."""

import uuid
from typing import Any, ClassVar

from pulumi import dynamic
from pulumi.dynamic.dynamic import PROVIDER_KEY

from pulumi_signa.hosting import interruption
from pulumi_signa.providers.host import cancellation


class StackIdentityProvider(dynamic.ResourceProvider):
    """
    Makes a random id once, and keeps it.

    Attributes:
        deleted: The id that this run has deleted, or None; one plugin serves one run of one stack.
    """

    serialize_as_secret_always = False

    deleted: ClassVar[str | None] = None

    def configure(self, _req: dynamic.ConfigureRequest) -> None:
        """Watch for the run's end: a run may die before the plugin meets another resource of ours."""
        cancellation.hear()
        interruption.follow()

    def create(self, _props: dict[str, Any]) -> dynamic.CreateResult:
        """Make the id. A replacement keeps it, because it tells what the stack owns."""
        return dynamic.CreateResult(self.deleted or uuid.uuid4().hex, {})

    def delete(self, id_: str, _props: dict[str, Any]) -> None:
        """Remember the id for a create that follows."""
        type(self).deleted = id_

    def diff(self, _id: str, olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.DiffResult:
        """Find no difference but in a state of the native host, which lacks what the dynamic host deletes by."""
        return dynamic.DiffResult(changes=PROVIDER_KEY not in olds)
