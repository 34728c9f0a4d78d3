"""The operations against the emulator, and against answers that no emulator would give."""

from collections.abc import Callable
from typing import Any

import pytest

from fake_transport import API_KEY, Sent
from pulumi_signa.signa_api.client import SignaClient
from pulumi_signa.signa_api.errors import (
    ApiError,
    AuthenticationError,
    NotFoundError,
    PermissionDeniedError,
    ResponseFormatError,
    SignaError,
)
from pulumi_signa.signa_api.exchanges import encode
from pulumi_signa.signa_api.pacing.retry import RetryPolicy
from signa_emulator.server import EmulatorServer
from signa_emulator.signing import test_event as event_of_a_test

BODY = {"url": "https://example.com/hook", "enabled_events": ["alert.created"]}

OPERATIONS: dict[str, Callable[[SignaClient, str], Any]] = {
    "create": lambda client, _id: client.create_webhook_endpoint(BODY, idempotency_key="create-1"),
    "list": lambda client, _id: list(client.list_webhook_endpoints()),
    "retrieve": lambda client, id_: client.get_webhook_endpoint(id_),
    "update": lambda client, id_: client.update_webhook_endpoint(id_, {"description": "x"}),
    "delete": lambda client, id_: client.delete_webhook_endpoint(id_),
    "rotate": lambda client, id_: client.rotate_secret(id_, idempotency_key="rotate-1"),
    "test": lambda client, id_: client.send_test_webhook(id_, idempotency_key="test-1"),
    "list_deliveries": lambda client, id_: list(client.list_deliveries(id_)),
}
MUTATIONS = ("create", "update", "delete", "rotate", "test")

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


@pytest.mark.parametrize("id_", ["", ".", "..", "whk_\n1", "\x00", "whk_1\x7f", "whk_\x85"])
@pytest.mark.parametrize("name", ["retrieve", "update", "delete", "rotate", "test", "list_deliveries"])
def test_id_that_is_no_segment_is_sent_nowhere(client: SignaClient, sent: list[Sent], id_: str, name: str) -> None:
    """HTTP clients fold `.` and `..` away, and what is left is another operation."""
    with pytest.raises(SignaError, match="cannot be an id") as caught:
        OPERATIONS[name](client, id_)

    assert len(str(caught.value).splitlines()) == 1
    assert sent == []


def test_id_that_is_no_segment_is_not_looked_up(client: SignaClient, sent: list[Sent]) -> None:
    """No page of the list is read for it."""
    with pytest.raises(SignaError, match="cannot be an id"):
        client.find_webhook_endpoint("..")

    assert sent == []


def test_redelivery_is_a_new_attempt_of_the_same_event(client: SignaClient, emulator: EmulatorServer) -> None:
    """Each call asks for another attempt, with a key of its own."""
    id_ = client.create_webhook_endpoint({**BODY, "url": "http://127.0.0.1:9/"}, idempotency_key="k").endpoint.id
    endpoint, deliveries = emulator.organization.endpoints.get(id_), emulator.organization.deliveries
    original = deliveries.enqueue(event_of_a_test(emulator.organization.clock.now()), endpoint)

    made = [client.redeliver_webhook(id_, original.id) for _ in range(2)]

    attempts = {attempt.id: attempt.event.id for attempt in deliveries.newest_first(endpoint)}
    assert len(attempts) == 3
    assert attempts == dict.fromkeys([original.id, *made], original.event.id)


@pytest.mark.parametrize("attempt_id", ["", ".", ".."])
def test_redelivery_of_no_attempt_is_sent_nowhere(client: SignaClient, sent: list[Sent], attempt_id: str) -> None:
    """An id that is folded away leaves another operation."""
    with pytest.raises(SignaError, match="cannot be an id"):
        client.redeliver_webhook("whk_1", attempt_id)

    assert sent == []


def test_redelivery_of_an_unknown_attempt_is_not_found(client: SignaClient, endpoint_id: str) -> None:
    """An attempt is kept for 30 days."""
    with pytest.raises(NotFoundError):
        client.redeliver_webhook(endpoint_id, "018f9b2e-9b6c-7c9c-b4f1-1234567890ab")


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
