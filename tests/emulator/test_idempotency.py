"""Idempotency keys: https://github.com/signa-so/skills/blob/main/skills/signa/SKILL.md."""

import threading

import pytest

from emulator.harness import UUID, Api, StartEmulator, error_of, new_endpoint


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/webhooks"),
        ("PATCH", f"/webhooks/whk_{UUID}"),
        ("DELETE", f"/webhooks/whk_{UUID}"),
        ("POST", f"/webhooks/whk_{UUID}/rotate-secret"),
        ("POST", f"/webhooks/whk_{UUID}/test"),
        ("POST", f"/webhooks/whk_{UUID}/deliveries/{UUID}/redeliver"),
    ],
)
def test_every_mutation_needs_a_key(api: Api, method: str, path: str) -> None:
    answer = api.call(method, path, key=None)

    assert error_of(answer) == (400, "validation_error", "Header 'Idempotency-Key' is required.")


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "a.b", "schlüssel"])
def test_malformed_key_is_refused(api: Api, key: str) -> None:
    answer = api.post("/webhooks", json=new_endpoint(), key=None, headers={"Idempotency-Key": key.encode()})

    assert answer.status_code == 400
    assert answer.json()["error"]["detail"] == (
        "Header 'Idempotency-Key' must be 1 to 255 characters of [A-Za-z0-9_-]."
    )


@pytest.mark.parametrize("key", ["x", "x" * 255, "Az_09-"])
def test_well_formed_key_is_accepted(api: Api, key: str) -> None:
    assert api.post("/webhooks", json=new_endpoint(), key=key).status_code == 201


def test_reads_need_no_key(api: Api) -> None:
    answers = [api.get("/webhooks", key=None), api.get("/webhooks", key="not a key")]

    assert [answer.status_code for answer in answers] == [200, 200]


def test_same_request_replays_the_first_answer(api: Api) -> None:
    first = api.post("/webhooks", json=new_endpoint(), key="k")
    path = f"/webhooks/{first.json()['id']}"
    rotated = [api.post(f"{path}/rotate-secret", key="r") for _ in range(2)]
    api.delete(path)

    second = api.post("/webhooks", json=new_endpoint(), key="k")

    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert api.get("/webhooks").json()["data"] == []
    assert rotated[0].content == rotated[1].content
    assert rotated[1].json()["secret_version"] == 2


def test_replay_can_leave_the_secret_out(start_emulator: StartEmulator) -> None:
    api = start_emulator(replay_includes_secret=False)
    first = api.post("/webhooks", json=new_endpoint(), key="k").json()

    second = api.post("/webhooks", json=new_endpoint(), key="k").json()

    assert second == {name: value for name, value in first.items() if name != "secret"}


def test_key_of_another_request_conflicts(api: Api) -> None:
    made = api.post("/webhooks", json=new_endpoint(), key="k").json()

    answers = [
        api.post("/webhooks", json=new_endpoint(description="x"), key="k"),
        api.post("/webhooks?force=true", json=new_endpoint(), key="k"),
        api.delete(f"/webhooks/{made['id']}", key="k"),
    ]

    assert [error_of(answer)[:2] for answer in answers] == [(409, "conflict")] * 3
    assert [answer.json()["error"]["retryable"] for answer in answers] == [False] * 3


def test_spelling_of_the_json_does_not_matter(api: Api) -> None:
    """Open point: Signa does not say how two bodies are compared."""
    one = b'{"url": "https://acme.example.com/", "enabled_events": ["alert.created"]}'
    other = b'{"enabled_events":["alert.created"],"url":"https://acme.example.com/"}'
    api.post("/webhooks", data=one, key="k")

    answer = api.post("/webhooks", data=other, key="k")

    assert answer.headers["Idempotent-Replayed"] == "true"


def test_refused_call_does_not_use_up_its_key(api: Api) -> None:
    refused = api.post("/webhooks", json=new_endpoint(url="nowhere"), key="k")

    accepted = api.post("/webhooks", json=new_endpoint(), key="k")

    assert (refused.status_code, accepted.status_code) == (400, 201)


def test_key_is_new_again_after_24_hours(api: Api) -> None:
    first = api.post("/webhooks", json=new_endpoint(), key="k").json()["id"]
    api.control("POST", "/clock", {"advance_s": 86400 - 60})
    replayed = api.post("/webhooks", json=new_endpoint(), key="k").json()["id"]
    api.control("POST", "/clock", {"advance_s": 60})

    second = api.post("/webhooks", json=new_endpoint(), key="k").json()["id"]

    assert replayed == first
    assert second != first


def test_key_of_a_running_call_is_told_to_come_back_and_replayed_afterwards(api: Api) -> None:
    running = _start_slow_create(api)

    same = api.post("/webhooks", json=new_endpoint(), key="running")
    other = api.post("/webhooks", json=new_endpoint(description="x"), key="running")
    # Stopping the organization ends every pause.
    api.organization.stop()
    running.join()
    late = api.post("/webhooks", json=new_endpoint(), key="running")

    error = same.json()["error"]
    assert (same.status_code, error["type"], error["retryable"]) == (409, "idempotency_processing", True)
    assert (error["retry_after"], same.headers["Retry-After"]) == (1, "1")
    assert error_of(other)[:2] == (409, "conflict")
    assert (late.status_code, late.headers["Idempotent-Replayed"]) == (201, "true")


def _start_slow_create(api: Api) -> threading.Thread:
    """Send a create with the key `running` that takes ten minutes; return when it holds the key."""
    api.control("POST", "/faults", {"operation": "create", "kind": "delay", "seconds": 600})
    body = new_endpoint()
    running = threading.Thread(target=lambda: api.post("/webhooks", json=body, key="running", timeout=60))
    running.start()
    # A call would take the key itself; the control API only passes the time.
    while "running" not in api.organization.idempotency._records:
        api.control("GET", "/clock")
    return running
