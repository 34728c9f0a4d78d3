"""The stack: a Signa webhook endpoint, and its signing secret in AWS Secrets Manager."""

import pulumi

from pulumi_signa import SecretsManagerSecret, WebhookEndpoint

config = pulumi.Config()

endpoint = WebhookEndpoint(
    "alerts",
    url=config.require("url"),
    description=config.get("description"),
    rotate_trigger=config.get("rotateTrigger"),
)

stored = SecretsManagerSecret(
    "alerts-signing-secret",
    secret_name=config.get("secretName") or f"signa/{pulumi.get_stack()}/webhook-endpoint",
    secret_string=endpoint.secret,
    description="Signing secret of the Signa webhook endpoint",
)

pulumi.export("endpoint_id", endpoint.id)
pulumi.export("secret_arn", stored.arn)
pulumi.export("secret_version", endpoint.secret_version)
pulumi.export("signing_secret", endpoint.secret)
