"""A secret in AWS Secrets Manager, as a stack declares it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi.dynamic import Resource

from pulumi_signa.lifecycle.secrets_manager_secret.schema import DEFAULT_RECOVERY_DAYS, SECRETS, Declared, Recorded
from pulumi_signa.providers.host.values import URN
from pulumi_signa.providers.secrets_manager_secret import SecretsManagerSecretProvider
from pulumi_signa.urn import urn_of

TYPE_TOKEN = "pulumi-python:dynamic/signa:SecretsManagerSecret"  # noqa: S105 - a resource type


class SecretsManagerSecret(Resource, module="signa", name="SecretsManagerSecret"):
    """
    A value in AWS Secrets Manager; the resource's id is the ARN.

    The value is an input only and always a Pulumi secret. A new value becomes AWSCURRENT and the one before
    AWSPREVIOUS. The value is never read back. Every other input is an attribute too.

    Attributes:
        arn: ARN of the secret.
        version_id: Id of the current version.

    Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
    """

    # The annotations are no strings, because the SDK would evaluate strings again for every resource.
    arn: pulumi.Output[str]
    secret_name: pulumi.Output[str]
    version_id: pulumi.Output[str]
    description: pulumi.Output[str | None]
    kms_key_id: pulumi.Output[str | None]
    tags: pulumi.Output[Mapping[str, str]]
    recovery_window_in_days: pulumi.Output[int]
    region: pulumi.Output[str | None]
    replica_regions: pulumi.Output[Sequence[str] | None]
    adopt_existing: pulumi.Output[bool]

    def __init__(  # noqa: PLR0913 - one argument a property
        self,
        name: str,
        *,
        secret_name: pulumi.Input[str],
        secret_string: pulumi.Input[str] | None = None,
        secret_json: pulumi.Input[Mapping[str, Any]] | None = None,
        description: pulumi.Input[str | None] = None,
        kms_key_id: pulumi.Input[str | None] = None,
        tags: pulumi.Input[Mapping[str, pulumi.Input[str]] | None] = None,
        recovery_window_in_days: pulumi.Input[int] = DEFAULT_RECOVERY_DAYS,
        region: pulumi.Input[str | None] = None,
        replica_regions: pulumi.Input[Sequence[pulumi.Input[str]] | None] = None,
        adopt_existing: pulumi.Input[bool] = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Declare a secret with exactly one of `secret_string` and `secret_json`.

        Args:
            secret_name: 1 to 512 characters of `A-Z a-z 0-9 / _ + = . @ -`; another name is another secret.
            secret_string: 1 to 65,536 bytes in UTF-8, stored as they are.
            secret_json: An object, stored as JSON text with sorted keys. Members that are None do not survive Pulumi's
                engine; whole numbers beyond 2**53 are refused.
            description: At most 2048 characters.
            kms_key_id: Id, ARN or alias of a KMS key; None is AWS's own key.
            tags: At most 50; keys to 128 and values to 256 characters, no key that begins with `aws:`.
            recovery_window_in_days: 7 to 30, or 0 to delete at once.
            region: None takes AWS_REGION, then `aws:region`, then boto3's own chain. Another region is another secret.
            replica_regions: AWS regions, in any order, in which AWS keeps a copy, encrypted with its own key. None
                leaves copies alone, an empty list has none.
            adopt_existing: Put the value into a secret of this name that exists and is not ours, and own it from then
                on. One whose deletion is scheduled is restored in any case.
            opts: As for every Pulumi resource.
        """
        opts = opts or pulumi.ResourceOptions()
        properties: dict[str, Any] = {
            **dict.fromkeys((*Declared.rows(), *Recorded.rows())),
            "secret_name": secret_name,
            "secret_string": None if secret_string is None else pulumi.Output.secret(secret_string),
            "secret_json": None if secret_json is None else pulumi.Output.secret(secret_json),
            "description": description,
            "kms_key_id": kms_key_id,
            "tags": tags,
            "recovery_window_in_days": recovery_window_in_days,
            "region": region,
            "replica_regions": replica_regions,
            "adopt_existing": adopt_existing,
            URN: urn_of(name, TYPE_TOKEN, opts.parent),
        }
        defaults = pulumi.ResourceOptions(additional_secret_outputs=list(SECRETS))
        super().__init__(SecretsManagerSecretProvider(), name, properties, pulumi.ResourceOptions.merge(defaults, opts))
