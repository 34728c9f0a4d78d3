"""The type of a property in a schema, from the annotation of an argument or output."""

from __future__ import annotations

import collections.abc
import dataclasses
import types
import typing
from dataclasses import dataclass
from typing import Any

import pulumi

from tools.reference.resources import is_deferred

PACKAGE = "signa"

COLUMNS = {"type", "$ref", "items", "additionalProperties"}
"""What a type consists of, among all that is said of a property."""

_NAMES = {str: "string", int: "integer", bool: "boolean", float: "number"}
_OBJECTS = (collections.abc.Mapping, dict)


def token(name: str) -> str:
    """Return the token of a resource, type or function of the package."""
    return f"{PACKAGE}:index:{name}"


def reference(name: str) -> dict[str, Any]:
    """Return the type that is described in the schema under a name."""
    return {"$ref": f"#/types/{token(name)}"}


def array(of: dict[str, Any]) -> dict[str, Any]:
    """Return the type of a list."""
    return {"type": "array", "items": of}


@dataclass(frozen=True, slots=True)
class Annotated:
    """
    What an annotation says of a property.

    Attributes:
        type: Its type in the schema.
        is_optional: Whether it may be absent.
        is_plain: Whether a program has to know the value while it runs: the annotation has no `pulumi.Input`.
    """

    type: dict[str, Any]
    is_optional: bool
    is_plain: bool


def read(annotation: Any) -> Annotated:
    """Read the annotation of an argument, or of an output without its `pulumi.Output`."""
    if typing.get_origin(annotation) is pulumi.Output:
        (annotation,) = typing.get_args(annotation)
    is_union = typing.get_origin(annotation) in (typing.Union, types.UnionType)
    parts = typing.get_args(annotation) if is_union else (annotation,)
    (kind,) = (each for each in parts if each is not type(None) and not is_deferred(each))
    # The members of an object may come later, although the object itself does not.
    is_plain = not any(map(is_deferred, parts)) and not dataclasses.is_dataclass(kind)
    return Annotated(_type(kind), type(None) in parts, is_plain)


def _type(kind: Any) -> dict[str, Any]:
    if kind is Any:
        return {"$ref": "pulumi.json#/Any"}
    if kind in _NAMES:
        return {"type": _NAMES[kind]}
    if dataclasses.is_dataclass(kind):
        return reference(typing.cast("type", kind).__name__)
    arguments = typing.get_args(kind)
    if typing.get_origin(kind) in _OBJECTS:
        return {"type": "object", "additionalProperties": read(arguments[1]).type}
    return array(read(arguments[0]).type)
