"""
The operations of AWS Secrets Manager, one method each.

No operation reads a secret value, so the permission `secretsmanager:GetSecretValue` is not needed.

Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore.config import Config

from pulumi_signa.aws.boto_errors import MAX_ATTEMPTS, errors_of
from pulumi_signa.aws.errors import AwsError
from pulumi_signa.deadline import within
from pulumi_signa.quotes import quoting

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_secretsmanager.type_defs import CreateSecretRequestTypeDef, TagTypeDef

CURRENT, PREVIOUS = "AWSCURRENT", "AWSPREVIOUS"
DEFAULT_KMS_KEY = ""
"""`UpdateSecret` takes this value for AWS's own key."""

_CONNECT_TIMEOUT_S = 5
_READ_TIMEOUT_S = 30
DEADLINE_S = 60.0
"""Time for one operation with all attempts of boto3."""


class _Bounded:
    """`_Bounded` is a boto3 client each of whose operations has a deadline."""

    def __init__(self, client: Any, deadline_s: float) -> None:
        self._client = client
        self._deadline_s = deadline_s

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._client, name)
        if not callable(member):
            return member
        return lambda **request: within(self._deadline_s, lambda: member(**request))


@dataclass(frozen=True, slots=True)
class Version:
    """`Version` is a version of a secret, as a write returns it; its id is the request token of the write."""

    arn: str
    version_id: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Description:
    """
    `Description` is a secret without its value; the key is None for AWS's own, and AWS's own tags are left out.

    Attributes:
        is_deleted: Whether the secret is scheduled for deletion.
        versions: Version ids by staging label.
    """

    arn: str
    name: str
    description: str | None
    kms_key_id: str | None
    is_deleted: bool
    tags: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def current_version(self) -> str | None:
        """Id of the version that readers get."""
        return self.versions.get(CURRENT)

    @property
    def previous_version(self) -> str | None:
        """Id of the version that the current one replaced."""
        return self.versions.get(PREVIOUS)


