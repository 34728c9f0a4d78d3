"""The operations against the emulator, and against answers that no emulator would give."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from fake_time import FakeTime
from fake_transport import API_KEY
from pulumi_signa.signa_api.auth import BearerAuth
from pulumi_signa.signa_api.client import SignaClient, encode
from pulumi_signa.signa_api.errors import (
    ApiError,
    AuthenticationError,
    ConflictError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    ResponseFormatError,
    SignaError,
    UnreachableError,
    WaitTooLongError,
)
from pulumi_signa.signa_api.pacing.retry import RetryPolicy
from pulumi_signa.signa_api.transport import Transport
from signa_emulator.server import EmulatorServer

BODY = {"url": "https://example.com/hook", "enabled_events": ["alert.created"]}

OPERATIONS: dict[str, Callable[[SignaClient, str], Any]] = {
    "create": lambda client, _id: client.create_webhook_endpoint(BODY, idempotency_key="create-1"),
    "list": lambda client, _id: list(client.list_webhook_endpoints()),
    "retrieve": lambda client, id_: client.get_webhook_endpoint(id_),
    "update": lambda client, id_: client.update_webhook_endpoint(id_, {"description": "x"}),
    "delete": lambda client, id_: client.delete_webhook_endpoint(id_),
    "rotate": lambda client, id_: client.rotate_secret(id_, idempotency_key="rotate-1"),
    "test": lambda client, id_: client.send_test(id_),
    "list_deliveries": lambda client, id_: list(client.list_deliveries(id_)),
}
MUTATIONS = ("create", "update", "delete", "rotate", "test")

operations = pytest.mark.parametrize("name", OPERATIONS)


@pytest.fixture
def endpoint_id(client: SignaClient, fake_transport: Any) -> str:
    """Give the id of an endpoint that exists."""
    id_ = client.create_webhook_endpoint(BODY, idempotency_key="fixture").endpoint.id
    del fake_transport.seen[:]
    return id_


def answering(fake_server: Callable[..., Any], status: int, body: bytes, headers: str = "") -> SignaClient:
    """Give a client of a server that always answers the same, and that is asked once."""
    head = f"HTTP/1.1 {status} X\r\nConnection: close\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode("latin-1")
    server = fake_server(head + body)
    transport = Transport(f"http://127.0.0.1:{server.port}/v1", BearerAuth(API_KEY))
    return SignaClient(transport, RetryPolicy(max_attempts=1), max_wait_s=0)


def test_encoding_is_canonical() -> None:
    """Equal bodies are equal bytes, whatever their order; letters stay what they are."""
    assert encode({"b": 1, "a": {"d": "ü", "c": [True, None]}}) == '{"a":{"c":[true,null],"d":"ü"},"b":1}'.encode()
    assert encode({"a": 1, "b": 2}) == encode({"b": 2, "a": 1})


@operations
def test_operation_takes_one_request(client: SignaClient, endpoint_id: str, fake_transport: Any, name: str) -> None:
    """Mutations carry a key, reads do not."""
    OPERATIONS[name](client, endpoint_id)

    (request,) = fake_transport.seen
    assert (request[3] is not None) == (name in MUTATIONS)


@operations
def test_request_goes_where_the_documentation_says(
    client: SignaClient, endpoint_id: str, emulator: EmulatorServer, name: str
) -> None:
    """The emulator knows the operation by its method and path."""
    emulator.organization.requests.reset_calls()

    OPERATIONS[name](client, endpoint_id)

    by_operation = emulator.organization.requests.calls()["by_operation"]
    assert {operation for operation, calls in by_operation.items() if calls} == {name}


def test_given_keys_are_sent(client: SignaClient, endpoint_id: str, fake_transport: Any) -> None:
    """Create and rotate take theirs from the caller; the others make one up for each call."""
    OPERATIONS["create"](client, endpoint_id)
    OPERATIONS["rotate"](client, endpoint_id)
    OPERATIONS["update"](client, endpoint_id)
    OPERATIONS["update"](client, endpoint_id)

    keys = [key for *_, key in fake_transport.seen]
    assert keys[:2] == ["create-1", "rotate-1"]
    assert len(set(keys)) == 4


def test_replay_is_told_from_a_first_answer(client: SignaClient) -> None:
    """With the number of attempts, which tells whether it may have been this call's own."""
    first = client.create_webhook_endpoint(BODY, idempotency_key="k")

    second = client.create_webhook_endpoint(BODY, idempotency_key="k")

    assert (first.replayed, first.attempts) == (False, 1)
    assert (second.replayed, second.attempts, second.endpoint) == (True, 1, first.endpoint)


