"""
How the properties of a resource are described: a frozen dataclass with a row for each property.

Checks, defaults, normal form, outputs, redaction and the reference tables follow from the rows, so that a property is
written down once.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

from pulumi_signa.lifecycle.values import Properties, is_same, is_unknown

Rule = Callable[[object], Iterator[str]]
"""Yields what is wrong with a value, each in words that follow the property's name."""

Rows = TypeVar("Rows", bound="Record")

_ROW = "row"


@dataclass(frozen=True, slots=True)
class Row:
    """
    One property.

    Attributes:
        description: What it is, for the reference tables.
        normal: Returns a value in the one form in which it is compared, sent and stored.
        is_sent: Whether the service stores it. An input that is not sent matters to us alone.
        is_output: Whether the resource has an output of the same name.
        is_secret: Whether its value is a secret by nature: marked in the state, and `[secret]` where others quote it.
        is_public: Whether others may quote a value that its rule accepts: such a value can hold no token.
        judges_unknown: Whether the rule can judge a value that is unknown in part.
        replaces: Whether another value needs another object.
        stored: The rule of a stored value, where the service may decide more than a program may declare.
        members: The rows of an object's members, where the property is an object with members of its own.
    """

    description: str
    rule: Rule
    normal: Callable[[Any], Any] = lambda value: value
    default: object = None
    is_sent: bool = False
    is_output: bool = True
    is_secret: bool = False
    is_public: bool = False
    judges_unknown: bool = False
    replaces: bool = False
    stored: Rule | None = None
    members: type[Record] | None = None


def row(description: str, rule: Rule = lambda _value: iter(()), **columns: Any) -> Any:
    """Return the dataclass field of a property; the arguments are those of `Row`."""
    return field(metadata={_ROW: Row(description, rule, **columns)})


@dataclass(frozen=True)
class Record:
    """
    The base of what a schema describes: a frozen dataclass whose every field is a `row`.

    In a preview a value may be `UNKNOWN`, whatever its type says; no verb that calls a server meets one.
    """

    __slots__ = ()

    @classmethod
    @functools.cache
    def rows(cls) -> dict[str, Row]:
        """Return the rows by the name of the property."""
        return {each.name: each.metadata[_ROW] for each in fields(cls)}

    @classmethod
    def normalized(cls, properties: Properties) -> dict[str, Any]:
        """
        Return every property in normal form, defaults filled in and other names left out.

        A value of a wrong type stays as it is, for `problems` to report.
        """
        normal = {}
        for name, columns in cls.rows().items():
            value = properties.get(name)
            if value is None and columns.default is not None:
                value = copy.copy(columns.default)
            normal[name] = columns.normal(value)
        return normal

    @classmethod
    def problems(cls, properties: Properties) -> list[str]:
        """Return everything that is wrong with properties in normal form, one line each and without a value."""
        return [
            f"{name}: {problem}"
            for name, columns in cls.rows().items()
            if columns.judges_unknown or not is_unknown(properties[name])
            for problem in columns.rule(properties[name])
        ]

    @classmethod
    def of(cls: type[Rows], properties: Properties) -> Rows:  # noqa: PYI019 - `Self` came with Python 3.11
        """Return the typed value of properties that a program declares, or that a service has answered."""
        return cls(**cls.normalized(properties))

    @classmethod
    def stored(cls: type[Rows], properties: Properties) -> Rows:  # noqa: PYI019 - as above
        """Return the typed value of properties as a state holds them; a value that no state may hold is absent."""
        valid = {}
        for name, columns in cls.rows().items():
            value = properties.get(name)
            # States are edited by hand, and older code has written other values.
            if value is not None and next((columns.stored or columns.rule)(value), None) is None:
                valid[name] = value
        return cls.of(valid)

    @classmethod
    def names(cls, wanted: Callable[[Row], bool]) -> tuple[str, ...]:
        """Return the names of the properties whose rows are wanted."""
        return tuple(name for name, columns in cls.rows().items() if wanted(columns))

    def outputs(self) -> dict[str, Any]:
        """Return the properties that are outputs, by name."""
        return {name: getattr(self, name) for name, columns in self.rows().items() if columns.is_output}

    def given(self) -> dict[str, Any]:
        """Return the outputs that a program has to declare, since they are no defaults."""
        rows = self.rows()
        return {
            name: value
            for name, value in self.outputs().items()
            if value is not None and not is_same(value, rows[name].default)
        }


def are_known_and_same(names: Iterable[str], before: Properties, after: Properties) -> bool:
    """Return whether the named properties are the same as they stand; then their normal forms do not differ either."""
    for name in names:
        value = after.get(name)
        if is_unknown(value) or not is_same(before.get(name), value):
            return False
    return True


def differing(names: Iterable[str], before: Record, after: Record) -> tuple[str, ...]:
    """Return which of the named properties differ; one that is unknown afterwards may."""
    return tuple(
        name
        for name in names
        if is_unknown(getattr(after, name)) or not is_same(getattr(before, name), getattr(after, name))
    )
