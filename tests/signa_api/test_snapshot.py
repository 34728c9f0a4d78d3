"""Endpoints found in the list: one call a hundred, and never the reason to believe that one is gone."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from fake_transport import Sent
from pulumi_signa.signa_api.client import SignaClient
from pulumi_signa.signa_api.errors import ApiError, NotFoundError, ResponseFormatError, UnreachableError
from pulumi_signa.signa_api.models import WebhookEndpoint
from pulumi_signa.signa_api.snapshot import Snapshot
from signa_emulator.server import EmulatorServer
from signa_emulator.validation import NewEndpoint

WORKERS = 4
"""Calls that Pulumi's host works on at a time."""


@pytest.fixture
def populate(emulator: EmulatorServer) -> Callable[[int], list[str]]:
    """Give what makes so many endpoints, and gives their ids, oldest first."""

    def make(number: int) -> list[str]:
        organization = emulator.organization
        organization.change_settings(rate_limit=None)
        new = NewEndpoint("https://example.com/", None, ["alert.created"], {})
        return [
            organization.endpoints.create(new, organization.settings, organization.clock.now()).id
            for _ in range(number)
        ]

    return make


def operations(sent: list[Sent]) -> list[str]:
    """Tell each request as `list` or by its method."""
    return ["list" if (request.method, request.path) == ("GET", "/webhooks") else request.method for request in sent]


@pytest.mark.parametrize(("number", "calls"), [(1, 1), (100, 1), (101, 2), (1000, 10)])
def test_stack_is_read_by_the_page(
    *, client: SignaClient, sent: list[Sent], populate: Callable[[int], list[str]], number: int, calls: int
) -> None:
    """All endpoints of an organization, in the order of a state, four at a time."""
    ids = populate(number)

    with ThreadPoolExecutor(WORKERS) as workers:
        found = list(workers.map(client.find_webhook_endpoint, ids))

    assert [endpoint.id for endpoint in found] == ids
    assert operations(sent) == ["list"] * calls


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("places", [[999], [0, 500, 999], [997, 998, 999], [150, 151, 152], [0, 400]])
def test_few_of_many_take_two_calls_each_at_most(
    *,
    client: SignaClient,
    sent: list[Sent],
    populate: Callable[[int], list[str]],
    places: list[int],
    reverse: bool,
) -> None:
    """Wherever in the list they are, and in whichever order they are asked for."""
    ids = populate(1000)

    for place in sorted(places, reverse=reverse):
        assert client.find_webhook_endpoint(ids[place]).id == ids[place]

    assert len(sent) <= 2 * len(places)


def test_gone_is_what_signa_says_of_the_endpoint_itself(
    client: SignaClient, sent: list[Sent], populate: Callable[[int], list[str]], emulator: EmulatorServer
) -> None:
    """A list without it is no proof; the page that was read shows that the base URL is right."""
    (there,) = populate(1)
    emulator.organization.endpoints.delete(emulator.organization.endpoints.get(there))

    with pytest.raises(NotFoundError):
        client.find_webhook_endpoint(there)

    assert operations(sent) == ["list", "GET"]


def test_endpoint_that_the_list_lacks_is_fetched(
    client: SignaClient, populate: Callable[[int], list[str]], emulator: EmulatorServer
) -> None:
    """A list may lag behind."""
    (there,) = populate(1)
    emulator.organization.faults.add(operation="list", kind="body", body='{"data": []}')

    assert client.find_webhook_endpoint(there).id == there


@pytest.mark.parametrize(
    "change",
    [
        lambda client, id_: client.update_webhook_endpoint(id_, {"description": "new"}),
        lambda client, id_: client.rotate_secret(id_, idempotency_key="k"),
        lambda client, _: client.create_webhook_endpoint(
            {"url": "https://example.com/", "enabled_events": ["alert.created"]}, idempotency_key="k"
        ),
    ],
)
def test_change_of_ours_drops_what_was_listed(
    client: SignaClient, sent: list[Sent], populate: Callable[[int], list[str]], change: Callable[..., Any]
) -> None:
    """What is looked at after it, is looked at anew."""
    (there,) = populate(1)
    client.find_webhook_endpoint(there)
    change(client, there)
    sent.clear()

    client.find_webhook_endpoint(there)

    assert operations(sent) == ["list"]


