"""Delivery rows, retries, redelivery and auto-disable."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from emulator.harness import UUID, Api, Receiver, StartEmulator, error_of


def _state(api: Api, endpoint_id: str) -> dict[str, Any]:
    state: dict[str, Any] = api.get(f"/webhooks/{endpoint_id}").json()
    return state


def test_event_goes_to_active_subscribers_only(api: Api, receiver: Receiver) -> None:
    """Open points: a disabled endpoint misses the event for good, and still receives tests."""
    active = api.create(url=receiver.url + "/active")
    disabled = api.create(url=receiver.url + "/disabled")
    api.patch(f"/webhooks/{disabled['id']}", json={"status": "disabled"})

    emitted = api.emit()
    tested = api.post(f"/webhooks/{disabled['id']}/test").json()

    assert len(emitted["delivery_attempt_ids"]) == 1
    assert [row["id"] for row in api.deliveries(active["id"])] == emitted["delivery_attempt_ids"]
    (row,) = api.deliveries(disabled["id"])
    assert (row["id"], row["status"]) == (tested["delivery_attempt_id"], "delivered")
    assert sorted(got.path for got in receiver.received) == ["/hook/active", "/hook/disabled"]


def test_test_of_a_disabled_endpoint_may_stay_pending(start_emulator: StartEmulator, receiver: Receiver) -> None:
    api = start_emulator(disabled_tests="drop")
    endpoint = api.create(url=receiver.url)
    api.patch(f"/webhooks/{endpoint['id']}", json={"status": "disabled"})

    tested = api.post(f"/webhooks/{endpoint['id']}/test").json()

    (row,) = api.deliveries(endpoint["id"])
    assert (row["id"], row["status"], row["http_status"]) == (tested["delivery_attempt_id"], "pending", None)
    assert receiver.received == []


def test_delivered_attempt_is_a_row(api: Api, receiver: Receiver) -> None:
    endpoint = api.create(url=receiver.url)

    emitted = api.emit()

    row = api.deliveries(endpoint["id"])[0]
    assert row["id"] == row["delivery_attempt_id"] == emitted["delivery_attempt_ids"][0]
    assert row["event_id"] == row["alert_id"] == emitted["event_id"]
    assert {name: row[name] for name in ("object", "endpoint_id", "event_type", "attempt", "status")} == {
        "object": "webhook_delivery",
        "endpoint_id": endpoint["id"],
        "event_type": "alert.created",
        "attempt": 1,
        "status": "delivered",
    }
    assert (row["http_status"], row["response_body"], row["next_retry_at"]) == (200, "thanks", None)
    assert row["delivered_at"] >= row["created_at"]
    assert json.loads(receiver.received[0].body)["timestamp"] == row["signature_timestamp"]


def test_attempt_is_pending_while_the_receiver_thinks(api: Api, receiver: Receiver) -> None:
    receiver.hold.clear()
    endpoint = api.create(url=receiver.url)
    api.control("POST", "/events")

    row = api.get(f"/webhooks/{endpoint['id']}/deliveries").json()["data"][0]

    assert (row["status"], row["http_status"], row["delivered_at"]) == ("pending", None, None)
    receiver.hold.set()
    assert api.deliveries(endpoint["id"])[0]["status"] == "delivered"


def test_success_resets_the_failures(api: Api, receiver: Receiver) -> None:
    receiver.statuses.extend([500, 200])
    endpoint = api.create(url=receiver.url)
    api.emit()
    failed = _state(api, endpoint["id"])

    api.emit()

    succeeded = _state(api, endpoint["id"])
    assert (failed["consecutive_failures"], failed["last_success_at"]) == (1, None)
    assert failed["last_failure_at"] is not None
    assert succeeded["consecutive_failures"] == 0
    assert succeeded["last_success_at"] is not None
    assert succeeded["last_failure_at"] == failed["last_failure_at"]


def test_failure_is_retried_when_its_time_has_come(api: Api, receiver: Receiver) -> None:
    receiver.statuses.append(500)
    endpoint = api.create(url=receiver.url)
    api.emit()
    failed = api.deliveries(endpoint["id"])[0]

    api.control("POST", "/clock", {"set": failed["next_retry_at"]})

    retried, first = api.deliveries(endpoint["id"])
    assert (failed["status"], failed["http_status"]) == ("failed", 500)
    assert _delay(failed) == timedelta(seconds=5)
    assert (first["status"], first["next_retry_at"]) == ("failed", None)
    assert (retried["status"], retried["attempt"], retried["event_id"]) == ("delivered", 2, first["event_id"])
    one, two = receiver.received
    assert one.headers["webhook-id"] == two.headers["webhook-id"]
    assert (one.headers["webhook-attempt"], two.headers["webhook-attempt"]) == ("1", "2")
    assert one.body != two.body


def _delay(row: dict[str, Any]) -> timedelta:
    """Return the time from a row's attempt to the next one, rounded to whole seconds."""
    first, second = (datetime.fromisoformat(row[name][:-1]) for name in ("created_at", "next_retry_at"))
    return timedelta(seconds=int((second - first).total_seconds()))


