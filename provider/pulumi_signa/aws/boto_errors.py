"""
What boto3 raises, in our terms: one line that says what to do, and quotes neither values nor credentials.

Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/CommonErrors.html
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from botocore import exceptions

from pulumi_signa.aws.errors import (
    NO_REGION,
    SET_REGION,
    AwsError,
    SecretDeletedError,
    SecretExistsError,
    SecretNotFoundError,
)

MAX_ATTEMPTS = 5
"""Requests that boto3 makes before it gives up."""

_LONGEST_QUOTE = 400
_SERVER_ERROR = 500

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
_CHECK_THE_WAY = "check the region, the network, a proxy, and AWS_ENDPOINT_URL_SECRETS_MANAGER"
_CHECK_SETTINGS = "check the AWS_* variables and AWS's configuration file"
_SET_CREDENTIALS = "log in with the AWS CLI, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"

_FAILURES: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    ((exceptions.NoCredentialsError, exceptions.PartialCredentialsError), f"no AWS credentials: {_SET_CREDENTIALS}"),
    (exceptions.NoRegionError, NO_REGION),
    (exceptions.InvalidRegionError, f"the AWS region cannot be one: {SET_REGION}"),
    (exceptions.ProfileNotFound, "{text}: check AWS_PROFILE"),
    (
        (
            *(exceptions.ConnectionError, exceptions.ConnectionClosedError),
            *(exceptions.ReadTimeoutError, exceptions.ResponseStreamingError),
        ),
        f"AWS cannot be reached for {{action}}: {{text}}; {_CHECK_THE_WAY}",
    ),
    # Its text quotes a header that could not be sent, and headers hold credentials.
    (exceptions.HTTPClientError, "AWS {action} could not be sent: check the AWS_* variables for line breaks"),
    # Its text quotes the parameter, which may be the secret.
    (
        exceptions.ParamValidationError,
        "AWS's library refused the parameters of {action}; check the types of the inputs",
    ),
    # Single sign-on, assumed roles, credential processes, configuration: each has classes of its own.
    (
        exceptions.BotoCoreError,
        f"AWS {{action}} failed before it was sent: {{text}}; {_SET_CREDENTIALS}, and {_CHECK_SETTINGS}",
    ),
    (OSError, "AWS {action} failed before it was sent: {text}"),
)
"""What is said of each failure of the library itself; the first class that fits counts."""


@contextmanager
def errors_of(action: str, resource: str) -> Iterator[None]:
    """
    Turn whatever boto3 raises for an action into an `AwsError`; causes are cut off.

    Args:
        resource: What it is done to, as a policy names it.
    """
    try:
        yield
    except exceptions.ClientError as error:
        raise _refusal(action, resource, error) from None
    except (exceptions.BotoCoreError, OSError) as error:
        said = next(message for kinds, message in _FAILURES if isinstance(error, kinds))
        raise AwsError(said.format(action=action, text=_one_line(str(error)))) from None


def _refusal(action: str, resource: str, error: exceptions.ClientError) -> AwsError:  # noqa: PLR0911 - one a case
    answer = error.response
    code = answer.get("Error", {}).get("Code", "")
    request_id = answer.get("ResponseMetadata", {}).get("RequestId")
    request = f" (request {request_id})" if request_id else ""
    if code in _CREDENTIAL_CODES:
        # AWS's own text is left out: about a wrong signature it quotes the headers, the session token among them.
        refused = f"AWS answered {code} to {action}{request}"
        return AwsError(f"{refused}; the credentials are wrong or have expired: {_SET_CREDENTIALS}")
    text = _one_line(answer.get("Error", {}).get("Message", ""))
    said = f"AWS answered {code} to {action}: {text}{request}"
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
            f'{said}; add to the policy: {{"Effect": "Allow", "Action": "{permission}", "Resource": "{resource}"}}'
        )
    if "Throttl" in code or answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= _SERVER_ERROR:
        return AwsError(f"{said}; it was tried {MAX_ATTEMPTS} times: run `pulumi up` again later")
    return AwsError(said)


def _one_line(text: str) -> str:
    return " ".join(text.split())[:_LONGEST_QUOTE]
