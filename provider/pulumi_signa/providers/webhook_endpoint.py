"""The dynamic provider of `WebhookEndpoint`."""

from pulumi_signa.lifecycle.webhook_endpoint import life
from pulumi_signa.lifecycle.webhook_endpoint.schema import FORMS, SECRETS, Declared
from pulumi_signa.lifecycle.webhook_endpoint.state import State
from pulumi_signa.providers.host.provider import Provider


class WebhookEndpointProvider(Provider):
    """Check, diff, create, read, update and delete one webhook endpoint."""

    thing = "webhook endpoint"
    life = life
    declared = Declared
    state = State
    secrets = (*SECRETS, FORMS)
