"""A Signa webhook endpoint, as a stack declares it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi

from pulumi_signa.hosting.hidden import RANDOM_KEY
from pulumi_signa.lifecycle.webhook_endpoint.schema import KNOWN_EVENTS, SECRETS, Declared
from pulumi_signa.program.arguments import ArgumentError, account_name, required, sendable
from pulumi_signa.program.registration import Registered


@dataclass(frozen=True)
class Adopt:
    """
    An endpoint that exists already, to be managed by a stack from now on.

    No second endpoint is made, and no secret ends: where `rotate` is true, the one that receivers have stays valid for
    24 hours beside the new one. With neither `secret` nor `rotate` the endpoint is managed without its secret.

    Attributes:
        id: `whk_…`
        secret: The signing secret that receivers verify with, where somebody has it; it becomes a Pulumi secret.
        rotate: Whether to have another secret issued.
    """

    id: pulumi.Input[str]
    secret: pulumi.Input[str] | None = field(default=None, repr=False)
    rotate: pulumi.Input[bool] = False


@dataclass(frozen=True)
class SecretsManagerDestination:
    """
    A secret in AWS Secrets Manager that an endpoint's signing secret is written to, so that no state holds it.

    The secret exists, and may have a value: a `SecretsManagerSecret` with `without_value` is one, and so is a secret of
    the AWS provider. The signing secret becomes AWSCURRENT there, byte for byte, and the value before AWSPREVIOUS. No
    value is ever read.

    Attributes:
        secret_id: Name or ARN. Pass the `id` of a resource: an id stays known in the preview of an update.
        region: Without one: the region in the ARN, then AWS_REGION, then the configured one, then boto3's own chain.
    """

    secret_id: pulumi.Input[str]
    region: pulumi.Input[str | None] = None


class Outputs:
    """The outputs of an endpoint."""

    # The annotations are no strings, because the SDK would evaluate strings again for every resource.
    url: pulumi.Output[str]
    enabled_events: pulumi.Output[Sequence[str]]
    description: pulumi.Output[str | None]
    metadata: pulumi.Output[Mapping[str, Any]]
    status: pulumi.Output[str]
    rotate_trigger: pulumi.Output[str | None]
    rotation_period_days: pulumi.Output[int | None]
    force_rotation_reason: pulumi.Output[str | None]
    on_stale_secret: pulumi.Output[str]
    secret_destination: pulumi.Output[Mapping[str, str] | None]
    account: pulumi.Output[str | None]
    secret: pulumi.Output[str]
    secret_arn: pulumi.Output[str | None]
    secret_version_id: pulumi.Output[str | None]
    secret_fingerprint: pulumi.Output[str | None]
    secret_version: pulumi.Output[int]
    secret_status: pulumi.Output[str]
    secret_rotated_at: pulumi.Output[str]
    previous_secret: pulumi.Output[str | None]
    previous_secret_expires_at: pulumi.Output[str | None]
    next_rotation_at: pulumi.Output[str | None]
    consecutive_failures: pulumi.Output[int]
    last_success_at: pulumi.Output[str | None]
    last_failure_at: pulumi.Output[str | None]
    created_at: pulumi.Output[str]
    updated_at: pulumi.Output[str]


class WebhookEndpoint(Outputs, Registered, module="signa", name="WebhookEndpoint", outputs=Outputs):
    """
    An endpoint that Signa posts signed alerts to.

    Every input but `account` is changed in place, so the endpoint stays what it is, and so does its secret until it is
    rotated. Only another `account`, `pulumi up --replace`, or another resource name without an alias makes a new
    endpoint.

    Every input but `adopt` is an output too.

    Attributes:
        id: `whk_…`
        secret: The signing secret, a Pulumi secret; none where Signa has not told it to this stack, and with
            `secret_destination`.
        secret_arn: ARN of the secret in Secrets Manager that holds the signing secret, with `secret_destination`.
        secret_version_id: Id of the version there that holds the signing secret, with `secret_destination`.
        secret_fingerprint: The first 16 hexadecimal digits of the SHA-256 of the signing secret, with
            `secret_destination`.
        secret_version: Version of the signing secret; 1 for a new endpoint.
        secret_status: `current`; `stale` where somebody rotated the secret elsewhere; `overwritten` where the
            destination has another value; `unknown` where none is held.
        secret_rotated_at: When the signing secret was issued, ISO 8601 UTC; where that was not seen, no later.
        previous_secret: The secret before, a Pulumi secret, while Signa signs with it too.
        previous_secret_expires_at: Until when Signa signs with `previous_secret` too, ISO 8601 UTC.
        next_rotation_at: When `rotation_period_days` makes a rotation due, ISO 8601 UTC.
        consecutive_failures: Failed deliveries in a row.
        last_success_at: Last delivery that arrived, ISO 8601 UTC, if any.
        last_failure_at: Last delivery that failed, ISO 8601 UTC, if any.
        created_at: When Signa made the endpoint, ISO 8601 UTC.
        updated_at: Last change of the endpoint, ISO 8601 UTC.

    Source: https://docs.signa.so/api-reference/monitoring/webhooks/create, …/rotate-secret
    """

    rotation_period_days: pulumi.Output[int | None]

    provider = "pulumi_signa.providers.webhook_endpoint.WebhookEndpointProvider"
    options = pulumi.ResourceOptions(additional_secret_outputs=list(SECRETS), delete_before_replace=True)
    rows = Declared.rows()
    secrets = SECRETS
    anchor = "url"

    def __init__(  # noqa: PLR0913 - one argument a property
        self,
        name: str,
        *,
        url: pulumi.Input[str],
        enabled_events: pulumi.Input[Collection[pulumi.Input[str]]] = KNOWN_EVENTS,
        description: pulumi.Input[str | None] = None,
        metadata: pulumi.Input[Mapping[str, Any] | None] = None,
        status: pulumi.Input[str] = "active",
        rotate_trigger: pulumi.Input[str | None] = None,
        rotation_period_days: pulumi.Input[int | None] = None,
        force_rotation_reason: pulumi.Input[str | None] = None,
        on_stale_secret: pulumi.Input[str] = "warn",  # noqa: S107 - no secret
        secret_destination: SecretsManagerDestination | None = None,
        adopt: Adopt | None = None,
        account: str | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Declare an endpoint.

        Args:
            url: Absolute https URL with a host and without a user, at most 2048 characters. `http` passes only
                against a test server.
            enabled_events: 1 to 20 distinct event slugs, in any order.
            description: At most 2000 characters.
            metadata: JSON object of any depth. Whole numbers are sent as integers; members that are null are
                left out.
            status: `active`, or `disabled` for an endpoint that gets no deliveries.
            rotate_trigger: Any string; another one rotates the secret in place. The one before stays valid for 24
                hours, in which a further rotation is refused.
            rotation_period_days: Rotate when so many days, 1 to 36500, have passed since the last rotation. A run that
                comes late does not move the schedule.
            force_rotation_reason: 1 to 500 characters for Signa's audit log. While it is given, a rotation that
                `rotate_trigger` asks for inside the 24 hours is carried out, and ends the secrets before at once.
            on_stale_secret: What to do where somebody else has rotated the secret, or where it is not known: `warn`, or
                `rotate` as soon as Signa allows that.
            secret_destination: The secret in Secrets Manager that the signing secret is written to; the state and the
                outputs hold none then. Another destination rotates the secret, as no value is read back.
            adopt: An endpoint that exists and is to be taken over; it counts once, when the resource is created.
            account: The name of another organization, whose key and base URL `signa:accounts` or the environment has: a
                string that is known when the program runs. Another one replaces the endpoint.
            opts: As for every Pulumi resource. `delete_before_replace` is on unless set to False, so that
                `pulumi up --replace` never leaves two endpoints delivering twice.

        Raises:
            ArgumentError: An argument is of a type that Pulumi cannot send, a required one is None, or an option cannot
                be carried out. Everything else is checked at preview.
        """
        resource = f"WebhookEndpoint({name!r})"
        opts = self.host.options(resource, opts, instead_of_import="take the endpoint over: adopt=Adopt('whk_…')")
        required(resource, url=url)
        account_name(resource, account)
        properties: dict[str, Any] = {
            "url": url,
            "enabled_events": None if enabled_events == KNOWN_EVENTS else enabled_events,
            "description": description,
            "metadata": metadata,
            "status": None if status == "active" else status,
            "rotate_trigger": rotate_trigger,
            "rotation_period_days": rotation_period_days,
            "force_rotation_reason": force_rotation_reason,
            "on_stale_secret": None if on_stale_secret == "warn" else on_stale_secret,  # noqa: S105 - no secret
            "account": account,
        }
        if secret_destination is not None:
            if not isinstance(secret_destination, SecretsManagerDestination):
                raise ArgumentError(
                    f"{resource}: secret_destination must be a SecretsManagerDestination(secret_id, …), not a "
                    f"{type(secret_destination).__name__}"
                )
            required(resource, **{"secret_destination.secret_id": secret_destination.secret_id})
            properties["secret_destination"] = _given(secret_destination)
            self.host.check_settings(opts, is_for_aws=True)
        if adopt is not None:
            properties["adopt"] = adoption(resource, adopt)
        if opts.delete_before_replace is False:
            properties[RANDOM_KEY] = True
        properties = sendable(resource, properties)
        if adopt is not None and adopt.secret is not None:
            properties["adopt"]["secret"] = pulumi.Output.secret(properties["adopt"]["secret"])
        self._register(name, properties, opts, also=("secret",))

    @classmethod
    def get(
        cls,
        name: str,
        id: pulumi.Input[str],  # noqa: A002 - Pulumi's name for it
        opts: pulumi.ResourceOptions | None = None,
        *,
        account: str | None = None,
    ) -> "WebhookEndpoint":
        """
        Read an endpoint `whk_…` that this stack does not own, with every output but `secret`; it is never changed.

        Args:
            account: The name of another organization that the endpoint is in.

        Raises:
            ArgumentError: The id is missing or no string, or an option cannot be carried out.
        """
        account_name(f"WebhookEndpoint.get({name!r})", account)
        return cls._read(name, id, opts, form="looks like whk_…", account=account)


def adoption(resource: str, adopt: object) -> dict[str, Any]:
    """Return what is given of an adoption, and refuse one that names no endpoint."""
    if not isinstance(adopt, Adopt):
        raise ArgumentError(f"{resource}: adopt must be an Adopt(id, …), not a {type(adopt).__name__}")
    required(resource, **{"adopt.id": adopt.id})
    return _given(adopt)


def _given(argument: Adopt | SecretsManagerDestination) -> dict[str, Any]:
    return {name: value for name, value in vars(argument).items() if value is not None}
