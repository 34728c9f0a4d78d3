"""The rules for query parameters: https://docs.signa.so/api-reference/introduction and …/pagination."""

import pytest

from emulator.harness import Api


@pytest.mark.parametrize("limit", ["0", "101", "-1", "ten", "1.5", "", "%C2%B2"])
def test_limit_outside_1_to_100_is_refused(api: Api, limit: str) -> None:
    answer = api.get(f"/webhooks?limit={limit}")

    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "validation_error"
    assert answer.json()["error"]["detail"] == "Parameter 'limit' must be between 1 and 100."


@pytest.mark.parametrize("limit", ["1", "100"])
def test_limit_from_1_to_100_is_accepted(api: Api, limit: str) -> None:
    assert api.get(f"/webhooks?limit={limit}").status_code == 200


@pytest.mark.parametrize("value", ["True", "1", "yes", ""])
def test_booleans_are_only_the_literals_true_and_false(api: Api, value: str) -> None:
    answer = api.get(f"/webhooks?include_total={value}")

    assert answer.status_code == 400
    assert answer.json()["error"]["detail"] == "Parameter 'include_total' must be true or false."


def test_bracketed_keys_are_refused(api: Api) -> None:
    answer = api.get("/webhooks?ids[]=1")

    assert answer.status_code == 400
    assert answer.json()["error"]["detail"] == "Parameter 'ids[]' must not have brackets."


def test_unknown_keys_are_ignored(api: Api) -> None:
    assert api.get("/webhooks?colour=red").status_code == 200


def test_since_must_be_a_timestamp(api: Api) -> None:
    endpoint = api.create()

    answer = api.get(f"/webhooks/{endpoint['id']}/deliveries?since=yesterday")

    assert answer.status_code == 400
    assert answer.json()["error"]["detail"] == "Parameter 'since' must be an ISO 8601 timestamp."
