"""Faults: each kind over real HTTP, and what it leaves behind."""

from typing import Any

import pytest
import requests

from emulator.harness import Api, new_endpoint
from signa_emulator.api.operations import OPERATIONS
from signa_emulator.faults import OPERATION_NAMES, Fault, FaultError, Faults


def _plan(api: Api, **fault: Any) -> None:
    answer = api.control("POST", "/faults", fault)
    assert answer.status_code == 201, answer.text


def _endpoints(api: Api) -> int:
    return len(api.control("GET", "/state").json()["endpoints"])


@pytest.mark.parametrize(
    ("status", "slug", "retryable"),
    [
        (400, "validation_error", False),
        (401, "unauthorized", False),
        (403, "forbidden", False),
        (404, "not_found", False),
        (409, "conflict", False),
        (429, "rate_limited", True),
        (500, "internal_error", True),
        (501, "internal_error", False),
        (502, "bad_gateway", True),
        (503, "service_unavailable", True),
        (504, "gateway_timeout", True),
    ],
)
def test_status_answers_with_its_usual_error_and_does_nothing(
    api: Api, *, status: int, slug: str, retryable: bool
) -> None:
    _plan(api, operation="create", kind="status", status=status)

    answer = api.post("/webhooks", json=new_endpoint())

    error = answer.json()["error"]
    assert answer.status_code == error["status"] == status
    assert (error["type"], error["retryable"], error["retry_after"]) == (slug, retryable, None)
    assert "Retry-After" not in answer.headers
    assert _endpoints(api) == 0


def test_error_can_be_spelled_out(api: Api) -> None:
    _plan(api, kind="status", status=504, type="preview_timeout", detail="Too slow.", retryable=False, retry_after=7)

    answer = api.get("/webhooks")

    error = answer.json()["error"]
    assert (error["type"], error["detail"], error["retryable"], error["retry_after"]) == (
        "preview_timeout",
        "Too slow.",
        False,
        7,
    )
    assert answer.headers["Retry-After"] == "7"


def test_error_can_have_a_body_that_is_no_json(api: Api) -> None:
    _plan(api, kind="status", status=502, body="<h1>Bad Gateway</h1>", retry_after=1)

    answer = api.get("/webhooks")

    assert (answer.status_code, answer.text, answer.headers["Retry-After"]) == (502, "<h1>Bad Gateway</h1>", "1")


def test_status_after_commit_does_the_work_first(api: Api) -> None:
    _plan(api, operation="create", kind="status", status=500, after_commit=True)
    lost = api.post("/webhooks", json=new_endpoint(), key="k")

    retried = api.post("/webhooks", json=new_endpoint(), key="k")

    assert (lost.status_code, retried.status_code) == (500, 201)
    assert retried.headers["Idempotent-Replayed"] == "true"
    assert _endpoints(api) == 1


@pytest.mark.parametrize(("kind", "committed"), [("drop_before", 0), ("drop_after", 1)])
def test_drop_closes_the_connection_without_an_answer(api: Api, kind: str, committed: int) -> None:
    _plan(api, operation="create", kind=kind)

    with pytest.raises(requests.ConnectionError):
        api.post("/webhooks", json=new_endpoint(), key="k")

    assert _endpoints(api) == committed
    retried = api.post("/webhooks", json=new_endpoint(), key="k")
    assert ("Idempotent-Replayed" in retried.headers) == bool(committed)
    assert _endpoints(api) == 1


def test_truncated_answer_has_its_status_and_half_its_body(api: Api) -> None:
    _plan(api, operation="create", kind="truncate")

    answer = api.post("/webhooks", json=new_endpoint(), stream=True)

    assert answer.status_code == 201
    assert answer.raw.read(7, decode_content=False) == b'{"id": '
    with pytest.raises(Exception, match="IncompleteRead"):
        answer.raw.read()
    assert _endpoints(api) == 1


@pytest.mark.parametrize("body", ["", "not json", '{"object": "surprise"}'])
def test_body_is_replaced_after_the_work(api: Api, body: str) -> None:
    _plan(api, operation="create", kind="body", body=body)

    answer = api.post("/webhooks", json=new_endpoint())

    assert (answer.status_code, answer.text) == (201, body)
    assert _endpoints(api) == 1


@pytest.mark.parametrize(("after_commit", "committed"), [(False, 0), (True, 1)])
def test_hang_never_answers(api: Api, *, after_commit: bool, committed: int) -> None:
    _plan(api, operation="create", kind="hang", after_commit=after_commit)

    with pytest.raises(requests.ReadTimeout):
        api.post("/webhooks", json=new_endpoint(), timeout=(30, 0.5))

    # On a busy machine the caller may give up before the call is looked at.
    while api.control("GET", "/calls").json()["total"] == 0:
        pass
    assert _endpoints(api) == committed
    assert api.control("GET", "/calls").json()["by_status"] == {"none": 1}


@pytest.mark.parametrize("after_commit", [False, True])
def test_delay_answers_in_the_end(api: Api, *, after_commit: bool) -> None:
    _plan(api, operation="create", kind="delay", seconds=0.01, after_commit=after_commit)

    answer = api.post("/webhooks", json=new_endpoint())

    assert answer.status_code == 201
    assert api.control("GET", "/requests").json()[0]["fault"] == "delay"


