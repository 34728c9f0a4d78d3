"""
Taking what was sent out of what a server wrote.

A server quotes as it likes: whole or cut, as JSON, percent-encoded, in base64, wrapped, in another case. So a text is
searched for runs rather than for values: whatever 8 characters in a row it shares with a value, or with a value's
encodings, is taken out. Fewer are no secret, and stand in half of all words.
"""

from __future__ import annotations

import base64
import itertools
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import quote, quote_plus

SECRET = "secret"  # noqa: S105 - a name

RUN = 8
"""The shortest run that is searched for."""

_SHORTEST = 3  # as in Pulumi's own filter: a shorter value would be found in half of all words

_GAP = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_PIECE = re.compile(rf"({_GAP.pattern})|[^\s\x00-\x1f\x7f-\x9f]+")
_LOWER = {ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}  # every length stays
_URI_SAFE = "!#$&'()*+,/:;=?@[]~"


class Hidden(NamedTuple):
    """A value that must not show, and the name that is shown instead."""

    value: str
    name: str


class _View(NamedTuple):
    """A text without its gaps, or with one character for each, and where each character stands in the text."""

    text: str
    at: list[int]


def without(text: str, hidden: Iterable[Hidden], keep: re.Pattern[str]) -> str:
    """
    Return a text without the hidden values, without runs of 8 characters of them, and without their encodings.

    A value of 3 to 7 characters is taken out as a whole: a secret wherever it stands, another one as a word.

    Args:
        keep: Words that stay: of a fixed vocabulary, and no secrets.
    """
    views = (_view(text, ""), _view(text, " "))
    places = _places(views)
    names: list[str | None] = [None] * len(text)
    # The last name counts: that of a secret, then that of a longer value.
    for value, name in sorted(hidden, key=lambda each: (each.name == SECRET, len(each.value))):
        for form in _forms(value):
            found = _runs(form, places) if len(form) >= RUN else _wholes(form, name, views[1])
            for start, end in found:
                names[start:end] = [name] * (end - start)
    return _replaced(text, names, [match.span() for match in keep.finditer(text)])


def _replaced(text: str, names: list[str | None], kept: list[tuple[int, int]]) -> str:
    """Return the text with a name for each run of characters that have one, unless a kept word holds the whole run."""
    shown = []
    for is_hidden, group in itertools.groupby(range(len(text)), key=lambda place: names[place] is not None):
        places = [*group]
        run = text[places[0] : places[-1] + 1]
        if is_hidden:
            start, end = (places[0] + place for place in _core_of(run))
            if start < end and not any(first <= start and end <= last for first, last in kept):
                name = SECRET if SECRET in names[start:end] else names[start]
                run = f"{text[places[0] : start]}[{name}]{text[end : places[-1] + 1]}"
        shown.append(run)
    return "".join(shown)


def _core_of(run: str) -> tuple[int, int]:
    """Return where a run begins and ends without white space, and without the marks of a quoted value around it."""
    core = re.fullmatch(r'\s*"?(.*?)"?\s*', run, re.DOTALL)
    return core.span(1) if core else (0, len(run))


def _view(text: str, joint: str) -> _View:
    pieces: list[str] = []
    at: list[int] = []
    for piece in _PIECE.finditer(text):
        seen = piece[0] if piece[1] is None else joint
        pieces.append(seen)
        at.extend(range(piece.start(), piece.start() + len(seen)))
    return _View("".join(pieces), at)


def _places(views: Iterable[_View]) -> dict[str, set[tuple[int, int]]]:
    """Return where in the text each run of 8 characters stands."""
    places: defaultdict[str, set[tuple[int, int]]] = defaultdict(set)
    for seen, at in views:
        for first, run in enumerate(_all_runs(seen)):
            places[run].add((at[first], at[first + RUN - 1] + 1))
    return places


def _all_runs(text: str) -> Iterator[str]:
    lower = text.translate(_LOWER)
    return (lower[first : first + RUN] for first in range(len(lower) - RUN + 1))


def _runs(form: str, places: dict[str, set[tuple[int, int]]]) -> Iterator[tuple[int, int]]:
    for run in places.keys() & _all_runs(form):
        yield from places[run]


def _wholes(form: str, name: str, view: _View) -> Iterator[tuple[int, int]]:
    pattern = re.escape(form) if name == SECRET else rf"(?<!\w){re.escape(form)}(?!\w)"
    for match in re.finditer(pattern, view.text):
        yield view.at[match.start()], view.at[match.end() - 1] + 1


def _forms(value: str) -> set[str]:
    """Return a value in each encoding, with one space for each gap and without gaps."""
    if len(value) < _SHORTEST:
        return set()
    encoded = {value, *_as_json(value), *_percent_encoded(value.encode(errors="surrogatepass"))}
    if len(value) >= RUN:
        encoded.update(_in_digits(value.encode(errors="surrogatepass")))
    folded, squeezed = ({_GAP.sub(joint, text) for text in encoded} for joint in (" ", ""))
    return {form for form in folded if len(form) >= _SHORTEST} | {form for form in squeezed if len(form) >= RUN}


def _as_json(value: str) -> Iterator[str]:
    for is_ascii in (True, False):
        escaped = json.dumps(value, ensure_ascii=is_ascii)
        if len(value) < RUN:
            escaped = escaped[1:-1]
        yield escaped
        yield escaped.replace("/", r"\/")
        # As Go writes it.
        yield escaped.replace("<", r"\u003c").replace(">", r"\u003e").replace("&", r"\u0026")


def _percent_encoded(value: bytes) -> Iterator[str]:
    yield from (quote(value, safe=safe) for safe in ("", "/", "!'()*", _URI_SAFE))
    yield quote_plus(value)


def _in_digits(value: bytes) -> Iterator[str]:
    """Yield a value in hexadecimal digits, and in base64 as it stands in a longer text at each of the 3 alignments."""
    yield value.hex()
    for before, shared in ((0, 0), (1, 2), (2, 3)):
        code = base64.b64encode(bytes(before) + value)[shared:].decode()
        yield code
        yield code.translate({ord("+"): "-", ord("/"): "_"})
