"""
One endpoint, and its signing secret in AWS Secrets Manager.

The secret is an output, encrypted in the state, so other resources may use it too; `examples/component` keeps the
secret out of the state. Start: `pulumi stack init dev`, `pulumi config set --secret signa:apiKey`, `pulumi up`.
"""

import pulumi

from pulumi_signa import SecretsManagerSecret, WebhookEndpoint

endpoint = WebhookEndpoint(
    "alerts",
    url="https://example.com/hooks/signa",
    description="Trademark alerts for the brand team",
    metadata={"team": "brand"},
    rotation_period_days=90,  # the first `pulumi up` after that rotates; receivers have 24 hours to follow
)
stored = SecretsManagerSecret(
    "alerts-signing-secret",
    secret_name="signa/alerts",
    secret_string=endpoint.secret,
)

pulumi.export("endpoint_id", endpoint.id)
pulumi.export("secret_arn", stored.arn)  # what a receiver needs to know
