"""The page of the emulator: its command line, control routes, faults and settings."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any

from signa_emulator import control, faults, settings
from signa_emulator.__main__ import command_line
from tools.reference import docstrings
from tools.reference.markdown import code, literal, plain, table
from tools.reference.page import Page

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROUTE = re.compile(r"^ {4}([A-Z]+) +(/_emulator\S*) +(.*)$", re.MULTILINE)
_VALUE = re.compile(r"\{(?:[^{}\[\]]|\[[^\]]*\])*\}|\[(?:[^\[\]{}]|\{[^}]*\})*\]|\?\w+=\w+")
_KIND = re.compile(r"^ {4}([a-z_]+)  +(.*)$", re.MULTILINE)


def pages() -> Iterator[Page]:
    """Yield the page of the emulator."""
    parts = [
        "## Command line",
        "`python -m signa_emulator`",
        table(("option", "what it is"), _options()),
        "## Control routes",
        "Tests and demos steer the emulator with them. They need no key and are not counted.",
        table(
            ("route", "what it takes, and answers"),
            [(code(f"{method} {path}"), _taken(what)) for method, path, what in _ROUTE.findall(control.__doc__ or "")],
        ),
        "## Faults",
        table(
            ("kind", "what happens"),
            [(code(kind), what) for kind, what in _KIND.findall(faults.__doc__ or "")],
        ),
        table(("member", "what it is", "default"), _fields(faults.Fault)),
        "## Settings",
        table(("setting", "what it is", "default"), _fields(settings.Settings)),
    ]
    yield Page("emulator", "Emulator", "\n\n".join(part.strip() for part in parts))


def _taken(what: str) -> str:
    """Return what a route takes and answers, with JSON and queries as code."""
    return plain(_VALUE.sub(lambda value: code(value[0]), what))


def _options() -> Iterator[tuple[str, str]]:
    for action in command_line()._actions:  # noqa: SLF001 - argparse has no other way to read them
        value = f" {action.metavar}" if action.metavar else ""
        yield code(f"{action.option_strings[-1]}{value}"), plain(action.help or "")


def _fields(described: type[Any]) -> Iterator[tuple[str, str, str]]:
    said = docstrings.read(described).of("Attributes")
    for field in dataclasses.fields(described):
        default = "required" if field.default is dataclasses.MISSING else literal(field.default)
        yield code(field.name), said[field.name], default
