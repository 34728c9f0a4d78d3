"""
The calls to AWS Secrets Manager, each with its errors in our terms.

None of them reads a secret value, so the permission `secretsmanager:GetSecretValue` is never needed.

Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import boto3
from botocore import exceptions
from botocore.config import Config

from pulumi_signa.aws.errors import AwsError, SecretDeletedError, SecretExistsError, SecretNotFoundError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_secretsmanager.type_defs import CreateSecretRequestTypeDef, TagTypeDef

CURRENT = "AWSCURRENT"
DEFAULT_KMS_KEY = ""
"""What `UpdateSecret` takes for AWS's own key."""

_CONNECT_TIMEOUT_S = 5
_READ_TIMEOUT_S = 30
_MAX_ATTEMPTS = 5
_LONGEST_QUOTE = 400

_CREDENTIAL_CODES = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignatureException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_SET_CREDENTIALS = "log in with the AWS CLI, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"


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
        versions: Ids by staging label, `AWSCURRENT` and `AWSPREVIOUS` among them.
    """

    arn: str
    name: str
    description: str | None
    kms_key_id: str | None
    is_deleted: bool
    tags: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)


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
            retries={"mode": "standard", "max_attempts": _MAX_ATTEMPTS},
        )
        try:
            with _errors("connect", ""):
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
        with _errors("CreateSecret", name):
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
        with _errors("PutSecretValue", secret_id):
            answer = self._client.put_secret_value(SecretId=secret_id, SecretString=value, ClientRequestToken=token)
        return Version(answer["ARN"], answer["VersionId"], is_current=CURRENT in answer.get("VersionStages", []))

    def describe(self, secret_id: str) -> Description:
        """
        Describe a secret, one that is scheduled for deletion too.

        Raises:
            SecretNotFoundError: There is none.
        """
        with _errors("DescribeSecret", secret_id):
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
        with _errors("UpdateSecret", secret_id):
            self._client.update_secret(
                SecretId=secret_id,
                Description=description or "",
                KmsKeyId=kms_key_id or DEFAULT_KMS_KEY,
            )

    def tag(self, secret_id: str, tags: Mapping[str, str]) -> None:
        """Add tags, or change their values."""
        with _errors("TagResource", secret_id):
            self._client.tag_resource(SecretId=secret_id, Tags=_tag_list(tags))

    def untag(self, secret_id: str, keys: list[str]) -> None:
        """Remove tags."""
        with _errors("UntagResource", secret_id):
            self._client.untag_resource(SecretId=secret_id, TagKeys=keys)

    def restore(self, secret_id: str) -> None:
        """Call off a deletion that is scheduled."""
        with _errors("RestoreSecret", secret_id):
            self._client.restore_secret(SecretId=secret_id)

    def delete(self, secret_id: str, *, recovery_window_in_days: int) -> None:
        """
        Schedule the deletion, or delete at once where the window is 0.

        Raises:
            SecretNotFoundError: It is gone.
            SecretDeletedError: Its deletion is scheduled already.
        """
        with _errors("DeleteSecret", secret_id):
            if recovery_window_in_days == 0:
                self._client.delete_secret(SecretId=secret_id, ForceDeleteWithoutRecovery=True)
            else:
                self._client.delete_secret(SecretId=secret_id, RecoveryWindowInDays=recovery_window_in_days)


def _tag_list(tags: Mapping[str, str]) -> list[TagTypeDef]:
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


@contextmanager
def _errors(action: str, secret_id: str) -> Iterator[None]:
    """
    Map what boto3 raises.

    Causes are cut off: botocore's `ParamValidationError` quotes the parameter, which may be the secret.
    """
    try:
        yield
    except exceptions.ClientError as error:
        raise _refusal(action, secret_id, error) from None
    except (exceptions.NoCredentialsError, exceptions.PartialCredentialsError):
        raise AwsError(f"no AWS credentials: {_SET_CREDENTIALS}") from None
    except (exceptions.NoRegionError, exceptions.InvalidRegionError):
        raise AwsError(
            "no valid AWS region: run `pulumi config set aws:region …`, or set AWS_REGION or the input region"
        ) from None
    except exceptions.ProfileNotFound as error:
        raise AwsError(f"{_one_line(str(error))}: check AWS_PROFILE") from None
    except (
        exceptions.ConnectionError,
        exceptions.ConnectionClosedError,
        exceptions.ReadTimeoutError,
        exceptions.ResponseStreamingError,
    ) as error:
        raise AwsError(f"AWS cannot be reached for {action}: {_one_line(str(error))}") from None
    except exceptions.HTTPClientError:
        # Its text quotes a header that could not be sent, and headers hold credentials.
        raise AwsError(f"AWS {action} could not be sent: check the AWS_* variables for line breaks") from None
    except exceptions.ParamValidationError:
        raise AwsError(f"AWS's library refused the parameters of {action}; check the types of the inputs") from None
    except exceptions.BotoCoreError as error:
        # Single sign-on, assumed roles, credential processes, configuration: each has classes of its own.
        advice = f"{_SET_CREDENTIALS}, and check the AWS_* variables and AWS's configuration file"
        raise AwsError(f"AWS {action} failed before it was sent: {_one_line(str(error))}; {advice}") from None
    except OSError as error:
        raise AwsError(f"AWS {action} failed before it was sent: {error.strerror}: {error.filename}") from None


def _refusal(action: str, secret_id: str, error: exceptions.ClientError) -> AwsError:  # noqa: PLR0911 - one a case
    answer = error.response
    code = answer.get("Error", {}).get("Code", "")
    request_id = answer.get("ResponseMetadata", {}).get("RequestId", "")
    if code in _CREDENTIAL_CODES:
        # AWS's own text is left out: about a wrong signature it quotes the headers, the session token among them.
        refused = f"AWS answered {code} to {action} (request {request_id})"
        return AwsError(f"{refused}; the credentials are wrong or have expired: {_SET_CREDENTIALS}")
    text = _one_line(answer.get("Error", {}).get("Message", ""))
    said = f"AWS answered {code} to {action}: {text} (request {request_id})"
    if code == "ResourceNotFoundException":
        return SecretNotFoundError(said)
    if code == "ResourceExistsException":
        return SecretExistsError(said)
    if code == "InvalidRequestException" and re.search(r"scheduled for deletion|marked (for deletion|deleted)", text):
        return SecretDeletedError(said)
    if code in {"EncryptionFailure", "DecryptionFailure"} or re.search(r"to KMS|perform:? kms:|KMS key", text):
        return AwsError(f"{said}; check that kms_key_id names an enabled key and that its policy lets you use it")
    if code in {"AccessDeniedException", "AccessDenied"}:
        named = re.search(r"perform:? ([a-z]+:[A-Za-z]+)", text)
        permission = named[1] if named else f"secretsmanager:{action}"
        return AwsError(
            f'{said}; add to the policy: {{"Effect": "Allow", "Action": "{permission}", '
            f'"Resource": "{_policy_resource(secret_id)}"}}'
        )
    return AwsError(said)


def _one_line(text: str) -> str:
    return " ".join(text.split())[:_LONGEST_QUOTE]


def _policy_resource(secret_id: str) -> str:
    # AWS appends a hyphen and six characters to the name.
    return secret_id if secret_id.startswith("arn:") else f"arn:aws:secretsmanager:*:*:secret:{secret_id}-*"
