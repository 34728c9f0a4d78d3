"""
The errors of this package, as a tree.

    AwsError
    ├── AccessDeniedError       a permission is missing, or a key cannot be used
    ├── SecretNotFoundError     the secret does not exist
    ├── SecretExistsError       the name, or the version id, is taken
    └── SecretDeletedError      the secret is scheduled for deletion
"""

from pulumi_signa.quotes import QuotingError

SET_REGION = "run `pulumi config set aws:region …`, or set AWS_REGION or the input region"
NO_REGION = f"no AWS region: {SET_REGION}"
"""The message for a region that boto3 does not find."""

CODES = (
    *("AccessDenied", "AccessDeniedException", "DecryptionFailure", "EncryptionFailure", "ExpiredTokenException"),
    *("InternalServiceError", "InvalidParameterException", "InvalidRequestException", "InvalidSignatureException"),
    *("LimitExceededException", "PreconditionNotMetException", "RequestExpired", "ResourceExistsException"),
    *("ResourceNotFoundException", "SignatureDoesNotMatch", "ThrottlingException", "UnrecognizedClientException"),
    "ValidationException",
)
"""
The words that AWS documents for the code of a refusal by Secrets Manager.

Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/CommonErrors.html
"""


class AwsError(QuotingError):
    """
    `AwsError` is the root of all errors that this package raises. Its text is one line, and says what to do.

    What AWS or its library wrote must be a `Quote` of its own among the arguments: only quotes are searched for what
    was sent.
    """


class AccessDeniedError(AwsError):
    """`AccessDeniedError` means that a permission is missing, or that a KMS key cannot be used; nothing was done."""


class SecretNotFoundError(AwsError):
    """`SecretNotFoundError` means that the secret does not exist, or was deleted for good."""


class SecretExistsError(AwsError):
    """`SecretExistsError` means that another secret has the name, or that the version id has another value."""


class SecretDeletedError(AwsError):
    """`SecretDeletedError` means that the secret is scheduled for deletion, and has its name until then."""
