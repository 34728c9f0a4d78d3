"""
The error for each exception of boto3: one line that says what to do, without values and credentials.

Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/CommonErrors.html
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import msgspec
from botocore import exceptions
from botocore.parsers import ResponseParserError

from pulumi_signa.aws.errors import (
    NO_REGION,
    SET_REGION,
    AccessDeniedError,
    AwsError,
    SecretDeletedError,
    SecretExistsError,
    SecretNotFoundError,
)
from pulumi_signa.deadline import DeadlineError
from pulumi_signa.quotes import Quote, quoting

MAX_ATTEMPTS = 5
"""Attempts of boto3 before it gives up."""

_SERVER_ERROR = 500

_CLOCK_CODES = frozenset({"RequestExpired", "RequestInTheFuture", "RequestTimeTooSkewed"})
# `Signature expired: 20261125T080000Z is now earlier than 20261125T081500Z (20261125T082000Z - 5 min.)`, and
# `Signature not yet current: 20261125T090000Z is still later than 20261125T081500Z (20261125T081000Z + 5 min.)`.
_SKEW = re.compile(r"Signature (?:expired|not yet current)(?:: (\d{8}T\d{6}Z) is .*?\((\d{8}T\d{6}Z) [-+])?")
_SET_CLOCK = "set it by the network's time (`timedatectl set-ntp true`), and run the same command again"

_DENIED_ELSEWHERE = (
    ("service control policy", "a service control policy of the organization"),
    ("resource control policy", "a resource control policy of the organization"),
    ("permissions boundary", "the permissions boundary of the user or role"),
    ("session policy", "the session policy that the role was assumed with"),
    ("resource-based policy", "the secret's own resource policy"),
    ("VPC endpoint policy", "the policy of the VPC endpoint"),
    ("identity-based policy", "an identity-based policy of the user or role"),
)
"""How AWS names a policy in a refusal, and what it is. The first one that is named counts."""

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
_CHECK_THE_WAY = "check the region, the network, a proxy, and AWS_ENDPOINT_URL or AWS_ENDPOINT_URL_SECRETS_MANAGER"
_CHECK_SETTINGS = "check the AWS_* variables and AWS's configuration file"
_SET_CREDENTIALS = "log in with the AWS CLI, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"

_FAILURES: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    ((exceptions.NoCredentialsError, exceptions.PartialCredentialsError), f"no AWS credentials: {_SET_CREDENTIALS}"),
    (exceptions.NoRegionError, NO_REGION),
    (exceptions.InvalidRegionError, f"the AWS region cannot be one: {SET_REGION}"),
    (exceptions.ProfileNotFound, "{quote}: check AWS_PROFILE and aws:profile"),
    (
        (
            *(exceptions.ConnectionError, exceptions.ConnectionClosedError),
            *(exceptions.ReadTimeoutError, exceptions.ResponseStreamingError, DeadlineError),
        ),
        f"AWS cannot be reached for {{action}}: {{quote}}; {_CHECK_THE_WAY}",
    ),
    # The text of this class quotes a header that could not be sent, and headers hold credentials.
    (exceptions.HTTPClientError, "AWS {action} could not be sent: check the AWS_* variables for line breaks"),
    # The text of this class quotes the parameter, which may be the secret.
    (
        exceptions.ParamValidationError,
        "AWS's library refused the parameters of {action}; check the types of the inputs",
    ),
    # Single sign-on, assumed roles, credential processes and configuration all have classes of their own.
    (
        exceptions.BotoCoreError,
        f"AWS {{action}} failed before it was sent: {{quote}}; {_SET_CREDENTIALS}, and {_CHECK_SETTINGS}",
    ),
    (OSError, "AWS {action} failed before it was sent: {quote}"),
)
"""The message for each exception of the library itself; the first class that matches counts."""


# botocore's parser stumbles over an answer of another shape in any of these ways.
_MALFORMED = (
    *(ResponseParserError, msgspec.ValidationError),
    *(AttributeError, LookupError, TypeError, ValueError, RecursionError),
)


@contextmanager
def errors_of_connecting() -> Iterator[None]:
    """Turn what boto3 raises when a client is made into an `AwsError`; nothing is sent yet."""
    try:
        yield
    except (exceptions.BotoCoreError, OSError) as error:
        raise _failure("connect", error) from None
    except ValueError as error:
        wrong = quoting("{quote}; check AWS_ENDPOINT_URL_SECRETS_MANAGER and AWS_ENDPOINT_URL", str(error))
        raise AwsError(*wrong) from None


@contextmanager
def errors_of(action: str, resource: str) -> Iterator[None]:
    """
    Turn every exception of a call into an `AwsError`, and cut off the cause, whose text may show a secret.

    Args:
        action: The operation, as a policy names it, such as `CreateSecret`.
        resource: The secret, as a policy names it.
    """
    try:
        yield
    except exceptions.ClientError as error:
        raise _refusal(action, resource, error) from None
    except (exceptions.BotoCoreError, OSError) as error:
        raise _failure(action, error) from None
    except _MALFORMED as error:
        problem = quoting(": {quote}", str(error)) if isinstance(error, msgspec.ValidationError) else ()
        raise AwsError(f"AWS's answer to {action} is not as documented", *problem, f"; {_CHECK_THE_WAY}") from None


def _failure(action: str, error: exceptions.BotoCoreError | OSError) -> AwsError:
    template = next(template for kinds, template in _FAILURES if isinstance(error, kinds))
    return AwsError(*quoting(template, str(error), action=action))


def _refusal(action: str, resource: str, error: exceptions.ClientError) -> AwsError:  # noqa: PLR0911 - one a case
    answer = error.response
    code = answer.get("Error", {}).get("Code", "")
    request_id = answer.get("ResponseMetadata", {}).get("RequestId")
    request = quoting(" (request {quote})", request_id) if request_id else ()
    text = str(answer.get("Error", {}).get("Message") or "")
    refused = ("AWS answered ", Quote(code), f" to {action}")
    if code in _CLOCK_CODES or (code in _CREDENTIAL_CODES and _SKEW.search(text)):
        return AwsError(*refused, *request, f"; {_clock_off(text)}: {_SET_CLOCK}")
    if code in _CREDENTIAL_CODES:
        # AWS's text for a wrong signature quotes the headers, the session token among them.
        return AwsError(*refused, *request, f"; the credentials are wrong or have expired: {_SET_CREDENTIALS}")
    message = (*refused, ": ", Quote(text), *request)
    if code == "ResourceNotFoundException":
        return SecretNotFoundError(*message)
    if code == "ResourceExistsException":
        return SecretExistsError(*message)
    if code == "InvalidRequestException" and re.search(r"scheduled for deletion|marked (for deletion|deleted)", text):
        return SecretDeletedError(*message)
    replicas = re.search(r"replica regions \[(.*?)\]", text)
    if replicas:
        regions = " ".join(re.findall(r"[a-z0-9-]+", replicas[1]))
        command = f"aws secretsmanager remove-regions-from-replication --region {resource.split(':')[3]}"
        command += f" --secret-id {resource} --remove-replica-regions "
        return AwsError(*message, f"; run `{command}", Quote(regions), "`, and then the same `pulumi` command again")
    if code in {"EncryptionFailure", "DecryptionFailure"} or re.search(r"to KMS|perform:? kms:|KMS key", text):
        advice = "; check that kms_key_id names an enabled key and that its policy lets you use it"
        return AccessDeniedError(*message, advice)
    if code in {"AccessDeniedException", "AccessDenied"}:
        return AccessDeniedError(*message, "; ", *_way_to_permission(action, resource, text))
    if "Throttl" in code or answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= _SERVER_ERROR:
        return AwsError(*message, f"; it was tried {MAX_ATTEMPTS} times: run the same command again later")
    return AwsError(*message)


def _way_to_permission(action: str, resource: str, text: str) -> tuple[str, ...]:
    """
    Return what has to change: an explicit deny goes, or a statement is added to the policy that lacks it.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    """
    named = re.search(r"perform:? ([a-z]+:[A-Za-z]+)", text)
    permission = Quote(named[1] if named else f"secretsmanager:{action}")
    on = re.search(r"on resource: (arn:\S+)", text)
    policy = next((policy for name, policy in _DENIED_ELSEWHERE if name.lower() in text.lower()), None)
    if re.search("explicit(ly)? den", text, re.IGNORECASE):
        return (
            f"{policy or 'a policy'} denies ",
            permission,
            ": no statement that allows it helps, the deny has to go",
        )
    where = "the policy" if policy is None or "identity-based" in policy else policy
    # A refusal to assume a role is about the role.
    target = Quote(on[1]) if on and not permission.startswith("secretsmanager:") else resource
    return (f'add to {where}: {{"Effect": "Allow", "Action": "', permission, '", "Resource": "', target, '"}')


def _clock_off(text: str) -> str:
    """Return by how much this machine's clock is off, where AWS says both times."""
    skew = _SKEW.search(text)
    if skew is None or skew[1] is None:
        return "the clock of this machine is wrong"
    try:
        sent, limit = (datetime.strptime(time, "%Y%m%dT%H%M%SZ") for time in skew.groups())  # noqa: DTZ007 - both are UTC
    except ValueError:
        return "the clock of this machine is wrong"
    direction = "behind" if sent < limit else "ahead"
    return f"the clock of this machine is {abs(limit - sent)} {direction}"