class SecretsManager:
    """
    `SecretsManager` calls Secrets Manager in one region. It may be shared between threads, as boto3's clients may.

    Every method raises `AwsError`, or the child of it under `Raises`.
    """

    def __init__(self, region: str | None, *, deadline_s: float = DEADLINE_S) -> None:
        """
        Make a client; nothing is sent yet.

        Args:
            region: The AWS region; None leaves the choice to boto3.
            deadline_s: Time for one operation, in seconds.

        Raises:
            AwsError: There is no region, the profile does not exist, or the endpoint is not a URL.
        """
        config = Config(
            connect_timeout=_CONNECT_TIMEOUT_S,
            read_timeout=_READ_TIMEOUT_S,
            retries={"mode": "standard", "max_attempts": MAX_ATTEMPTS},
        )
        try:
            with errors_of("connect", ""):
                session = boto3.Session(region_name=region)
                client = session.client("secretsmanager", config=config)
        except ValueError as error:
            wrong = quoting("{quote}; check AWS_ENDPOINT_URL_SECRETS_MANAGER and AWS_ENDPOINT_URL", str(error))
            raise AwsError(*wrong) from None
        self._client = cast("SecretsManagerClient", _Bounded(client, deadline_s))

    def create(  # noqa: PLR0913 - the parameters of one request
        self,
        name: str,
        value: str,
        *,
        token: str,
        description: str | None,
        kms_key_id: str | None,
        tags: Mapping[str, str],
    ) -> Version:
        """
        Create a secret with its first version. Repeating the call with the same token and value changes nothing.

        Args:
            token: 32 to 64 characters; it becomes the id of the version.

        Raises:
            SecretExistsError: The name is taken.
            SecretDeletedError: A secret that is scheduled for deletion has it; some servers raise the former then.
        """
        request: CreateSecretRequestTypeDef = {
            "Name": name,
            "SecretString": value,
            "ClientRequestToken": token,
            "Tags": _tag_list(tags),
        }
        if description is not None:
            request["Description"] = description
        if kms_key_id is not None:
            request["KmsKeyId"] = kms_key_id
        with errors_of("CreateSecret", self._resource(name)):
            answer = self._client.create_secret(**request)
        return Version(answer["ARN"], answer["VersionId"], is_current=True)

    def put(self, secret_id: str, value: str, *, token: str) -> Version:
        """
        Add a version and label it AWSCURRENT; the version before becomes AWSPREVIOUS.

        If a version with this id and value exists, nothing changes, and the result says whether it is the current one.

        Args:
            token: 32 to 64 characters; it becomes the id of the version.

        Raises:
            SecretExistsError: The version with this id has another value.
        """
        with errors_of("PutSecretValue", self._resource(secret_id)):
            answer = self._client.put_secret_value(SecretId=secret_id, SecretString=value, ClientRequestToken=token)
        return Version(answer["ARN"], answer["VersionId"], is_current=CURRENT in answer.get("VersionStages", []))

    def describe(self, secret_id: str) -> Description:
        """
        Return a secret without its value, also if the secret is scheduled for deletion.

        Raises:
            SecretNotFoundError: The secret does not exist.
        """
        with errors_of("DescribeSecret", self._resource(secret_id)):
            answer = self._client.describe_secret(SecretId=secret_id)
        return Description(
            arn=answer["ARN"],
            name=answer["Name"],
            description=answer.get("Description") or None,
            kms_key_id=answer.get("KmsKeyId") or None,
            tags={tag["Key"]: tag["Value"] for tag in answer.get("Tags", []) if not tag["Key"].startswith("aws:")},
            is_deleted=answer.get("DeletedDate") is not None,
            versions={
                label: version_id
                for version_id, labels in answer.get("VersionIdsToStages", {}).items()
                for label in labels
            },
        )

    def update(self, secret_id: str, *, description: str | None, kms_key_id: str | None) -> None:
        """Set the description and the key. None clears the description, and sets AWS's own key."""
        with errors_of("UpdateSecret", self._resource(secret_id)):
            self._client.update_secret(
                SecretId=secret_id,
                Description=description or "",
                KmsKeyId=kms_key_id or DEFAULT_KMS_KEY,
            )

    def tag(self, secret_id: str, tags: Mapping[str, str]) -> None:
        """Add tags, or change the values of tags."""
        with errors_of("TagResource", self._resource(secret_id)):
            self._client.tag_resource(SecretId=secret_id, Tags=_tag_list(tags))

    def untag(self, secret_id: str, keys: list[str]) -> None:
        """Remove tags."""
        with errors_of("UntagResource", self._resource(secret_id)):
            self._client.untag_resource(SecretId=secret_id, TagKeys=keys)

    def restore(self, secret_id: str) -> None:
        """Cancel a scheduled deletion."""
        with errors_of("RestoreSecret", self._resource(secret_id)):
            self._client.restore_secret(SecretId=secret_id)

    def delete(self, secret_id: str, *, recovery_window_in_days: int) -> None:
        """
        Schedule the deletion of a secret.

        Args:
            recovery_window_in_days: 7 to 30 days, or 0 to delete at once.

        Raises:
            SecretNotFoundError: The secret does not exist.
            SecretDeletedError: The deletion is scheduled already.
        """
        with errors_of("DeleteSecret", self._resource(secret_id)):
            if recovery_window_in_days == 0:
                self._client.delete_secret(SecretId=secret_id, ForceDeleteWithoutRecovery=True)
            else:
                self._client.delete_secret(SecretId=secret_id, RecoveryWindowInDays=recovery_window_in_days)

    def _resource(self, secret_id: str) -> str:
        """Return the ARN of a secret for a policy; AWS appends a hyphen and six characters to the name."""
        if secret_id.startswith("arn:"):
            return secret_id
        return f"arn:{self._client.meta.partition}:secretsmanager:*:*:secret:{secret_id}-*"


def _tag_list(tags: Mapping[str, str]) -> list[TagTypeDef]:
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
