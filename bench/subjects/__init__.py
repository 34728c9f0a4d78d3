"""
What is compared: ways to declare the same resources.

Each has a `WebhookEndpoint` that takes a name and a URL, and a `SecretsManagerSecret` that takes a name, the secret's
name and the secret. `dynamic` and `native` are pulumi-signa's, on the two hosts that it has.
"""

from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Subject:
    """
    One of them.

    Attributes:
        name: As tables and plots show it.
        program_import: What a program of endpoints begins with.
        storing_import: What a program with secrets imports besides.
        plugin_import: What the plugin does on account of the provider's pickle in the state.
        sources: What has to lie beside the program; nothing for an installed package.
        calls_servers: Whether its resources exist anywhere but in the state.
        stored: The output of an endpoint that its secret stores.
    """

    name: str
    program_import: str
    storing_import: str
    plugin_import: str
    sources: tuple[Path, ...] = ()
    calls_servers: bool = False
    stored: str = "secret"

    @property
    def secret_prefix(self) -> str:
        """What the names of its secrets begin with."""
        return f"{self.name}/"


NOTHING = Subject(
    "nothing",
    program_import="from nothing import WebhookEndpoint",
    storing_import="from nothing import SecretsManagerSecret",
    plugin_import="import nothing",
    sources=(_HERE / "nothing.py",),
    stored="id",
)
PROPERTIES = Subject(
    "same properties",
    program_import="from properties import WebhookEndpoint",
    storing_import="from properties import SecretsManagerSecret",
    plugin_import="import properties",
    sources=(_HERE / "properties.py",),
)
NAIVE = Subject(
    "naive",
    program_import="from naive import WebhookEndpoint",
    storing_import="from naive_secret import SecretsManagerSecret",
    plugin_import="import naive",
    # boto3 has a module of its own: a stack without secrets does without.
    sources=(_HERE / "naive.py", _HERE / "naive_secret.py"),
    calls_servers=True,
)
DYNAMIC = Subject(
    "dynamic",
    program_import="from pulumi_signa import WebhookEndpoint",
    storing_import="from pulumi_signa import SecretsManagerSecret",
    plugin_import="import pulumi_signa.providers.webhook_endpoint",
    calls_servers=True,
)
NATIVE_NOTHING = Subject(
    "native nothing",
    program_import="from nothing_native import WebhookEndpoint",
    storing_import="from nothing_native import SecretsManagerSecret",
    plugin_import="import nothing_plugin",
    sources=(_HERE / "nothing_native.py", _HERE / "plugin/nothing_plugin.py"),
    stored="id",
)
NATIVE = Subject(
    "native",
    program_import="from pulumi_signa.native import WebhookEndpoint",
    storing_import="from pulumi_signa.native import SecretsManagerSecret",
    plugin_import="import pulumi_signa.native.server",
    calls_servers=True,
)

HOSTS = (NOTHING, DYNAMIC, NATIVE_NOTHING, NATIVE)
"""Both hosts of pulumi-signa, and what does nothing on each."""

SUBJECTS = (NOTHING, PROPERTIES, NAIVE, DYNAMIC, NATIVE_NOTHING, NATIVE)

PLUGINS = {"nothing": _HERE / "plugin"}
"""The folders of the plugins that are no distribution's, by the names of their packages."""
