"""Properties as the native host sends and takes them: structures, named in camelCase, with marked secrets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from google.protobuf import json_format, struct_pb2
from pulumi.runtime import rpc

from pulumi_signa.hosting.hidden import URN
from pulumi_signa.hosting.kinds import KINDS, Kind
from pulumi_signa.hosting.values import Bag, bag_of
from pulumi_signa.lifecycle.values import SCALARS, Unknown
from pulumi_signa.property_names import camel_case, in_camel_case

PACKAGE = "signa"

KIND_OF = {f"{PACKAGE}:index:{kind.name}": kind for kind in KINDS}
"""The kinds of resources by type."""


def from_struct(struct: struct_pb2.Struct, kind: Kind, urn: str) -> Bag:
    """Return the bag of inputs or outputs of a resource; the hidden URN is in the form that both hosts share."""
    bag = bag_of(received(struct), kind.declared.rows(), line=urn)
    return replace(bag, hidden={**bag.hidden, URN: bag.hidden.get(URN, shared_urn(urn))})


def received(struct: struct_pb2.Struct) -> dict[str, Any]:
    """
    Return properties as the engine has sent them, in an envelope where they hold a secret.

    The SDK's function of this purpose takes a secret that is unknown for one that is None.
    """
    sent = _without_none(json_format.MessageToDict(struct))
    return {name: rpc.wrap_rpc_secret(value) if _holds_secret(value) else value for name, value in sent.items()}


def to_struct(properties: Mapping[str, Any], kind: Kind, *, secret: Iterable[str] = ()) -> struct_pb2.Struct:
    """Return properties as the host takes them, without those that are None, the named ones as secrets."""
    named = in_camel_case(
        {name: value for name, value in properties.items() if value is not None}, kind.declared.rows()
    )
    secrets = {camel_case(name) for name in secret}
    sent = {name: _sent(value) for name, value in named.items()}
    return struct_of({name: rpc.wrap_rpc_secret(value) if name in secrets else value for name, value in sent.items()})


def struct_of(values: Mapping[str, Any]) -> struct_pb2.Struct:
    """Return plain values as a structure."""
    struct = struct_pb2.Struct()
    struct.update(values)
    return struct


def shared_urn(urn: str) -> str:
    """
    Return a URN with the type that the resource has in the dynamic host.

    Keys derive from it, so that what one host has begun is found by the other.
    """
    head, separator, rest = urn.partition("::")
    project, _, rest = rest.partition("::")
    types, _, name = rest.partition("::")
    *parents, own = types.split("$")
    kind = KIND_OF.get(own)
    if not separator or kind is None:
        return urn
    return "::".join([head, project, "$".join([*parents, f"pulumi-python:dynamic/signa:{kind.name}"]), name])


def stack_of(urn: str) -> str:
    """Return the names of stack and project in a URN."""
    return "::".join(urn.split("::")[:2])


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    return [_without_none(item) for item in value] if isinstance(value, list) else value


def _holds_secret(value: Any) -> bool:
    if isinstance(value, dict):
        return rpc.is_rpc_secret(value) or any(map(_holds_secret, value.values()))
    return isinstance(value, list) and any(map(_holds_secret, value))


def _sent(value: Any) -> Any:
    if type(value) in SCALARS:
        return value
    if isinstance(value, Unknown):
        return rpc.UNKNOWN
    if isinstance(value, Mapping):
        return {key: _sent(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_sent(item) for item in value]
    return value
