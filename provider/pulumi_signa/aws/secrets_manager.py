"""
The calls to AWS Secrets Manager, each with its errors in our terms.

None of them reads a secret value, so the permission `secretsmanager:GetSecretValue` is never needed.

Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from pulumi_signa.aws.boto_errors import MAX_ATTEMPTS, errors_of
from pulumi_signa.aws.errors import AwsError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_secretsmanager.type_defs import CreateSecretRequestTypeDef, TagTypeDef

CURRENT, PREVIOUS = "AWSCURRENT", "AWSPREVIOUS"
DEFAULT_KMS_KEY = ""
"""What `UpdateSecret` takes for AWS's own key."""

_CONNECT_TIMEOUT_S = 5
_READ_TIMEOUT_S = 30


@dataclass(frozen=True, slots=True)
class Version:
    """
    A version of a secret, as a write answers.

    Attributes:
        arn: ARN of the secret.
        version_id: The request token that made it.
        is_current: Whether it has the staging label AWSCURRENT.
    """

    arn: str
    version_id: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Description:
    """
    A secret without its value.

    Attributes:
        arn: ARN of the secret.
        name: Its name.
        description: Free text, or None.
        kms_key_id: As it was set, or None for AWS's own key.
        tags: By key, AWS's own left out.
        is_deleted: Whether it is scheduled for deletion.
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
        """The id of the version that readers get."""
        return self.versions.get(CURRENT)

    @property
    def previous_version(self) -> str | None:
        """The id of the version that the current one replaced."""
        return self.versions.get(PREVIOUS)


class SecretsManager:
    """
    Secrets Manager in one region; safe to share between threads, as boto3's clients are.

    Every method raises `AwsError`, or the child that its text names.
    """

    def __init__(self, region: str | None) -> None:
        """
        Connect; nothing is sent yet.

        Args:
            region: None leaves it to boto3's own chain.

        Raises:
            AwsError: No region, a profile that does not exist, or an endpoint that is no URL.
        """
        config = Config(
            connect_timeout=_CONNECT_TIMEOUT_S,
            read_timeout=_READ_TIMEOUT_S,
            retries={"mode": "standard", "max_attempts": MAX_ATTEMPTS},
        )
        try:
            with errors_of("connect", ""):
                session = boto3.Session(region_name=region)
                self._client: SecretsManagerClient = session.client("secretsmanager", config=config)
        except ValueError as error:
            raise AwsError(f"{error}; check AWS_ENDPOINT_URL_SECRETS_MANAGER and AWS_ENDPOINT_URL") from None

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
        Create a secret with its first version; the same token and value again change nothing.

        Args:
            token: 32 to 64 characters; becomes the id of the version.

        Raises:
            SecretExistsError: The name is taken.
            SecretDeletedError: By a secret that is scheduled for deletion; some servers say the former then too.
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
        Add a version and make it AWSCURRENT; what was, becomes AWSPREVIOUS.

        Where a version of this id and value exists already nothing happens, and the answer tells whether it is the
        current one.

        Raises:
            SecretExistsError: A version of this id has another value.
        """
        with errors_of("PutSecretValue", self._resource(secret_id)):
            answer = self._client.put_secret_value(SecretId=secret_id, SecretString=value, ClientRequestToken=token)
        return Version(answer["ARN"], answer["VersionId"], is_current=CURRENT in answer.get("VersionStages", []))

    def describe(self, secret_id: str) -> Description:
        """
        Describe a secret, one that is scheduled for deletion too.

        Raises:
            SecretNotFoundError: There is none.
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
        """Set the description and the key; None clears the one and goes back to AWS's own key with the other."""
        with errors_of("UpdateSecret", self._resource(secret_id)):
            self._client.update_secret(
                SecretId=secret_id,
                Description=description or "",
                KmsKeyId=kms_key_id or DEFAULT_KMS_KEY,
            )

    def tag(self, secret_id: str, tags: Mapping[str, str]) -> None:
        """Add tags, or change their values."""
        with errors_of("TagResource", self._resource(secret_id)):
            self._client.tag_resource(SecretId=secret_id, Tags=_tag_list(tags))

    def untag(self, secret_id: str, keys: list[str]) -> None:
        """Remove tags."""
        with errors_of("UntagResource", self._resource(secret_id)):
            self._client.untag_resource(SecretId=secret_id, TagKeys=keys)

    def restore(self, secret_id: str) -> None:
        """Call off a deletion that is scheduled."""
        with errors_of("RestoreSecret", self._resource(secret_id)):
            self._client.restore_secret(SecretId=secret_id)

    def delete(self, secret_id: str, *, recovery_window_in_days: int) -> None:
        """
        Schedule the deletion, or delete at once where the window is 0.

        Raises:
            SecretNotFoundError: It is gone.
            SecretDeletedError: Its deletion is scheduled already.
        """
        with errors_of("DeleteSecret", self._resource(secret_id)):
            if recovery_window_in_days == 0:
                self._client.delete_secret(SecretId=secret_id, ForceDeleteWithoutRecovery=True)
            else:
                self._client.delete_secret(SecretId=secret_id, RecoveryWindowInDays=recovery_window_in_days)

    def _resource(self, secret_id: str) -> str:
        """Give the secret as a policy names it; AWS appends a hyphen and six characters to the name."""
        if secret_id.startswith("arn:"):
            return secret_id
        return f"arn:{self._client.meta.partition}:secretsmanager:*:*:secret:{secret_id}-*"


def _tag_list(tags: Mapping[str, str]) -> list[TagTypeDef]:
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
