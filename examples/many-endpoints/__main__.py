"""
Thirty endpoints from a data file, which people edit who need not know Python.

The resource is named by the key in the file and not by a position, so inserting or removing a brand touches no other.
`pulumi up` makes the thirty within Signa's rate limit, and `pulumi refresh` reads them in one call.
"""

from pathlib import Path

import pulumi
import yaml  # comes with pulumi

from pulumi_signa import StoredWebhookEndpoint

ENDPOINTS = yaml.safe_load(Path(__file__).with_name("endpoints.yaml").read_text())

for name, given in ENDPOINTS.items():
    inputs = dict(given)
    # Without an alias another name is another endpoint, with another secret.
    formerly = inputs.pop("formerly", None)
    aliases = [pulumi.Alias(name=formerly)] if formerly else []
    StoredWebhookEndpoint(
        name,
        secret_name=f"signa/{pulumi.get_stack()}/{name}",
        **{"description": f"Trademark alerts of {name}", "rotation_period_days": 90, **inputs},
        opts=pulumi.ResourceOptions(aliases=aliases),
    )

pulumi.export("endpoints", sorted(ENDPOINTS))
