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

for name, inputs in ENDPOINTS.items():
    StoredWebhookEndpoint(
        name,
        secret_name=f"signa/{pulumi.get_stack()}/{name}",
        # What a brand says of itself wins.
        **{"description": f"Trademark alerts of {name}", "rotation_period_days": 90, **inputs},
    )

pulumi.export("endpoints", sorted(ENDPOINTS))
