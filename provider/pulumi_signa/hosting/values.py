"""
Property bags as both hosts hand them to the lifecycle, and values as Pulumi sends them.

Pulumi sends numbers as floats, unknown values as objects or marker strings, and secrets in an envelope or in plain
text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pulumi.output import Unknown as PulumiUnknown
from pulumi.runtime import rpc

from pulumi_signa.hosting.hidden import HIDDEN, PROVIDER, RANDOM_KEY, STACK, URN
from pulumi_signa.lifecycle.values import LARGEST_EXACT, SCALARS, UNKNOWN, Properties, Unknown
from pulumi_signa.organizations import ACCOUNT_NAME
from pulumi_signa.property_names import in_snake_case

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.schema import Row

ACCOUNT = "account"
"""The property that names the organization, wherever a resource has one."""

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


@dataclass(frozen=True, slots=True)
class Bag:
    """
    The properties of one resource: its inputs or its outputs.

    Attributes:
        own: The resource's own properties, by the names of the lifecycle and as plain values.
        hidden: The hidden properties as they came.
        marked: The names of properties that the host has marked as secrets.
        line: The URN on whose line the engine shows messages, where it is another one than the hidden URN.
        is_of_dynamic_host: Whether the dynamic host has written the bag.
    """

    own: Properties
    hidden: Properties = field(default_factory=dict)
    marked: frozenset[str] = frozenset()
    line: str | None = None
    is_of_dynamic_host: bool = False

    @property
    def urn(self) -> str | None:
        """The resource's identity over all runs, or None where it is not known."""
        return _known_text(self.hidden.get(URN))

    @property
    def stack(self) -> str | None:
        """The identity of the stack, or None where it is not known."""
        return _known_text(self.hidden.get(STACK))

    @property
    def account(self) -> str | None:
        """The name of the organization, or None for the default one."""
        account = _known_text(self.own.get(ACCOUNT))
        return account if account is not None and ACCOUNT_NAME.fullmatch(account) else None

    @property
    def has_random_key(self) -> bool:
        """Whether a create must make a second object while the first one still lives."""
        return bool(self.hidden.get(RANDOM_KEY))

    @property
    def shown_on(self) -> str:
        """The URN on whose line the engine shows messages; empty where none is known."""
        return self.line or self.urn or ""


def bag_of(properties: Mapping[str, Any], rows: Mapping[str, Row], *, line: str | None = None) -> Bag:
    """
    Return the bag of properties as a host has received them.

    Args:
        rows: The rows of the inputs, whose members have names too.
        line: As the bag has it.
    """
    own = {name: value for name, value in properties.items() if name != PROVIDER and name not in HIDDEN}
    return Bag(
        own=in_snake_case({name: plain(value) for name, value in own.items()}, rows),
        hidden={name: plain(properties[name]) for name in HIDDEN if name in properties},
        marked=frozenset(in_snake_case({name: None for name, value in own.items() if _has_secret(value)}, {})),
        line=line,
        is_of_dynamic_host=PROVIDER in properties,
    )


def plain(value: Any) -> Any:
    """
    Return a value without the engine's envelopes: whole numbers as integers, `UNKNOWN` for the unknown.

    The SDK drops members that are null before the dynamic host sees them, so the native host drops them here: a value
    must be the same on both.
    """
    if type(value) in SCALARS:
        return _plain_scalar(value)
    if isinstance(value, PulumiUnknown):
        return UNKNOWN
    if rpc.is_rpc_secret(value):
        return plain(rpc.unwrap_rpc_secret(value))
    if isinstance(value, Mapping):
        members = {key: plain(item) for key, item in value.items()}
        return {key: member for key, member in members.items() if member is not None}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def _has_secret(value: Any) -> bool:
    if type(value) in SCALARS:
        return False
    if isinstance(value, Mapping):
        return rpc.is_rpc_secret(value) or any(map(_has_secret, value.values()))
    return isinstance(value, list | tuple) and any(map(_has_secret, value))


def sent(value: Any, unknown: object) -> Any:
    """Return a plain value as a host sends it, with its sign for what is unknown."""
    if type(value) in SCALARS:
        return value
    if isinstance(value, Unknown):
        return unknown
    if isinstance(value, Mapping):
        return {key: sent(item, unknown) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [sent(item, unknown) for item in value]
    return value


def _plain_scalar(value: Any) -> Any:
    if isinstance(value, str):
        return UNKNOWN if value in UNKNOWN_MARKERS else value
    if isinstance(value, float) and value.is_integer() and abs(value) <= LARGEST_EXACT:
        return int(value)
    return value


def _known_text(value: object) -> str | None:
    return value if isinstance(value, str) and value != "" and value not in UNKNOWN_MARKERS else None
