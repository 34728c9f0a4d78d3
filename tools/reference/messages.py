"""The page of the messages: the sentences that the tests of each resource have approved, whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tools.reference.markdown import plain, table
from tools.reference.page import Page

if TYPE_CHECKING:
    from collections.abc import Iterator

_APPROVED = Path(__file__).resolve().parents[2] / "tests" / "lifecycle"


def pages() -> Iterator[Page]:
    """Yield the page of all messages."""
    parts = []
    for file in sorted(_APPROVED.glob("*/messages.txt")):
        resource = "".join(word.capitalize() for word in file.parent.name.split("_"))
        rows = [(plain(case), plain(sentence)) for case, sentence in _sentences(file)]
        parts += [f"## {resource}", table(("case", "message"), rows)]
    yield Page("messages", "Messages", "\n\n".join(part.strip() for part in parts))


def _sentences(file: Path) -> Iterator[tuple[str, str]]:
    """Yield each sentence of a file after the case that stands above it."""
    case = ""
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith(" "):
            yield case, line.strip()
        else:
            name, _, which = line.partition(": ")
            words = name.removesuffix("Error").replace("_", " ").lower()
            case = f"{words}: {which}" if which else words
