"""A Signa webhook endpoint, as a stack declares it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi.dynamic import Resource

from pulumi_signa.identity import urn_of
from pulumi_signa.inputs.webhook_endpoint import FIELDS, KNOWN_EVENTS
from pulumi_signa.lifecycle import URN
from pulumi_signa.lifecycle.webhook_endpoint import OUTPUTS, RANDOM_KEY, SECRET_OUTPUTS
from pulumi_signa.providers.webhook_endpoint import WebhookEndpointProvider

TYPE_TOKEN = "pulumi-python:dynamic/signa:WebhookEndpoint"  # noqa: S105 - a resource type


class WebhookEndpoint(Resource, module="signa", name="WebhookEndpoint"):
    """
    An endpoint that Signa posts signed alerts to.

    Every input is changed in place, so the endpoint and its secret stay what they are. Only `pulumi up --replace`, or
    another resource name without an alias, makes a new endpoint with a new secret.

    Attributes:
        url: Where Signa posts to.
        enabled_events: Subscribed event slugs, sorted.
        description: Free text, or None.
        metadata: JSON object.
        status: `active` or `disabled`; Signa disables an endpoint that keeps failing.
        secret: The signing secret, a Pulumi secret; None after `get`, since Signa shows it only once.
        secret_version: Version of `secret`; 1 for a new endpoint.
        secret_status: `current`; `stale` where somebody rotated the secret elsewhere; `unknown` where none is held.
        consecutive_failures: Failed deliveries in a row.
        last_success_at: Last delivery that arrived, ISO 8601 UTC, or None.
        last_failure_at: Last delivery that failed, ISO 8601 UTC, or None.
        created_at: ISO 8601 UTC.
        updated_at: ISO 8601 UTC.

    Source: https://docs.signa.so/api-reference/monitoring/webhooks/create
    """

    # Not strings, which the SDK would evaluate again for every resource.
    url: pulumi.Output[str]
    enabled_events: pulumi.Output[Sequence[str]]
    description: pulumi.Output[str | None]
    metadata: pulumi.Output[Mapping[str, Any]]
    status: pulumi.Output[str]
    secret: pulumi.Output[str]
    secret_version: pulumi.Output[int]
    secret_status: pulumi.Output[str]
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
            opts: As for every Pulumi resource. `delete_before_replace` is on unless set to False, so that
                `pulumi up --replace` never leaves two endpoints delivering twice.
        """
        opts = opts or pulumi.ResourceOptions()
        properties: dict[str, Any] = {
            "url": url,
            "enabled_events": enabled_events,
            "description": description,
            "metadata": metadata,
            "status": status,
            URN: urn_of(name, TYPE_TOKEN, opts.parent),
        }
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
        Read an endpoint that this stack does not own; it is never changed or deleted.

        Args:
            name: The resource's name in this stack.
            id: `whk_…`
            opts: As for every Pulumi resource.

        Returns:
            The endpoint, with every output but `secret`.

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
        outputs = dict.fromkeys((*FIELDS, *OUTPUTS))
        defaults = pulumi.ResourceOptions(additional_secret_outputs=list(SECRET_OUTPUTS), delete_before_replace=True)
        super().__init__(
            WebhookEndpointProvider(),
            name,
            {**outputs, **properties},
            pulumi.ResourceOptions.merge(defaults, opts),
        )
        # The engine's mark comes with the real value; in previews and under mocks this one has to do.
        self.secret = pulumi.Output.secret(self.secret)
