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
        program_head: What a program begins with.
        plugin_load: What the plugin does on account of the provider's pickle in the state.
        source: What has to lie beside the program, or None.
        calls_signa: Whether its endpoints exist anywhere but in the state.
    """

    name: str
    program_head: str
    plugin_load: str
    source: Path | None
    calls_signa: bool


NOTHING = Subject(
    "nothing",
    # Written into the program, its class is pickled whole, so that the plugin makes it again.
    program_head=(_HERE / "nothing.py").read_text(),
    plugin_load=(_HERE / "nothing.py").read_text(),
    source=None,
    calls_signa=False,
)
NOTHING_IMPORTED = Subject(
    "nothing, imported",
    program_head="from nothing import WebhookEndpoint",
    plugin_load="import nothing",
    source=_HERE / "nothing.py",
    calls_signa=False,
)
NAIVE = Subject(
    "naive",
    program_head="from naive import WebhookEndpoint",
    plugin_load="import naive",
    source=_HERE / "naive.py",
    calls_signa=True,
)
OURS = Subject(
    "pulumi-signa",
    program_head="from pulumi_signa import WebhookEndpoint",
    plugin_load="import pulumi_signa.providers.webhook_endpoint",
    source=None,
    calls_signa=True,
)

SUBJECTS = (NOTHING, NOTHING_IMPORTED, NAIVE, OURS)