def test_change_whose_answer_is_lost_drops_it_too(
    client: SignaClient, populate: Callable[[int], list[str]], emulator: EmulatorServer
) -> None:
    """It may have been made."""
    (there,) = populate(1)
    client.find_webhook_endpoint(there)
    emulator.organization.faults.add(operation="update", kind="status", status=400, after_commit=True)
    with pytest.raises(ApiError):
        client.update_webhook_endpoint(there, {"description": "new"})

    assert client.find_webhook_endpoint(there).description == "new"


def test_server_that_cannot_sort_is_asked_without(
    client: SignaClient, sent: list[Sent], populate: Callable[[int], list[str]], emulator: EmulatorServer
) -> None:
    """The parameter is documented for lists in general."""
    ids = populate(2)
    emulator.organization.faults.add(operation="list", kind="status", status=400)

    found = [client.find_webhook_endpoint(id_).id for id_ in ids]

    assert found == ids
    assert operations(sent) == ["list", "list"]


@pytest.mark.parametrize("status", [401, 403, 500])
def test_refused_list_is_an_error_and_is_tried_again(
    client: SignaClient, populate: Callable[[int], list[str]], emulator: EmulatorServer, status: int
) -> None:
    """Who has no right to list has none to fetch; the next one may find it put right."""
    (there,) = populate(1)
    emulator.organization.faults.add(operation="list", kind="status", status=status, retryable=False)

    with pytest.raises(ApiError) as caught:
        client.find_webhook_endpoint(there)

    assert caught.value.status == status
    assert client.find_webhook_endpoint(there).id == there


def test_odd_row_of_somebody_else_spoils_nothing(
    client: SignaClient, sent: list[Sent], populate: Callable[[int], list[str]], emulator: EmulatorServer
) -> None:
    """Each endpoint is fetched by itself then."""
    ids = populate(2)
    emulator.organization.faults.add(operation="list", kind="body", body='{"data": [{"id": 7}]}', times=None)

    found = [client.find_webhook_endpoint(id_).id for id_ in ids]

    assert found == ids
    assert operations(sent) == ["list", "GET", "GET"]


def test_wrong_base_url_is_never_gone(
    client: SignaClient, populate: Callable[[int], list[str]], emulator: EmulatorServer
) -> None:
    """Where there is no list of endpoints, nothing is believed."""
    (there,) = populate(1)
    emulator.organization.faults.add(kind="status", status=404, times=None)

    with pytest.raises(ResponseFormatError, match="there is no list of webhook endpoints"):
        client.find_webhook_endpoint(there)


def test_listed_endpoints_are_known_by_their_url(
    client: SignaClient, sent: list[Sent], populate: Callable[[int], list[str]]
) -> None:
    """Those on the pages so far, without a call."""
    ids = populate(150)
    client.find_webhook_endpoint(ids[0])
    sent.clear()

    known = [endpoint.id for endpoint in client.listed_with_url("https://example.com/")]

    assert known == ids[:100]
    assert client.listed_with_url("https://example.com/other") == []
    assert sent == []


class CountingLock:
    """A lock that tells how many have come to it."""

    def __init__(self) -> None:
        """Count nobody yet."""
        self.came = threading.Semaphore(0)
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        """Come, and wait for it."""
        self.came.release()
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        """Let it go."""
        self._lock.release()


def test_those_who_wait_for_a_page_share_its_failure() -> None:
    """Each would have waited as long again for the same answer; who comes later asks anew."""
    lock = CountingLock()
    reads: list[str] = []

    def read_pages() -> Iterator[tuple[WebhookEndpoint, ...]]:
        reads.append("begun")
        for _ in range(WORKERS):
            assert lock.came.acquire(timeout=60)
        raise UnreachableError("no answer", retryable=True)
        yield ()

    snapshot = Snapshot(read_pages)
    snapshot._lock = lock  # type: ignore[assignment]

    with ThreadPoolExecutor(WORKERS) as workers:
        errors = [workers.submit(snapshot.find, "whk_1").exception for _ in range(WORKERS)]
        shared = {str(error()) for error in errors}

    assert shared == {"no answer"}
    assert reads == ["begun"]
    lock.came = threading.Semaphore(WORKERS)
    with pytest.raises(UnreachableError):
        snapshot.find("whk_1")
    assert reads == ["begun", "begun"]
