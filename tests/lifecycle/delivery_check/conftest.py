"""A client whose waits are over when the receiver has answered, and an endpoint that leads to the receiver."""

import pytest

from emulator.harness import Receiver
from fake_time import FakeTime
from fake_transport import FakeTransport
from pulumi_signa.signa_api.client import SignaClient
from pulumi_signa.signa_api.pacing.retry import RetryPolicy
from signa_emulator.server import EmulatorServer

PATIENCE_S = 30


@pytest.fixture
def client(emulator: EmulatorServer, fake_transport: FakeTransport, receiver: Receiver, time: FakeTime) -> SignaClient:
    """Return a client of the emulator that waits in no time; a receiver that holds deliveries is not waited for."""

    def pause(seconds: float, text: str) -> None:
        time.pause(seconds, text)
        if receiver.hold.is_set():
            assert emulator.organization.deliveries.wait_idle(PATIENCE_S)

    return SignaClient(fake_transport, RetryPolicy(), pause=pause, clock=time.clock)


@pytest.fixture
def endpoint_id(client: SignaClient, receiver: Receiver, fake_transport: FakeTransport) -> str:
    """Return the id of an endpoint that leads to the receiver."""
    body = {"url": receiver.url, "enabled_events": ["alert.created"]}
    made = client.create_webhook_endpoint(body, idempotency_key="fixture")
    fake_transport.seen.clear()
    return made.endpoint.id
