"""
A dynamic provider that does nothing, all else left as the SDK has it: what Pulumi itself costs.

It lies beside the program. Written into it, as in Pulumi's guide, it would be pickled whole, which takes the SDK longer
with each resource, and fails with some 300 of them.

Source: https://www.pulumi.com/docs/iac/guides/building-extending/providers/dynamic-providers/
"""

import uuid
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider


class WebhookEndpointProvider(ResourceProvider):
    """Keeps what was declared."""

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Make up an id."""
        return CreateResult(f"nowhere-{uuid.uuid4()}", props)


class WebhookEndpoint(Resource):
    """An endpoint that is nowhere but in the state."""

    url: pulumi.Output[str]
    enabled_events: pulumi.Output[list[str]]

    def __init__(self, name: str, url: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(WebhookEndpointProvider(), name, {"url": url, "enabled_events": ["alert.created"]}, opts)


class SecretsManagerSecretProvider(ResourceProvider):
    """Keeps what was declared."""

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Make up an id."""
        return CreateResult(f"nowhere-{uuid.uuid4()}", props)


class SecretsManagerSecret(Resource):
    """A secret that is nowhere but in the state."""

    secret_name: pulumi.Output[str]
    secret_string: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        secret_name: str,
        secret_string: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        properties = {"secret_name": secret_name, "secret_string": secret_string}
        super().__init__(SecretsManagerSecretProvider(), name, properties, opts)
