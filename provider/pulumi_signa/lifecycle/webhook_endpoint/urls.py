"""
What a URL must be for a delivery to arrive there; whether somebody listens is left to Signa.

Source: https://docs.signa.so/api-reference/monitoring/webhooks/create, RFC 3986, RFC 1035 section 2.3.4 (lengths)
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from pulumi_signa.lifecycle.values import kind_of

_MAX_URL, _MAX_LABEL, _MAX_HOST = 2048, 63, 253

_EXAMPLE = "such as https://example.com/hooks/signa"
_PLACEHOLDER = re.compile(r"[<>{}]")
_INCOMPLETE_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_NOT_IN_HOSTS = re.compile(r"[^A-Za-z0-9_.-]")
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")


def url(value: object) -> Iterator[str]:
    """Refuse what is no URL of a receiver."""
    if not isinstance(value, str):
        yield f"must be a string, not {kind_of(value)}"
    elif len(value) > _MAX_URL:
        yield f"must be at most {_MAX_URL} characters, not {len(value)}"
    elif any(character.isspace() or not character.isprintable() for character in value):
        yield "must not contain spaces or control characters"
    elif _PLACEHOLDER.search(value):
        yield "must not contain < > { or }: fill in the placeholder, or percent-encode the character"
    else:
        try:
            parts = urlsplit(value)
            host, port = parts.hostname, parts.port
        except ValueError:
            yield "is not a URL: check the host and the port"
            return
        yield from _parts(value, parts, host, port)


def _parts(value: str, parts: SplitResult, host: str | None, port: int | None) -> Iterator[str]:
    if parts.scheme not in ("http", "https"):
        yield f"must be an absolute https URL, {_EXAMPLE}"
        return
    if not host:
        yield f"must name a host, {_EXAMPLE}"
    else:
        yield from _address(host) if "[" in parts.netloc else _host(host)
    if port == 0:
        yield "must not have port 0, on which nobody listens: leave the port out for 443"
    if parts.username is not None or parts.password is not None:
        yield "must not contain a user or password: deliveries are signed, verify them instead"
    if "#" in value:
        yield "must not have a fragment, which no request carries: take # and what follows out, or write %23"
    if _INCOMPLETE_ESCAPE.search(value):
        yield "has a % without two hexadecimal digits after it: write %25 for the character itself"


def _host(host: str) -> Iterator[str]:
    # Signa resolves the form that IDNA makes of a name: compatibility forms and the ideographic full stop are folded.
    name = unicodedata.normalize("NFKC", host).replace("\N{IDEOGRAPHIC FULL STOP}", ".").removesuffix(".")
    labels = [label if label.isascii() else "xn--" + label.encode("punycode").decode() for label in name.split(".")]
    if _NOT_IN_HOSTS.search(".".join(labels)):
        yield "must name one host, in letters, digits, - _ and . alone: is there a wildcard or a variable in it?"
    elif not all(labels):
        yield "must name a host without a dot at its beginning, two in a row, or two at its end"
    elif max(map(len, labels)) > _MAX_LABEL or len(".".join(labels)) > _MAX_HOST:
        yield f"must name a host of at most {_MAX_HOST} characters, {_MAX_LABEL} between two dots"
    elif _NUMBER.fullmatch(labels[-1]):
        yield from _address(name)


def _address(host: str) -> Iterator[str]:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        yield "must name a host, or be the address of one: four numbers to 255, or IPv6 in brackets"
        return
    if address.is_unspecified or address.is_multicast or "%" in host:
        yield "must have the address of one host that Signa can reach"
