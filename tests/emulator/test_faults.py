"""Faults: each kind over real HTTP, and what it leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
import requests

from signa_emulator.api.operations import OPERATIONS
from signa_emulator.faults import OPERATION_NAMES, Fault, FaultError, Faults

if TYPE_CHECKING:
    from conftest import Api


def _plan(api: Api, **fault: Any) -> None:
    answer = api.control("POST", "/faults", fault)
    assert answer.status_code == 201, answer.text


def _endpoints(api: Api) -> int:
    return len(api.control("GET", "/state").json()["endpoints"])


def test_status_answers_with_an_error_and_does_nothing(api: Api, valid_body: Callable[..., Any]) -> None:
    """Slug and flag are those that belong to the status."""
    _plan(api, operation="create", kind="status", status=503)

    answer = api.post("/webhooks", json=valid_body())

    error = answer.json()["error"]
    assert answer.status_code == 503
    assert (error["type"], error["status"], error["retryable"], error["retry_after"]) == (
        "service_unavailable",
        503,
        True,
        None,
    )
    assert "Retry-After" not in answer.headers
    assert _endpoints(api) == 0


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
        (502, "bad_gateway", True),
        (504, "gateway_timeout", True),
        (501, "internal_error", False),
    ],
)
def test_each_status_has_its_usual_slug(api: Api, status: int, slug: str, retryable: bool) -> None:  # noqa: FBT001
    """A test that names the status alone gets the envelope that Signa would send."""
    _plan(api, kind="status", status=status)

    error = api.get("/webhooks").json()["error"]

    assert (error["status"], error["type"], error["retryable"]) == (status, slug, retryable)


def test_error_can_be_spelled_out(api: Api) -> None:
    """Slug, detail, flag and wait are free; the wait is also in the header."""
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
    """Gateways answer like that."""
    _plan(api, kind="status", status=502, body="<h1>Bad Gateway</h1>", retry_after=1)

    answer = api.get("/webhooks")

    assert (answer.status_code, answer.text, answer.headers["Retry-After"]) == (502, "<h1>Bad Gateway</h1>", "1")


def test_status_after_commit_does_the_work_first(api: Api, valid_body: Callable[..., Any]) -> None:
    """The retry with the same key gets the lost answer."""
    _plan(api, operation="create", kind="status", status=500, after_commit=True)
    lost = api.post("/webhooks", json=valid_body(), key="k")

    retried = api.post("/webhooks", json=valid_body(), key="k")

    assert (lost.status_code, retried.status_code) == (500, 201)
    assert retried.headers["Idempotent-Replayed"] == "true"
    assert _endpoints(api) == 1


@pytest.mark.parametrize(("kind", "committed"), [("drop_before", 0), ("drop_after", 1)])
def test_drop_closes_the_connection_without_an_answer(
    api: Api, valid_body: Callable[..., Any], kind: str, committed: int
) -> None:
    """Before the work or after it; the caller cannot tell which."""
    _plan(api, operation="create", kind=kind)

    with pytest.raises(requests.ConnectionError):
        api.post("/webhooks", json=valid_body(), key="k")

    assert _endpoints(api) == committed
    retried = api.post("/webhooks", json=valid_body(), key="k")
    assert ("Idempotent-Replayed" in retried.headers) == bool(committed)
    assert _endpoints(api) == 1


def test_truncate_cuts_the_body_short(api: Api, valid_body: Callable[..., Any]) -> None:
    """The length promised is the whole one, and the work is done."""
    _plan(api, operation="create", kind="truncate")

    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        api.post("/webhooks", json=valid_body())

    assert _endpoints(api) == 1


def test_truncated_answer_has_its_status_and_half_its_body(api: Api) -> None:
    """A caller that reads on its own sees how far it came."""
    _plan(api, kind="truncate")

    answer = api.get("/webhooks", stream=True)

    got = answer.raw.read(10, decode_content=False)
    assert answer.status_code == 200
    assert got == b'{"object":'
    with pytest.raises(Exception, match="IncompleteRead"):
        answer.raw.read()


@pytest.mark.parametrize("body", ["", "not json", '{"object": "surprise"}'])
def test_body_is_replaced_after_the_work(api: Api, valid_body: Callable[..., Any], body: str) -> None:
    """The status is that of success."""
    _plan(api, operation="create", kind="body", body=body)

    answer = api.post("/webhooks", json=valid_body())

    assert (answer.status_code, answer.text) == (201, body)
    assert _endpoints(api) == 1


@pytest.mark.parametrize(("after_commit", "committed"), [(False, 0), (True, 1)])
def test_hang_never_answers(
    api: Api,
    api_key: str,
    valid_body: Callable[..., Any],
    after_commit: bool,  # noqa: FBT001
    committed: int,
) -> None:
    """The caller gives up; the connection ends then."""
    _plan(api, operation="create", kind="hang", after_commit=after_commit)

    with pytest.raises(requests.ReadTimeout):
        _post_impatiently(api, api_key, valid_body())

    # On a busy machine the caller may give up before the call is looked at.
    while api.control("GET", "/calls").json()["total"] == 0:
        pass
    assert _endpoints(api) == committed
    assert api.control("GET", "/calls").json()["by_status"] == {"none": 1}


def _post_impatiently(api: Api, api_key: str, body: Any) -> None:
    """Create with the key `k`, and give up soon."""
    headers = {"Authorization": f"Bearer {api_key}", "Idempotency-Key": "k"}
    with requests.Session() as session:
        session.trust_env = False
        session.post(f"{api.emulator.base_url}/webhooks", json=body, headers=headers, timeout=(30, 0.5))


@pytest.mark.parametrize("after_commit", [False, True])
def test_delay_answers_in_the_end(api: Api, valid_body: Callable[..., Any], after_commit: bool) -> None:  # noqa: FBT001
    """Late, and otherwise as usual."""
    _plan(api, operation="create", kind="delay", seconds=0.01, after_commit=after_commit)

    answer = api.post("/webhooks", json=valid_body())

    assert answer.status_code == 201
    assert api.control("GET", "/requests").json()[0]["fault"] == "delay"


def test_delay_after_commit_shows_the_work_at_once(api: Api, api_key: str, valid_body: Callable[..., Any]) -> None:
    """A caller that gives up too early can fetch the answer with its key."""
    _plan(api, operation="create", kind="delay", seconds=600, after_commit=True)
    with pytest.raises(requests.ReadTimeout):
        _post_impatiently(api, api_key, valid_body())
    # On a busy machine the caller may give up before the call is looked at.
    while _endpoints(api) == 0:
        pass

    answer = api.post("/webhooks", json=valid_body(), key="k")

    assert (answer.status_code, answer.headers["Idempotent-Replayed"]) == (201, "true")


@pytest.mark.parametrize("path", ["/health", "/nowhere"])
def test_every_path_can_be_delayed(api: Api, path: str) -> None:
    """`*` means everything under /v1."""
    _plan(api, operation="*", kind="delay", seconds=0.01)

    answer = api.get(path)

    assert answer.status_code in {200, 404}
    assert api.control("GET", "/faults").json() == []


def test_fault_befalls_its_operation_only(api: Api) -> None:
    """Other calls pass and do not use it up."""
    _plan(api, operation="delete", kind="status", status=500)
    endpoint = api.create()

    statuses = [api.get("/webhooks").status_code, api.delete(f"/webhooks/{endpoint['id']}").status_code]

    assert statuses == [200, 500]


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
def test_every_operation_can_be_named(api: Api, operation: str, method: str, path: str) -> None:
    """The names are those of the call counters."""
    _plan(api, operation=operation, kind="status", status=599)

    answer = api.call(method, path)

    assert answer.status_code == 599


def test_names_are_those_of_the_operations() -> None:
    """Faults and counters know every operation, in the same order."""
    assert tuple(operation.name for operation in OPERATIONS) == OPERATION_NAMES


def test_fault_happens_as_often_as_asked(api: Api) -> None:
    """Then everything is well again."""
    _plan(api, kind="status", status=500, times=2)

    assert [api.get("/webhooks").status_code for _ in range(3)] == [500, 500, 200]


def test_fault_without_end_lasts_until_cleared(api: Api) -> None:
    """`times: null` is for outages."""
    _plan(api, kind="status", status=500, times=None)
    during = [api.get("/webhooks").status_code for _ in range(3)]

    api.control("DELETE", "/faults")

    assert (during, api.get("/webhooks").status_code) == ([500] * 3, 200)


def test_fault_can_let_some_calls_through_first(api: Api) -> None:
    """The third call of a run can be the one that fails."""
    _plan(api, kind="status", status=500, skip=2)

    assert [api.get("/webhooks").status_code for _ in range(4)] == [200, 200, 500, 200]


def test_faults_befall_in_the_order_they_were_planned() -> None:
    """A fault that lets calls through does not hold up the next one."""
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
    """With what is left of their counts."""
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
    """A typing error does not become a fault that never happens."""
    with pytest.raises(FaultError, match=message):
        Fault.from_json(fault)
