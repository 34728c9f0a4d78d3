"""The organization: keys and scopes, events, reset."""

import pytest
import requests

from emulator.harness import API_KEY, KEY_WITHOUT_SCOPE, Api, Receiver, StartEmulator, error_of
from signa_emulator.organization import Organization


@pytest.mark.parametrize(
    ("authorization", "detail"),
    [
        *(
            (text, "Invalid API key.")
            for text in ("Bearer sig_" + "0" * 48, "Bearer sk_live_1", "Bearer ", "sig_a", "")
        ),
        ("Basic sig_a", "Invalid API key."),
        (None, "Missing Authorization header."),
    ],
)
def test_missing_unknown_or_malformed_key_is_unauthorized(api: Api, authorization: str | None, detail: str) -> None:
    answer = api.get("/webhooks", headers={"Authorization": authorization})

    assert error_of(answer) == (401, "unauthorized", detail)


def test_scheme_is_read_in_any_case(api: Api) -> None:
    """HTTP says that authentication schemes are case-insensitive."""
    assert api.get("/webhooks", headers={"Authorization": f"bearer {API_KEY}"}).status_code == 200


def test_key_without_the_scope_is_forbidden(api: Api) -> None:
    status, slug, detail = error_of(api.get("/webhooks", headers={"Authorization": f"Bearer {KEY_WITHOUT_SCOPE}"}))

    assert (status, slug) == (403, "forbidden")
    assert "portfolios:manage" in detail


def test_health_needs_no_key(api: Api) -> None:
    answer = api.get("/health", headers={"Authorization": None})

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize(("readiness", "status"), [("ok", 200), ("degraded", 200), ("unavailable", 503)])
def test_readiness_is_a_setting_and_needs_no_key(start_emulator: StartEmulator, readiness: str, status: int) -> None:
    api = start_emulator(readiness=readiness)

    answer = requests.get(api.base_url.removesuffix("/v1") + "/health/ready", timeout=30)

    assert (answer.status_code, answer.json()) == (status, {"status": readiness})
    assert api.organization.requests.calls()["by_operation"]["ready"] == 1
    assert api.get("/health").status_code == 200


@pytest.mark.parametrize("arguments", [{"api_keys": ["secret"]}, {"api_keys_without_scope": ["sig"]}])
def test_keys_begin_with_sig(arguments: dict[str, list[str]]) -> None:
    with pytest.raises(ValueError, match=r"^an API key begins with sig_$"):
        Organization(**arguments)  # type: ignore[arg-type]


def test_secrets_do_not_show_in_a_repr(api: Api) -> None:
    made = api.create()
    rotated = api.post(f"/webhooks/{made['id']}/rotate-secret").json()

    shown = repr(api.organization.endpoints.get(made["id"]))

    assert made["id"] in shown
    assert made["secret"] not in shown
    assert rotated["secret"] not in shown


def test_event_can_be_emitted_in_process(api: Api, receiver: Receiver) -> None:
    api.create(url=receiver.url)

    event, attempts = api.organization.emit(data={"alert_id": "alt_1", "severity": "critical"})
    without_id, _ = api.organization.emit(data={"severity": "high"})

    api.idle()
    assert (event.id, event.alert_id, event.data["severity"]) == ("alt_1", "alt_1", "critical")
    assert [attempt.status for attempt in attempts] == ["delivered"]
    assert without_id.id.startswith("alt_")
    assert without_id.data == {"severity": "high"}


def test_reset_forgets_everything_but_settings_and_keys(api: Api, receiver: Receiver) -> None:
    receiver.statuses.append(500)
    api.control("PATCH", "/settings", {"redaction": "null", "rate_limit": 10})
    made = api.create(url=receiver.url)
    deleted = api.create(url=receiver.url)
    api.delete(f"/webhooks/{deleted['id']}", key="k")
    api.post(f"/webhooks/{made['id']}/rotate-secret?force=true")
    api.control("POST", "/events")
    api.idle()
    api.control("POST", "/faults", {"kind": "hang"})
    moved = api.control("POST", "/clock", {"advance_s": 86400}).json()["now"]

    api.control("POST", "/reset")

    state = api.control("GET", "/state").json()
    assert (state["endpoints"], state["deleted"], state["audit_events"]) == ([], [], [])
    assert state["now"] < moved
    assert api.control("GET", "/faults").json() == []
    assert api.control("GET", "/calls").json()["total"] == 0
    assert api.control("GET", "/settings").json()["redaction"] == "null"
    assert api.control("POST", "/deliveries/run").json() == {"delivery_attempt_ids": []}
    answer = api.delete(f"/webhooks/{deleted['id']}", key="k")
    assert (answer.status_code, answer.headers["RateLimit"][:11]) == (404, "remaining=9")
