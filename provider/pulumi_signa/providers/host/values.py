"""
Properties as the host sends and takes them.

It sends numbers as floats, unknown values as objects or marker strings, and secrets in plain text. It takes an
output as a secret only in the raw envelope of its wire format.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pulumi.output import UNKNOWN as PULUMI_UNKNOWN
from pulumi.output import Unknown as PulumiUnknown
from pulumi.runtime import rpc

from pulumi_signa.inputs import LARGEST_EXACT, UNKNOWN, Unknown
from pulumi_signa.lifecycle import URN

PROVIDER_PROPERTY = "__provider"
"""The host's own property in every bag; it puts it back itself."""

UNKNOWN_MARKERS = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
"""
How the engine writes an unknown string, boolean, number, list and object
(sdk/go/common/resource/plugin/rpc.go). The SDK turns only the first into an object.
"""


def from_host(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Give properties as plain values: whole numbers as integers, `UNKNOWN` where the value is not known yet."""
    return {name: _plain(value) for name, value in properties.items() if name != PROVIDER_PROPERTY}


def to_host(properties: Mapping[str, Any], *, secret: Iterable[str] = ()) -> dict[str, Any]:
    """
    Give properties as the host takes them.

    Args:
        properties: Plain values; None is left out, as the host does too.
        secret: Names of those that become Pulumi secrets. `pulumi.Output.secret` would need an event loop, and
            would be written in plain text, since the plugin's side does not negotiate secrets.
    """
    hosted = {name: _hosted(value) for name, value in properties.items() if value is not None}
    for name in secret:
        if name in hosted:
            hosted[name] = rpc.wrap_rpc_secret(hosted[name])
    return hosted


def urn_in(bags: Iterable[Any]) -> str:
    """Give the URN that one of the property bags holds, or "" where none does."""
    urns = [bag.get(URN) for bag in bags if isinstance(bag, Mapping)]
    return next((urn for urn in urns if isinstance(urn, str) and urn not in UNKNOWN_MARKERS), "")


def _plain(value: Any) -> Any:
    if isinstance(value, PulumiUnknown) or (isinstance(value, str) and value in UNKNOWN_MARKERS):
        return UNKNOWN
    if isinstance(value, float) and value.is_integer() and abs(value) <= LARGEST_EXACT:
        return int(value)
    if rpc.is_rpc_secret(value):
        return _plain(rpc.unwrap_rpc_secret(value))
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _hosted(value: Any) -> Any:
    if isinstance(value, Unknown):
        return PULUMI_UNKNOWN
    if isinstance(value, Mapping):
        return {key: _hosted(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_hosted(item) for item in value]
    return value
