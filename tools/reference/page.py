"""A page of the reference: what is made stands between two comments, and what is written by hand around them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_BEGIN = "<!-- made by `python -m tools.reference` -->"
_END = "<!-- /made -->"
_MADE = re.compile(f"{re.escape(_BEGIN)}.*?{re.escape(_END)}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Page:
    """
    A page, as its source has it now.

    Attributes:
        name: The name of its file, without `.md`.
        title: The heading of a page that is not there yet.
        made: The Markdown that is made.
    """

    name: str
    title: str
    made: str

    def updated(self, text: str) -> str:
        """
        Return the text of the file with its made part as it is now.

        Raises:
            ValueError: The text has no place for the part.
        """
        updated, number = _MADE.subn(lambda _: f"{_BEGIN}\n\n{self.made.strip()}\n\n{_END}", text)
        if number != 1:
            raise ValueError(f"{self.name}.md needs `{_BEGIN}` and `{_END}` once")
        return updated

    def write(self, folder: Path) -> None:
        """Write the file, or begin one for a page that is not there yet."""
        file = folder / f"{self.name}.md"
        text = file.read_text(encoding="utf-8") if file.exists() else f"# {self.title}\n\n{_BEGIN}\n{_END}\n"
        file.write_text(self.updated(text), encoding="utf-8")
