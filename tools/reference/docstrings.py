"""What a docstring in Google's style says: its text, and one description each of arguments, attributes and errors."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_SECTION = re.compile(r"^(Args|Attributes|Raises|Returns|Yields):$")
_ITEM = re.compile(r"^    (\*{0,2}[\w.]+): (.*)$")
_EXAMPLE = re.compile(r"^Example:\n((?: {4}(?:>>>|\.\.\.).*\n?)+)", re.MULTILINE)
_SOURCE = re.compile(r"^Source: ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Docstring:
    """
    A docstring.

    Attributes:
        text: What stands before the sections, in Markdown.
        sections: What a section says of each name; of `Returns` and `Yields`, the text under an empty name.
    """

    text: str
    sections: dict[str, dict[str, str]]

    def of(self, section: str) -> dict[str, str]:
        """Return what a section says of each name; nothing, where the section is not there."""
        return self.sections.get(section, {})


def read(documented: object) -> Docstring:
    """Read the docstring of an object; one without has an empty text."""
    text: list[str] = []
    sections: dict[str, dict[str, str]] = {}
    section: dict[str, str] | None = None
    name = ""
    for line in (inspect.getdoc(documented) or "").splitlines():
        if heading := _SECTION.match(line):
            section = sections.setdefault(heading[1], {})
            name = ""
        elif section is None or (line and not line.startswith(" ")):
            section = None
            text.append(line)
        elif item := _ITEM.match(line):
            name = item[1]
            section[name] = item[2]
        elif line.strip():
            section[name] = f"{section.get(name, '')} {line.strip()}".strip()
    # Where a fact comes from is of use to those who read the code.
    return Docstring(_EXAMPLE.sub(_program, _SOURCE.split("\n".join(text))[0]).strip(), sections)


def _program(example: re.Match[str]) -> str:
    lines = [re.sub(r"^ {4}(?:>>>|\.\.\.) ?", "", line) for line in example[1].splitlines()]
    return "\n".join(["```python", *lines, "```", ""])


def signature(called: Callable[..., Any]) -> str:
    """Return the arguments of a function or class with their defaults, and without types."""
    whole = inspect.signature(called)
    bare = [each.replace(annotation=each.empty) for each in whole.parameters.values() if each.name != "self"]
    return str(whole.replace(parameters=bare, return_annotation=whole.empty))
