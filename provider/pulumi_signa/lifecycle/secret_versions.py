"""
The versions that one resource writes into a secret.

The id of a version is the request token of the write that made it. Ours is derived from who we are and which version
we replace, never from the value. So a write that is repeated, by a retry or by the run after one that died, makes no
second version; a version can be recognized as ours from its id alone; and an id, which everybody with `DescribeSecret`
can read, says nothing about the value.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_signa.aws.errors import SecretExistsError
from pulumi_signa.lifecycle import derived

if TYPE_CHECKING:
    from pulumi_signa.aws.secrets_manager import Description, SecretsManager, Version


@dataclass(frozen=True, slots=True)
class Lineage:
    """
    The chain of version ids of one resource.

    Attributes:
        identity: What every run of this resource, and no other resource, derives alike.
    """

    identity: str

    @classmethod
    def of(cls, secret_name: str, urn: str | None, namespace: str) -> Lineage:
        """Give the lineage of a resource; one without a URN has no other run that could be its own."""
        return cls(json.dumps([namespace, urn or uuid.uuid4().hex, secret_name]))

    def successor(self, after: str | None) -> str:
        """Give the id of the version that follows another, or of the first: 64 hexadecimal digits."""
        return derived(self.identity, after)

    def predecessor_in(self, found: Description) -> tuple[bool, str | None]:
        """
        Tell whether the current version of a secret is ours, and which one it followed.

        A version that replaced another has that one as AWSPREVIOUS beside it.
        """
        for before in (None, found.previous_version):
            if found.current_version == self.successor(before):
                return True, before
        return False, None

    def put(self, manager: SecretsManager, arn: str, value: str, *, after: str | None) -> Version:
        """
        Put the value as the version that follows `after`.

        If that version exists with this value and is current, an earlier run has done it. If it has another value, or
        is not current any more, it belongs to the past, and ours follows it instead.

        Raises:
            AwsError: AWS refused or could not be reached.
        """
        token = self.successor(after)
        while True:
            try:
                version = manager.put(arn, value, token=token)
            except SecretExistsError:
                pass
            else:
                if version.is_current:
                    return version
            token = self.successor(token)
