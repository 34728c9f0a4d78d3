"""
Proof of delivery in the run: Signa sends a signed test, and `pulumi up` fails where the receiver does not accept it.

The test is sent once the secret is stored, and again after each rotation and each change of the URL. A run that changes
neither sends nothing. `StoredWebhookEndpoint(…, check_delivery=True)` declares the same.
"""

import pulumi

from pulumi_signa import DeliveryCheck, SecretsManagerSecret, WebhookEndpoint

endpoint = WebhookEndpoint(
    "alerts",
    url="https://example.com/hooks/signa",
    description="Trademark alerts for the brand team",
    rotation_period_days=90,
)
stored = SecretsManagerSecret(
    "alerts-signing-secret",
    secret_name="signa/alerts",
    secret_string=endpoint.secret,
)
check = DeliveryCheck(
    "alerts-delivery",
    endpoint_id=endpoint.id,
    triggers=[endpoint.url, endpoint.secret_version],
    timeout_seconds=60,
    # The receiver verifies with the stored secret, so the test comes after it.
    opts=pulumi.ResourceOptions(depends_on=[stored]),
)

pulumi.export("delivered_at", check.delivered_at)