def test_retry_waits_for_its_time(api: Api, receiver: Receiver) -> None:
    receiver.statuses.append(500)
    endpoint = api.create(url=receiver.url)
    api.emit()
    api.control("PATCH", "/settings", {"retry_scale": 1000})
    receiver.statuses.append(500)
    api.emit()

    run = api.control("POST", "/deliveries/run").json()

    assert run == {"delivery_attempt_ids": []}
    assert len(api.deliveries(endpoint["id"])) == 2


def test_delivery_is_given_up_after_seven_attempts(start_emulator: StartEmulator, receiver: Receiver) -> None:
    api = start_emulator(retry_scale=0)
    receiver.always = 503
    endpoint = api.create(url=receiver.url)

    api.emit()

    rows = api.deliveries(endpoint["id"])
    assert [row["attempt"] for row in rows] == [7, 6, 5, 4, 3, 2, 1]
    assert [row["status"] for row in rows] == ["exhausted"] + ["failed"] * 6
    assert rows[0]["next_retry_at"] is None
    assert _state(api, endpoint["id"])["consecutive_failures"] == 7


def test_schedule_of_retries_is_a_setting(start_emulator: StartEmulator, receiver: Receiver) -> None:
    api = start_emulator(retry_delays_s=[10, 20], retry_scale=60)
    receiver.always = 500
    endpoint = api.create(url=receiver.url)
    api.emit()
    first = api.deliveries(endpoint["id"])[0]
    api.control("POST", "/clock", {"set": first["next_retry_at"]})
    second = api.deliveries(endpoint["id"])[0]
    api.control("POST", "/clock", {"set": second["next_retry_at"]})

    third = api.deliveries(endpoint["id"])[0]

    assert (_delay(first), _delay(second)) == (timedelta(minutes=10), timedelta(minutes=20))
    assert (third["attempt"], third["status"]) == (3, "exhausted")


def test_retries_happen_by_themselves(start_emulator: StartEmulator, receiver: Receiver) -> None:
    api = start_emulator(retry_scale=0.001)
    receiver.statuses.extend([500, 500])
    endpoint = api.create(url=receiver.url)

    api.control("POST", "/events")

    assert receiver.wait_for(3)
    assert [row["attempt"] for row in api.deliveries(endpoint["id"])] == [3, 2, 1]


@pytest.mark.parametrize("end", ["delete", "disable"])
def test_retry_is_dropped_when_its_endpoint_is_gone_or_disabled(api: Api, receiver: Receiver, end: str) -> None:
    """Open point: Signa may queue such a retry instead."""
    receiver.statuses.append(500)
    endpoint = api.create(url=receiver.url)
    api.emit()
    if end == "delete":
        api.delete(f"/webhooks/{endpoint['id']}")
    else:
        api.patch(f"/webhooks/{endpoint['id']}", json={"status": "disabled"})

    api.control("POST", "/clock", {"advance_s": 3600})

    api.idle()
    assert len(receiver.received) == 1


def test_repeated_failures_disable_the_endpoint(start_emulator: StartEmulator, receiver: Receiver) -> None:
    """The setting `auto_disable_after` counts failed attempts in a row; then nothing more is sent."""
    api = start_emulator(auto_disable_after=3, retry_scale=0)
    receiver.always = 500
    endpoint = api.create(url=receiver.url)

    api.emit()
    api.emit()

    state = _state(api, endpoint["id"])
    rows = api.deliveries(endpoint["id"])
    assert (state["status"], state["consecutive_failures"]) == ("disabled", 3)
    assert state["updated_at"] >= rows[0]["created_at"]
    assert len(receiver.received) == 3
    assert (rows[0]["status"], rows[0]["next_retry_at"]) == ("failed", None)


