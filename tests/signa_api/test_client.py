"""The operations against the emulator, and against answers that no emulator would give."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from fake_time import FakeTime
from fake_transport import API_KEY, FakeTransport, Sent
from pulumi_signa.signa_api.auth import BearerAuth
from pulumi_signa.signa_api.client import MAX_PAGES, SignaClient, encode
from pulumi_signa.signa_api.errors import (
    ApiError,
    AuthenticationError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    ResponseFormatError,
    SignaError,
    UnreachableError,
    WaitTooLongError,
)
from pulumi_signa.signa_api.pacing.retry import RetryPolicy
from pulumi_signa.signa_api.transport import Answer, Transport
from signa_emulator.server import EmulatorServer

BODY = {"url": "https://example.com/hook", "enabled_events": ["alert.created"]}

OPERATIONS: dict[str, Callable[[SignaClient, str], Any]] = {
    "create": lambda client, _id: client.create_webhook_endpoint(BODY, idempotency_key="create-1"),
    "list": lambda client, _id: list(client.list_webhook_endpoints()),
    "retrieve": lambda client, id_: client.get_webhook_endpoint(id_),
    "update": lambda client, id_: client.update_webhook_endpoint(id_, {"description": "x"}),
    "delete": lambda client, id_: client.delete_webhook_endpoint(id_),
    "rotate": lambda client, id_: client.rotate_secret(id_, idempotency_key="rotate-1"),
}
MUTATIONS = ("create", "update", "delete", "rotate")

MakeClient = Callable[..., SignaClient]

operations = pytest.mark.parametrize("name", OPERATIONS)


@pytest.fixture
def endpoint_id(client: SignaClient, sent: list[Sent]) -> str:
    """Return the id of an endpoint that exists."""
    id_ = client.create_webhook_endpoint(BODY, idempotency_key="fixture").endpoint.id
    sent.clear()
    return id_


def test_encoding_is_canonical() -> None:
    """The order of the members does not matter, and letters are not escaped."""
    assert encode({"b": 1, "a": {"d": "ü", "c": [True, None]}}) == '{"a":{"c":[true,null],"d":"ü"},"b":1}'.encode()


@operations
def test_request_is_as_documented(
    client: SignaClient, endpoint_id: str, emulator: EmulatorServer, sent: list[Sent], name: str
) -> None:
    """One request goes to the operation's method and path; mutations carry a key, reads do not."""
    emulator.organization.requests.reset_calls()

    OPERATIONS[name](client, endpoint_id)

    by_operation = emulator.organization.requests.calls()["by_operation"]
    assert {operation for operation, calls in by_operation.items() if calls} == {name}
    assert [request.key is not None for request in sent] == [name in MUTATIONS]


def test_given_keys_are_sent(client: SignaClient, endpoint_id: str, sent: list[Sent]) -> None:
    """Create and rotate take their keys from the caller; an update has a new one each time."""
    for name in ("create", "rotate", "update", "update"):
        OPERATIONS[name](client, endpoint_id)

    keys = [request.key for request in sent]
    assert keys[:2] == ["create-1", "rotate-1"]
    assert len(set(keys)) == 4


@pytest.mark.parametrize(
    ("options", "body"), [({}, {}), ({"force_reason": "leaked"}, {"force": True, "reason": "leaked"})]
)
def test_rotation_sends_a_body_with_its_key(
    client: SignaClient, endpoint_id: str, sent: list[Sent], options: dict[str, str], body: dict[str, Any]
) -> None:
    """Signa compares key and body, so an empty body is sent too."""
    client.rotate_secret(endpoint_id, idempotency_key="a", **options)

    (request,) = sent
    assert (request.path, request.key, request.json) == (f"/webhooks/{endpoint_id}/rotate-secret", "a", body)


@pytest.mark.parametrize("id_", ["whk_a/../b", "whk_a?x=1", "whk_a#b", "whk_ü b", "/"])
def test_id_stays_one_segment_of_the_path(fake_server: Callable[..., Any], make_client: MakeClient, id_: str) -> None:
    """A program may pass any string as an id, and no other operation is called."""
    server = fake_server(b'HTTP/1.1 404 X\r\nContent-Length: 32\r\n\r\n{"error": {"type": "not_found"}}')

    with pytest.raises(NotFoundError):
        make_client(server.url).get_webhook_endpoint(id_)

    target = server.requests[0].split(b" ")[1]
    assert target.startswith(b"/v1/webhooks/")
    assert target.count(b"/") == 3
    assert b"?" not in target


