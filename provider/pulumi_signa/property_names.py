"""
The names of properties in other languages: `rotate_trigger` in Python is `rotateTrigger` there, and in the native host.

Only the names that a schema has are renamed: those of properties, and of the members of an object with rows of its own.
The keys of metadata and tags are a user's.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.schema import Row

_UPPER = re.compile("[A-Z]")
_AFTER_UNDERSCORE = re.compile("_([a-z0-9])")


@functools.cache
def camel_case(name: str) -> str:
    """Return a name as the native host writes it; a hidden one, which begins with two underscores, stays."""
    return name if name.startswith("__") else _AFTER_UNDERSCORE.sub(lambda match: match[1].upper(), name)


@functools.cache
def snake_case(name: str) -> str:
    """Return a name as Python and the dynamic host write it."""
    return name if name.startswith("__") else _UPPER.sub(lambda match: f"_{match[0].lower()}", name)


def in_camel_case(properties: Mapping[str, Any], rows: Mapping[str, Row]) -> dict[str, Any]:
    """Return properties by the names of the native host."""
    return {camel_case(name): _members(value, rows.get(name), in_camel_case) for name, value in properties.items()}


def in_snake_case(properties: Mapping[str, Any], rows: Mapping[str, Row]) -> dict[str, Any]:
    """Return properties of either host by the names of the lifecycle."""
    named = ((snake_case(name), value) for name, value in properties.items())
    return {name: _members(value, rows.get(name), in_snake_case) for name, value in named}


def _members(value: Any, row: Row | None, rename: Callable[[Mapping[str, Any], Mapping[str, Row]], Any]) -> Any:
    if row is None or row.members is None or not isinstance(value, Mapping):
        return value
    return rename(value, row.members.rows())
