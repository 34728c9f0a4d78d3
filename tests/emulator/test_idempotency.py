"""Idempotency keys: https://github.com/signa-so/skills/blob/main/skills/signa/SKILL.md."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
import requests

if TYPE_CHECKING:
    from conftest import Api

_UUID = "018f9b2e-9b6c-7c9c-b4f1-1234567890ab"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/webhooks"),
        ("PATCH", f"/webhooks/whk_{_UUID}"),
        ("DELETE", f"/webhooks/whk_{_UUID}"),
        ("POST", f"/webhooks/whk_{_UUID}/rotate-secret"),
        ("POST", f"/webhooks/whk_{_UUID}/test"),
        ("POST", f"/webhooks/whk_{_UUID}/deliveries/{_UUID}/redeliver"),
    ],
)
def test_every_mutation_needs_a_key(api: Api, method: str, path: str) -> None:
    """The detail names the header."""
    answer = api.call(method, path, key=None)

    error = answer.json()["error"]
    assert (answer.status_code, error["type"]) == (400, "validation_error")
    assert error["detail"] == "Header 'Idempotency-Key' is required."


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "a.b", "schlüssel"])
def test_malformed_key_is_refused(api: Api, valid_body: Callable[..., Any], key: str) -> None:
    """1 to 255 characters of letters, digits, underscore and hyphen, nothing else."""
    answer = api.post("/webhooks", json=valid_body(), key=None, headers={"Idempotency-Key": key.encode()})

    assert answer.status_code == 400
    assert answer.json()["error"]["detail"] == (
        "Header 'Idempotency-Key' must be 1 to 255 characters of [A-Za-z0-9_-]."
    )


@pytest.mark.parametrize("key", ["x", "x" * 255, "Az_09-"])
def test_well_formed_key_is_accepted(api: Api, valid_body: Callable[..., Any], key: str) -> None:
    """Both ends of the length are inside."""
    assert api.post("/webhooks", json=valid_body(), key=key).status_code == 201


def test_reads_need_no_key(api: Api) -> None:
    """A GET with or without the header is the same."""
    answers = [api.get("/webhooks", key=None), api.get("/webhooks", key="not a key")]

    assert [answer.status_code for answer in answers] == [200, 200]


def test_same_request_replays_the_first_answer(api: Api, valid_body: Callable[..., Any]) -> None:
    """Body and status are the stored ones, secret and request ID included, and nothing happens twice."""
    first = api.post("/webhooks", json=valid_body(), key="k")

    second = api.post("/webhooks", json=valid_body(), key="k")

    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert len(api.get("/webhooks").json()["data"]) == 1


def test_replay_can_leave_the_secret_out(start_emulator: Callable[..., Api], valid_body: Callable[..., Any]) -> None:
    """The setting `replay_includes_secret` plays the other reading."""
    api = start_emulator(replay_includes_secret=False)
    first = api.post("/webhooks", json=valid_body(), key="k").json()

    second = api.post("/webhooks", json=valid_body(), key="k").json()

    assert second == {name: value for name, value in first.items() if name != "secret"}


def test_replay_shows_the_answer_of_then_not_the_state_of_now(api: Api, valid_body: Callable[..., Any]) -> None:
    """The endpoint may be long gone."""
    first = api.post("/webhooks", json=valid_body(), key="k")
    api.delete(f"/webhooks/{first.json()['id']}")

    second = api.post("/webhooks", json=valid_body(), key="k")

    assert second.content == first.content
    assert api.get("/webhooks").json()["data"] == []


def test_rotation_is_replayed_not_repeated(api: Api) -> None:
    """A lost answer of a rotation can be fetched again."""
    path = f"/webhooks/{api.create()['id']}/rotate-secret"
    first = api.post(path, key="k")

    second = api.post(path, key="k")

    assert second.content == first.content
    assert second.json()["secret_version"] == 2


def test_key_of_another_request_conflicts(api: Api, valid_body: Callable[..., Any]) -> None:
    """Another body, another query and another path are all another request."""
    made = api.post("/webhooks", json=valid_body(), key="k").json()

    answers = [
        api.post("/webhooks", json=valid_body(description="x"), key="k"),
        api.post("/webhooks?force=true", json=valid_body(), key="k"),
        api.delete(f"/webhooks/{made['id']}", key="k"),
    ]

    assert [(answer.status_code, answer.json()["error"]["type"]) for answer in answers] == [(409, "conflict")] * 3
    assert [answer.json()["error"]["retryable"] for answer in answers] == [False] * 3


def test_spelling_of_the_json_does_not_matter(api: Api) -> None:
    """Order of keys and white space are not the body (open point)."""
    one = b'{"url": "https://acme.example.com/", "enabled_events": ["alert.created"]}'
    other = b'{"enabled_events":["alert.created"],"url":"https://acme.example.com/"}'
    api.post("/webhooks", data=one, key="k")

    answer = api.post("/webhooks", data=other, key="k")

    assert answer.headers["Idempotent-Replayed"] == "true"


def test_refused_call_does_not_use_up_its_key(api: Api, valid_body: Callable[..., Any]) -> None:
    """Only 2xx answers are stored, so the corrected call may carry the same key."""
    refused = api.post("/webhooks", json=valid_body(url="nowhere"), key="k")

    accepted = api.post("/webhooks", json=valid_body(), key="k")

    assert (refused.status_code, accepted.status_code) == (400, 201)


def test_key_is_new_again_after_24_hours(api: Api, valid_body: Callable[..., Any]) -> None:
    """One second before, it is still replayed."""
    first = api.post("/webhooks", json=valid_body(), key="k").json()["id"]
    api.control("POST", "/clock", {"advance_s": 86400 - 60})
    replayed = api.post("/webhooks", json=valid_body(), key="k").json()["id"]
    api.control("POST", "/clock", {"advance_s": 60})

    second = api.post("/webhooks", json=valid_body(), key="k").json()["id"]

    assert replayed == first
    assert second != first


def test_call_with_the_key_of_a_running_call_is_told_to_come_back(
    api: Api, api_key: str, valid_body: Callable[..., Any]
) -> None:
    """`idempotency_processing` is retryable, with a wait; another body conflicts even then."""
    running = _start_slow_create(api, api_key, valid_body())

    same = api.post("/webhooks", json=valid_body(), key="running")
    other = api.post("/webhooks", json=valid_body(description="x"), key="running")

    api.emulator.organization.stop()
    running.join()
    error = same.json()["error"]
    assert (same.status_code, error["type"], error["retryable"]) == (409, "idempotency_processing", True)
    assert (error["retry_after"], same.headers["Retry-After"]) == (1, "1")
    assert (other.status_code, other.json()["error"]["type"]) == (409, "conflict")


def test_slow_call_is_replayed_once_it_has_ended(api: Api, api_key: str, valid_body: Callable[..., Any]) -> None:
    """The retry that came too early gets the answer later."""
    running = _start_slow_create(api, api_key, valid_body())
    early = api.post("/webhooks", json=valid_body(), key="running")
    # Stopping the organization ends every pause.
    api.emulator.organization.stop()
    running.join()

    late = api.post("/webhooks", json=valid_body(), key="running")

    assert early.status_code == 409
    assert (late.status_code, late.headers["Idempotent-Replayed"]) == (201, "true")


def _start_slow_create(api: Api, api_key: str, body: dict[str, Any]) -> threading.Thread:
    """Send a create with the key `running` that takes ten minutes; return when it holds the key."""
    api.control("POST", "/faults", {"operation": "create", "kind": "delay", "seconds": 600})
    headers = {"Authorization": f"Bearer {api_key}", "Idempotency-Key": "running"}

    def create() -> None:
        with requests.Session() as session:
            session.trust_env = False
            session.post(f"{api.emulator.base_url}/webhooks", json=body, headers=headers, timeout=60)

    running = threading.Thread(target=create)
    running.start()
    # A call would take the key itself; the control API only passes the time.
    while "running" not in api.emulator.organization.idempotency._records:
        api.control("GET", "/clock")
    return running
