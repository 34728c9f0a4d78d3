"""
The second host: a plugin that speaks Pulumi's provider protocol, and our resources for programs in Python that use it.

The engine starts the plugin as `pulumi-resource-signa`. It serves programs in every language of Pulumi. A program in
Python imports the resources from here instead of from `pulumi_signa`; arguments and attributes are the same, and a
stack that moves from one to the other keeps its endpoints and secrets.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pulumi_signa.native.program import (
        DeliveryCheck,
        Provider,
        SecretsManagerSecret,
        StoredWebhookEndpoint,
        WebhookEndpoint,
        get_webhook_endpoint,
        list_webhook_endpoints,
    )
    from pulumi_signa.webhook_endpoint import Adopt, SecretsManagerDestination

__all__ = [
    "Adopt",
    "DeliveryCheck",
    "Provider",
    "SecretsManagerDestination",
    "SecretsManagerSecret",
    "StoredWebhookEndpoint",
    "WebhookEndpoint",
    "get_webhook_endpoint",
    "list_webhook_endpoints",
]

_OF_BOTH_HOSTS = ("Adopt", "SecretsManagerDestination")


def __getattr__(name: str) -> Any:
    """Load a resource when it is asked for: the plugin imports this package too, and declares nothing."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = "pulumi_signa.webhook_endpoint" if name in _OF_BOTH_HOSTS else "pulumi_signa.native.program"
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
