"""The dynamic provider of `WebhookEndpoint`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_signa.lifecycle.webhook_endpoint import life, planning
from pulumi_signa.lifecycle.webhook_endpoint.schema import FORMS, SECRETS, Declared
from pulumi_signa.lifecycle.webhook_endpoint.state import State
from pulumi_signa.providers.host.provider import Provider

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.context import Context


class WebhookEndpointProvider(Provider):
    """Check, diff, create, read, update and delete one webhook endpoint."""

    thing = "webhook endpoint"
    life = life
    declared = Declared
    state = State
    secrets = (*SECRETS, FORMS)

    def _is_settled(self, context: Context, id_: str, outputs: dict[str, Any], inputs: dict[str, Any]) -> bool:
        return planning.is_settled(context, id_, outputs, inputs)