def test_attempts_are_counted(client: SignaClient, emulator: EmulatorServer) -> None:
    """An answer that was lost makes the replay one of this call's own."""
    emulator.organization.faults.add(kind="drop_after", operation="create", times=2)

    created = client.create_webhook_endpoint(BODY, idempotency_key="k")

    assert (created.replayed, created.attempts) == (True, 3)


@pytest.mark.parametrize("count", [0, 1, 100, 101, 250])
def test_all_pages_are_read(client: SignaClient, emulator: EmulatorServer, fake_transport: Any, count: int) -> None:
    """Every endpoint once, a hundred a request."""
    emulator.organization.change_settings(rate_limit=None)
    made = [client.create_webhook_endpoint(BODY, idempotency_key=f"k{n}").endpoint.id for n in range(count)]
    del fake_transport.seen[:]

    found = [endpoint.id for endpoint in client.list_webhook_endpoints()]

    assert sorted(found) == sorted(made)
    assert len(fake_transport.seen) == max(1, -(-count // 100))


def test_next_page_is_fetched_when_it_is_needed(
    client: SignaClient, emulator: EmulatorServer, fake_transport: Any
) -> None:
    """Who has found what he looked for costs no further request."""
    emulator.organization.change_settings(rate_limit=None)
    for number in range(101):
        client.create_webhook_endpoint(BODY, idempotency_key=f"k{number}")
    del fake_transport.seen[:]

    next(client.list_webhook_endpoints())

    assert len(fake_transport.seen) == 1


def test_deliveries_are_listed_since_a_moment(client: SignaClient, endpoint_id: str, emulator: EmulatorServer) -> None:
    """The moment goes with every page; a future one finds nothing."""
    delivery_id = client.send_test(endpoint_id).delivery_attempt_id

    found = list(client.list_deliveries(endpoint_id))

    assert [row.delivery_attempt_id for row in found] == [delivery_id]
    assert list(client.list_deliveries(endpoint_id, since="2999-01-01T00:00:00Z")) == []


def test_forced_rotation_gives_its_reason(client: SignaClient, endpoint_id: str, emulator: EmulatorServer) -> None:
    """It ends the overlap, and the reason is kept by Signa."""
    client.rotate_secret(endpoint_id, idempotency_key="a")

    forced = client.rotate_secret(endpoint_id, idempotency_key="b", force_reason="leaked")

    assert forced.endpoint.secret_version == 3
    assert [event.reason for event in emulator.organization.audit_events] == ["leaked"]


@pytest.mark.parametrize(
    ("options", "body"), [({}, {}), ({"force_reason": "leaked"}, {"force": True, "reason": "leaked"})]
)
def test_rotation_sends_a_body_with_its_key(
    client: SignaClient, endpoint_id: str, fake_transport: Any, options: dict[str, str], body: dict[str, Any]
) -> None:
    """Also where it is empty: a replay is told by key and body, so both are the same every time."""
    client.rotate_secret(endpoint_id, idempotency_key="a", **options)
    client.rotate_secret(endpoint_id, idempotency_key="a", **options)

    first, second = fake_transport.seen
    assert first == second
    assert (first.path, first.key, first.json) == (f"/webhooks/{endpoint_id}/rotate-secret", "a", body)


def test_replayed_rotation_is_told(client: SignaClient, endpoint_id: str, emulator: EmulatorServer) -> None:
    """With the secret that it issued, or without where Signa does not repeat it."""
    first = client.rotate_secret(endpoint_id, idempotency_key="a")

    second = client.rotate_secret(endpoint_id, idempotency_key="a")
    emulator.organization.change_settings(replay_includes_secret=False)
    third = client.rotate_secret(endpoint_id, idempotency_key="a")

    assert [issued.replayed for issued in (first, second, third)] == [False, True, True]
    assert [issued.endpoint.secret_version for issued in (first, second, third)] == [2, 2, 2]
    assert second.endpoint == first.endpoint
    assert (first.endpoint.secret is None, third.endpoint.secret) == (False, None)


def test_rotation_inside_the_overlap_is_refused_once(
    client: SignaClient, endpoint_id: str, fake_transport: Any, emulator: EmulatorServer
) -> None:
    """A conflict is not tried again; after the 24 hours there is none."""
    client.rotate_secret(endpoint_id, idempotency_key="a")
    del fake_transport.seen[:]

    with pytest.raises(ConflictError) as caught:
        client.rotate_secret(endpoint_id, idempotency_key="b")
    refused = len(fake_transport.seen)
    emulator.organization.advance_clock(24 * 60 * 60)
    later = client.rotate_secret(endpoint_id, idempotency_key="b")

    assert refused == 1
    assert not caught.value.is_about_idempotency_key
    assert (later.endpoint.secret_version, later.replayed) == (3, False)


def test_key_of_another_rotation_is_refused(client: SignaClient, endpoint_id: str) -> None:
    """Signa replays to the same body alone, and nothing is rotated."""
    client.rotate_secret(endpoint_id, idempotency_key="a", force_reason="leaked")

    with pytest.raises(ConflictError) as caught:
        client.rotate_secret(endpoint_id, idempotency_key="a", force_reason="edited")

    assert caught.value.is_about_idempotency_key
    assert client.get_webhook_endpoint(endpoint_id).secret_version == 2


@pytest.mark.parametrize("id_", ["whk_a/../b", "whk_a?x=1", "whk_a#b", "whk_ü b", "/"])
def test_id_stays_one_segment_of_the_path(fake_server: Callable[..., Any], id_: str) -> None:
    """Whatever a program passes as an id, no other operation is called."""
    body = b'{"error": {"type": "not_found"}}'
    head = f"HTTP/1.1 404 X\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    server = fake_server(head.encode() + body)
    client = SignaClient(Transport(f"http://127.0.0.1:{server.port}/v1", BearerAuth(API_KEY)), RetryPolicy())

    with pytest.raises(NotFoundError):
        client.get_webhook_endpoint(id_)

    target = server.requests[0].split(b" ")[1]
    assert target.startswith(b"/v1/webhooks/")
    assert target.count(b"/") == 3
    assert b"?" not in target


FAULTS: list[dict[str, Any]] = [
    {"kind": "drop_before"},
    {"kind": "drop_after"},
    {"kind": "truncate"},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 503, "after_commit": True},
    {"kind": "status", "status": 502, "body": "<html>Bad gateway</html>"},
    {"kind": "status", "status": 429, "retry_after": 7},
    {"kind": "status", "status": 409, "type": "idempotency_processing", "retryable": True, "retry_after": 1},
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault['kind']}-{fault.get('status', '')}")
@operations
def test_passing_fault_ends_in_success(
    *,
    client: SignaClient,
    endpoint_id: str,
    emulator: EmulatorServer,
    fake_transport: Any,
    name: str,
    fault: dict[str, Any],
) -> None:
    """Tried again with the same key and the same bytes, and carried out once."""
    emulator.organization.faults.add(operation=name, **fault)

    try:
        OPERATIONS[name](client, endpoint_id)
    finally:
        first, *others = fake_transport.seen
        assert others == [first]
    entries = emulator.organization.requests.entries()[1:]
    assert len({entry["idempotency_key"] for entry in entries}) == 1
    assert len(emulator.organization.endpoints.newest_first()) == {"create": 2, "delete": 0}.get(name, 1)
    assert all(endpoint.secret_version <= 2 for endpoint in emulator.organization.endpoints.newest_first())


@operations
def test_lasting_fault_ends_in_one_clear_error(
    client: SignaClient, endpoint_id: str, emulator: EmulatorServer, name: str
) -> None:
    """After the last attempt, Signa's own words on one line."""
    emulator.organization.faults.add(kind="status", status=503, detail="Down for repair.", times=None)

    with pytest.raises(ApiError) as caught:
        OPERATIONS[name](client, endpoint_id)

    message = str(caught.value)
    assert message.startswith("Signa answered 503 service_unavailable: Down for repair.")
    assert "(request req_" in message
    assert len(message.splitlines()) == 1
    assert len(emulator.organization.requests.entries()) == 1 + 5


@operations
def test_server_that_hangs_ends_in_one_clear_error(
    emulator: EmulatorServer, fake_time: FakeTime, endpoint_id: str, name: str
) -> None:
    """Every attempt is given up after the time that was set."""
    emulator.organization.faults.add(kind="hang", times=None)
    transport = Transport(emulator.base_url, BearerAuth(API_KEY), read_timeout_s=0.05)
    client = SignaClient(transport, RetryPolicy(max_attempts=2), pause=fake_time.pause, clock=fake_time.clock)

    with pytest.raises(UnreachableError, match="did not answer within"):
        OPERATIONS[name](client, endpoint_id)


LIMITED = {"kind": "status", "status": 429, "retry_after": 7}
KEY_IN_USE = {"kind": "status", "status": 409, "type": "idempotency_processing", "retryable": True}
LOST = {"kind": "drop_before"}


@pytest.mark.parametrize(
    ("faults", "attempts"),
    [([LIMITED], 1), ([KEY_IN_USE, KEY_IN_USE], 1), ([LIMITED, LOST, KEY_IN_USE], 2), ([LOST, LIMITED, LOST], 3)],
)
def test_request_that_is_premature_is_no_attempt(
    client: SignaClient, emulator: EmulatorServer, faults: list[dict[str, Any]], attempts: int
) -> None:
    """A replay after it answers an earlier call; after an answer that was lost, perhaps this one."""
    client.create_webhook_endpoint(BODY, idempotency_key="k")
    for fault in faults:
        emulator.organization.faults.add(operation="create", **fault)

    created = client.create_webhook_endpoint(BODY, idempotency_key="k")

    assert (created.replayed, created.attempts) == (True, attempts)


def test_rate_limit_is_waited_for(fake_transport: Any, emulator: EmulatorServer) -> None:
    """Before the request, which is then not refused; time is the emulator's here."""
    emulator.organization.change_settings(rate_limit=2)
    time = FakeTime()

    def pause(seconds: float, text: str) -> None:
        time.pause(seconds, text)
        emulator.organization.advance_clock(seconds)

    client = SignaClient(fake_transport, RetryPolicy(), pause=pause, clock=time.clock)

    for _ in range(5):
        list(client.list_webhook_endpoints())

    assert [entry["status"] for entry in emulator.organization.requests.entries()] == [200] * 5
    assert time.shown[0] == "waiting for Signa's rate limit of 2 calls per 60 s, 61 s left"


def test_refusal_by_the_rate_limit_is_waited_for(
    client: SignaClient, emulator: EmulatorServer, fake_time: FakeTime
) -> None:
    """Once, by the gate alone."""
    emulator.organization.faults.add(operation="list", kind="status", status=429, retry_after=7)

    list(client.list_webhook_endpoints())

    assert fake_time.now == 7
    assert len(emulator.organization.requests.entries()) == 2


def test_rate_limit_beyond_the_longest_wait_is_told(emulator: EmulatorServer, fake_time: FakeTime) -> None:
    """Without waiting first, and without a request."""
    emulator.organization.change_settings(rate_limit=1)
    transport = Transport(emulator.base_url, BearerAuth(API_KEY))
    client = SignaClient(transport, RetryPolicy(), max_wait_s=0.5, pause=fake_time.pause, clock=fake_time.clock)
    list(client.list_webhook_endpoints())

    with pytest.raises(WaitTooLongError) as caught:
        list(client.list_webhook_endpoints())

    assert str(caught.value) == "Signa's rate limit of 1 calls per 60 s is used up for another 61 s"
    assert fake_time.shown == []
    assert len(emulator.organization.requests.entries()) == 1


def test_refusal_beyond_the_longest_wait_is_told(emulator: EmulatorServer, fake_time: FakeTime) -> None:
    """In Signa's own words."""
    emulator.organization.faults.add(kind="status", status=429, retry_after=31)
    transport = Transport(emulator.base_url, BearerAuth(API_KEY))
    client = SignaClient(transport, RetryPolicy(), max_wait_s=30, pause=fake_time.pause, clock=fake_time.clock)

    with pytest.raises(RateLimitedError, match="Signa answered 429 rate_limited"):
        client.get_webhook_endpoint("whk_1")

    assert fake_time.shown == []


@pytest.mark.parametrize("retry_after", ["Retry-After: 0\r\n", "Retry-After: soon\r\n", ""])
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (429, b""),
        (409, b'{"error": {"type": "idempotency_processing"}}'),
        (425, b'{"error": {"type": "idempotency_processing"}}'),
    ],
)
def test_server_that_never_has_enough_of_us_is_left(
    fake_server: Callable[..., Any], fake_time: FakeTime, status: int, body: bytes, retry_after: str
) -> None:
    """About one request for each second of budget, whether it says "at once" or nothing."""
    head = f"HTTP/1.1 {status} X\r\nConnection: close\r\n{retry_after}Content-Length: {len(body)}\r\n\r\n"
    server = fake_server(head.encode() + body)
    transport = Transport(f"http://127.0.0.1:{server.port}/v1", BearerAuth(API_KEY))
    client = SignaClient(transport, RetryPolicy(), max_wait_s=20, pause=fake_time.pause, clock=fake_time.clock)

    with pytest.raises(ApiError):
        client.get_webhook_endpoint("whk_1")

    assert fake_time.now <= 20
    assert len(server.requests) <= 21


