"""
The documented pattern, applied to AWS Secrets Manager: one call of boto3 for each operation.

Source: https://www.pulumi.com/docs/iac/concepts/resources/dynamic-providers/,
https://docs.aws.amazon.com/boto3/latest/reference/services/secretsmanager.html
"""

import functools
import os
from typing import Any

import boto3
import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult

FIELDS = ("secret_name", "secret_string")


@functools.cache
def client() -> Any:
    """Make a client in a session of its own: the host has four threads, and the default session is for one."""
    return boto3.session.Session().client("secretsmanager", region_name=os.environ["AWS_REGION"])


class SecretsManagerSecretProvider(ResourceProvider):
    """One call an operation."""

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compare what can be declared."""
        return DiffResult(changes=any(olds.get(field) != news.get(field) for field in FIELDS))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Create the secret."""
        made = client().create_secret(Name=props["secret_name"], SecretString=props["secret_string"])
        return CreateResult(made["ARN"], {**props, "arn": made["ARN"], "version_id": made["VersionId"]})

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Fetch the secret."""
        found = client().get_secret_value(SecretId=id_)
        return ReadResult(id_, {**props, "secret_string": found["SecretString"], "version_id": found["VersionId"]})

    def update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Put another value."""
        put = client().put_secret_value(SecretId=id_, SecretString=news["secret_string"])
        return UpdateResult({**olds, **news, "version_id": put["VersionId"]})

    def delete(self, id_: str, _props: dict[str, Any]) -> None:
        """Delete the secret."""
        client().delete_secret(SecretId=id_)


class SecretsManagerSecret(Resource):
    """A secret in AWS Secrets Manager."""

    secret_name: pulumi.Output[str]
    secret_string: pulumi.Output[str]
    arn: pulumi.Output[str]
    version_id: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        secret_name: str,
        secret_string: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            SecretsManagerSecretProvider(),
            name,
            {"secret_name": secret_name, "secret_string": secret_string, "arn": None, "version_id": None},
            pulumi.ResourceOptions.merge(pulumi.ResourceOptions(additional_secret_outputs=["secret_string"]), opts),
        )
