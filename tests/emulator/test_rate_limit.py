"""Calls per sliding window: https://docs.signa.so/api-reference/rate-limits."""

import re
from typing import Any

import pytest

from emulator.harness import UUID, Api, StartEmulator, new_endpoint


def _remaining(answer: Any) -> int:
    return int(re.fullmatch(r"remaining=([0-9]+), reset=[0-9]+", answer.headers["RateLimit"])[1])  # type: ignore[index]


def test_headers_tell_the_policy_and_what_is_left(api: Api) -> None:
    answers = [api.get("/webhooks"), api.get("/webhooks/whk_none")]

    assert [answer.headers["RateLimit-Policy"] for answer in answers] == ["100;w=60"] * 2
    assert [_remaining(answer) for answer in answers] == [99, 98]
    reset = int(answers[0].headers["RateLimit"].rpartition("=")[2])
    assert 1 <= reset <= 60


def test_call_beyond_the_limit_is_refused(start_emulator: StartEmulator) -> None:
    api = start_emulator(rate_limit=2)
    api.create()
    api.create()

    answer = api.post("/webhooks", json=new_endpoint())

    error = answer.json()["error"]
    assert (answer.status_code, error["type"], error["retryable"]) == (429, "rate_limited", True)
    assert answer.headers["Retry-After"] == str(error["retry_after"])
    assert 1 <= error["retry_after"] <= 60
    assert _remaining(answer) == 0
    assert len(api.control("GET", "/state").json()["endpoints"]) == 2


def test_window_slides(start_emulator: StartEmulator) -> None:
    api = start_emulator(rate_limit=2)
    api.get("/webhooks")
    api.control("POST", "/clock", {"advance_s": 40})
    api.get("/webhooks")
    api.control("POST", "/clock", {"advance_s": 20})

    statuses = [api.get("/webhooks").status_code for _ in range(2)]

    assert statuses == [200, 429]


def test_waiting_as_told_is_enough_and_refused_calls_do_not_count(start_emulator: StartEmulator) -> None:
    api = start_emulator(rate_limit=1)
    api.get("/webhooks", headers={"Authorization": "Bearer sig_unknown"})
    first = api.get("/webhooks").status_code
    waits_s = [int(api.get("/webhooks").headers["Retry-After"]) for _ in range(5)]

    api.control("POST", "/clock", {"advance_s": waits_s[-1]})

    assert (first, api.get("/webhooks").status_code) == (200, 200)


@pytest.mark.parametrize(
    ("method", "path", "policy"),
    [
        ("POST", "/test", "1000;w=60"),
        ("GET", "/deliveries", "1000;w=60"),
        ("GET", "", "100;w=60"),
        ("PATCH", "", "100;w=60"),
        ("DELETE", "", "100;w=60"),
        ("POST", "/rotate-secret", "100;w=60"),
        ("POST", f"/deliveries/{UUID}/redeliver", "100;w=60"),
    ],
)
def test_tests_and_delivery_reads_have_a_pool_of_their_own(api: Api, method: str, path: str, policy: str) -> None:
    answer = api.call(method, f"/webhooks/whk_none{path}")

    assert answer.headers["RateLimit-Policy"] == policy


def test_full_monitoring_pool_leaves_the_utility_pool_open(start_emulator: StartEmulator) -> None:
    api = start_emulator(rate_limit=1)
    endpoint = api.create()

    answers = [api.get("/webhooks"), api.get(f"/webhooks/{endpoint['id']}/deliveries")]

    assert [answer.status_code for answer in answers] == [429, 200]


def test_limit_and_window_are_settings(start_emulator: StartEmulator) -> None:
    api = start_emulator()
    api.get("/webhooks")

    api.control("PATCH", "/settings", {"rate_limit": 1, "rate_window_s": 5})
    answer = api.get("/webhooks")

    assert (answer.status_code, answer.headers["RateLimit-Policy"]) == (429, "1;w=5")


def test_limit_can_be_switched_off(start_emulator: StartEmulator) -> None:
    api = start_emulator(rate_limit=None)

    answers = [api.get("/webhooks") for _ in range(105)]

    assert {answer.status_code for answer in answers} == {200}
    assert "RateLimit" not in answers[-1].headers
