"""
AWS Secrets Manager over boto3. This package knows nothing of Pulumi or Signa.

* `errors`: the tree of errors.
* `secrets_manager`: the operations.
* `boto_errors`: the error for each exception of boto3.

Importing this package loads neither boto3 nor botocore.
"""
