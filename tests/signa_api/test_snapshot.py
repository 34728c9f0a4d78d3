"""Endpoints found in the list: a call for a hundred of them, and no proof that an endpoint is gone."""

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
from signa_emulator.rules.validation import NewEndpoint
from signa_emulator.server import EmulatorServer

WORKERS = 4
"""Calls that Pulumi's host works on at a time."""


@pytest.fixture
def populate(emulator: EmulatorServer) -> Callable[[int], list[str]]:
    """Return a function that makes endpoints, and returns their ids, oldest first."""

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
    """Return `list` or the method of each request."""
    return ["list" if (request.method, request.path) == ("GET", "/webhooks") else request.method for request in sent]


@pytest.mark.parametrize(("number", "calls"), [(1, 1), (100, 1), (101, 2), (1000, 10)])
def test_stack_is_read_by_the_page(
    *, client: SignaClient, sent: list[Sent], populate: Callable[[int], list[str]], number: int, calls: int
) -> None:
    """Four threads look up all endpoints of an organization, in the order of a state."""
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
    """Their places in the list and the order of the look-ups do not matter."""
    ids = populate(1000)

    for place in sorted(places, reverse=reverse):
        assert client.find_webhook_endpoint(ids[place]).id == ids[place]

    assert len(sent) <= 2 * len(places)


def test_gone_is_what_signa_says_of_the_endpoint_itself(
    client: SignaClient, sent: list[Sent], populate: Callable[[int], list[str]], emulator: EmulatorServer
) -> None:
    """An endpoint that the list lacks is fetched; the page that was read shows that the base URL is right."""
    (there,) = populate(1)
    emulator.organization.endpoints.delete(emulator.organization.endpoints.get(there))

    with pytest.raises(NotFoundError):
        client.find_webhook_endpoint(there)

    assert operations(sent) == ["list", "GET"]


def test_endpoint_that_the_list_lacks_is_fetched(
    client: SignaClient, populate: Callable[[int], list[str]], emulator: EmulatorServer
) -> None:
    """The list may be older than the endpoint."""
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
    """The next look-up reads the list again."""
    (there,) = populate(1)
    client.find_webhook_endpoint(there)
    change(client, there)
    sent.clear()

    client.find_webhook_endpoint(there)

    assert operations(sent) == ["list"]


def test_change_whose_answer_is_lost_drops_it_too(
    client: SignaClient, populate: Callable[[int], list[str]], emulator: EmulatorServer
) -> None:
    """The change may have been carried out."""
    (there,) = populate(1)
    client.find_webhook_endpoint(there)
    emulator.organization.faults.add(operation="update", kind="status", status=400, after_commit=True)
    with pytest.raises(ApiError):
        client.update_webhook_endpoint(there, {"description": "new"})

    assert client.find_webhook_endpoint(there).description == "new"


def test_server_that_cannot_sort_is_asked_without(
    client: SignaClient, sent: list[Sent], populate: Callable[[int], list[str]], emulator: EmulatorServer
) -> None:
    """Signa documents the parameter for lists in general, and not for this one."""
    ids = populate(2)
    emulator.organization.faults.add(operation="list", kind="status", status=400)

    found = [client.find_webhook_endpoint(id_).id for id_ in ids]

    assert found == ids
    assert operations(sent) == ["list", "list"]


def test_server_that_cannot_sort_is_asked_to_once(
    client: SignaClient, populate: Callable[[int], list[str]], emulator: EmulatorServer
) -> None:
    """The refusal holds for all lists of the process."""
    populate(1)
    emulator.organization.faults.add(operation="list", kind="status", status=400)

    for _ in range(2):
        list(client.list_webhook_endpoints())

    queries = [entry["query"] for entry in emulator.organization.requests.entries() if entry["method"] == "GET"]
    assert ["sort" in query for query in queries] == [True, False, False]


