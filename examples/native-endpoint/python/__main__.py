"""An endpoint whose signing secret is an output, encrypted in the state, that other resources take."""

import pulumi

from pulumi_signa.native import SecretsManagerSecret, WebhookEndpoint

alerts = WebhookEndpoint(
    "alerts",
    url="https://example.com/hooks/signa",
    metadata={"team": "brand"},
    rotation_period_days=90,
)
SecretsManagerSecret("stored", secret_name="signa/alerts", secret_string=alerts.secret)

pulumi.export("endpoint_id", alerts.id)
pulumi.export("secret_version", alerts.secret_version)