def test_all_waits_of_a_call_are_bounded_together(
    fake_transport: Any, emulator: EmulatorServer, fake_time: FakeTime
) -> None:
    """Those for the rate limit and those for another attempt."""
    client = SignaClient(fake_transport, RetryPolicy(), max_wait_s=20, pause=fake_time.pause, clock=fake_time.clock)
    emulator.organization.faults.add(kind="status", status=429, retry_after=7)
    emulator.organization.faults.add(kind="status", status=503, retry_after=7)
    emulator.organization.faults.add(kind="status", status=429, retry_after=7)

    with pytest.raises(RateLimitedError):
        client.get_webhook_endpoint("whk_1")

    assert fake_time.now == 14
    assert len(fake_transport.seen) == 3


def test_every_call_has_patience_of_its_own(client: SignaClient, emulator: EmulatorServer, fake_time: FakeTime) -> None:
    """What one has waited is not counted against the next."""
    emulator.organization.faults.add(kind="status", status=503, retry_after=200, times=1)
    list(client.list_webhook_endpoints())
    emulator.organization.faults.add(kind="status", status=503, retry_after=200, times=1)

    list(client.list_webhook_endpoints())

    assert fake_time.now == 400


@pytest.mark.parametrize("name", ["test", "list_deliveries"])
def test_utility_calls_do_not_wait_for_the_others(
    fake_transport: Any, emulator: EmulatorServer, fake_time: FakeTime, name: str
) -> None:
    """Signa counts them apart, and so does the gate."""
    emulator.organization.change_settings(rate_limit=2)
    client = SignaClient(fake_transport, RetryPolicy(), max_wait_s=0, pause=fake_time.pause, clock=fake_time.clock)
    id_ = client.create_webhook_endpoint(BODY, idempotency_key="k").endpoint.id
    client.get_webhook_endpoint(id_)

    OPERATIONS[name](client, id_)
    OPERATIONS[name](client, id_)

    with pytest.raises(WaitTooLongError, match="2 calls per 60 s"):
        client.get_webhook_endpoint(id_)


