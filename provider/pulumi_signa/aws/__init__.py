"""
AWS Secrets Manager over boto3. Knows nothing of Pulumi or Signa.

* `errors`: what can go wrong, as a tree.
* `secrets_manager`: the calls.
* `failures`: what boto3 raises, as one of those errors.

Importing this package loads neither boto3 nor botocore.
"""
