"""JSON-like values: how they are walked, compared and named, and the mark for what a preview cannot know."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

Properties = Mapping[str, Any]
"""Properties of one resource by name, as plain values; a property that was left out is absent or None."""


class Unknown:
    """A value that is not known before another resource has been created or updated."""

    def __repr__(self) -> str:
        """Read as what it is in a failing test."""
        return "UNKNOWN"


UNKNOWN: Final = Unknown()

LARGEST_EXACT: Final = 2**53
"""Pulumi carries every number as a float; beyond this one whole numbers lose digits."""


SCALARS: Final = frozenset({str, int, float, bool, type(None)})
"""The types of nearly all values, which need no further look: each resource of a large stack has some fifty."""


def leaves(value: object) -> Iterator[object]:
    """Yield everything inside a JSON-like value that is neither an object nor a list."""
    if type(value) in SCALARS:
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from leaves(item)
    else:
        yield value


def keys(value: object) -> Iterator[str]:
    """Yield the keys of every object inside a JSON-like value."""
    if isinstance(value, Mapping):
        yield from value
        value = [*value.values()]
    if isinstance(value, list | tuple):
        for item in value:
            yield from keys(item)


def is_unknown(value: object) -> bool:
    """Return whether a value, or anything inside it, is unknown."""
    return type(value) not in SCALARS and any(isinstance(leaf, Unknown) for leaf in leaves(value))


def is_same(one: object, other: object) -> bool:
    """Compare two JSON values; unlike Python's `==`, true is not 1."""
    if one is None or type(one) is str:
        return one == other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(is_same(item, other[key]) for key, item in one.items())
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(is_same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def kind_of(value: object) -> str:
    """Return a value's type in JSON's words, for a message that must not show the value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, Mapping):
        return "an object"
    return "a list" if isinstance(value, list | tuple) else "a Pulumi asset, archive or resource"
