"""The URN of a resource, its identity over all runs, which Pulumi does not pass to a dynamic provider."""

from __future__ import annotations

from collections.abc import Awaitable

import pulumi


def urn_of(name: str, type_token: str, parent: pulumi.Resource | None) -> str | Awaitable[str | None]:
    """
    Return the URN of a resource that is about to be declared.

    Under a parent the URN is an awaitable: as an Output it would carry the parent as a dependency of its own child.
    Without a parent it is plain text, since `create_urn` makes a dozen Outputs, which shows in the preview of a large
    stack.
    """
    if parent is None:
        return f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::{type_token}::{name}"
    return pulumi.create_urn(name, type_token, parent).future()
