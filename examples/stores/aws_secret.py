"""The signing secret in Secrets Manager by `pulumi_aws`, for a stack that keeps its other secrets there that way."""

import pulumi_aws as aws

from pulumi_signa import WebhookEndpoint

endpoint = WebhookEndpoint("alerts", url="https://example.com/hooks/signa", rotation_period_days=90)

secret = aws.secretsmanager.Secret("alerts", name="signa/alerts")
# A rotation makes another version, which AWS calls AWSCURRENT.
aws.secretsmanager.SecretVersion("alerts", secret_id=secret.id, secret_string=endpoint.secret)
