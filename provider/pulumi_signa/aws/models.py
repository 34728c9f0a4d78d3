"""
What is read of AWS's answers, validated when an answer arrives.

Fields that nobody reads are ignored. A field that is missing, or of the wrong type, is an error that names the field: a
proxy's login page comes with status 200 too.

Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec

NonEmpty = Annotated[str, msgspec.Meta(min_length=1)]

Arn = Annotated[str, msgspec.Meta(pattern=r"\Aarn:[^:]+:secretsmanager:[^:]+:[^:]*:secret:.+\Z")]
"""`arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-abcdef`."""


class Named(msgspec.Struct, frozen=True, rename="pascal"):
    """`Named` is the answer of an operation of which only the success matters."""

    arn: Arn = msgspec.field(name="ARN")


class Put(Named, frozen=True, rename="pascal"):
    """`Put` is the answer to PutSecretValue; the stages are those of the version whose id was sent."""

    version_id: NonEmpty
    version_stages: list[str]


class Tag(msgspec.Struct, frozen=True, rename="pascal"):
    """`Tag` is a tag; AWS may leave out an empty value."""

    key: NonEmpty
    value: str = ""


class Replica(msgspec.Struct, frozen=True, rename="pascal"):
    """`Replica` is a copy of a secret in another region; `Failed` is the status of one that could not be made."""

    region: NonEmpty
    status: str = ""
    status_message: str = ""


class Replicated(Named, frozen=True, rename="pascal"):
    """`Replicated` is the answer to ReplicateSecretToRegions; the status is that of all replicas."""

    replication_status: list[Replica] = []


class Created(Replicated, frozen=True, rename="pascal", kw_only=True):
    """`Created` is the answer to CreateSecret with a value; without one no version is made."""

    version_id: NonEmpty


class Described(Replicated, frozen=True, rename="pascal", kw_only=True):
    """`Described` is the answer to DescribeSecret; a secret without a value has no versions."""

    name: NonEmpty
    description: str = ""
    kms_key_id: str = ""
    deleted_date: datetime | None = None
    tags: list[Tag] = []
    version_ids_to_stages: dict[NonEmpty, list[str]] = {}


class ListedVersion(msgspec.Struct, frozen=True, rename="pascal"):
    """`ListedVersion` is a version among those of a secret."""

    version_id: NonEmpty


class Versions(msgspec.Struct, frozen=True, rename="pascal"):
    """`Versions` is a page of the answer to ListSecretVersionIds."""

    versions: list[ListedVersion] = []
    next_token: str = ""


class CallerIdentity(msgspec.Struct, frozen=True, rename="pascal"):
    """`CallerIdentity` is the answer to GetCallerIdentity of AWS STS."""

    account: NonEmpty


Model = TypeVar("Model", bound=msgspec.Struct)


def parse(answer: Any, model: type[Model]) -> Model:
    """Return what boto3 gave as this model; raise `msgspec.ValidationError`, which names the field and no value."""
    return msgspec.convert(answer, model)
