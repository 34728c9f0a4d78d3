"""A Signa webhook endpoint, as a stack declares it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi.dynamic import Resource

from pulumi_signa.lifecycle.webhook_endpoint.schema import DECIDED, KEPT, KNOWN_EVENTS, SECRETS, SENT
from pulumi_signa.providers.host.values import RANDOM_KEY, URN
from pulumi_signa.providers.webhook_endpoint import WebhookEndpointProvider
from pulumi_signa.urn import urn_of

TYPE_TOKEN = "pulumi-python:dynamic/signa:WebhookEndpoint"  # noqa: S105 - a resource type


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

    def to_property(self) -> dict[str, Any]:
        """Return the endpoint as a property of a resource, without a secret that is not there."""
        secret = {} if self.secret is None else {"secret": pulumi.Output.secret(self.secret)}
        return {"id": self.id, "rotate": self.rotate, **secret}


class WebhookEndpoint(Resource, module="signa", name="WebhookEndpoint"):
    """
    An endpoint that Signa posts signed alerts to.

    Every input is changed in place, so the endpoint stays what it is, and so does its secret until it is rotated. Only
    `pulumi up --replace`, or another resource name without an alias, makes a new endpoint.

    Every input but `adopt` is an attribute too.

    Attributes:
        secret: The signing secret, a Pulumi secret; None where Signa has not told it to this stack.
        secret_version: Version of `secret`; 1 for a new endpoint.
        secret_status: `current`; `stale` where somebody rotated the secret elsewhere; `unknown` where none is held.
        secret_rotated_at: When `secret` was issued, ISO 8601 UTC; where that was not seen, no later than this.
        previous_secret: The secret before, a Pulumi secret, while Signa signs with it too; else None.
        previous_secret_expires_at: End of the 24 hours in which it does, ISO 8601 UTC, or None.
        next_rotation_at: When `rotation_period_days` makes a rotation due, ISO 8601 UTC, or None.
        consecutive_failures: Failed deliveries in a row.
        last_success_at: Last delivery that arrived, ISO 8601 UTC, or None.
        last_failure_at: Last delivery that failed, ISO 8601 UTC, or None.
        created_at: ISO 8601 UTC.
        updated_at: ISO 8601 UTC.

    Source: https://docs.signa.so/api-reference/monitoring/webhooks/create, …/rotate-secret
    """

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
    secret: pulumi.Output[str]
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

    def __init__(  # noqa: PLR0913 - one argument a property
        self,
        name: str,
        *,
        url: pulumi.Input[str],
        enabled_events: pulumi.Input[Sequence[pulumi.Input[str]]] = KNOWN_EVENTS,
        description: pulumi.Input[str | None] = None,
        metadata: pulumi.Input[Mapping[str, Any] | None] = None,
        status: pulumi.Input[str] = "active",
        rotate_trigger: pulumi.Input[str | None] = None,
        rotation_period_days: pulumi.Input[int | None] = None,
        force_rotation_reason: pulumi.Input[str | None] = None,
        on_stale_secret: pulumi.Input[str] = "warn",  # noqa: S107 - no secret
        adopt: Adopt | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Declare an endpoint.

        Args:
            url: Absolute https URL with a host and without a user, at most 2048 characters. `http` passes only
                against a test server.
            enabled_events: 1 to 20 distinct event slugs, in any order.
            description: At most 2000 characters; None clears it.
            metadata: JSON object of any depth. Whole numbers are sent as integers; members that are None do not
                survive Pulumi's engine.
            status: `active`, or `disabled` for an endpoint that gets no deliveries.
            rotate_trigger: Any string; another one rotates the secret in place. The one before stays valid for 24
                hours, in which a further rotation is refused.
            rotation_period_days: Rotate when so many days, 1 to 36500, have passed since the last rotation. A run that
                comes late does not move the schedule.
            force_rotation_reason: 1 to 500 characters for Signa's audit log. While it is given, a rotation that
                `rotate_trigger` asks for inside the 24 hours is carried out, and ends the secrets before at once.
            on_stale_secret: What to do where somebody else has rotated the secret, or where it is not known: `warn`, or
                `rotate` as soon as Signa allows that.
            adopt: An endpoint that exists and is to be taken over; it counts once, when the resource is created.
            opts: As for every Pulumi resource. `delete_before_replace` is on unless set to False, so that
                `pulumi up --replace` never leaves two endpoints delivering twice.

        Raises:
            TypeError: `adopt` is not an `Adopt`.
        """
        opts = opts or pulumi.ResourceOptions()
        properties: dict[str, Any] = {
            "url": url,
            "enabled_events": enabled_events,
            "description": description,
            "metadata": metadata,
            "status": status,
            "rotate_trigger": rotate_trigger,
            "rotation_period_days": rotation_period_days,
            "force_rotation_reason": force_rotation_reason,
            "on_stale_secret": on_stale_secret,
            URN: urn_of(name, TYPE_TOKEN, opts.parent),
        }
        if adopt is not None:
            if not isinstance(adopt, Adopt):
                raise TypeError(
                    f"WebhookEndpoint({name!r}): adopt must be an Adopt(id, …), not a {type(adopt).__name__}"
                )
            properties["adopt"] = adopt.to_property()
        if opts.delete_before_replace is False:
            properties[RANDOM_KEY] = True
        self._register(name, properties, opts)

    @classmethod
    def get(
        cls,
        name: str,
        id: pulumi.Input[str],  # noqa: A002 - Pulumi's name for it
        opts: pulumi.ResourceOptions | None = None,
    ) -> "WebhookEndpoint":
        """
        Read an endpoint `whk_…` that this stack does not own, with every output but `secret`; it is never changed.

        Raises:
            ValueError: The id is missing.
        """
        if not id:
            raise ValueError(f"WebhookEndpoint.get({name!r}): the id is missing; it looks like whk_…")
        endpoint = cls.__new__(cls)
        endpoint._register(name, {}, pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id)))  # noqa: SLF001 - ours
        return endpoint

    def _register(self, name: str, properties: dict[str, Any], opts: pulumi.ResourceOptions) -> None:
        # A name that is not among the properties never becomes an attribute.
        outputs = dict.fromkeys((*SENT, *KEPT, *DECIDED))
        defaults = pulumi.ResourceOptions(additional_secret_outputs=list(SECRETS), delete_before_replace=True)
        super().__init__(
            WebhookEndpointProvider(),
            name,
            {**outputs, **properties},
            pulumi.ResourceOptions.merge(defaults, opts),
        )
        # The engine's marks come with the real values; in previews and under mocks these have to do.
        self.secret = pulumi.Output.secret(self.secret)
        self.previous_secret = pulumi.Output.secret(self.previous_secret)