@pytest.mark.parametrize("status", [401, 403, 500])
def test_refused_list_is_an_error_and_is_tried_again(
    client: SignaClient, populate: Callable[[int], list[str]], emulator: EmulatorServer, status: int
) -> None:
    """The endpoint is not fetched instead; the next look-up reads the list again."""
    (there,) = populate(1)
    emulator.organization.faults.add(operation="list", kind="status", status=status, retryable=False)

    with pytest.raises(ApiError) as caught:
        client.find_webhook_endpoint(there)

    assert caught.value.status == status
    assert client.find_webhook_endpoint(there).id == there


def test_odd_row_of_somebody_else_spoils_nothing(
    client: SignaClient, sent: list[Sent], populate: Callable[[int], list[str]], emulator: EmulatorServer
) -> None:
    """Each endpoint is then fetched by its id."""
    ids = populate(2)
    emulator.organization.faults.add(operation="list", kind="body", body='{"data": [{"id": 7}]}', times=None)

    found = [client.find_webhook_endpoint(id_).id for id_ in ids]

    assert found == ids
    assert operations(sent) == ["list", "GET", "GET"]


def test_wrong_base_url_is_never_gone(
    client: SignaClient, populate: Callable[[int], list[str]], emulator: EmulatorServer
) -> None:
    """If there is no list of endpoints, a 404 proves nothing."""
    (there,) = populate(1)
    emulator.organization.faults.add(kind="status", status=404, times=None)

    with pytest.raises(ResponseFormatError, match="there is no list of webhook endpoints"):
        client.find_webhook_endpoint(there)


def test_listed_endpoints_are_known_by_their_url(
    client: SignaClient, sent: list[Sent], populate: Callable[[int], list[str]]
) -> None:
    """The pages that were read are searched, without a call."""
    ids = populate(150)
    client.find_webhook_endpoint(ids[0])
    sent.clear()

    known = [endpoint.id for endpoint in client.listed_with_url("https://example.com/")]

    assert known == ids[:100]
    assert client.listed_with_url("https://example.com/other") == []
    assert sent == []


class CountingLock:
    """A lock that counts the threads that come to it."""

    def __init__(self) -> None:
        """Count no thread yet."""
        self.came = threading.Semaphore(0)
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        """Count the thread, and acquire the lock."""
        self.came.release()
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        """Release the lock."""
        self._lock.release()


def test_those_who_wait_for_a_page_share_its_failure() -> None:
    """One thread reads the page, and all that wait raise its failure; a later look-up reads again."""
    lock = CountingLock()
    reads: list[str] = []

    def read_pages() -> Iterator[tuple[WebhookEndpoint, ...]]:
        reads.append("begun")
        for _ in range(WORKERS):
            assert lock.came.acquire(timeout=60)
        raise UnreachableError("no answer", retryable=True)
        yield ()

    snapshot = Snapshot(read_pages)
    snapshot._reading = lock  # type: ignore[assignment]

    with ThreadPoolExecutor(WORKERS) as workers:
        errors = [workers.submit(snapshot.find, "whk_1").exception for _ in range(WORKERS)]
        shared = {str(error()) for error in errors}

    assert shared == {"no answer"}
    assert reads == ["begun"]
    lock.came = threading.Semaphore(WORKERS)
    with pytest.raises(UnreachableError):
        snapshot.find("whk_1")
    assert reads == ["begun", "begun"]


def test_change_does_not_wait_for_a_page() -> None:
    """The page may stand before the rate limit for minutes; what it then brings may be older than the change."""
    begun, released = threading.Event(), threading.Event()
    at = "2026-11-30T12:00:00Z"
    endpoint = WebhookEndpoint(
        id="whk_1",
        url="https://example.com/",
        enabled_events=("alert.created",),
        status="active",
        secret_version=1,
        created_at=at,
        updated_at=at,
    )

    def read_pages() -> Iterator[tuple[WebhookEndpoint, ...]]:
        begun.set()
        assert released.wait(60)
        yield (endpoint,)

    snapshot = Snapshot(read_pages)
    with ThreadPoolExecutor(1) as worker:
        found = worker.submit(snapshot.find, "whk_1")
        assert begun.wait(60)
        snapshot.drop()
        released.set()

        assert found.result() is None
    assert snapshot.with_url(endpoint.url) == []
    assert snapshot.find("whk_1") == endpoint