def test_interruption_ends_the_wait(fake_transport: Any, emulator: EmulatorServer, fake_time: FakeTime) -> None:
    """Whatever a pause raises reaches the caller, from both kinds of waits, and holds up nobody else."""

    def interrupt(_seconds: float, _text: str) -> None:
        raise KeyboardInterrupt

    client = SignaClient(fake_transport, RetryPolicy(), pause=interrupt, clock=fake_time.clock)
    emulator.organization.faults.add(kind="status", status=503)
    emulator.organization.faults.add(kind="status", status=429, retry_after=7)

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            list(client.list_webhook_endpoints())
    fake_time.now += 7

    assert list(client.list_webhook_endpoints()) == []


def test_header_wins_over_the_body_for_the_wait(fake_server: Callable[..., Any]) -> None:
    """Both say how long; the header is what a gateway in between may have written."""
    body = b'{"error": {"retry_after": 30, "retryable": false}}'

    with pytest.raises(RateLimitedError) as caught:
        list(answering(fake_server, 429, body, "Retry-After: 7\r\n").list_webhook_endpoints())

    assert caught.value.retry_after_s == 7


@pytest.mark.parametrize("header", ["Wed, 21 Oct 2026 07:28:00 GMT", "", "soon", "1.5", "-1", "²"])
def test_wait_that_is_no_number_of_seconds_is_ignored(fake_server: Callable[..., Any], header: str) -> None:
    """Our own backoff takes its place."""
    with pytest.raises(ApiError) as caught:
        list(answering(fake_server, 503, b"", f"Retry-After: {header}\r\n").list_webhook_endpoints())

    assert caught.value.retry_after_s is None


