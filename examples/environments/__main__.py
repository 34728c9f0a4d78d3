"""
One program for every environment and every pull request: all names derive from the stack.

`prod` and `staging` have a `Pulumi.<stack>.yaml`. Any other stack, such as `pr-12`, is thrown away with its branch:
`pulumi stack select --create pr-12 && pulumi up`, and in the end `pulumi destroy --remove`, which deletes the endpoint,
the secret and the stack (`examples/ci/branches.yml` does both).
"""

import pulumi

from pulumi_signa import StoredWebhookEndpoint

stack = pulumi.get_stack()
config = pulumi.Config()
lasting = stack in ("prod", "staging")

alerts = StoredWebhookEndpoint(
    "alerts",
    url=config.get("url") or f"https://{stack}.preview.example.com/hooks/signa",
    secret_name=f"signa/{stack}/alerts",
    description=f"Trademark alerts, {stack}",
    rotation_period_days=90 if lasting else None,
    # 0 deletes at once; AWS charges for a secret that waits, and keeps its name.
    recovery_window_in_days=30 if lasting else 0,
    opts=pulumi.ResourceOptions(protect=stack == "prod"),
)

pulumi.export("endpoint_id", alerts.endpoint_id)
pulumi.export("secret_arn", alerts.secret_arn)
