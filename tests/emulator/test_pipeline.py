"""The order of checks; Signa does not document it (open point)."""

import pytest

from emulator.harness import KEY_WITHOUT_SCOPE, Api, StartEmulator

_WRONG_TYPE = "/webhooks/wat_1"
_MISSING = "/webhooks/whk_1"


def test_key_is_checked_before_everything(start_emulator: StartEmulator) -> None:
    api = start_emulator(rate_limit=1)
    api.get("/webhooks")

    answer = api.patch(_WRONG_TYPE, data=b"{", key=None, headers={"Authorization": "Bearer sig_no"})

    assert answer.status_code == 401
    assert "RateLimit" not in answer.headers


def test_scope_is_checked_before_the_rate_limit(start_emulator: StartEmulator) -> None:
    api = start_emulator(rate_limit=1)
    api.get("/webhooks")

    answer = api.patch(_WRONG_TYPE, key=None, headers={"Authorization": f"Bearer {KEY_WITHOUT_SCOPE}"})

    assert answer.status_code == 403


def test_rate_limit_is_checked_before_the_idempotency_key(start_emulator: StartEmulator) -> None:
    api = start_emulator(rate_limit=1)
    api.get("/webhooks")

    answer = api.patch(_WRONG_TYPE, key=None)

    assert answer.status_code == 429


def test_idempotency_key_is_checked_before_the_id(api: Api) -> None:
    api.post("/webhooks", json={"url": "https://example.com/", "enabled_events": ["alert.created"]}, key="used")

    answers = [api.patch(_WRONG_TYPE, key=None), api.patch(_WRONG_TYPE, key="used")]

    assert [answer.json()["error"]["type"] for answer in answers] == ["validation_error", "conflict"]


@pytest.mark.parametrize(
    ("path", "slug"), [(_WRONG_TYPE, "id_type_mismatch"), (_MISSING, "not_found"), ("{id}", "validation_error")]
)
def test_id_and_existence_are_checked_before_the_body(api: Api, path: str, slug: str) -> None:
    endpoint = api.create()

    answer = api.patch(path.replace("{id}", f"/webhooks/{endpoint['id']}"), data=b"{")

    assert answer.json()["error"]["type"] == slug


def test_body_is_checked_before_the_state(api: Api) -> None:
    path = f"/webhooks/{api.create()['id']}/rotate-secret"
    api.post(path)

    answer = api.post(path, json={"force": 1})

    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", "/webhooks"), ("POST", "/webhooks/whk_1"), ("GET", "/webhooks/"), ("GET", "/"), ("OPTIONS", "/webhooks")],
)
def test_what_the_api_does_not_have_is_not_found(api: Api, method: str, path: str) -> None:
    answer = api.call(method, path)

    error = answer.json()["error"]
    assert (answer.status_code, error["type"]) == (404, "not_found")
    assert error["detail"] == f"There is no {method} /v1{path}."


def test_latency_is_a_setting_for_every_call(start_emulator: StartEmulator, monkeypatch: pytest.MonkeyPatch) -> None:
    api = start_emulator(latency_ms=1)
    pauses: list[float] = []
    monkeypatch.setattr(api.organization, "pause", pauses.append)

    api.get("/webhooks")
    api.get("/health")

    assert [pause for pause in pauses if pause] == [0.001, 0.001]
