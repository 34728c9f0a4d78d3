"""The log of calls and the counters; its file is tested with the command line, which writes one."""

from typing import Any

from emulator.harness import Api, new_endpoint


def test_call_is_logged_with_what_may_be_written_down(api: Api) -> None:
    api.control("POST", "/clock", {"advance_s": 86400})
    api.post("/webhooks", json=new_endpoint(), key="k")
    api.post("/webhooks", json=new_endpoint(), key="k")
    api.get("/webhooks?limit=1")

    log = api.control("GET", "/requests").json()

    assert [{name: value for name, value in entry.items() if name != "at"} for entry in log] == [
        _entry("POST", status=201, idempotency_key="k"),
        _entry("POST", status=201, idempotency_key="k", replayed=True),
        _entry("GET", query="limit=1", status=200),
    ]
    assert log[0]["at"] >= api.control("GET", "/state").json()["endpoints"][0]["created_at"]


def _entry(method: str, **different: Any) -> dict[str, Any]:
    """Return the log entry of a call of `/v1/webhooks`."""
    return {
        "method": method,
        "path": "/v1/webhooks",
        "query": "",
        "status": None,
        "idempotency_key": None,
        "replayed": False,
        "fault": None,
        **different,
    }


def test_faults_are_logged_by_kind_and_refusals_by_status(api: Api) -> None:
    for fault in ({"kind": "status", "status": 503}, {"kind": "body", "body": "x"}):
        api.control("POST", "/faults", fault)
        api.get("/webhooks")
    api.get("/webhooks", headers={"Authorization": "Bearer sig_wrong"})

    log = api.control("GET", "/requests").json()

    assert [(entry["status"], entry["fault"]) for entry in log] == [(503, "status"), (200, "body"), (401, None)]
    assert api.control("GET", "/calls").json()["by_status"] == {"503": 1, "200": 1, "401": 1}


def test_counters_name_every_operation(api: Api) -> None:
    endpoint = api.create()
    for path in ("/webhooks", "/webhooks", f"/webhooks/{endpoint['id']}", "/health", "/nowhere"):
        api.get(path)

    calls = api.control("GET", "/calls").json()

    assert calls == {
        "total": 6,
        "by_operation": {
            "create": 1,
            "list": 2,
            "retrieve": 1,
            "update": 0,
            "delete": 0,
            "rotate": 0,
            "test": 0,
            "list_deliveries": 0,
            "redeliver": 0,
            "health": 1,
            "unknown": 1,
        },
        "by_status": {"200": 4, "201": 1, "404": 1},
    }


def test_counters_can_be_reset_and_the_log_stays(api: Api) -> None:
    api.get("/webhooks")

    reset = api.control("DELETE", "/calls").json()

    assert (reset["total"], reset["by_operation"]["list"], reset["by_status"]) == (0, 0, {})
    assert len(api.control("GET", "/requests").json()) == 1
