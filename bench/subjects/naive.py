"""
The documented pattern: Pulumi's page on dynamic providers, applied to Signa's API.

A plain request for each operation on each resource, a fresh key for each request, and no second attempt.

Source: https://www.pulumi.com/docs/iac/concepts/resources/dynamic-providers/,
https://docs.signa.so/api-reference/monitoring/webhooks/create
"""

import os
import uuid
from typing import Any

import pulumi
import requests
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult

FIELDS = ("url", "enabled_events")


def call(method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Ask Signa for something."""
    response = requests.request(
        method,
        os.environ["SIGNA_BASE_URL"] + path,
        headers={"Authorization": f"Bearer {os.environ['SIGNA_API_KEY']}", "Idempotency-Key": str(uuid.uuid4())},
        json=body,
        timeout=30,
    )
    response.raise_for_status()
    return dict(response.json())


class WebhookEndpointProvider(ResourceProvider):
    """One request an operation."""

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compare what can be declared."""
        return DiffResult(changes=any(olds.get(field) != news.get(field) for field in FIELDS))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Create the endpoint; this answer alone has the secret."""
        endpoint = call("POST", "/webhooks", {field: props[field] for field in FIELDS})
        return CreateResult(endpoint["id"], {**props, **endpoint})

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Fetch the endpoint, and keep the secret that is known."""
        return ReadResult(id_, {**props, **call("GET", f"/webhooks/{id_}")})

    def update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Change the endpoint."""
        endpoint = call("PATCH", f"/webhooks/{id_}", {field: news[field] for field in FIELDS})
        return UpdateResult({**olds, **news, **endpoint})

    def delete(self, id_: str, _props: dict[str, Any]) -> None:
        """Delete the endpoint."""
        call("DELETE", f"/webhooks/{id_}")


class WebhookEndpoint(Resource):
    """An endpoint at Signa."""

    url: pulumi.Output[str]
    enabled_events: pulumi.Output[list[str]]
    secret: pulumi.Output[str]

    def __init__(self, name: str, url: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(
            WebhookEndpointProvider(),
            name,
            {"url": url, "enabled_events": ["alert.created"], "secret": None},
            pulumi.ResourceOptions.merge(pulumi.ResourceOptions(additional_secret_outputs=["secret"]), opts),
        )
