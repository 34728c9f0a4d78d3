"""The page of the receiver: what `signa_receiver` exports."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import signa_receiver
from tools.reference import docstrings
from tools.reference.markdown import capitalized, code, table
from tools.reference.page import Page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SECTIONS = ("Args", "Attributes", "Returns", "Yields", "Raises")


def pages() -> Iterator[Page]:
    """Yield the page of the package."""
    exported = [getattr(signa_receiver, name) for name in getattr(signa_receiver, "__all__", ())]
    errors = [each for each in exported if isinstance(each, type) and issubclass(each, Exception)]
    parts = [docstrings.read(signa_receiver).text.split("\n\n")[0]]
    for each in exported:
        if each not in errors:
            parts += _described(each)
    rows = [(code(each.__name__), docstrings.read(each).text, _status(each)) for each in errors]
    parts += ["## Errors", table(("error", "what is wrong", "answer with"), rows)] if rows else []
    yield Page("receiver", "Receiver", "\n\n".join(part.strip() for part in parts))


def _status(error: type[Any]) -> str:
    return str(getattr(error, "http_status", ""))


def _described(documented: Any) -> Iterator[str]:
    yield f"## {code(documented.__name__)}"
    if not getattr(documented, "_is_protocol", False):
        yield code(f"{documented.__name__}{docstrings.signature(documented)}")
    yield from _said(documented)
    if isinstance(documented, type):
        if "__init__" in vars(documented):
            yield from _sections(vars(documented)["__init__"])
        for name, method in _methods(documented):
            yield f"### {code(f'{documented.__name__}.{name}{docstrings.signature(method)}')}"
            yield from _said(method)


def _methods(documented: type[Any]) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name, member in vars(documented).items():
        if not name.startswith("_") and inspect.isfunction(member) and member.__doc__:
            yield name, member


def _said(documented: object) -> Iterator[str]:
    yield docstrings.read(documented).text
    yield from _sections(documented)


def _sections(documented: object) -> Iterator[str]:
    said = docstrings.read(documented)
    for section in _SECTIONS:
        items = said.of(section)
        if items:
            lines = [f"* {code(name)}: {capitalized(what)}" if name else f"* {what}" for name, what in items.items()]
            yield f"{section}:"
            yield "\n".join(lines)
