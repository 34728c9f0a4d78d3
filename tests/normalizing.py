"""A Signa that keeps what it is sent in a form of its own."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from signa_emulator.organization import Organization
from signa_emulator.rules.endpoints import Endpoint

Normal = Callable[[dict[str, Any]], dict[str, Any]]
"""Takes fields as they were sent, and returns them as they are kept."""

_FIELDS = ("url", "enabled_events", "description", "metadata", "status")


def href(url: str) -> str:
    """Return the URL as WHATWG writes it: scheme and host in lower case and punycode, no port 443, a path."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    host = parts.hostname.encode("idna").decode() + (f":{parts.port}" if parts.port not in (None, 443) else "")
    return parts._replace(scheme=parts.scheme.lower(), netloc=host, path=parts.path or "/").geturl()


def everything(fields: dict[str, Any]) -> dict[str, Any]:
    """Keep every field otherwise: normal URL, trimmed description, texts and a further key in metadata."""
    metadata = {key: str(value) for key, value in fields["metadata"].items() if value is not None}
    return {
        **fields,
        "url": href(fields["url"]),
        "description": (fields["description"] or "").strip() or None,
        "metadata": {**metadata, "source": None},
    }


def keep_as(organization: Organization, monkeypatch: pytest.MonkeyPatch, normal: Normal) -> None:
    """Let an organization keep every field in its normal form from now on."""

    def normalized(endpoint: Endpoint) -> Endpoint:
        kept = normal({name: getattr(endpoint, name) for name in _FIELDS})
        for name, value in kept.items():
            setattr(endpoint, name, value)
        return endpoint

    create, change = organization.endpoints.create, Endpoint.change

    def changed(endpoint: Endpoint, *args: Any) -> None:
        change(endpoint, *args)
        normalized(endpoint)

    monkeypatch.setattr(organization.endpoints, "create", lambda *args: normalized(create(*args)))
    monkeypatch.setattr(Endpoint, "change", changed)
