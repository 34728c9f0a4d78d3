"""Answers against the samples of Signa's documentation, field by field and type by type."""

import re
from typing import Any

import pytest

from emulator.harness import Api, Receiver, Sample

_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def _assert_like(answer: Any, sample: Any, where: str = "answer") -> None:
    """Compare fields and types; in the published samples `{}` stands for anything that may be null or an object."""
    if sample == {}:
        return
    assert type(answer) is type(sample), where
    if isinstance(sample, dict):
        assert answer.keys() == sample.keys(), where
        for name in sample:
            _assert_like(answer[name], sample[name], f"{where}.{name}")
    elif isinstance(sample, list) and sample:
        assert answer, where
        for index, item in enumerate(answer):
            _assert_like(item, sample[0], f"{where}[{index}]")


def test_documented_create_request_gets_the_documented_answer(api: Api, sample: Sample) -> None:
    answer = api.post("/webhooks", json=sample("create_request"), key="create-prod-webhook-2026-06-12")

    assert answer.status_code == 201
    _assert_like(answer.json(), sample("create_response"))
    assert {name: answer.json()[name] for name in sample("create_request")} == sample("create_request")
    assert _ISO.fullmatch(answer.json()["created_at"])
    assert answer.json()["request_id"].startswith("req_")


def test_rotation_answers_with_the_object_of_create(api: Api, sample: Sample) -> None:
    made = api.create()

    answer = api.post(f"/webhooks/{made['id']}/rotate-secret")

    assert answer.status_code == 200
    _assert_like(answer.json(), sample("create_response"))


@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_reads_answer_with_the_object_of_create_without_the_secret(api: Api, sample: Sample, method: str) -> None:
    made = api.create()
    expected = sample("create_response")
    del expected["secret"]

    answer = api.call(method, f"/webhooks/{made['id']}", json={"description": "x"} if method == "PATCH" else None)

    assert answer.status_code == 200
    _assert_like(answer.json(), expected)


def test_items_of_the_list_have_no_request_id(api: Api, sample: Sample) -> None:
    api.create()
    expected = sample("create_response")
    del expected["secret"], expected["request_id"]

    page = api.get("/webhooks").json()

    _assert_like(page["data"][0], expected)
    assert page["request_id"].startswith("req_")


def test_page_with_total_has_the_documented_shape(api: Api, sample: Sample) -> None:
    for _ in range(2):
        api.create()

    page = api.get("/webhooks?limit=1&include_total=true").json()

    _assert_like(page, sample("page_with_total"))


def test_delete_answers_like_its_siblings(api: Api, sample: Sample) -> None:
    made = api.create()

    answer = api.delete(f"/webhooks/{made['id']}").json()

    _assert_like(answer, sample("delete_response"))
    assert (answer["id"], answer["object"], answer["deleted"]) == (made["id"], "webhook_endpoint", True)


def test_test_and_redelivery_have_the_documented_answers(api: Api, receiver: Receiver, sample: Sample) -> None:
    made = api.create(url=receiver.url)

    tested = api.post(f"/webhooks/{made['id']}/test")
    attempt = tested.json()["delivery_attempt_id"]
    redelivered = api.post(f"/webhooks/{made['id']}/deliveries/{attempt}/redeliver")

    assert (tested.status_code, redelivered.status_code) == (200, 200)
    _assert_like(tested.json(), sample("test_response"))
    _assert_like(redelivered.json(), sample("redeliver_response"))
    assert (tested.json()["object"], redelivered.json()["object"]) == ("webhook_test", "webhook_redelivery")
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", attempt)


def test_delivery_rows_have_the_documented_shape(api: Api, receiver: Receiver, sample: Sample) -> None:
    made = api.create(url=receiver.url)
    api.control("POST", "/events")
    api.deliveries(made["id"])

    page = api.get(f"/webhooks/{made['id']}/deliveries").json()

    expected = sample("list_deliveries_response")
    _assert_like(page, expected)


def test_errors_have_the_documented_envelope(api: Api, sample: Sample) -> None:
    path = "/webhooks/whk_018f9b2e-9b6c-7c9c-b4f1-1234567890ab"

    answer = api.get(path).json()

    expected = sample("error_response")
    _assert_like(answer, expected)
    fixed = ("type", "title", "status", "retryable", "retry_after")
    assert {name: answer["error"][name] for name in fixed} == {name: expected["error"][name] for name in fixed}
    assert answer["error"]["instance"] == f"/v1{path}"


def test_every_answer_has_its_own_request_id(api: Api) -> None:
    ids = {api.get("/webhooks").json()["request_id"] for _ in range(10)}

    assert len(ids) == 10
