"""
The versions that one resource writes into a secret, and the mark of a secret into which others write.

The id of a version is the request token of the write that made it. Ours are pages of the journal, derived from the
resource and the version that is replaced, never from the value. So a write that is repeated, by a retry or by the run
after an interrupted one, makes no second version; a version can be recognized as ours from its id alone; and an id,
which everybody with `DescribeSecret` can read, reveals nothing about the value.

A secret that is made without a value has no version to be recognized by. So it gets a tag in the request that makes it:
the mark, whose value is a page of the journal too.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pulumi_signa.aws.errors import SecretExistsError
from pulumi_signa.lifecycle.errors import LifecycleError
from pulumi_signa.lifecycle.journal import page, pages
from pulumi_signa.lifecycle.secrets_manager_secret import messages
from pulumi_signa.lifecycle.secrets_manager_secret.schema import MARK, is_tag_of_aws

if TYPE_CHECKING:
    from pulumi_signa.aws.descriptions import Description
    from pulumi_signa.aws.secrets_manager import SecretsManager
    from pulumi_signa.lifecycle.context import Context

_MAX_KEYS = 100
"""Tokens that are tried for one value. A token is used up by each value that was put since the replaced version."""


def unmarked(tags: Mapping[str, str]) -> dict[str, str]:
    """Return the tags that users declare and see: without the mark, whoever has set it, and without AWS's own."""
    return {key: value for key, value in tags.items() if key != MARK and not is_tag_of_aws(key)}


@dataclass(frozen=True, slots=True)
class Lineage:
    """
    The chain of version ids of one resource; every run of it, and no other resource, derives the same identity.

    Attributes:
        earlier: The identity that older code derived, from names alone; nothing is written with it any more.
        mark: The tag of a secret of this resource into which others write; none where no other run derives it.
    """

    identity: tuple[str, ...]
    earlier: tuple[str, ...] | None = None
    mark: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, context: Context, secret_name: str) -> Lineage:
        """Return the lineage of a resource; one without an identity has no other run that could be its own."""
        if context.identity is None:
            return cls((uuid.uuid4().hex, secret_name))
        identity = (*context.identity, secret_name)
        earlier = (context.settings.namespace, context.urn or "", secret_name)
        return cls(identity, earlier, {MARK: page(*identity)})

    @property
    def first(self) -> str:
        """The id of the version that a create makes."""
        return page(*self.identity)

    def predecessor_in(self, found: Description) -> tuple[bool, str | None]:
        """
        Return whether the current version of a secret is ours, and which one it followed.

        A version that replaced another has that one as AWSPREVIOUS beside it.
        """
        for identity in filter(None, (self.identity, self.earlier)):
            for before in (None, found.previous_version):
                if found.current_version == page(*identity, after=before):
                    return True, before
        return False, None

    def has_marked(self, found: Description) -> bool:
        """Return whether a secret has the mark of this resource."""
        return bool(self.mark) and self.mark.items() <= found.tags.items()

    def replaced_in(self, found: Description) -> str | None:
        """
        Return which version the next one of ours replaces.

        A write of ours is repeated, so that an unchanged value makes no further version and AWSPREVIOUS stays.
        """
        is_ours, predecessor = self.predecessor_in(found)
        return predecessor if is_ours else found.current_version

    def put(self, manager: SecretsManager, arn: str, value: str, *, after: str | None) -> str | None:
        """
        Put the value as the version that follows `after`, and return the id of that version.

        If that version exists with this value and is current, an earlier run has put it. If the version has another
        value, or is not current any more, it belongs to the past, and ours follows it instead.
        """
        for token in pages(*self.identity, after=after, limit=_MAX_KEYS):
            try:
                version = manager.put(arn, value, token=token)
            except SecretExistsError:
                continue
            if version.is_current:
                return version.version_id
        raise LifecycleError(messages.EVERY_VERSION_USED.format(arn=arn, number=_MAX_KEYS))
