"""The whole stack: an endpoint that leads to the configured URL, and its signing secret in Secrets Manager."""

import pulumi

from pulumi_signa import StoredWebhookEndpoint

config = pulumi.Config()

alerts = StoredWebhookEndpoint(
    "alerts",
    url=config.require("url"),
    secret_name=f"signa/{pulumi.get_stack()}/alerts",
    rotation_period_days=90,
)

pulumi.export("secret_arn", alerts.secret_arn)