@pytest.mark.parametrize(
    ("settings", "status"), [({}, "disabled"), ({"auto_disable_after": None}, "active")], ids=["default", "off"]
)
def test_twenty_failures_disable_by_default(
    start_emulator: StartEmulator, receiver: Receiver, settings: dict[str, Any], status: str
) -> None:
    """Open point: Signa documents that endpoints are disabled, and not after how many failures."""
    api = start_emulator(retry_delays_s=[], **settings)
    receiver.always = 500
    endpoint = api.create(url=receiver.url)
    for _ in range(19):
        api.emit()
    before = _state(api, endpoint["id"])["status"]

    api.emit()

    after = _state(api, endpoint["id"])
    assert (before, after["status"], after["consecutive_failures"]) == ("active", status, 20)


def test_receiver_that_says_gone_is_disabled_at_once(api: Api, receiver: Receiver) -> None:
    """In Standard Webhooks a receiver that answers 410 wants no further deliveries."""
    receiver.statuses.append(410)
    endpoint = api.create(url=receiver.url)

    api.emit()

    row = api.deliveries(endpoint["id"])[0]
    assert _state(api, endpoint["id"])["status"] == "disabled"
    assert (row["status"], row["http_status"], row["next_retry_at"]) == ("failed", 410, None)


@pytest.mark.parametrize("status", [500, 410])
def test_failed_test_is_neither_retried_nor_counted(
    start_emulator: StartEmulator, receiver: Receiver, status: int
) -> None:
    api = start_emulator(auto_disable_after=1, retry_scale=0)
    receiver.always = status
    endpoint = api.create(url=receiver.url)

    answer = api.post(f"/webhooks/{endpoint['id']}/test").json()

    rows = api.deliveries(endpoint["id"])
    state = _state(api, endpoint["id"])
    assert [(row["id"], row["status"], row["http_status"]) for row in rows] == [
        (answer["delivery_attempt_id"], "failed", status)
    ]
    assert (rows[0]["event_type"], rows[0]["alert_id"], rows[0]["next_retry_at"]) == ("webhook.test", None, None)
    assert (state["status"], state["consecutive_failures"], state["last_failure_at"]) == ("active", 0, None)


def test_redelivery_is_a_new_attempt_of_the_same_event(api: Api, receiver: Receiver) -> None:
    endpoint = api.create(url=receiver.url)
    original = api.emit()["delivery_attempt_ids"][0]
    api.control("POST", "/clock", {"advance_s": 60})

    answer = api.post(f"/webhooks/{endpoint['id']}/deliveries/{original}/redeliver").json()

    again, first = api.deliveries(endpoint["id"])
    one, two = receiver.received
    assert (answer["object"], answer["delivery_attempt_id"]) == ("webhook_redelivery", again["id"])
    assert (again["event_id"], again["alert_id"]) == (first["event_id"], first["alert_id"])
    assert (first["attempt"], again["attempt"]) == (1, 2)
    assert one.headers["webhook-id"] == two.headers["webhook-id"]
    assert int(two.headers["webhook-timestamp"]) >= int(one.headers["webhook-timestamp"]) + 60


def test_no_two_attempts_of_an_event_have_one_number(api: Api, receiver: Receiver) -> None:
    """A proxy that drops duplicates of `webhook-id` and `webhook-attempt` lets every redelivery and retry through."""
    receiver.statuses.append(500)
    endpoint = api.create(url=receiver.url)
    original = api.emit()["delivery_attempt_ids"][0]
    retry_at = api.deliveries(endpoint["id"])[0]["next_retry_at"]

    api.post(f"/webhooks/{endpoint['id']}/deliveries/{original}/redeliver")
    api.idle()
    api.control("POST", "/clock", {"set": retry_at})
    api.idle()
    api.post(f"/webhooks/{endpoint['id']}/deliveries/{original}/redeliver")
    api.idle()

    assert [got.headers["webhook-attempt"] for got in receiver.received] == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("attempt", "status", "slug"),
    [
        (UUID, 404, "not_found"),
        ("evt_1", 400, "id_type_mismatch"),
        (f"whk_{UUID}", 400, "id_type_mismatch"),
        (UUID.replace("-", ""), 400, "id_type_mismatch"),
    ],
)
def test_redelivery_needs_an_attempt_of_the_endpoint(
    api: Api, receiver: Receiver, attempt: str, status: int, slug: str
) -> None:
    one, other = api.create(url=receiver.url), api.create(url=receiver.url)
    made = api.post(f"/webhooks/{one['id']}/test").json()["delivery_attempt_id"]
    path = f"/webhooks/{other['id']}/deliveries"

    answers = [api.post(f"{path}/{id_}/redeliver") for id_ in (attempt, made)]
    own = api.post(f"/webhooks/{one['id']}/deliveries/{made.upper()}/redeliver")

    assert [error_of(answer)[:2] for answer in answers] == [(status, slug), (404, "not_found")]
    assert own.status_code == 200


