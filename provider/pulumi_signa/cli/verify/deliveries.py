"""`Delivery`: a request as it was saved, in the forms that people and clouds save requests in."""

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_signa.cli.errors import CommandError

_REQUEST_LINE = re.compile(r"[A-Z]+ \S+( HTTP/[0-9.]+)?")
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Delivery:
    """
    `Delivery` is one saved request.

    Attributes:
        headers: Names as they were saved, and values; a name may come several times.
        body: The bytes.
        was_parsed: Whether the body was saved as a JSON value, so that its bytes are made up.
    """

    headers: tuple[tuple[str, str], ...]
    body: bytes
    was_parsed: bool = False

    def values(self, name: str) -> list[str]:
        """Return the values of a header, whose name is in lower case."""
        return [value for each, value in self.headers if each.lower() == name]


def parsed(saved: bytes, source: str) -> Delivery:
    """
    Return the delivery that a file holds: a raw HTTP message, or JSON with headers and a body.

    The JSON may be the event of an AWS Lambda function: `isBase64Encoded` and `multiValueHeaders` count.

    Raises:
        CommandError: It is neither; the text says what is missing.
    """
    saved = saved.removeprefix(_BOM)
    if saved.lstrip().startswith(b"{"):
        return _of_json(saved, source)
    blank = _BLANK_LINE.search(saved)
    if blank is None:
        raise CommandError(f"{source} has no blank line between headers and body: give them as --headers and --body")
    return Delivery(_of_lines(saved[: blank.start()], source), saved[blank.end() :])


def headers_in(saved: bytes, source: str) -> tuple[tuple[str, str], ...]:
    """Return the headers that a file holds: lines, or a JSON object; raise `CommandError` where it is neither."""
    saved = saved.removeprefix(_BOM)
    if saved.lstrip().startswith((b"{", b"[")):
        return tuple(_of_value(_json(saved, source), source))
    return _of_lines(saved.strip(), source)


def _of_lines(text: bytes, source: str) -> tuple[tuple[str, str], ...]:
    headers: list[tuple[str, str]] = []
    for number, line in enumerate(text.decode("latin-1").splitlines(), start=1):
        name, colon, value = line.partition(":")
        if number == 1 and _REQUEST_LINE.fullmatch(line.strip()):
            continue
        if line[:1] in (" ", "\t") and headers:
            # Python's `bytes(headers)` folds a long line: the rest of the value stands in the next one.
            headers[-1] = (headers[-1][0], f"{headers[-1][1]} {line.strip()}".strip())
            continue
        if line.startswith(":"):  # HTTP/2 has `:method` and `:path` instead of a first line
            continue
        if not colon or not name.strip():
            raise CommandError(f"line {number} of {source} is no header: a blank line stands before the body")
        headers.append((name.strip(), value.strip()))
    return tuple(headers)


def _json(saved: bytes, source: str) -> Any:
    try:
        return json.loads(saved)
    except (RecursionError, ValueError):
        raise CommandError(f"{source} begins like JSON, and is none") from None


def _of_json(saved: bytes, source: str) -> Delivery:
    event = _json(saved, source)
    # API Gateway gives the headers twice, once with all values.
    given = event.get("multiValueHeaders") or event.get("headers")
    if "body" not in event or not given:
        raise CommandError(f"{source} lacks `headers` or `body`: give a body alone as --body, with --headers")
    headers = tuple(_of_value(given, source))
    body = event["body"]
    if not isinstance(body, str):
        text = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
        return Delivery(headers, b"" if body is None else text.encode(errors="replace"), was_parsed=body is not None)
    if event.get("isBase64Encoded"):
        try:
            return Delivery(headers, base64.b64decode(body, validate=True))
        except (binascii.Error, ValueError):
            raise CommandError(f"the body in {source} is no Base64, although isBase64Encoded says so") from None
    return Delivery(headers, body.encode(errors="replace"))


def _of_value(value: Any, source: str) -> Iterator[tuple[str, str]]:
    """Yield the headers of an object, whose values may be lists, or of a list of pairs or of names with values."""
    pairs = value.items() if isinstance(value, Mapping) else value
    for pair in pairs if not isinstance(pairs, str | int | float) else [None]:
        if isinstance(pair, Mapping):
            name, values = pair.get("name"), pair.get("value")
        elif isinstance(pair, list | tuple) and len(pair) == 2:  # noqa: PLR2004 - a pair
            name, values = pair
        else:
            name, values = None, None
        if not isinstance(name, str):
            raise CommandError(f"the headers in {source} are neither an object nor pairs")
        yield from ((name, str(each)) for each in (values if isinstance(values, list) else [values]))
