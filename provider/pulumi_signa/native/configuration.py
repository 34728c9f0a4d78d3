"""The settings of one provider resource: for the default one those of the stack, for an explicit one its arguments."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi.runtime import rpc

from pulumi_signa import settings
from pulumi_signa.given_settings import WITH_KEYS, readable_api_keys, unread
from pulumi_signa.hosting import engine
from pulumi_signa.hosting.values import UNKNOWN_MARKERS, plain
from pulumi_signa.native.values import PACKAGE, sent_in, stack_of, struct_of
from pulumi_signa.setting_rows import NATIVE_KEYS

if TYPE_CHECKING:
    from google.protobuf import struct_pb2

    from pulumi_signa.settings import Settings

_OF_THE_ENGINE = frozenset({"version", "pluginDownloadURL"})
"""Inputs of every provider resource, which are the engine's business."""

_DEFAULT = re.compile(r"default(_(\d|https?_|git).*)?")
"""The names with the version of the SDK, and the place to fetch the plugin from, where a resource has them."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """
    What `Configure` told.

    Attributes:
        settings_of: Returns the settings of an organization by name, of the default one for None.
        identity: What tells this stack apart from every other one; None where the engine has not told.
        problems: What to do about each API key that is readable in the stack's configuration.
    """

    settings_of: Callable[[str | None], Settings]
    identity: str | None
    problems: tuple[str, ...]


def configuration(args: struct_pb2.Struct, urn: str, provider_id: str) -> Configuration:
    """Return the settings that a provider resource gives, and the identity that its id gives the stack."""
    given = _by_key(arguments_in(args))
    place = settings.Place.DEFAULT_PROVIDER if is_default(urn) else settings.Place.EXPLICIT_PROVIDER
    settings_of = functools.cache(lambda account: settings.load(given, account=account, place=place))
    problems = tuple(readable_api_keys(_by_key(_readable(args)))) if is_default(urn) else ()
    return Configuration(settings_of, _identity(urn, provider_id), problems)


def checked(args: struct_pb2.Struct, urn: str) -> struct_pb2.Struct:
    """
    Return the arguments of a provider resource, the API keys of an explicit one marked as secrets.

    The arguments of the default provider stand in the stack's configuration. The engine sends them without the marks
    that they have there, puts the marks on what this returns, and shows them to `configuration`.
    """
    if is_default(urn):
        for key, meant in unread(_by_key(arguments_in(args)), urn.split("::")[1], NATIVE_KEYS):
            engine.warn(f"pulumi-signa does not read {key}; {meant}", "")
        return args
    raw = sent_in(args)
    return struct_of({**raw, **{name: rpc.wrap_rpc_secret(raw[name]) for name in _readable(args)}})


def _readable(args: struct_pb2.Struct) -> dict[str, Any]:
    """Return the arguments that hold API keys and are not marked as secrets."""
    raw = sent_in(args)
    return {
        name: value
        for name, value in arguments_in(args).items()
        if f"{PACKAGE}:{name}" in WITH_KEYS and not rpc.is_rpc_secret(raw[name])
    }


def is_default(urn: str) -> bool:
    """Return whether a provider resource is one that the engine has made, which has a name that the engine gives."""
    return _DEFAULT.fullmatch(urn.split("::", 3)[-1]) is not None


def _by_key(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{PACKAGE}:{name}": value for name, value in arguments.items()}


def _identity(urn: str, provider_id: str) -> str | None:
    """
    Return what tells a stack apart from every other one: the random id of its provider, and the stack's names.

    `pulumi state move` copies the provider with its id to the other stack.
    """
    if not provider_id or provider_id in UNKNOWN_MARKERS:
        return None
    return hashlib.sha256(f"{stack_of(urn)}::{provider_id}".encode()).hexdigest()[:32]


def arguments_in(args: struct_pb2.Struct) -> dict[str, Any]:
    """Return the arguments of a provider resource as plain values; the engine sends objects as JSON text."""
    plain_values = {name: plain(value) for name, value in sent_in(args).items()}
    return {
        name: value for name, value in plain_values.items() if name not in _OF_THE_ENGINE and not name.startswith("__")
    }
