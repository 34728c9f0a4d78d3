"""The signing secret in an Azure Key Vault; receivers read it by name, without a version."""

import pulumi
import pulumi_azure as azure

from pulumi_signa import WebhookEndpoint

endpoint = WebhookEndpoint("alerts", url="https://example.com/hooks/signa", rotation_period_days=90)

azure.keyvault.Secret(
    "alerts",
    name="signa-alerts",
    key_vault_id=pulumi.Config().require("keyVaultId"),
    value=endpoint.secret,
    content_type="Standard Webhooks signing secret",
)
