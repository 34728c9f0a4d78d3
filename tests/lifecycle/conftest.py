"""A Signa client whose requests are seen, and what the lifecycles warn of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from pulumi_signa.signa_api.auth import BearerAuth
from pulumi_signa.signa_api.client import SignaClient
from pulumi_signa.signa_api.retrying import RetryPolicy
from pulumi_signa.signa_api.transport import Answer, Transport
from signa_emulator.server import EmulatorServer

API_KEY = "sig_" + "0123456789abcdef" * 3


@dataclass
class Sent:
    """
    One request that was sent.

    Attributes:
        method: HTTP method.
        path: Below the base URL.
        body: The JSON object, or None.
        key: The idempotency key, or None.
    """

    method: str
    path: str
    body: dict[str, Any] | None
    key: str | None


@dataclass
class FakeTransport(Transport):
    """The real transport, which also keeps what it was given."""

    base_url: str
    seen: list[Sent] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Connect."""
        super().__init__(self.base_url, BearerAuth(API_KEY))

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Note the request, and send it."""
        decoded = None if body is None else msgspec.json.decode(body, type=dict)
        self.seen.append(Sent(method, path, decoded, (headers or {}).get("Idempotency-Key")))
        return super().send(method, path, query=query, body=body, headers=headers)


@pytest.fixture
def fake_transport(emulator: EmulatorServer) -> FakeTransport:
    """Give the transport to the emulator that keeps what was sent."""
    return FakeTransport(emulator.base_url)


@pytest.fixture
def sent(fake_transport: FakeTransport) -> list[Sent]:
    """Give the requests that were sent, oldest first."""
    return fake_transport.seen


@pytest.fixture
def client(fake_transport: FakeTransport) -> SignaClient:
    """Give a client of the emulator that does not sleep between attempts."""
    return SignaClient(fake_transport, RetryPolicy(sleep=lambda _seconds: None))


@pytest.fixture
def warned() -> list[str]:
    """Give the warnings that were shown."""
    return []


@pytest.fixture
def warn(warned: list[str]) -> Callable[[str], None]:
    """Give what shows a warning."""
    return warned.append
