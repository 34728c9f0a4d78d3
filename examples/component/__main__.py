"""
An endpoint and its stored secret as one component; the secret never enters the state.

Use this form where receivers read Secrets Manager and nothing else in the stack needs the secret. The children are
`alerts.endpoint` and `alerts.stored`, each with all its outputs.
"""

import pulumi

from pulumi_signa import StoredWebhookEndpoint

alerts = StoredWebhookEndpoint(
    "alerts",
    url="https://example.com/hooks/signa",
    secret_name="signa/alerts",
    rotation_period_days=90,
    tags={"team": "brand"},
    # An endpoint that is deleted by mistake takes its deliveries along: say so twice.
    opts=pulumi.ResourceOptions(protect=True),
)

pulumi.export("endpoint_id", alerts.endpoint_id)
pulumi.export("secret_arn", alerts.secret_arn)
