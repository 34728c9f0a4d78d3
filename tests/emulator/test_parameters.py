"""The rules for query parameters: https://docs.signa.so/api-reference/introduction and …/pagination."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Api


@pytest.mark.parametrize("limit", ["0", "101", "-1", "ten", "1.5", "", "%C2%B2"])
def test_limit_outside_1_to_100_is_refused(api: Api, limit: str) -> None:
    """The sentence is the one of Signa's Errors page."""
    answer = api.get(f"/webhooks?limit={limit}")

    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "validation_error"
    assert answer.json()["error"]["detail"] == "Parameter 'limit' must be between 1 and 100."


@pytest.mark.parametrize("limit", ["1", "100"])
def test_limit_from_1_to_100_is_accepted(api: Api, limit: str) -> None:
    """Both ends are inside."""
    assert api.get(f"/webhooks?limit={limit}").status_code == 200


@pytest.mark.parametrize("value", ["True", "1", "yes", ""])
def test_booleans_are_only_the_literals_true_and_false(api: Api, value: str) -> None:
    """Anything else is a validation error."""
    answer = api.get(f"/webhooks?include_total={value}")

    assert answer.status_code == 400
    assert answer.json()["error"]["detail"] == "Parameter 'include_total' must be true or false."


def test_bracketed_keys_are_refused(api: Api) -> None:
    """Arrays are comma-separated in this API."""
    answer = api.get("/webhooks?ids[]=1")

    assert answer.status_code == 400
    assert answer.json()["error"]["detail"] == "Parameter 'ids[]' must not have brackets."


def test_unknown_keys_are_ignored(api: Api) -> None:
    """An additive API cannot refuse what a newer client may know."""
    assert api.get("/webhooks?colour=red").status_code == 200


def test_since_must_be_a_timestamp(api: Api) -> None:
    """The list of deliveries documents this 400."""
    endpoint = api.create()

    answer = api.get(f"/webhooks/{endpoint['id']}/deliveries?since=yesterday")

    assert answer.status_code == 400
    assert answer.json()["error"]["detail"] == "Parameter 'since' must be an ISO 8601 timestamp."
