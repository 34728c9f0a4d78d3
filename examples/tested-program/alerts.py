"""A program that declares an endpoint and stores its signing secret, and that `test_alerts.py` tests."""

import pulumi

from pulumi_signa import SecretsManagerSecret, WebhookEndpoint

config = pulumi.Config()

endpoint = WebhookEndpoint(
    "alerts",
    url=config.require("url"),
    metadata={"team": "brand"},
    rotation_period_days=90,
)
stored = SecretsManagerSecret(
    "alerts-signing-secret",
    secret_name=f"signa/{pulumi.get_stack()}/alerts",
    secret_string=endpoint.secret,
)

pulumi.export("secret_arn", stored.arn)