@pytest.mark.parametrize(
    ("keys", "without_scope", "kind"),
    [((), (), AuthenticationError), ((), (API_KEY,), PermissionDeniedError)],
)
def test_key_that_does_not_do_is_told(
    keys: tuple[str, ...], without_scope: tuple[str, ...], kind: type[ApiError]
) -> None:
    """Once, since asking again does not help; never with the key."""
    with EmulatorServer(keys, api_keys_without_scope=without_scope) as emulator:
        client = SignaClient(Transport(emulator.base_url, BearerAuth(API_KEY)), RetryPolicy())

        with pytest.raises(kind) as caught:
            client.get_webhook_endpoint("whk_1")

        assert len(emulator.organization.requests.entries()) == 1
    assert API_KEY not in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><h1>403 Forbidden</h1></html>",
        b"null",
        b'"forbidden"',
        b'{"error": "forbidden"}',
        b'{"error": null}',
        b'{"message": "Forbidden"}',
        b"\xff\xfe",
        b"[" * 50_000,
        b'{"error": {"x": ' + b"[" * 50_000,
    ],
)
def test_refusal_in_other_words_names_the_status(fake_server: Callable[..., Any], body: bytes) -> None:
    """A gateway's page says nothing in our terms; the status does."""
    with pytest.raises(ApiError) as caught:
        answering(fake_server, 403, body).get_webhook_endpoint("whk_1")

    assert str(caught.value) == "Signa answered 403"


