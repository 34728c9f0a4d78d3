"""The dynamic provider of `WebhookEndpoint`."""

from pulumi_signa.hosting.kinds import WEBHOOK_ENDPOINT
from pulumi_signa.providers.host.provider import Provider


class WebhookEndpointProvider(Provider):
    """Check, diff, create, read, update and delete one webhook endpoint."""

    kind = WEBHOOK_ENDPOINT
