"""The dynamic provider of `StackIdentity`."""

import uuid
from typing import Any

from pulumi import dynamic


class StackIdentityProvider(dynamic.ResourceProvider):
    """Makes a random id once, and keeps it."""

    serialize_as_secret_always = False

    def create(self, _props: dict[str, Any]) -> dynamic.CreateResult:
        """Make the id."""
        return dynamic.CreateResult(uuid.uuid4().hex, {})

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.DiffResult:
        """Find no difference."""
        return dynamic.DiffResult(changes=False)