def test_delay_after_commit_shows_the_work_at_once(api: Api) -> None:
    _plan(api, operation="create", kind="delay", seconds=600, after_commit=True)
    with pytest.raises(requests.ReadTimeout):
        api.post("/webhooks", json=new_endpoint(), key="k", timeout=(30, 0.5))
    # On a busy machine the caller may give up before the call is looked at.
    while _endpoints(api) == 0:
        pass

    answer = api.post("/webhooks", json=new_endpoint(), key="k")

    assert (answer.status_code, answer.headers["Idempotent-Replayed"]) == (201, "true")


@pytest.mark.parametrize("path", ["/health", "/nowhere"])
def test_every_path_can_be_delayed(api: Api, path: str) -> None:
    _plan(api, operation="*", kind="delay", seconds=0.01)

    answer = api.get(path)

    assert answer.status_code in {200, 404}
    assert api.control("GET", "/faults").json() == []


@pytest.mark.parametrize(
    ("operation", "method", "path"),
    [
        ("create", "POST", "/webhooks"),
        ("list", "GET", "/webhooks"),
        ("retrieve", "GET", "/webhooks/x"),
        ("update", "PATCH", "/webhooks/x"),
        ("delete", "DELETE", "/webhooks/x"),
        ("rotate", "POST", "/webhooks/x/rotate-secret"),
        ("test", "POST", "/webhooks/x/test"),
        ("list_deliveries", "GET", "/webhooks/x/deliveries"),
        ("redeliver", "POST", "/webhooks/x/deliveries/y/redeliver"),
    ],
)
def test_fault_meets_its_operation_alone(api: Api, operation: str, method: str, path: str) -> None:
    _plan(api, operation=operation, kind="status", status=599)

    other = api.get("/webhooks?limit=1") if operation != "list" else api.get("/webhooks/x")
    answer = api.call(method, path)

    assert (other.status_code == 599, answer.status_code) == (False, 599)


def test_names_are_those_of_the_operations() -> None:
    assert tuple(operation.name for operation in OPERATIONS) == OPERATION_NAMES


@pytest.mark.parametrize(
    ("fault", "statuses"),
    [
        ({}, [500, 200, 200, 200]),
        ({"times": 2}, [500, 500, 200, 200]),
        ({"skip": 2}, [200, 200, 500, 200]),
        ({"times": None}, [500] * 4),
    ],
)
def test_fault_happens_as_often_as_asked_until_cleared(api: Api, fault: dict[str, Any], statuses: list[int]) -> None:
    _plan(api, kind="status", status=500, **fault)

    answered = [api.get("/webhooks").status_code for _ in range(4)]
    api.control("DELETE", "/faults")

    assert answered == statuses
    assert api.get("/webhooks").status_code == 200


def test_faults_happen_in_the_order_they_were_planned() -> None:
    faults = Faults()
    faults.add(kind="drop_before", operation="create", skip=1)
    faults.add(kind="drop_after", operation="create")
    faults.add(kind="truncate")

    taken = [faults.take("create") for _ in range(4)]

    assert [None if fault is None else fault.kind for fault in taken] == [
        "drop_after",
        "drop_before",
        "truncate",
        None,
    ]


def test_pending_faults_can_be_read(api: Api) -> None:
    _plan(api, kind="status", status=500, times=3)
    api.get("/webhooks")

    faults = api.control("GET", "/faults").json()

    assert [(fault["kind"], fault["status"], fault["times"], fault["operation"]) for fault in faults] == [
        ("status", 500, 2, "*")
    ]


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({}, "a fault needs a kind"),
        ({"kind": "flood"}, "a fault needs a kind"),
        ({"kind": ["status"]}, "a fault needs a kind"),
        ({"kind": "status"}, r"of kind status needs \['status'\]"),
        ({"kind": "delay"}, r"of kind delay needs \['seconds'\]"),
        ({"kind": "body"}, r"of kind body needs \['body'\]"),
        ({"kind": "truncate", "after_commit": True}, "of kind truncate needs"),
        ({"kind": "truncate", "self": 1}, "of kind truncate needs"),
        ({"kind": "hang", "operation": "explode"}, "operation = 'explode'"),
        ({"kind": "hang", "operation": ["create"]}, r"operation = \['create'\]"),
        ({"kind": "hang", "times": 0}, "times = 0"),
        ({"kind": "hang", "times": True}, "times = True"),
        ({"kind": "hang", "skip": -1}, "skip = -1"),
        ({"kind": "hang", "after_commit": 1}, "after_commit = 1"),
        ({"kind": "status", "status": 200}, "status = 200"),
        ({"kind": "status", "status": 500, "type": 1}, "type = 1"),
        ({"kind": "status", "status": 500, "detail": None}, "detail = None"),
        ({"kind": "status", "status": 500, "retryable": "no"}, "retryable = 'no'"),
        ({"kind": "status", "status": 500, "retry_after": 1.5}, "retry_after = 1.5"),
        ({"kind": "delay", "seconds": -1}, "seconds = -1"),
        ({"kind": "delay", "seconds": True}, "seconds = True"),
        ({"kind": "body", "body": {}}, "body = {}"),
    ],
)
def test_fault_that_makes_no_sense_is_refused(fault: dict[str, Any], message: str) -> None:
    with pytest.raises(FaultError, match=message):
        Fault.from_json(fault)
