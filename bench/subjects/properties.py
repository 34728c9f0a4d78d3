"""
A dynamic provider that does nothing, with the properties of pulumi-signa's: what those cost in themselves.

The four dictionaries are all that follows the schemas of pulumi-signa.
"""

import uuid
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

DECLARED = {
    "enabled_events": ["alert.created"],
    "description": None,
    "metadata": None,
    "status": "active",
    "rotate_trigger": None,
    "rotation_period_days": None,
    "force_rotation_reason": None,
    "on_stale_secret": "warn",
    "account": None,
    "secret_destination": None,
}
"""What the program declares of an endpoint beside the URL."""

DECIDED = {
    "secret": "whsec_" + "0" * 32,
    "secret_arn": None,
    "secret_version_id": None,
    "secret_fingerprint": None,
    "secret_version": 1,
    "secret_status": "current",
    "secret_rotated_at": "2026-01-01T00:00:00.000Z",
    "previous_secret": None,
    "previous_secret_expires_at": None,
    "next_rotation_at": None,
    "consecutive_failures": 0,
    "last_success_at": None,
    "last_failure_at": None,
    "created_at": "2026-01-01T00:00:00.000Z",
    "updated_at": "2026-01-01T00:00:00.000Z",
}
"""What the API would decide of an endpoint."""

DECLARED_OF_SECRET = {
    "secret_json": None,
    "description": None,
    "kms_key_id": None,
    "tags": None,
    "recovery_window_in_days": 30,
    "region": None,
    "replica_regions": None,
    "adopt_existing": False,
    "without_value": False,
}
"""What the program declares of a secret beside its name and value."""

DECIDED_OF_SECRET = {
    "arn": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:nowhere-000000",
    "version_id": "00000000-0000-0000-0000-000000000000",
}
"""What AWS would decide of a secret."""


class WebhookEndpointProvider(ResourceProvider):
    """Keeps what was declared, and makes up the rest."""

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Make up an id."""
        return CreateResult(f"nowhere-{uuid.uuid4()}", {**props, **DECIDED})


class WebhookEndpoint(Resource):
    """An endpoint that is nowhere but in the state."""

    def __init__(self, name: str, url: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(
            WebhookEndpointProvider(),
            name,
            {**dict.fromkeys(DECIDED), **DECLARED, "url": url},
            pulumi.ResourceOptions.merge(
                pulumi.ResourceOptions(additional_secret_outputs=["secret", "previous_secret"]), opts
            ),
        )


class SecretsManagerSecretProvider(ResourceProvider):
    """Keeps what was declared, and makes up the rest."""

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Make up an id."""
        return CreateResult(f"nowhere-{uuid.uuid4()}", {**props, **DECIDED_OF_SECRET})


class SecretsManagerSecret(Resource):
    """A secret that is nowhere but in the state."""

    def __init__(
        self,
        name: str,
        secret_name: str,
        secret_string: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        own = {"secret_name": secret_name, "secret_string": pulumi.Output.secret(secret_string)}
        properties = {**dict.fromkeys(DECIDED_OF_SECRET), **DECLARED_OF_SECRET, **own}
        super().__init__(SecretsManagerSecretProvider(), name, properties, opts)
