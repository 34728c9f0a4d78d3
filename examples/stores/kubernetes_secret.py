"""The signing secret as a Kubernetes secret, mounted into the receiver's pods."""

import pulumi_kubernetes as kubernetes

from pulumi_signa import WebhookEndpoint

endpoint = WebhookEndpoint("alerts", url="https://example.com/hooks/signa", rotation_period_days=90)

# Mount it as a file: kubelet brings a rotated secret there within minutes, while an environment variable keeps the old
# one until the pod ends, which may be later than the 24 hours that Signa signs with both.
kubernetes.core.v1.Secret(
    "alerts",
    metadata={"name": "signa-alerts", "namespace": "brand"},
    string_data={"signing-secret": endpoint.secret},
)
