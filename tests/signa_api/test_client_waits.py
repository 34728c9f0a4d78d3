"""The waits of the client's calls: for the rate limit, between attempts, and both together."""

from collections.abc import Callable
from typing import Any

import pytest

from fake_time import FakeTime
from fake_transport import API_KEY, FakeTransport, Sent
from pulumi_signa.signa_api.auth import BearerAuth
from pulumi_signa.signa_api.client import SignaClient
from pulumi_signa.signa_api.errors import RateLimitedError, UnreachableError
from pulumi_signa.signa_api.transport import Answer, Transport
from signa_emulator.server import EmulatorServer

LIMITED: dict[str, Any] = {"kind": "status", "status": 429, "retry_after": 7}

MakeClient = Callable[..., SignaClient]


def test_rate_limit_is_waited_for(
    fake_transport: FakeTransport, emulator: EmulatorServer, fake_time: FakeTime, make_client: MakeClient
) -> None:
    """The wait comes before the request, which is then not refused."""
    emulator.organization.change_settings(rate_limit=2)

    def pause(seconds: float, text: str) -> None:
        fake_time.pause(seconds, text)
        emulator.organization.advance_clock(seconds)

    client = make_client(fake_transport, pause=pause)
    for _ in range(5):
        list(client.list_webhook_endpoints())

    assert [entry["status"] for entry in emulator.organization.requests.entries()] == [200] * 5
    assert fake_time.shown[0].startswith("waiting for Signa's rate limit of 2 calls per 60 s, ")


def test_refusal_by_the_rate_limit_is_waited_for_once(
    client: SignaClient, emulator: EmulatorServer, fake_time: FakeTime, sent: list[Sent]
) -> None:
    """The gate waits, and the retry does not wait again."""
    emulator.organization.faults.add(operation="list", **LIMITED)

    list(client.list_webhook_endpoints())

    assert fake_time.now == 7
    assert len(sent) == 2


def test_all_waits_of_a_call_are_bounded_together(
    fake_transport: FakeTransport, emulator: EmulatorServer, fake_time: FakeTime, make_client: MakeClient
) -> None:
    """Waits for the rate limit and waits between attempts come from one budget."""
    for status in (429, 503, 429):
        emulator.organization.faults.add(kind="status", status=status, retry_after=7)

    with pytest.raises(RateLimitedError):
        make_client(fake_transport, max_wait_s=20).get_webhook_endpoint("whk_1")

    assert fake_time.now == 14
    assert len(fake_transport.seen) == 3


def test_every_call_has_a_budget_of_its_own(client: SignaClient, emulator: EmulatorServer, fake_time: FakeTime) -> None:
    """The waits of one call are not counted against the next."""
    for _ in range(2):
        emulator.organization.faults.add(kind="status", status=503, retry_after=200, times=1)
        list(client.list_webhook_endpoints())

    assert fake_time.now == 400


@pytest.mark.parametrize("retry_after", ["Retry-After: 0\r\n", "Retry-After: soon\r\n", ""])
def test_server_that_always_says_later_is_given_up(
    fake_server: Callable[..., Any], fake_time: FakeTime, make_client: MakeClient, retry_after: str
) -> None:
    """The budget allows about one request a second."""
    server = fake_server(f"HTTP/1.1 429 X\r\nConnection: close\r\n{retry_after}Content-Length: 0\r\n\r\n".encode())

    with pytest.raises(RateLimitedError):
        make_client(server.url, max_wait_s=20).get_webhook_endpoint("whk_1")

    assert fake_time.now <= 20
    assert len(server.requests) <= 21


class LateTransport(Transport):
    """Fails each request after 35 s."""

    def __init__(self, time: FakeTime) -> None:
        """Take the time that passes."""
        super().__init__("https://signa.invalid/v1", BearerAuth(API_KEY))
        self.time = time
        self.requests = 0

    def send(self, *_: Any, **__: Any) -> Answer:
        """Let the time pass, and fail."""
        self.requests += 1
        self.time.now += 35
        raise UnreachableError("no whole answer", retryable=True)


@pytest.mark.parametrize(("max_wait_s", "attempts"), [(5, 1), (60, 2), (300, 5)])
def test_attempts_of_a_slow_server_count_as_waits(
    fake_time: FakeTime, make_client: MakeClient, max_wait_s: float, attempts: int
) -> None:
    """A call that may wait shorter than one attempt takes is given up after that attempt."""
    transport = LateTransport(fake_time)

    with pytest.raises(UnreachableError):
        make_client(transport, max_wait_s=max_wait_s).get_webhook_endpoint("whk_1")

    assert transport.requests == attempts


def test_interruption_ends_the_wait(
    fake_transport: FakeTransport, emulator: EmulatorServer, fake_time: FakeTime, make_client: MakeClient
) -> None:
    """An exception of the pause reaches the caller from both kinds of waits, and leaves the gate open to others."""

    def interrupt(_seconds: float, _text: str) -> None:
        raise KeyboardInterrupt

    client = make_client(fake_transport, pause=interrupt)
    emulator.organization.faults.add(kind="status", status=503)
    emulator.organization.faults.add(**LIMITED)

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            list(client.list_webhook_endpoints())
    fake_time.now += 7

    assert list(client.list_webhook_endpoints()) == []
