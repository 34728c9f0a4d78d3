"""
Properties as the host sends and takes them.

The host sends numbers as floats, unknown values as objects or marker strings, and secrets in plain text. It takes an
output as a secret only in the raw envelope of its wire format. It tells a provider neither the resource's URN nor the
resource's options, so the program passes both as hidden properties: names that begin with two underscores do not show
in previews, and never count as a change.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeGuard

from pulumi.output import UNKNOWN as PULUMI_UNKNOWN
from pulumi.output import Unknown as PulumiUnknown
from pulumi.runtime import rpc

from pulumi_signa.lifecycle.values import LARGEST_EXACT, SCALARS, UNKNOWN, Unknown
from pulumi_signa.organizations import ACCOUNT_NAME

PROVIDER_PROPERTY = "__provider"
"""The host's own property in every bag; the host puts it back itself."""

URN = "__urn"
"""Hidden property: the resource's URN, its identity over all runs."""

STACK = "__stack"
"""
Hidden property: the identity of the stack that the resource belongs to; absent in the state of older code, and where a
run was told to leave the identity out (`--target`).
"""

RANDOM_KEY = "__random_key"
"""Hidden property: true where a replacement must make a second object while the first one still lives."""

ACCOUNT = "account"
"""The property that names the organization, wherever a resource has one."""

HIDDEN = (URN, STACK, RANDOM_KEY)

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
    """Return the resource's own properties as plain values: whole numbers as integers, `UNKNOWN` for the unknown."""
    return {
        name: _plain(value) for name, value in properties.items() if name != PROVIDER_PROPERTY and name not in HIDDEN
    }


def hidden_in(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the hidden properties as they came, for the host to take back."""
    return {name: properties[name] for name in HIDDEN if name in properties}


def to_host(properties: Mapping[str, Any], *, secret: Iterable[str] = ()) -> dict[str, Any]:
    """
    Return properties as the host takes them, without those that are None, the named ones as Pulumi secrets.

    `pulumi.Output.secret` would need an event loop, and its value would be written in plain text, since the plugin's
    side does not negotiate secrets.
    """
    hosted = {name: _hosted(value) for name, value in properties.items() if value is not None}
    for name in secret:
        if name in hosted:
            hosted[name] = rpc.wrap_rpc_secret(hosted[name])
    return hosted


def urn_in(bags: Iterable[Any]) -> str | None:
    """Return the URN that one of the property bags holds, or None."""
    return next((bag[URN] for bag in bags if isinstance(bag, Mapping) and _is_known_text(bag.get(URN))), None)


def account_in(properties: Mapping[str, Any]) -> str | None:
    """Return the name of the organization that a property bag holds, or None for the default one."""
    account = properties.get(ACCOUNT)
    return account if _is_known_text(account) and ACCOUNT_NAME.fullmatch(account) else None


def stack_in(properties: Mapping[str, Any]) -> str | None:
    """Return the identity of the stack that a property bag holds, or None."""
    return properties[STACK] if _is_known_text(properties.get(STACK)) else None


def _is_known_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and value != "" and value not in UNKNOWN_MARKERS


def _plain(value: Any) -> Any:
    if type(value) in SCALARS:
        return _plain_scalar(value)
    if isinstance(value, PulumiUnknown):
        return UNKNOWN
    if rpc.is_rpc_secret(value):
        return _plain(rpc.unwrap_rpc_secret(value))
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _plain_scalar(value: Any) -> Any:
    if isinstance(value, str):
        return UNKNOWN if value in UNKNOWN_MARKERS else value
    if isinstance(value, float) and value.is_integer() and abs(value) <= LARGEST_EXACT:
        return int(value)
    return value


def _hosted(value: Any) -> Any:
    if type(value) in SCALARS:
        return value
    if isinstance(value, Unknown):
        return PULUMI_UNKNOWN
    if isinstance(value, Mapping):
        return {key: _hosted(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_hosted(item) for item in value]
    return value