LIMITED = {"kind": "status", "status": 429, "retry_after": 7}
KEY_IN_USE = {"kind": "status", "status": 409, "type": "idempotency_processing", "retryable": True, "retry_after": 1}
NEVER_CAME = {"kind": "drop_before"}
LOST = {"kind": "drop_after"}


def test_first_answer_is_no_replay(client: SignaClient) -> None:
    """This call made the endpoint."""
    created = client.create_webhook_endpoint(BODY, idempotency_key="k")

    assert (created.is_replay, created.made_earlier) == (False, False)


@pytest.mark.parametrize("faults", [[LOST], [LOST, LOST], [LOST, LIMITED, KEY_IN_USE]])
def test_replay_after_a_lost_answer_is_this_calls_own(
    client: SignaClient, emulator: EmulatorServer, faults: list[dict[str, Any]]
) -> None:
    """Premature requests in between change nothing."""
    for fault in faults:
        emulator.organization.faults.add(operation="create", **fault)

    created = client.create_webhook_endpoint(BODY, idempotency_key="k")

    assert (created.is_replay, created.made_earlier) == (True, False)


@pytest.mark.parametrize(
    ("faults", "made_earlier"),
    [
        ([], True),
        ([LIMITED], True),
        ([KEY_IN_USE, KEY_IN_USE], True),
        ([NEVER_CAME], False),
        ([LIMITED, NEVER_CAME, KEY_IN_USE], False),
    ],
)
@pytest.mark.parametrize("operation", ["create", "rotate"])
def test_replay_of_an_earlier_call_is_told_from_this_calls_own(
    *, client: SignaClient, emulator: EmulatorServer, operation: str, faults: list[dict[str, Any]], made_earlier: bool
) -> None:
    """The client is sure only if it sent one request that may have been carried out."""
    id_ = client.create_webhook_endpoint(BODY, idempotency_key="create-1").endpoint.id
    first = OPERATIONS[operation](client, id_)
    for fault in faults:
        emulator.organization.faults.add(operation=operation, **fault)

    second = OPERATIONS[operation](client, id_)

    assert (second.is_replay, second.made_earlier) == (True, made_earlier)
    assert second.endpoint == first.endpoint


def test_replay_may_lack_the_secret(client: SignaClient, emulator: EmulatorServer) -> None:
    """Signa does not promise to repeat the secret."""
    emulator.organization.change_settings(replay_includes_secret=False)
    first = client.create_webhook_endpoint(BODY, idempotency_key="k")

    second = client.create_webhook_endpoint(BODY, idempotency_key="k")

    assert (first.endpoint.secret is None, second.endpoint.secret) == (False, None)


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
        (str, MAX_PAGES, "does not end after 1000 pages"),
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


FAULTS: list[dict[str, Any]] = [
    NEVER_CAME,
    LOST,
    {"kind": "truncate"},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 503, "after_commit": True},
    {"kind": "status", "status": 502, "body": "<html>Bad gateway</html>"},
    LIMITED,
    KEY_IN_USE,
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault['kind']}-{fault.get('status', '')}")
@operations
def test_passing_fault_is_retried_with_the_same_bytes(
    *,
    client: SignaClient,
    endpoint_id: str,
    emulator: EmulatorServer,
    sent: list[Sent],
    name: str,
    fault: dict[str, Any],
) -> None:
    """The operation succeeds, and is carried out once."""
    emulator.organization.faults.add(operation=name, **fault)

    OPERATIONS[name](client, endpoint_id)

    first, *others = sent
    endpoints = emulator.organization.endpoints.newest_first()
    assert others == [first]
    assert len(endpoints) == {"create": 2, "delete": 0}.get(name, 1)
    assert all(endpoint.secret_version <= 2 for endpoint in endpoints)


def test_lasting_fault_ends_in_signas_words(client: SignaClient, emulator: EmulatorServer, sent: list[Sent]) -> None:
    """The last of five attempts raises, on one line."""
    emulator.organization.faults.add(kind="status", status=503, detail="Down for repair.", times=None)

    with pytest.raises(ApiError) as caught:
        client.get_webhook_endpoint("whk_1")

    message = str(caught.value)
    assert message.startswith("Signa answered 503 service_unavailable: Down for repair.")
    assert "(request req_" in message
    assert len(message.splitlines()) == 1
    assert len(sent) == 5


