"""Tests that are sent, the list of deliveries, and the wait for one of them."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from emulator.harness import Receiver
from fake_time import FakeTime
from fake_transport import FakeTransport, Sent
from pulumi_signa.signa_api.client import SignaClient
from pulumi_signa.signa_api.errors import ApiError, ResponseFormatError, WaitTooLongError
from pulumi_signa.signa_api.models import Delivery
from pulumi_signa.signa_api.pacing.retry import RetryPolicy
from pulumi_signa.signa_api.transport import Answer
from signa_emulator.server import EmulatorServer

ID = "0190c2f4-9b6c-7c9c-b4f1-1234567890ab"


@pytest.fixture
def client(fake_transport: FakeTransport, time: FakeTime) -> SignaClient:
    """Return a client of the emulator that does not sleep."""
    return SignaClient(fake_transport, RetryPolicy(), max_wait_s=30, pause=time.pause, clock=time.clock)


@pytest.fixture
def endpoint_id(client: SignaClient, receiver: Receiver, sent: list[Sent]) -> str:
    """Return the id of an endpoint that leads to the receiver."""
    body = {"url": receiver.url, "enabled_events": ["alert.created"]}
    made = client.create_webhook_endpoint(body, idempotency_key="fixture")
    sent.clear()
    return made.endpoint.id


@pytest.fixture
def answering(emulator: EmulatorServer) -> Callable[..., None]:
    """Return what makes the emulator answer an operation with a row, or with a whole body."""

    def answer(operation: str, body: Any = None, *, rows: list[dict[str, Any]] | None = None) -> None:
        if rows is not None:
            body = {"object": "list", "data": rows, "has_more": False, "pagination": {"cursor": None}}
        emulator.organization.faults.add(kind="body", operation=operation, times=None, body=json.dumps(body))

    return answer


def test_test_is_told_from_one_that_an_earlier_call_has_sent(
    client: SignaClient, endpoint_id: str, emulator: EmulatorServer
) -> None:
    first = client.send_test_webhook(endpoint_id, idempotency_key="a")
    second = client.send_test_webhook(endpoint_id, idempotency_key="a")
    emulator.organization.faults.add(kind="drop_after", operation="test")
    third = client.send_test_webhook(endpoint_id, idempotency_key="b")

    assert (first.made_earlier, second.made_earlier, third.made_earlier) == (False, True, False)
    assert first.attempt_id == second.attempt_id != third.attempt_id


def test_time_of_an_answer_is_that_of_signas_clock(
    client: SignaClient, endpoint_id: str, emulator: EmulatorServer
) -> None:
    emulator.organization.advance_clock(86_400 * 3)

    answered_at = client.send_test_webhook(endpoint_id, idempotency_key="a").answered_at

    assert answered_at is not None
    assert abs(emulator.organization.clock.now() - answered_at) < timedelta(minutes=5)


def test_list_is_read_to_its_end_and_since_leaves_older_rows_out(
    client: SignaClient, endpoint_id: str, emulator: EmulatorServer, sent: list[Sent]
) -> None:
    made = [client.send_test_webhook(endpoint_id, idempotency_key=f"old-{number}").attempt_id for number in range(101)]
    emulator.organization.advance_clock(100)
    since = emulator.organization.clock.now().replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
    new = client.send_test_webhook(endpoint_id, idempotency_key="new").attempt_id
    sent.clear()

    every = [row.id for row in client.list_deliveries(endpoint_id)]
    recent = [row.id for row in client.list_deliveries(endpoint_id, since=since)]

    assert sorted(every) == sorted([*made, new])
    assert recent == [new]
    assert len(sent) == 3


@pytest.mark.parametrize(
    ("row", "is_settled", "is_delivered"),
    [
        ({"status": "delivered", "http_status": 204}, True, True),
        ({"status": "delivered"}, True, True),
        ({"status": "succeeded", "delivered_at": "2026-11-30T12:00:00Z"}, True, True),
        ({"status": "success", "http_status": 204}, True, True),
        ({"status": "failed"}, True, False),
        ({"status": "failed", "http_status": 200}, True, False),
        ({"status": "exhausted", "http_status": 500}, True, False),
        ({"status": "rejected", "http_status": 400}, True, False),
        ({"status": "pending"}, False, False),
        ({"status": "queued"}, False, False),
    ],
)
def test_word_that_is_not_known_is_no_answer_yet(row: dict[str, Any], *, is_settled: bool, is_delivered: bool) -> None:
    delivery = Delivery(id=ID, **row)

    assert (delivery.is_settled, delivery.is_delivered) == (is_settled, is_delivered)


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({}, "status"),
        ({"status": ""}, "status"),
        ({"status": "failed", "http_status": "500"}, "http_status"),
        ({"status": "failed", "response_body": {}}, "response_body"),
        ({"status": "delivered", "delivered_at": "yesterday"}, "delivered_at"),
        ({"status": "failed", "id": ".."}, "id"),
        ({"status": "failed", "delivery_attempt_id": 7}, "delivery_attempt_id"),
    ],
)
def test_malformed_row_names_the_field(
    client: SignaClient, endpoint_id: str, answering: Callable[..., None], row: dict[str, Any], field: str
) -> None:
    answering("list_deliveries", rows=[{"id": ID, **row}])

    with pytest.raises(ResponseFormatError, match=rf"list webhook deliveries is not as documented: .*{field}"):
        [*client.list_deliveries(endpoint_id)]


@pytest.mark.parametrize("body", [{}, {"delivery_attempt_id": ""}, {"delivery_attempt_id": None}, []])
def test_malformed_answer_to_a_test_names_the_field(
    client: SignaClient, endpoint_id: str, answering: Callable[..., None], body: Any
) -> None:
    answering("test", body)

    with pytest.raises(ResponseFormatError, match="test webhook is not as documented"):
        client.send_test_webhook(endpoint_id, idempotency_key="a")


def test_list_that_does_not_end_is_given_up(
    client: SignaClient, endpoint_id: str, fake_transport: FakeTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Answer(200, {}, b'{"data": [], "has_more": true, "pagination": {"cursor": "again"}}')
    monkeypatch.setattr(fake_transport, "send", lambda *_arguments, **_options: page)

    with pytest.raises(ResponseFormatError, match="list webhook deliveries has more pages and no new"):
        [*client.list_deliveries(endpoint_id)]


@pytest.mark.parametrize("by", ["id", "delivery_attempt_id"])
def test_attempt_is_found_by_either_of_its_ids(
    client: SignaClient, endpoint_id: str, answering: Callable[..., None], by: str
) -> None:
    answering("list_deliveries", rows=[{"id": "another", "status": "failed", by: ID}])

    row = client.wait_for_delivery(endpoint_id, ID, timeout_s=1)

    assert row is not None
    assert row.is_settled


def test_wait_looks_less_and_less_often_and_ends_in_time(
    client: SignaClient, endpoint_id: str, answering: Callable[..., None], sent: list[Sent], time: FakeTime
) -> None:
    answering("list_deliveries", rows=[{"id": ID, "status": "pending"}])

    row = client.wait_for_delivery(endpoint_id, ID, timeout_s=600)

    assert row is not None
    assert not row.is_settled
    assert time.now == 600
    assert len(sent) == 155
    assert time.shown[:2] == [
        f"waiting for the receiver's answer to webhook.test, {left} s left" for left in (600, 600)
    ]


def test_refusal_ends_the_wait(client: SignaClient, endpoint_id: str, emulator: EmulatorServer) -> None:
    emulator.organization.faults.add(kind="status", operation="list_deliveries", status=403)

    with pytest.raises(ApiError, match="403"):
        client.wait_for_delivery(endpoint_id, ID, timeout_s=60)


@pytest.mark.parametrize("times", [2, 20])
def test_wait_outlives_a_server_that_fails_for_a_while(
    client: SignaClient, endpoint_id: str, emulator: EmulatorServer, times: int
) -> None:
    sent = client.send_test_webhook(endpoint_id, idempotency_key="a")
    assert emulator.organization.deliveries.wait_idle(30)
    emulator.organization.faults.add(kind="status", operation="list_deliveries", status=503, times=times)

    row = client.wait_for_delivery(endpoint_id, sent.attempt_id, timeout_s=60)

    assert row is not None
    assert row.is_delivered


def test_server_that_fails_to_the_end_is_told(
    client: SignaClient, endpoint_id: str, emulator: EmulatorServer, time: FakeTime
) -> None:
    emulator.organization.faults.add(kind="status", operation="list_deliveries", status=503, times=None)

    with pytest.raises(ApiError, match="503"):
        client.wait_for_delivery(endpoint_id, ID, timeout_s=60)

    assert 60 <= time.now <= 60 + 20


def test_last_look_outlives_a_server_that_fails_for_a_moment(
    client: SignaClient, endpoint_id: str, emulator: EmulatorServer
) -> None:
    sent = client.send_test_webhook(endpoint_id, idempotency_key="a")
    assert emulator.organization.deliveries.wait_idle(30)
    emulator.organization.faults.add(kind="status", operation="list_deliveries", status=503)

    row = client.wait_for_delivery(endpoint_id, sent.attempt_id, timeout_s=0)

    assert row is not None
    assert row.is_delivered


def test_wait_for_the_rate_limit_is_no_longer_than_that_for_the_receiver(
    client: SignaClient, endpoint_id: str, emulator: EmulatorServer, time: FakeTime
) -> None:
    emulator.organization.faults.add(
        kind="status", operation="list_deliveries", status=429, retry_after=120, times=None
    )

    with pytest.raises((WaitTooLongError, ApiError)):
        client.wait_for_delivery(endpoint_id, ID, timeout_s=60)

    assert time.now <= 60


def test_checks_and_endpoints_do_not_wait_for_each_others_rate_limit(
    client: SignaClient, endpoint_id: str, emulator: EmulatorServer, time: FakeTime
) -> None:
    """Signa counts tests and lists of deliveries in another pool, and answers with that pool's limit."""
    emulator.organization.change_settings(rate_limit=3, rate_window_s=60)
    client.get_webhook_endpoint(endpoint_id)
    client.get_webhook_endpoint(endpoint_id)  # with the create, the limit is used up

    for number in range(5):
        client.send_test_webhook(endpoint_id, idempotency_key=f"{number}")
        list(client.list_deliveries(endpoint_id))
    assert time.now == 0

    with pytest.raises(WaitTooLongError, match="rate limit of 3 calls per 60 s"):
        client.update_webhook_endpoint(endpoint_id, {"description": "x"})

    assert emulator.organization.requests.calls()["by_operation"]["update"] == 0