def test_rows_can_be_read_from_a_moment_on(api: Api, receiver: Receiver) -> None:
    endpoint = api.create(url=receiver.url)
    path = f"/webhooks/{endpoint['id']}/deliveries"
    made = []
    for _ in range(4):
        made.append(api.post(f"/webhooks/{endpoint['id']}/test").json()["delivery_attempt_id"])
        api.control("POST", "/clock", {"advance_s": 60})
    since = api.deliveries(endpoint["id"])[2]["created_at"]

    first = api.get(f"{path}?since={since}&limit=2").json()
    second = api.get(f"{path}?since={since}&limit=2&cursor={first['pagination']['cursor']}").json()

    assert [row["id"] for row in first["data"] + second["data"]] == made[:0:-1]
    assert second["has_more"] is False


def test_rows_are_kept_for_30_days(api: Api, receiver: Receiver) -> None:
    endpoint = api.create(url=receiver.url)
    attempt = api.post(f"/webhooks/{endpoint['id']}/test").json()["delivery_attempt_id"]
    api.idle()
    api.control("POST", "/clock", {"advance_s": 30 * 86400 - 60})
    before = api.deliveries(endpoint["id"])
    api.control("POST", "/clock", {"advance_s": 120})

    after = api.deliveries(endpoint["id"])

    redelivered = api.post(f"/webhooks/{endpoint['id']}/deliveries/{attempt}/redeliver")
    assert [row["id"] for row in before] == [attempt]
    assert after == []
    assert redelivered.status_code == 404


@pytest.mark.parametrize(("old_since", "listed"), [("empty", 0), ("rest", 1)])
def test_moment_before_the_30_days_lists_nothing_or_the_rest(
    start_emulator: StartEmulator, receiver: Receiver, old_since: str, listed: int
) -> None:
    """Open point: the documentation speaks of an empty list, which may be meant for older rows alone."""
    api = start_emulator(old_since=old_since)
    endpoint = api.create(url=receiver.url)
    api.emit()

    page = api.get(f"/webhooks/{endpoint['id']}/deliveries?since=2020-01-01T00:00:00Z&include_total=true")

    assert (page.status_code, len(page.json()["data"]), page.json()["pagination"]["total_count"]) == (
        200,
        listed,
        listed,
    )


def test_calls_are_answered_while_receivers_hang(api: Api, receiver: Receiver) -> None:
    receiver.hold.clear()
    endpoint = api.create(url=receiver.url)
    for _ in range(10):
        api.post(f"/webhooks/{endpoint['id']}/test")

    idle = api.control("GET", "/deliveries/idle?timeout_s=0.01").json()

    assert idle == {"idle": False}
    assert len(api.get(f"/webhooks/{endpoint['id']}/deliveries").json()["data"]) == 10
    receiver.hold.set()
    assert api.control("GET", "/deliveries/idle?timeout_s=30").json() == {"idle": True}
    assert len(receiver.received) == 10


def test_redelivery_signs_with_the_secret_of_now(api: Api, receiver: Receiver) -> None:
    endpoint = api.create(url=receiver.url)
    original = api.emit()["delivery_attempt_ids"][0]
    rotated = api.post(f"/webhooks/{endpoint['id']}/rotate-secret?force=true").json()

    api.post(f"/webhooks/{endpoint['id']}/deliveries/{original}/redeliver")

    api.idle()
    again = receiver.received[1]
    assert Webhook(rotated["secret"]).verify(again.body, again.headers)
