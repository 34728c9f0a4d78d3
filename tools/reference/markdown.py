"""Tables and text in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable

_MARKUP = re.compile(r"[\\*<>\[\]]|(?<!\w)_|_(?!\w)")  # inside a word an underscore is none


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table, or nothing where it would have no row."""
    lines = [tuple(cell.replace("|", r"\|") for cell in row) for row in rows]
    if not lines:
        return ""
    lines = [head, tuple("---" for _ in head), *lines]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines) + "\n"


def code(value: str) -> str:
    """Return text as code; empty text as nothing."""
    return f"`{value}`" if value else ""


def literal(value: object) -> str:
    """Return a value as one would write it in a program, as code."""
    return code(repr(value).replace("'", '"'))


def plain(sentence: str) -> str:
    """Return a sentence with what Markdown would take for markup escaped; text in backquotes stays code."""
    parts = re.split("(`[^`]*`)", sentence)
    return "".join(part if part.startswith("`") else _MARKUP.sub(r"\\\g<0>", part) for part in parts)


def capitalized(text: str) -> str:
    """Return a text that begins with a capital letter, unless it begins with code."""
    return text[:1].upper() + text[1:]