def test_old_error_type_is_cut_to_its_slug(fake_server: Callable[..., Any]) -> None:
    """It was a URI once."""
    body = json.dumps({"error": {"type": "https://api.signa.so/errors/not_found", "title": "Not found"}}).encode()

    with pytest.raises(NotFoundError) as caught:
        answering(fake_server, 404, body).get_webhook_endpoint("whk_1")

    assert str(caught.value) == "Signa answered 404 not_found: Not found"


def test_hostile_refusal_stays_one_line(fake_server: Callable[..., Any]) -> None:
    """Line breaks and escape sequences in every field."""
    nasty = "a\r\nb\x1b[31m\u2028" * 200
    body = json.dumps({"error": {"type": nasty, "detail": nasty, "suggestion": nasty}, "request_id": nasty}).encode()

    with pytest.raises(ApiError) as caught:
        answering(fake_server, 400, body).get_webhook_endpoint("whk_1")

    assert len(str(caught.value).splitlines()) == 1
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 2000


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirect_says_where_to(fake_server: Callable[..., Any], status: int) -> None:
    """It is no success, and the base URL is what to change."""
    client = answering(fake_server, status, b"", "Location: https://elsewhere.example/v1\r\n")

    with pytest.raises(ApiError, match=r"redirects to https://elsewhere\.example/v1; set the base URL"):
        client.get_webhook_endpoint("whk_1")


