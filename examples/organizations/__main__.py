"""
Endpoints in two organizations at Signa, from one stack.

Each organization has a key of its own, in the configuration or in the environment:
`pulumi config set --secret signa:apiKey` and `pulumi config set --secret --path signa:accounts.eu.apiKey`, or
`SIGNA_API_KEY` and `SIGNA_API_KEY_EU`. Each has its own rate limit too, so none waits for the other.
"""

import pulumi

from pulumi_signa import StoredWebhookEndpoint

ACCOUNTS = {"us": None, "eu": "eu"}  # None is the organization of signa:apiKey

for market, account in ACCOUNTS.items():
    alerts = StoredWebhookEndpoint(
        f"alerts-{market}",
        url=f"https://{market}.example.com/hooks/signa",
        secret_name=f"signa/{market}/alerts",
        account=account,  # another one later is another endpoint: Signa moves none
    )
    pulumi.export(f"endpoint_id_{market}", alerts.endpoint_id)
