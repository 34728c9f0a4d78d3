"""A Signa client whose requests are seen, and what the lifecycles warn of."""

from collections.abc import Callable

import pytest

from fake_transport import FakeTransport, Sent
from pulumi_signa.signa_api.client import SignaClient
from pulumi_signa.signa_api.retrying import RetryPolicy


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
