"""
What can go wrong between us and AWS.

    AwsError
    ├── SecretNotFoundError     no such secret
    ├── SecretExistsError       the name, or the version id, is taken
    └── SecretDeletedError      the secret is scheduled for deletion
"""

SET_REGION = "run `pulumi config set aws:region …`, or set AWS_REGION or the input region"
NO_REGION = f"no AWS region: {SET_REGION}"
"""Said where boto3 finds none, and before it is asked where it cannot find one."""


class AwsError(Exception):
    """Root of everything this package raises; one line that says what to do, without a secret."""


class SecretNotFoundError(AwsError):
    """There is no such secret, or it has been deleted for good."""


class SecretExistsError(AwsError):
    """Another secret has the name, or the secret has a version of this id with another value."""


class SecretDeletedError(AwsError):
    """The secret is scheduled for deletion, which blocks its name until then."""
