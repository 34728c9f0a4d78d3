"""The transport to the emulator that keeps what was sent, for tests of what our requests hold."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from pulumi_signa.signa_api.auth import BearerAuth
from pulumi_signa.signa_api.transport import Answer, Transport

API_KEY = "sig_" + "0123456789abcdef" * 3
"""The one key of the emulator that `tests/conftest.py` starts."""


class Sent(NamedTuple):
    """
    One request that was sent.

    Attributes:
        method: HTTP method.
        path: Below the base URL.
        body: The bytes, or None.
        key: The idempotency key, or None.
    """

    method: str
    path: str
    body: bytes | None
    key: str | None

    @property
    def json(self) -> dict[str, Any] | None:
        """The JSON object that the body holds."""
        return None if self.body is None else msgspec.json.decode(self.body, type=dict[str, Any])


class FakeTransport(Transport):
    """The real transport, which also keeps what it was given to send, oldest first."""

    def __init__(self, base_url: str) -> None:
        """Connect."""
        super().__init__(base_url, BearerAuth(API_KEY))
        self.seen: list[Sent] = []

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Record the request, and send it."""
        self.seen.append(Sent(method, path, body, (headers or {}).get("Idempotency-Key")))
        return super().send(method, path, query=query, body=body, headers=headers)
