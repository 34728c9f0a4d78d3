"""
Python source of values and calls, in the form that `ruff format` and black leave alone at 88 columns and more.

What takes several lines ends in a comma, which tells both to keep the lines.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

WIDTH = 88

_STEP = "    "


@dataclass(frozen=True, slots=True)
class Call:
    """
    `Call` is a call of a function or class.

    Attributes:
        arguments: By keyword; the empty one is that of a positional argument.
        is_long: Whether each argument has a line of its own, however short they are.
    """

    function: str
    arguments: Mapping[str, Any]
    is_long: bool = False


def source(value: object, *, indent: str = "", before: str = "") -> str:
    """
    Return the source of a call, or of a value that JSON can hold.

    Args:
        indent: What stands before each line.
        before: What stands before the value in its first line.
    """
    short = _short(value)
    opening, items, closing = _parts(value)
    is_long = isinstance(value, Call) and value.is_long
    if not items or not (is_long or _width(f"{indent}{before}{short},") > WIDTH):
        return f"{indent}{before}{short}"
    lines = [source(item, indent=indent + _STEP, before=name) + "," for name, item in items]
    return "\n".join([f"{indent}{before}{opening}", *lines, f"{indent}{closing}"])


def string(text: str) -> str:
    """Return a string's source, in the quotes that need fewer escapes; double ones where that is the same."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + "".join(f"\\{quote}" if each == quote else _escaped(each) for each in text) + quote


def _escaped(character: str) -> str:
    return character if character in "'\"" else repr(character)[1:-1]


def _parts(value: object) -> tuple[str, list[tuple[str, Any]], str]:
    """Return how a value begins, what is in it, each with what stands before, and how it ends."""
    if isinstance(value, Call):
        return f"{value.function}(", [(f"{name}=" if name else "", item) for name, item in value.arguments.items()], ")"
    if isinstance(value, Mapping):
        return "{", [(f"{string(key)}: ", item) for key, item in value.items()], "}"
    if isinstance(value, list | tuple):
        return "[", [("", item) for item in value], "]"
    return "", [], ""


def _short(value: object) -> str:
    """Return the source of a value in one line."""
    if isinstance(value, str):
        return string(value)
    if isinstance(value, float):
        return repr(value).replace("e+", "e")
    opening, items, closing = _parts(value)
    if not opening:
        return repr(value)
    return opening + ", ".join(name + _short(item) for name, item in items) + closing


def _width(text: str) -> int:
    """Return the columns that a text takes at most: what lies beyond ASCII may be wide."""
    return sum(1 if each.isascii() else 2 for each in text)
