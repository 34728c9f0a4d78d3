"""The signing secret in Google Cloud's Secret Manager; receivers read the version `latest`."""

import pulumi_gcp as gcp

from pulumi_signa import WebhookEndpoint

endpoint = WebhookEndpoint("alerts", url="https://example.com/hooks/signa", rotation_period_days=90)

secret = gcp.secretmanager.Secret("alerts", secret_id="signa-alerts", replication={"auto": {}})
gcp.secretmanager.SecretVersion(
    "alerts",
    secret=secret.id,
    secret_data=endpoint.secret,
    # A rotation replaces the version. A receiver that pins the one before would fail at once, were it destroyed.
    deletion_policy="ABANDON",
)