def test_server_that_hangs_is_given_up(emulator: EmulatorServer, make_client: MakeClient) -> None:
    """Every attempt ends after the read time-out."""
    emulator.organization.faults.add(kind="hang", times=None)
    transport = Transport(emulator.base_url, BearerAuth(API_KEY), read_timeout_s=0.05)

    with pytest.raises(UnreachableError, match="did not answer within"):
        make_client(transport, RetryPolicy(max_attempts=2)).get_webhook_endpoint("whk_1")


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


def test_rate_limit_beyond_the_longest_wait_is_not_waited_for(
    fake_transport: FakeTransport, emulator: EmulatorServer, fake_time: FakeTime, make_client: MakeClient
) -> None:
    """The call fails without a wait and without a request."""
    emulator.organization.change_settings(rate_limit=1)
    client = make_client(fake_transport, max_wait_s=0.5)
    list(client.list_webhook_endpoints())

    with pytest.raises(WaitTooLongError, match="rate limit of 1 calls per 60 s is used up"):
        list(client.list_webhook_endpoints())

    assert fake_time.shown == []
    assert len(fake_transport.seen) == 1


@pytest.mark.parametrize("retry_after", ["Retry-After: 0\r\n", "Retry-After: soon\r\n", ""])
@pytest.mark.parametrize(("status", "slug"), [(429, "rate_limited"), (409, "idempotency_processing")])
def test_server_that_always_says_later_is_given_up(
    *,
    fake_server: Callable[..., Any],
    fake_time: FakeTime,
    make_client: MakeClient,
    status: int,
    slug: str,
    retry_after: str,
) -> None:
    """The budget allows about one request a second."""
    body = json.dumps({"error": {"type": slug}})
    head = f"HTTP/1.1 {status} X\r\nConnection: close\r\n{retry_after}Content-Length: {len(body)}\r\n\r\n"
    server = fake_server((head + body).encode())

    with pytest.raises(ApiError):
        make_client(server.url, max_wait_s=20).get_webhook_endpoint("whk_1")

    assert fake_time.now <= 20
    assert len(server.requests) <= 21


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


@pytest.mark.parametrize(
    ("keys", "without_scope", "kind"), [((), (), AuthenticationError), ((), (API_KEY,), PermissionDeniedError)]
)
def test_rejected_key_is_tried_once(
    make_client: MakeClient, keys: tuple[str, ...], without_scope: tuple[str, ...], kind: type[ApiError]
) -> None:
    """The error does not show the key."""
    with EmulatorServer(keys, api_keys_without_scope=without_scope) as emulator:
        with pytest.raises(kind) as caught:
            make_client(emulator.base_url).get_webhook_endpoint("whk_1")

        assert len(emulator.organization.requests.entries()) == 1
    assert API_KEY not in str(caught.value)


@pytest.mark.parametrize("name", [name for name in OPERATIONS if name != "delete"])
@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"[]", b'{"data": [{}], "id": 5}', b'{"data": 5, "id": "x"}'])
def test_malformed_success_is_one_line(answering: MakeClient, name: str, body: bytes) -> None:
    """The line begins with the operation that was answered."""
    with pytest.raises(ResponseFormatError) as caught:
        OPERATIONS[name](answering(200, body), "whk_1")

    assert str(caught.value).startswith("Signa's answer to ")
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(("status", "body"), [(200, b"<html>"), (202, b"[]"), (204, b"")])
def test_delete_does_not_read_the_body(answering: MakeClient, status: int, body: bytes) -> None:
    """Any 2xx is success."""
    answering(status, body).delete_webhook_endpoint("whk_1")


def test_log_shows_neither_key_nor_secret(
    client: SignaClient, endpoint_id: str, emulator: EmulatorServer, caplog: pytest.LogCaptureFixture
) -> None:
    """The debug log names the request and its status alone."""
    caplog.set_level("DEBUG")

    OPERATIONS["create"](client, endpoint_id)
    OPERATIONS["rotate"](client, endpoint_id)

    secrets = [endpoint.secret for endpoint in emulator.organization.endpoints.newest_first()]
    assert "POST /webhooks: 201" in caplog.text
    assert not any(text in caplog.text for text in (API_KEY, *secrets))


@pytest.mark.parametrize(
    "answer", [b"", b"x", b"HTTP/1.1 999\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nA\r\n\r\n{}"]
)
def test_everything_raised_is_a_signa_error(
    fake_server: Callable[..., Any], make_client: MakeClient, answer: bytes
) -> None:
    """Callers have one class to catch."""
    client = make_client(fake_server(answer).url, RetryPolicy(max_attempts=1))

    with pytest.raises(SignaError):
        client.get_webhook_endpoint("whk_1")
