"""The page of the receiver: what `signa_receiver` exports."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import signa_receiver
from tools.reference import docstrings
from tools.reference.markdown import capitalized, code
from tools.reference.page import Page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SECTIONS = ("Args", "Attributes", "Returns", "Yields", "Raises")


def pages() -> Iterator[Page]:
    """Yield the page of the package."""
    exported = [getattr(signa_receiver, name) for name in getattr(signa_receiver, "__all__", ())]
    parts = [docstrings.read(signa_receiver).text.split("\n\n")[0]]
    for each in exported:
        is_error = isinstance(each, type) and issubclass(each, Exception)
        heading = each.__name__ if is_error else f"{each.__name__}{docstrings.signature(each)}"
        parts += [f"## {code(each.__name__)}", *([] if is_error else [code(heading)]), *_said(each)]
        if isinstance(each, type) and not is_error:
            if "__init__" in vars(each):
                parts += _described(vars(each)["__init__"])
            for name, method in _methods(each):
                parts += [f"### {code(f'{name}{docstrings.signature(method)}')}", *_said(method)]
    yield Page("receiver", "Receiver", "\n\n".join(part.strip() for part in parts))


def _methods(documented: type[Any]) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name, member in vars(documented).items():
        if not name.startswith("_") and inspect.isfunction(member) and member.__doc__:
            yield name, member


def _said(documented: object) -> Iterator[str]:
    yield docstrings.read(documented).text
    yield from _described(documented)


def _described(documented: object) -> Iterator[str]:
    said = docstrings.read(documented)
    for section in _SECTIONS:
        items = said.of(section)
        if items:
            lines = [f"* {code(name)}: {capitalized(what)}" if name else f"* {what}" for name, what in items.items()]
            yield f"{section}:"
            yield "\n".join(lines)
