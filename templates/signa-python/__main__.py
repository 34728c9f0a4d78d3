"""A Signa webhook endpoint, and its signing secret in AWS Secrets Manager."""

import pulumi

from pulumi_signa import StoredWebhookEndpoint

config = pulumi.Config()

alerts = StoredWebhookEndpoint(
    "alerts",
    url=config.require("url"),
    secret_name=f"signa/{pulumi.get_stack()}/alerts",
    rotation_period_days=90,  # the first `pulumi up` after that rotates; receivers have 24 hours to follow
)

pulumi.export("endpoint_id", alerts.endpoint_id)
pulumi.export("secret_arn", alerts.secret_arn)  # what a receiver needs to know
