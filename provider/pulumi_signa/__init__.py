"""
Signa webhook endpoints as Pulumi resources, their one-time secrets handed to AWS Secrets Manager.

A stack imports from here:

* `WebhookEndpoint`: an endpoint that Signa posts alerts to; `Adopt` names one that exists already, and
  `SecretsManagerDestination` the secret in AWS that its signing secret is written to.
* `SecretsManagerSecret`: a value in AWS Secrets Manager.
* `StoredWebhookEndpoint`: both of them, joined.
* `DeliveryCheck`: a signed test that an endpoint's receiver has to accept.

`native` has the same names for stacks that the native plugin serves, and `Provider`.

Only these names are the package's interface. The map of the package:

* `webhook_endpoint`, `secrets_manager_secret`, `delivery_check`, and `stored_webhook_endpoint`, which joins them: what
  a stack declares; they run in the program, as does `program`, which they share.
* `providers`: the first host: adapters to Pulumi's dynamic one.
* `native`: the second host: a plugin that speaks Pulumi's protocol, and its resources in Python. `schema.json` is what
  programs in other languages see of it, `property_names` how they write the names of properties, and
  `pulumi-plugin.json` keeps Pulumi from looking for a plugin of this package to download.
* `hosting`: what both hosts share: the calls on resources, the end of a run, and what the plugin processes of one
  engine tell each other.
* `accounts`: the connections, and which resource of a run has which object; `explanations`: what users read when an
  operation fails; `redaction`: what is taken out of it; `settings`: the configuration, `setting_rows`: what may stand
  in it, and `organizations`: what it may say of several organizations of Signa.
* `lifecycle`: what happens to a resource: check, plan, create, read, update, delete.
* `signa_api`: Signa over HTTP.
* `aws`: Secrets Manager over boto3.
* `quotes`: the errors of both, in which the words of others stand apart from ours.
* `deadline`: how long a call to either may take.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pulumi_signa.delivery_check import DeliveryCheck
    from pulumi_signa.secrets_manager_secret import SecretsManagerSecret
    from pulumi_signa.stored_webhook_endpoint import StoredWebhookEndpoint
    from pulumi_signa.webhook_endpoint import Adopt, SecretsManagerDestination, WebhookEndpoint

__all__ = [
    "Adopt",
    "DeliveryCheck",
    "SecretsManagerDestination",
    "SecretsManagerSecret",
    "StoredWebhookEndpoint",
    "WebhookEndpoint",
]

_HOMES = {
    "Adopt": "pulumi_signa.webhook_endpoint",
    "DeliveryCheck": "pulumi_signa.delivery_check",
    "SecretsManagerDestination": "pulumi_signa.webhook_endpoint",
    "SecretsManagerSecret": "pulumi_signa.secrets_manager_secret",
    "StoredWebhookEndpoint": "pulumi_signa.stored_webhook_endpoint",
    "WebhookEndpoint": "pulumi_signa.webhook_endpoint",
}


def __getattr__(name: str) -> Any:
    """Load a resource when it is asked for: the plugin imports this package too, and declares nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
