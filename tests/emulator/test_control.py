"""The control API."""

from typing import Any

import pytest
import requests

from emulator.harness import Api, Receiver


def test_state_shows_every_secret(api: Api) -> None:
    kept, deleted = api.create(), api.create()
    api.delete(f"/webhooks/{deleted['id']}")

    state = api.control("GET", "/state").json()

    del kept["request_id"]
    assert state["endpoints"] == [{**kept, "previous_secret": None, "previous_secret_expires_at": None}]
    assert state["deleted"] == [deleted["id"]]
    assert state["audit_events"] == []
    assert state["now"] >= kept["created_at"]


def test_control_api_needs_no_key(api: Api) -> None:
    with requests.Session() as session:
        session.trust_env = False

        answer = session.get(f"{api.emulator.control_url}/calls", timeout=30)

    assert answer.status_code == 200


def test_clock_can_be_advanced_and_set(api: Api) -> None:
    advanced = api.control("POST", "/clock", {"advance_s": 86400.5}).json()["now"]

    moved = api.control("POST", "/clock", {"set": "2030-01-01T00:00:00Z"}).json()["now"]

    assert moved.startswith("2030-01-01T00:0")
    assert advanced < moved
    assert api.control("GET", "/clock").json()["now"] >= moved


@pytest.mark.parametrize(
    ("path", "body"),
    [
        *(("/clock", body) for body in ({}, {"advance_s": "1"}, {"advance_s": -1}, {"set": "soon"}, [1])),
        ("/clock", {"advance_s": 1, "set": "2030-01-01"}),
        *(("/events", body) for body in ({"type": 1}, {"data": []}, {"when": "now"}, "alert.created")),
    ],
)
def test_what_makes_no_sense_is_refused(api: Api, path: str, body: Any) -> None:
    answer = api.control("POST", path, body)

    assert answer.status_code == 400
    assert answer.json().keys() == {"error"}


def test_settings_can_be_read_and_changed(api: Api) -> None:
    before = api.control("GET", "/settings").json()

    after = api.control("PATCH", "/settings", {"redaction": "null", "retry_delays_s": [1, 2]}).json()

    assert after == {**before, "redaction": "null", "retry_delays_s": [1, 2]}
    assert api.control("GET", "/settings").json() == after
    assert api.get(f"/webhooks/{api.create()['id']}").json()["secret"] is None


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"x": 1}, "unknown setting 'x'"),
        ({"self": 1}, "unknown setting 'self'"),
        ({"redaction": "null", "rate_limit": 0}, "setting rate_limit must be"),
    ],
)
def test_settings_change_together_or_not_at_all(api: Api, body: Any, message: str) -> None:
    answer = api.control("PATCH", "/settings", body)

    assert answer.status_code == 400
    assert answer.json()["error"].startswith(message)
    assert api.control("GET", "/settings").json()["redaction"] == "omit"


def test_event_without_a_body_is_a_made_up_alert(api: Api, receiver: Receiver) -> None:
    endpoints = [api.create(url=receiver.url) for _ in range(2)]

    emitted = api.control("POST", "/events").json()

    rows = [row for endpoint in endpoints for row in api.deliveries(endpoint["id"])]
    assert sorted(emitted["delivery_attempt_ids"]) == sorted(row["id"] for row in rows)
    assert {row["event_id"] for row in rows} == {emitted["event_id"]}


def test_due_retries_can_be_run(api: Api, receiver: Receiver) -> None:
    receiver.statuses.append(500)
    endpoint = api.create(url=receiver.url)
    api.control("POST", "/events")
    api.deliveries(endpoint["id"])
    organization = api.organization
    with organization.lock:
        # Under the lock neither the clock nor the waiting thread is faster than the call.
        organization.clock.advance(5)
        started = organization.deliveries.start_due()

    run = api.control("POST", "/deliveries/run").json()

    assert [attempt.attempt for attempt in started] == [2]
    assert run == {"delivery_attempt_ids": []}
    assert api.deliveries(endpoint["id"])[0]["status"] == "delivered"


def test_idle_has_a_default_timeout_and_takes_another(api: Api) -> None:
    answers = [api.control("GET", f"/deliveries/idle{query}") for query in ("", "?timeout_s=1", "?timeout_s=soon")]

    assert [answer.status_code for answer in answers] == [200, 200, 400]
    assert answers[0].json() == {"idle": True}


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("DELETE", "/state", 405)])
def test_unknown_control_paths_are_errors_in_json(api: Api, method: str, path: str, status: int) -> None:
    answer = api.control(method, path)

    assert (answer.status_code, list(answer.json())) == (status, ["error"])
