"""What is compared: ways to declare the same endpoints, each a `WebhookEndpoint` that takes a name and a URL."""

from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Subject:
    """
    One of them.

    Attributes:
        name: As tables and plots show it.
        program_import: What a program begins with.
        plugin_import: What the plugin does on account of the provider's pickle in the state.
        source: What has to lie beside the program, or None for an installed package.
        calls_signa: Whether its endpoints exist anywhere but in the state.
    """

    name: str
    program_import: str
    plugin_import: str
    source: Path | None
    calls_signa: bool


def _beside_the_program(name: str, module: str, *, calls_signa: bool) -> Subject:
    """Give a subject that a module of this folder is."""
    return Subject(
        name,
        program_import=f"from {module} import WebhookEndpoint",
        plugin_import=f"import {module}",
        source=_HERE / f"{module}.py",
        calls_signa=calls_signa,
    )


NOTHING = _beside_the_program("nothing", "nothing", calls_signa=False)
PROPERTIES = _beside_the_program("same properties", "properties", calls_signa=False)
NAIVE = _beside_the_program("naive", "naive", calls_signa=True)
OURS = Subject(
    "pulumi-signa",
    program_import="from pulumi_signa import WebhookEndpoint",
    plugin_import="import pulumi_signa.providers.webhook_endpoint",
    source=None,
    calls_signa=True,
)

SUBJECTS = (NOTHING, PROPERTIES, NAIVE, OURS)
