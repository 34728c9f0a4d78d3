"""
The operations of AWS Secrets Manager, one method each.

No operation reads a secret value, so the permission `secretsmanager:GetSecretValue` is not needed.

Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import boto3

from pulumi_signa.aws.boto_errors import errors_of, errors_of_connecting
from pulumi_signa.aws.descriptions import CHECKED, CURRENT, Description, Descriptions
from pulumi_signa.aws.errors import SecretExistsError
from pulumi_signa.aws.models import Created, Described, Named, Put, Replica, Replicated, Versions, parse
from pulumi_signa.aws.session import DEADLINE_S, bounded, client_config
from pulumi_signa.quotes import Quote

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_secretsmanager.type_defs import (
        CreateSecretRequestTypeDef,
        ListSecretVersionIdsRequestTypeDef,
        TagTypeDef,
    )

_LARGEST_PAGE = 100
_MAX_PAGES = 10
"""Pages of versions that are read; AWS keeps about a hundred versions of a secret, and those of the last 24 hours."""

DEFAULT_KMS_KEY = ""
"""`UpdateSecret` takes this value for AWS's own key."""


@dataclass(frozen=True, slots=True)
class Made:
    """
    `Made` is a secret as its creation returns it.

    Attributes:
        version_id: Its first version; None where it was made without a value.
        replicas: As in `Description`.
    """

    arn: str
    version_id: str | None
    replicas: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Version:
    """`Version` is a version of a secret, as a put returns it; its id is the request token of the put."""

    arn: str
    version_id: str
    is_current: bool


