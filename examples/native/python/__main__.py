"""An endpoint and its signing secret in AWS Secrets Manager, which never enters the state."""

import pulumi

from pulumi_signa.native import StoredWebhookEndpoint

alerts = StoredWebhookEndpoint(
    "alerts",
    url="https://example.com/hooks/signa",
    secret_name="signa/alerts",
    rotation_period_days=90,
)

pulumi.export("endpoint_id", alerts.endpoint_id)
pulumi.export("secret_arn", alerts.secret_arn)
