"""All pages of the reference."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tools.reference import command, configuration, emulator, messages, package, receiver, resources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.reference.page import Page

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "reference"


def all_pages() -> Iterator[Page]:
    """Yield every page, as its sources have it now."""
    for source in (resources, package, configuration, messages, emulator, receiver, command):
        yield from source.pages()
