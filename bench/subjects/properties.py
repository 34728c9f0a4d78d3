"""A dynamic provider that does nothing, with the properties of pulumi-signa's: what those cost in themselves."""

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
}
"""What the program declares beside the URL."""

DECIDED = {
    "secret": "whsec_" + "0" * 32,
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
"""What the API would decide."""


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
