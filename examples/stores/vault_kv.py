"""The signing secret in Vault, in a version 2 key-value store; receivers read `secret/data/signa/alerts`."""

import pulumi
import pulumi_vault as vault

from pulumi_signa import WebhookEndpoint

endpoint = WebhookEndpoint("alerts", url="https://example.com/hooks/signa", rotation_period_days=90)

# A rotation writes the next version. `json_dumps` of an output that is secret is secret too; `json.dumps` would fail.
value = pulumi.Output.json_dumps({"signing_secret": endpoint.secret, "version": endpoint.secret_version})
vault.kv.SecretV2("alerts", mount="secret", name="signa/alerts", data_json=value)