@pytest.mark.parametrize("name", [name for name in OPERATIONS if name != "delete"])
@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"[]", b'{"data": [{}], "id": 5}', b'{"data": 5, "id": "x"}'])
def test_malformed_success_names_the_operation(fake_server: Callable[..., Any], name: str, body: bytes) -> None:
    """A field where there is one; on one line."""
    with pytest.raises(ResponseFormatError) as caught:
        OPERATIONS[name](answering(fake_server, 200, body), "whk_1")

    assert str(caught.value).startswith("Signa's answer to ")
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]"])
@pytest.mark.parametrize("status", [200, 202, 204])
def test_delete_does_not_look_at_the_body(fake_server: Callable[..., Any], status: int, body: bytes) -> None:
    """Any 2xx is success."""
    answering(fake_server, status, b"" if status == 204 else body).delete_webhook_endpoint("whk_1")


@pytest.mark.parametrize("cursor", [None, ...])
def test_page_without_a_next_cursor_is_malformed(fake_server: Callable[..., Any], cursor: object) -> None:
    """Reading it for ever would be the alternative."""
    pagination = {} if cursor is ... else {"cursor": cursor}
    body = json.dumps({"data": [], "has_more": True, "pagination": pagination}).encode()

    with pytest.raises(ResponseFormatError, match=r"\$\.pagination\.cursor"):
        list(answering(fake_server, 200, body).list_webhook_endpoints())


def test_page_that_points_at_itself_is_malformed(fake_server: Callable[..., Any]) -> None:
    """The same cursor again leads nowhere."""
    body = json.dumps({"data": [], "has_more": True, "pagination": {"cursor": "same"}}).encode()

    with pytest.raises(ResponseFormatError, match=r"\$\.pagination\.cursor"):
        list(answering(fake_server, 200, body).list_webhook_endpoints())


def test_log_shows_neither_key_nor_secret(
    client: SignaClient, endpoint_id: str, emulator: EmulatorServer, caplog: pytest.LogCaptureFixture
) -> None:
    """At its most talkative."""
    caplog.set_level("DEBUG")

    OPERATIONS["create"](client, endpoint_id)
    OPERATIONS["rotate"](client, endpoint_id)

    secrets = [endpoint.secret for endpoint in emulator.organization.endpoints.newest_first()]
    assert "POST /webhooks: 201" in caplog.text
    assert not any(text in caplog.text for text in (API_KEY, *secrets))


def test_everything_raised_is_ours(fake_server: Callable[..., Any]) -> None:
    """Whatever a server sends, callers have one class to catch."""
    for answer in (b"", b"x", b"HTTP/1.1 999\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nA\r\n\r\n{}"):
        server = fake_server(answer)
        transport = Transport(f"http://127.0.0.1:{server.port}/v1", BearerAuth(API_KEY))

        with pytest.raises(SignaError):
            SignaClient(transport, RetryPolicy(max_attempts=1)).get_webhook_endpoint("whk_1")
