"""A Signa client whose requests are seen, and what the lifecycles warn of."""

from collections.abc import Callable

import pytest

from fake_time import FakeTime
from fake_transport import FakeTransport
from pulumi_signa.signa_api.client import SignaClient
from pulumi_signa.signa_api.pacing.retry import RetryPolicy


@pytest.fixture
def client(fake_transport: FakeTransport) -> SignaClient:
    """Give a client of the emulator that does not sleep between attempts."""
    time = FakeTime()
    return SignaClient(fake_transport, RetryPolicy(), pause=time.pause, clock=time.clock)


@pytest.fixture
def warned() -> list[str]:
    """Give the warnings that were shown."""
    return []


@pytest.fixture
def warn(warned: list[str]) -> Callable[[str], None]:
    """Give what shows a warning."""
    return warned.append
