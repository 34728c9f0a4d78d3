"""Properties as the native host sends and takes them: structures, named in camelCase, with marked secrets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from google.protobuf import struct_pb2
from pulumi.runtime import rpc

from pulumi_signa.hosting.hidden import URN
from pulumi_signa.hosting.kinds import KINDS, Kind
from pulumi_signa.hosting.values import Bag, bag_of, sent
from pulumi_signa.property_names import camel_case, in_camel_case

PACKAGE = "signa"

_ENVELOPE = "4dabf18193072939515e22adb298388d"
"""The key by which the engine marks an object that stands for something else (sdk/go/common/resource/properties.go)."""

KIND_OF = {f"{PACKAGE}:index:{kind.name}": kind for kind in KINDS}
"""The kinds of resources by type."""


def from_struct(struct: struct_pb2.Struct, kind: Kind, urn: str) -> Bag:
    """Return the bag of inputs or outputs of a resource; the hidden URN is in the form that both hosts share."""
    bag = bag_of(sent_in(struct), kind.declared.rows(), line=urn)
    return replace(bag, hidden={**bag.hidden, URN: bag.hidden.get(URN, shared_urn(urn))})


def to_struct(properties: Mapping[str, Any], kind: Kind, *, secret: Iterable[str] = ()) -> struct_pb2.Struct:
    """Return properties as the host takes them, without those that are None, the named ones as secrets."""
    named = in_camel_case(
        {name: value for name, value in properties.items() if value is not None}, kind.declared.rows()
    )
    secrets = {camel_case(name) for name in secret}
    values = {name: sent(value, rpc.UNKNOWN) for name, value in named.items()}
    return struct_of({name: rpc.wrap_rpc_secret(value) if name in secrets else value for name, value in values.items()})


def sent_in(struct: struct_pb2.Struct) -> dict[str, Any]:
    """
    Return the values of a structure as they were sent: with the engine's envelopes and markers of what is unknown.

    The SDK's own reading makes None of an unknown secret.
    """
    return {name: _received(value) for name, value in struct.fields.items()}


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


def _received(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        received = sent_in(value.struct_value)
        # An asset, an archive or a resource is no value of JSON, and no rule must take one for an object.
        return value if _ENVELOPE in received and not rpc.is_rpc_secret(received) else received
    if kind == "list_value":
        return [_received(item) for item in value.list_value.values]
    return None if kind in (None, "null_value") else getattr(value, kind)
