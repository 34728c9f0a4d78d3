"""The headers of a delivery, read from what a web framework gives."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from signa_receiver.errors import MalformedDeliveryError, MissingHeaderError

Text = str | bytes
Value = Text | int | Sequence[Text] | None


class HasItems(Protocol):
    """A mapping, or a framework's headers that only look like one, such as those of Flask."""

    def items(self) -> Iterable[tuple[Text, Value]]:
        """Return names and values. A name may come twice, and a value may be a list, a number or None."""


Headers = HasItems | Iterable[tuple[Text, Text]] | None
"""Headers in any case, as a mapping or, as in an ASGI scope, as pairs; None where a request has none."""

_ID = re.compile(r"[!-~]{1,256}")
# Ten digits reach from 2001 to 2286, and give each moment one spelling.
_TIMESTAMP = re.compile(r"[0-9]{10}")
_SIGNATURE = re.compile(r"v1,[A-Za-z0-9+/]{43}=")
_ATTEMPT = re.compile(r"[1-9][0-9]{0,5}")


@dataclass(frozen=True)
class DeliveryHeaders:
    """
    The well-formed headers of a delivery, of which nothing is verified yet.

    Attributes:
        id: `webhook-id`.
        timestamp: `webhook-timestamp`, Unix seconds.
        signatures: The `v1` signatures of `webhook-signature`, `v1,` included. Others are left out.
        attempt: `webhook-attempt`; None where the header is missing or no number.
    """

    id: str
    timestamp: int
    signatures: tuple[str, ...]
    attempt: int | None


def parse_headers(headers: Headers) -> DeliveryHeaders:
    """
    Return the headers of a delivery.

    Raises:
        MissingHeaderError: One of the three that a signature needs is missing or empty.
        MalformedDeliveryError: One of the three has another form, or more than one value.
    """
    values = _values(headers)
    id_, timestamp, signature = (
        _only(values, name) for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
    )
    if _ID.fullmatch(id_) is None:
        raise MalformedDeliveryError("webhook-id must be 1 to 256 printable ASCII characters without a space")
    if _TIMESTAMP.fullmatch(timestamp) is None:
        raise MalformedDeliveryError("webhook-timestamp must be whole Unix seconds, ten digits")
    signatures = tuple(one for one in signature.split(" ") if _SIGNATURE.fullmatch(one))
    if not signatures:
        raise MalformedDeliveryError("webhook-signature must have a signature `v1,` and 44 characters of base64")
    return DeliveryHeaders(id_, int(timestamp), signatures, _attempt(values.get("webhook-attempt", [])))


def _values(headers: Headers) -> dict[str, list[str]]:
    """Return the values of each header that begins with `webhook-`, by name in lower case."""
    # Mappings give pairs by `items`; an ASGI scope has a list of pairs.
    # API Gateway's own test of a route sends none at all.
    given = () if headers is None else headers
    pairs: Iterable[tuple[Text, Value]] = given.items() if hasattr(given, "items") else given
    values: dict[str, list[str]] = {}
    for raw_name, raw in pairs:
        name = _text(raw_name).lower()
        if name.startswith("webhook-"):
            several = raw if isinstance(raw, list | tuple) else [raw]
            values.setdefault(name, []).extend(_text(one).strip() for one in several if one is not None)
    return values


def _text(raw: object) -> str:
    return raw.decode("latin-1") if isinstance(raw, bytes) else str(raw)


def _only(values: Mapping[str, list[str]], name: str) -> str:
    found = values.get(name, [])
    if not any(found):
        raise MissingHeaderError(f"the header {name} is missing")
    if len(found) > 1:
        raise MalformedDeliveryError(f"the header {name} has more than one value")
    return found[0]


def _attempt(found: Sequence[str]) -> int | None:
    return int(found[0]) if len(found) == 1 and _ATTEMPT.fullmatch(found[0]) else None