class SecretsManager:
    """
    `SecretsManager` calls Secrets Manager in one region. It may be shared between threads, as boto3's clients may.

    Every method raises `AwsError`, or the child of it under `Raises`.
    """

    def __init__(self, region: str | None, profile: str | None = None, *, deadline_s: float = DEADLINE_S) -> None:
        """
        Make a client; nothing is sent yet.

        Args:
            region: The AWS region; None leaves the choice to boto3.
            profile: A profile of AWS's configuration file; None leaves the choice to boto3.
            deadline_s: Time for one operation, in seconds.

        Raises:
            AwsError: There is no region, the profile does not exist, or the endpoint is not a URL.
        """
        with errors_of_connecting():
            session = boto3.Session(region_name=region, profile_name=profile)
            client = session.client("secretsmanager", config=client_config())
        self._client: SecretsManagerClient = bounded(client, deadline_s)
        self._descriptions = Descriptions(self.describe)

    def create(  # noqa: PLR0913 - the parameters of one request
        self,
        name: str,
        value: str | None,
        *,
        token: str | None,
        description: str | None,
        kms_key_id: str | None,
        tags: Mapping[str, str],
        replica_regions: Sequence[str] = (),
    ) -> Made:
        """
        Create a secret with its first version. Repeating the call with the same token and value changes nothing.

        Args:
            value: None makes a secret without a version.
            token: 32 to 64 characters; it becomes the id of the version. None without a value.

        Raises:
            SecretExistsError: The name is taken.
            SecretDeletedError: A secret that is scheduled for deletion has it; some servers raise the former then.
        """
        request: CreateSecretRequestTypeDef = {"Name": name, "Tags": _tag_list(tags)}
        if value is not None:
            request["SecretString"] = value
        if token is not None:
            request["ClientRequestToken"] = token
        if description is not None:
            request["Description"] = description
        if kms_key_id is not None:
            request["KmsKeyId"] = kms_key_id
        if replica_regions:
            request["AddReplicaRegions"] = [{"Region": region} for region in replica_regions]
        with errors_of("CreateSecret", self._resource(name)):
            created = parse(self._client.create_secret(**request), Replicated if value is None else Created)
        version_id = created.version_id if isinstance(created, Created) else None
        return Made(created.arn, version_id, _replicas(created.replication_status))

    def put(self, secret_id: str, value: str, *, token: str) -> Version:
        """
        Add a version and label it AWSCURRENT; the version before becomes AWSPREVIOUS.

        If a version with this id and value exists, nothing changes, and the result says whether it is the current one.

        Args:
            token: 32 to 64 characters; it becomes the id of the version.

        Raises:
            SecretExistsError: The version with this id has another value.
        """
        with self._writing("PutSecretValue", secret_id):
            answer = self._client.put_secret_value(SecretId=secret_id, SecretString=value, ClientRequestToken=token)
            put = parse(answer, Put)
        return Version(put.arn, put.version_id, is_current=CURRENT in put.version_stages)

    def check_put(self, secret_id: str, version_id: str) -> None:
        """
        Check that a version could be put, and put none.

        A version is never changed. So AWS refuses another value for a version that exists, after AWS has looked at the
        permissions, the state of the secret and its key. The value that is sent is no secret.

        Args:
            version_id: A version that exists. Where AWS has forgotten the version, one is put: see `checked_version`.

        Raises:
            SecretNotFoundError: The secret does not exist.
            SecretDeletedError: The secret is scheduled for deletion.
        """
        with contextlib.suppress(SecretExistsError), errors_of("PutSecretValue", self._resource(secret_id)):
            self._client.put_secret_value(
                SecretId=secret_id, SecretString=CHECKED, ClientRequestToken=version_id, VersionStages=[CHECKED]
            )

    def make_current(self, secret_id: str, version_id: str, *, instead_of: str) -> None:
        """
        Move AWSCURRENT to a version that exists; the version that had it becomes AWSPREVIOUS.

        Args:
            instead_of: The version that has AWSCURRENT now.
        """
        with self._writing("UpdateSecretVersionStage", secret_id):
            answer = self._client.update_secret_version_stage(
                SecretId=secret_id, VersionStage=CURRENT, MoveToVersionId=version_id, RemoveFromVersionId=instead_of
            )
            parse(answer, Named)

    def has_version(self, secret_id: str, version_id: str) -> bool:
        """
        Return whether a secret still has a version, with or without a label.

        Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecretVersionIds.html
        """
        request: ListSecretVersionIdsRequestTypeDef = {
            "SecretId": secret_id,
            "IncludeDeprecated": True,
            "MaxResults": _LARGEST_PAGE,
        }
        for _ in range(_MAX_PAGES):
            with errors_of("ListSecretVersionIds", self._resource(secret_id)):
                page = parse(self._client.list_secret_version_ids(**request), Versions)
            if any(version.version_id == version_id for version in page.versions):
                return True
            if not page.next_token:
                break
            request["NextToken"] = page.next_token
        return False

    def describe(self, secret_id: str) -> Description:
        """
        Return a secret without its value, also if the secret is scheduled for deletion.

        Raises:
            SecretNotFoundError: The secret does not exist.
        """
        with errors_of("DescribeSecret", self._resource(secret_id)):
            found = parse(self._client.describe_secret(SecretId=secret_id), Described)
        return Description(
            arn=found.arn,
            name=found.name,
            description=found.description or None,
            kms_key_id=found.kms_key_id or None,
            tags={tag.key: tag.value for tag in found.tags if not tag.key.startswith("aws:")},
            is_deleted=found.deleted_date is not None,
            versions={
                label: version_id for version_id, labels in found.version_ids_to_stages.items() for label in labels
            },
            replicas=_replicas(found.replication_status),
        )

    def described(self, arn: str) -> Description:
        """
        Return what `describe` has found of a secret in this run; a write of ours makes it ask again.

        Raises:
            SecretNotFoundError: The secret does not exist.
        """
        return self._descriptions.find(arn)

    def update(self, secret_id: str, *, description: str | None, kms_key_id: str | None) -> None:
        """Set the description and the key. None clears the description, and sets AWS's own key."""
        with self._writing("UpdateSecret", secret_id):
            answer = self._client.update_secret(
                SecretId=secret_id,
                Description=description or "",
                KmsKeyId=kms_key_id or DEFAULT_KMS_KEY,
            )
            parse(answer, Named)

    def tag(self, secret_id: str, tags: Mapping[str, str]) -> None:
        """Add tags, or change the values of tags."""
        with self._writing("TagResource", secret_id):
            self._client.tag_resource(SecretId=secret_id, Tags=_tag_list(tags))

    def untag(self, secret_id: str, keys: list[str]) -> None:
        """Remove tags."""
        with self._writing("UntagResource", secret_id):
            self._client.untag_resource(SecretId=secret_id, TagKeys=keys)

    def replicate(self, secret_id: str, regions: list[str]) -> Mapping[str, str | None]:
        """Copy a secret to further regions, with AWS's own key there; return why replicas failed, as `Description`."""
        with self._writing("ReplicateSecretToRegions", secret_id):
            answer = self._client.replicate_secret_to_regions(
                SecretId=secret_id, AddReplicaRegions=[{"Region": region} for region in regions]
            )
            return _replicas(parse(answer, Replicated).replication_status)

    def unreplicate(self, secret_id: str, regions: list[str]) -> None:
        """Delete the copies of a secret in some regions."""
        with self._writing("RemoveRegionsFromReplication", secret_id):
            answer = self._client.remove_regions_from_replication(SecretId=secret_id, RemoveReplicaRegions=regions)
            parse(answer, Named)

    def restore(self, secret_id: str) -> None:
        """Cancel a scheduled deletion."""
        with self._writing("RestoreSecret", secret_id):
            parse(self._client.restore_secret(SecretId=secret_id), Named)

    def delete(self, secret_id: str, *, recovery_window_in_days: int) -> None:
        """
        Schedule the deletion of a secret.

        Args:
            recovery_window_in_days: 7 to 30 days, or 0 to delete at once.

        Raises:
            SecretNotFoundError: The secret does not exist.
            SecretDeletedError: The deletion is scheduled already.
        """
        with self._writing("DeleteSecret", secret_id):
            if recovery_window_in_days == 0:
                answer = self._client.delete_secret(SecretId=secret_id, ForceDeleteWithoutRecovery=True)
            else:
                answer = self._client.delete_secret(SecretId=secret_id, RecoveryWindowInDays=recovery_window_in_days)
            parse(answer, Named)

    @contextlib.contextmanager
    def _writing(self, action: str, secret_id: str) -> Iterator[None]:
        """Turn exceptions into errors as `errors_of` does, and forget how the secret was described before."""
        try:
            with errors_of(action, self._resource(secret_id)):
                yield
        finally:
            # A write whose answer was lost may have been carried out all the same.
            self._descriptions.drop(secret_id)

    def _resource(self, secret_id: str) -> str:
        """Return the ARN of a secret for a policy; AWS appends a hyphen and six characters to the name."""
        if secret_id.startswith("arn:"):
            return secret_id
        return f"arn:{self._client.meta.partition}:secretsmanager:*:*:secret:{secret_id}-*"


def _replicas(found: list[Replica]) -> dict[str, str | None]:
    return {replica.region: Quote(replica.status_message) if replica.status == "Failed" else None for replica in found}


def _tag_list(tags: Mapping[str, str]) -> list[TagTypeDef]:
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
