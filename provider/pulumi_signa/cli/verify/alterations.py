"""What receivers, frameworks and proxies do to a body, undone: each says what was done."""

import base64
import binascii
import json
import re
import zlib
from collections.abc import Callable, Iterator
from itertools import chain, product

_BOM = "\ufeff".encode()
_LARGEST_UNPACKED = 2**20
"""Bytes; Signa's deliveries have a few thousand."""

_FRAME = re.compile(rb"([0-9A-Fa-f]{1,8})(;[^\r\n]*)?\r\n")

Undo = Callable[[bytes], bytes | None]
"""Returns the body as it may have been before, or None where nothing of the kind was done."""


def undone(body: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield what may have been done to a body, and the body before; the least comes first, and two in a row last."""
    seen = {body}
    steps = (_plainly(body), _then(body, _plainly), _reserialized(body), _then(body, _reserialized))
    for how, before in chain.from_iterable(steps):
        if before not in seen:
            seen.add(before)
            yield how, before


def _then(body: bytes, step: Callable[[bytes], Iterator[tuple[str, bytes]]]) -> Iterator[tuple[str, bytes]]:
    for last, between in _plainly(body):
        yield from ((f"{first}, and then {last}", before) for first, before in step(between))


def _plainly(body: bytes) -> Iterator[tuple[str, bytes]]:
    for how, undo in _ALTERATIONS:
        before = undo(body)
        if before is not None and before != body:
            yield how, before


def _reserialized(body: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the usual JSON texts of the value that the body is the text of."""
    try:
        value = json.loads(body)
        if not isinstance(value, dict | list):
            return
        for separators, sort, ascii_only in product(((",", ":"), (", ", ": ")), (False, True), (False, True)):
            text = json.dumps(value, separators=separators, sort_keys=sort, ensure_ascii=ascii_only)
            yield "its JSON was parsed and written anew", text.encode()
    except (RecursionError, ValueError):
        return


def _from_base64(body: bytes) -> bytes | None:
    try:
        return base64.b64decode(b"".join(body.split()), validate=True) or None
    except (binascii.Error, ValueError):
        return None


def _from_json_string(body: bytes) -> bytes | None:
    try:
        text = json.loads(body)
        return text.encode() if isinstance(text, str) else None
    except (RecursionError, ValueError):
        return None


def _recoded(read_as: str, write_as: str) -> Undo:
    def undo(body: bytes) -> bytes | None:
        try:
            return body.decode(read_as).encode(write_as)
        except ValueError:
            return None

    return undo


def _unpacked(body: bytes) -> bytes | None:
    if not body.startswith(b"\x1f\x8b"):
        return None
    packed = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)  # of gzip
    try:
        # A few bytes may be gigabytes unpacked.
        before = packed.decompress(body, _LARGEST_UNPACKED)
    except zlib.error:
        return None
    return before if packed.eof else None


def _dechunked(body: bytes) -> bytes | None:
    at = 0
    frames: list[bytes] = []
    while found := _FRAME.match(body, at):
        size = int(found[1], 16)
        if size == 0:
            return b"".join(frames)
        frames.append(body[found.end() : found.end() + size])
        at = found.end() + size + len(b"\r\n")
    return None


def _without_end(end: bytes) -> Undo:
    return lambda body: body[: -len(end)] if body.endswith(end) else None


_ALTERATIONS: tuple[tuple[str, Undo], ...] = (
    ("a line break was added at its end", _without_end(b"\r\n")),
    ("a line break was added at its end", _without_end(b"\n")),
    ("the line break at its end was taken away", lambda body: body + b"\n"),
    ("the line break at its end was taken away", lambda body: body + b"\r\n"),
    ("its line breaks were made CRLF", lambda body: body.replace(b"\r\n", b"\n")),
    ("its line breaks were made LF", lambda body: re.sub(rb"(?<!\r)\n", b"\r\n", body)),
    ("a byte order mark was put before it", lambda body: body[3:] if body.startswith(_BOM) else None),
    ("white space was added around it", bytes.strip),
    ("it is still in Base64", _from_base64),
    ("it was made a JSON string", _from_json_string),
    ("it is still packed with gzip", _unpacked),
    ("it still has the frames of a chunked transfer", _dechunked),
    ("its UTF-8 was read as Latin-1 and written as UTF-8 again", _recoded("utf-8", "latin-1")),
    ("its UTF-8 was read as Windows-1252 and written as UTF-8 again", _recoded("utf-8", "cp1252")),
    ("it was written in Latin-1 instead of UTF-8", _recoded("latin-1", "utf-8")),
    ("it was written in Windows-1252 instead of UTF-8", _recoded("cp1252", "utf-8")),
    ("it was written in UTF-16 instead of UTF-8", _recoded("utf-16", "utf-8")),
)
