"""The signing secret as an AWS Systems Manager parameter; receivers read it with `ssm:GetParameter`."""

import pulumi_aws as aws

from pulumi_signa import WebhookEndpoint

endpoint = WebhookEndpoint("alerts", url="https://example.com/hooks/signa", rotation_period_days=90)

# A rotation writes the next version of the parameter; `signa/alerts:1` and so on stay readable.
aws.ssm.Parameter("alerts", name="/signa/alerts", type="SecureString", value=endpoint.secret)
