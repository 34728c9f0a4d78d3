"""The client's lists of endpoints: pages, their bound, and the list that is read once."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from fake_transport import API_KEY, Sent
from pulumi_signa.signa_api.auth import BearerAuth
from pulumi_signa.signa_api.client import SignaClient
from pulumi_signa.signa_api.errors import PermissionDeniedError, ResponseFormatError
from pulumi_signa.signa_api.exchanges import MAX_PAGES
from pulumi_signa.signa_api.transport import Answer, Transport
from signa_emulator.server import EmulatorServer

BODY = {"url": "https://example.com/hook", "enabled_events": ["alert.created"]}

MakeClient = Callable[..., SignaClient]


@pytest.fixture
def endpoint_id(client: SignaClient, sent: list[Sent]) -> str:
    """Return the id of an endpoint that exists."""
    id_ = client.create_webhook_endpoint(BODY, idempotency_key="fixture").endpoint.id
    sent.clear()
    return id_


@pytest.mark.parametrize("count", [0, 1, 100, 101, 250])
def test_all_pages_are_read(client: SignaClient, emulator: EmulatorServer, sent: list[Sent], count: int) -> None:
    """Every endpoint is listed once, a hundred a request."""
    emulator.organization.change_settings(rate_limit=None)
    made = [client.create_webhook_endpoint(BODY, idempotency_key=f"k{n}").endpoint.id for n in range(count)]
    sent.clear()

    found = [endpoint.id for endpoint in client.list_webhook_endpoints()]

    assert found == made
    assert len(sent) == max(1, -(-count // 100))


class EndlessTransport(Transport):
    """Answers every request with an empty page that has more, with these cursors."""

    def __init__(self, cursors: Callable[[int], str | None]) -> None:
        """Take what gives the cursor of the nth page."""
        super().__init__("https://signa.invalid/v1", BearerAuth(API_KEY))
        self.requests = 0
        self._cursors = cursors

    def send(self, *_: Any, **__: Any) -> Answer:
        """Answer with the next page."""
        self.requests += 1
        page = {"data": [], "has_more": True, "pagination": {"cursor": self._cursors(self.requests)}}
        return Answer(200, {}, json.dumps(page).encode())


@pytest.mark.parametrize(
    ("cursors", "pages", "message"),
    [
        (str, MAX_PAGES, "does not end after 100 pages"),
        (lambda page: str(page % 3), 4, r"\$\.pagination\.cursor"),
        (lambda _page: "same", 2, r"\$\.pagination\.cursor"),
        (lambda _page: None, 1, r"\$\.pagination\.cursor"),
    ],
)
def test_list_without_an_end_is_malformed(
    make_client: MakeClient, cursors: Callable[[int], str | None], pages: int, message: str
) -> None:
    """A server may always have one more page, or lead round in a circle."""
    transport = EndlessTransport(cursors)

    with pytest.raises(ResponseFormatError, match=message):
        list(make_client(transport).list_webhook_endpoints())

    assert transport.requests == pages


def test_list_is_kept_as_it_was_first_read(client: SignaClient, endpoint_id: str, sent: list[Sent]) -> None:
    """Four threads that ask at the same time make one request, and later endpoints are not in the list."""
    together = threading.Barrier(4)

    def ask() -> list[str]:
        together.wait(60)
        return [endpoint.id for endpoint in client.endpoints_listed_once()]

    with ThreadPoolExecutor(4) as pool:
        answers = [future.result(60) for future in [pool.submit(ask) for _ in range(4)]]
    client.create_webhook_endpoint(BODY, idempotency_key="later")
    later = [endpoint.id for endpoint in client.endpoints_listed_once()]

    assert [*answers, later] == [[endpoint_id]] * 5
    assert [request.method for request in sent] == ["GET", "POST"]


def test_list_that_failed_is_read_again(client: SignaClient, endpoint_id: str, emulator: EmulatorServer) -> None:
    """A failure is not kept as an empty list."""
    emulator.organization.faults.add(kind="status", status=403, operation="list")

    with pytest.raises(PermissionDeniedError):
        client.endpoints_listed_once()

    assert [endpoint.id for endpoint in client.endpoints_listed_once()] == [endpoint_id]


def test_two_clients_list_their_own_endpoints(client: SignaClient, endpoint_id: str, make_client: MakeClient) -> None:
    """Each account has a client, and each client a list."""
    with EmulatorServer([API_KEY]) as elsewhere:
        other = make_client(elsewhere.base_url)

        assert [endpoint.id for endpoint in client.endpoints_listed_once()] == [endpoint_id]
        assert other.endpoints_listed_once() == []
