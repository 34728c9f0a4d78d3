"""A secret in AWS Secrets Manager, as a stack declares it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pulumi

from pulumi_signa.lifecycle.secrets_manager_secret.schema import DEFAULT_RECOVERY_DAYS, SECRETS, Declared
from pulumi_signa.program.arguments import ArgumentError, required, sendable
from pulumi_signa.program.registration import Registered


class Outputs:
    """The outputs of a secret."""

    # The annotations are no strings, because the SDK would evaluate strings again for every resource.
    arn: pulumi.Output[str]
    secret_name: pulumi.Output[str]
    version_id: pulumi.Output[str | None]
    description: pulumi.Output[str | None]
    kms_key_id: pulumi.Output[str | None]
    tags: pulumi.Output[Mapping[str, str]]
    recovery_window_in_days: pulumi.Output[int]
    region: pulumi.Output[str | None]
    replica_regions: pulumi.Output[Sequence[str] | None]
    adopt_existing: pulumi.Output[bool]
    without_value: pulumi.Output[bool]


class SecretsManagerSecret(Outputs, Registered, module="signa", name="SecretsManagerSecret", outputs=Outputs):
    """
    A value in AWS Secrets Manager; the resource's id is the ARN.

    The value is an input only and always a Pulumi secret. A new value becomes AWSCURRENT and the one before
    AWSPREVIOUS. The value is never read back. Every other input is an output too. With `without_value` somebody else
    writes the value, and the secret's versions are left alone.

    Attributes:
        id: The ARN.
        arn: ARN of the secret.
        version_id: Id of the current version; none with `without_value`.

    Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
    """

    recovery_window_in_days: pulumi.Output[int]

    provider = "pulumi_signa.providers.secrets_manager_secret.SecretsManagerSecretProvider"
    options = pulumi.ResourceOptions(additional_secret_outputs=list(SECRETS))
    rows = Declared.rows()
    secrets = ()
    anchor = "secret_name"

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
        replica_regions: pulumi.Input[Collection[pulumi.Input[str]] | None] = None,
        adopt_existing: pulumi.Input[bool] = False,
        without_value: pulumi.Input[bool] = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Declare a secret with exactly one of `secret_string`, `secret_json` and `without_value`.

        Args:
            secret_name: 1 to 512 characters of `A-Z a-z 0-9 / _ + = . @ -`; another name is another secret.
            secret_string: 1 to 65,536 bytes in UTF-8, stored as they are.
            secret_json: An object, stored as JSON text with sorted keys. Members that are null are left out; whole
                numbers beyond 2⁵³ are refused.
            description: At most 2048 characters.
            kms_key_id: Id, ARN or alias of a KMS key; without one, AWS's own key.
            tags: At most 50, or 49 with `without_value`; keys to 128 and values to 256 characters, no key that begins
                with `aws:`.
            recovery_window_in_days: 7 to 30, or 0 to delete at once.
            region: Without one: AWS_REGION, then the configured one, then boto3's own chain. Another region is another
                secret.
            replica_regions: AWS regions, in any order, in which AWS keeps a copy, encrypted with its own key.
                Without a list copies are left alone, an empty list has none.
            adopt_existing: Put the value into a secret of this name that exists and is not ours, and own it from then
                on. One whose deletion is scheduled is restored in any case. With `without_value` the value there stays.
            without_value: Make the secret without a value, for somebody else to write, such as a `WebhookEndpoint`.
                Set on a secret that has a value, it leaves that one where it is.
            opts: As for every Pulumi resource.

        Raises:
            ArgumentError: An argument is of a type that Pulumi cannot send, a required one is None, or an option cannot
                be carried out. Everything else is checked at preview.
        """
        resource = f"SecretsManagerSecret({name!r})"
        opts = self.host.options(resource, opts, instead_of_import="take the secret over: adopt_existing=True")
        if opts.id is not None:
            raise ArgumentError(f"{resource}: id is not an option here; use SecretsManagerSecret.get({name!r}, …)")
        members = [path for path in opts.ignore_changes or () if path.startswith(("secret_json.", "secret_json["))]
        if members:
            # The inputs of a refresh hold a stand-in for the value, so Pulumi would leave the member out.
            raise ArgumentError(
                f"{resource}: a stored value is never read, so ignore_changes cannot keep {', '.join(members)} alone; "
                "name secret_json"
            )
        required(resource, secret_name=secret_name)
        if secret_string is None and secret_json is None and not without_value:
            raise ArgumentError(
                f"{resource}: give exactly one of secret_string and secret_json, not none; or without_value=True, and "
                "somebody else writes the value"
            )
        if without_value is True and (secret_string is not None or secret_json is not None):
            raise ArgumentError(
                f"{resource}: without_value=True leaves the value to somebody else, so give neither secret_string nor "
                "secret_json"
            )
        self.host.check_settings(opts, is_for_aws=True)
        properties: dict[str, Any] = {
            "secret_name": secret_name,
            "secret_string": secret_string,
            "secret_json": secret_json,
            "description": description,
            "kms_key_id": kms_key_id,
            "tags": tags,
            "recovery_window_in_days": None
            if recovery_window_in_days == DEFAULT_RECOVERY_DAYS
            else recovery_window_in_days,
            "region": region,
            "replica_regions": replica_regions,
            "adopt_existing": adopt_existing or None,
            "without_value": without_value or None,
        }
        properties = sendable(resource, properties)
        for value in ("secret_string", "secret_json"):
            if properties[value] is not None:
                properties[value] = pulumi.Output.secret(properties[value])
        self._register(name, properties, opts)

    @classmethod
    def get(
        cls,
        name: str,
        id: pulumi.Input[str],  # noqa: A002 - Pulumi's name for it
        opts: pulumi.ResourceOptions | None = None,
    ) -> "SecretsManagerSecret":
        """
        Read a secret that this stack does not own by its ARN, without its value; it is never changed.

        Raises:
            ArgumentError: The ARN is missing or no string, or an option cannot be carried out.
        """
        return cls._read(name, id, opts, form="is the ARN of the secret")
