"""What may be declared as a destination, and what a state may hold of one."""

from contextlib import nullcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_host import URN, context, endpoints
from pulumi_signa.lifecycle.errors import LifecycleError
from pulumi_signa.lifecycle.roster import Roster
from pulumi_signa.lifecycle.values import UNKNOWN
from pulumi_signa.lifecycle.webhook_endpoint import destination as destinations
from pulumi_signa.lifecycle.webhook_endpoint import life
from pulumi_signa.lifecycle.webhook_endpoint.schema import Declared, Destination
from pulumi_signa.settings import load

URL = "https://example.com/"
ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:signa/alerts-AbCdEf"

NO_ID = "secret_id must be the name or the ARN of a secret in Secrets Manager, such as the id of a SecretsManagerSecret"
NO_REGION = "region must be an AWS region, such as eu-west-1"
NO_OBJECT = "must be an object with secret_id, and perhaps region"


def problems(destination: object) -> list[str]:
    """Return what is wrong with a destination."""
    checked = endpoints.check({"url": URL, "secret_destination": destination, URN: "urn:x"})
    return [problem.removeprefix("secret_destination: ") for problem in checked.problems]


@pytest.mark.parametrize(
    "destination",
    [
        None,
        {"secret_id": "signa/alerts"},
        {"secret_id": "a"},
        {"secret_id": "x" * 512},
        {"secret_id": "A-Z/a_z+0=9.@"},
        {"secret_id": ARN},
        {"secret_id": ARN, "region": "eu-west-1"},
        {"secret_id": "signa/alerts", "region": "us-gov-east-1"},
        {"secret_id": "signa/alerts", "region": ""},
        {"secret_id": "signa/alerts", "region": None},
        UNKNOWN,
        {"secret_id": UNKNOWN},
        {"secret_id": UNKNOWN, "region": "eu-west-1"},
        {"secret_id": "signa/alerts", "region": UNKNOWN},
        {"region": "eu-west-1"},
        {},
    ],
)
def test_destination_is_taken(destination: object) -> None:
    assert problems(destination) == []


@pytest.mark.parametrize(
    ("destination", "expected"),
    [
        ({"secret_id": ""}, [NO_ID]),
        ({"secret_id": " "}, [NO_ID]),
        ({"secret_id": "a b"}, [NO_ID]),
        ({"secret_id": "a\n"}, [NO_ID]),
        ({"secret_id": "ä"}, [NO_ID]),
        ({"secret_id": 5}, [NO_ID]),
        ({"secret_id": True}, [NO_ID]),
        ({"secret_id": ["signa/alerts"]}, [NO_ID]),
        ({"secret_id": {"a": 1}}, [NO_ID]),
        ({"secret_id": "arn:aws:s3:::bucket"}, [NO_ID]),
        ({"secret_id": "x" * 513}, ["secret_id must be at most 512 characters, or 2048 for an ARN"]),
        ({"secret_id": "x" * 10_000}, ["secret_id must be at most 512 characters, or 2048 for an ARN"]),
        ({"secret_id": ARN + "x" * 10_000}, ["secret_id must be at most 512 characters, or 2048 for an ARN"]),
        ({"secret_id": "a", "region": "Ireland"}, [NO_REGION]),
        ({"secret_id": "a", "region": 5}, [NO_REGION]),
        ({"secret_id": "", "region": "Ireland"}, [NO_ID, NO_REGION]),
        ({"secret_id": UNKNOWN, "region": "Ireland"}, [NO_REGION]),
        ({"secret_id": "", "region": UNKNOWN}, [NO_ID]),
        ({"secret_id": ARN, "region": "us-east-1"}, ["region is another one than the ARN names: leave it out"]),
        ({"secret_id": "a", "name": "b"}, [NO_OBJECT]),
        ({"name": UNKNOWN}, [NO_OBJECT]),
        ("signa/alerts", [NO_OBJECT]),
        ("", [NO_OBJECT]),
        (5, [NO_OBJECT]),
        (True, [NO_OBJECT]),
        (["signa/alerts"], [NO_OBJECT]),
    ],
)
def test_destination_that_cannot_be_one_is_refused_in_these_words(destination: object, expected: list[str]) -> None:
    assert problems(destination) == expected


def test_refusal_shows_no_value() -> None:
    assert "s3cret" not in str(problems({"secret_id": "s3cret value", "region": "s3cret"}))


@pytest.mark.parametrize(
    ("destination", "lacks"),
    [
        ({"secret_id": "signa/alerts"}, True),
        ({"secret_id": "signa/alerts", "region": "eu-west-1"}, False),
        ({"secret_id": ARN}, False),
        ({"secret_id": UNKNOWN}, False),
        ({"secret_id": UNKNOWN, "region": "eu-west-1"}, False),
        ({"region": "eu-west-1"}, False),
        ({}, False),
        (UNKNOWN, False),
        (None, False),
    ],
)
def test_region_is_asked_for_only_where_nothing_can_name_it(
    monkeypatch: pytest.MonkeyPatch, destination: object, *, lacks: bool
) -> None:
    """An id that is not known before the run may be an ARN."""
    monkeypatch.setattr(destinations, "region_problems", lambda _settings: ["no AWS region"])
    settings = load({}, {"SIGNA_API_KEY": "sig_" + "0" * 48})
    run = context({URN: "urn:x"})
    object.__setattr__(run, "settings", settings)

    found = life.check(run, {"url": URL, "secret_destination": destination}, is_new=True).problems

    assert found == (["no AWS region"] if lacks else [])


def checked(roster: Roster, name: str, destination: object) -> list[str]:
    """Return what is wrong with a destination of a resource of this name, after those that were checked before."""
    bag = {"url": URL, "secret_destination": destination, URN: f"urn:pulumi:dev::p::t::{name}"}
    return endpoints.check(bag, roster=roster).problems


@pytest.mark.parametrize(
    ("one", "another", "is_shared"),
    [
        ({"secret_id": "a"}, {"secret_id": "a"}, True),
        ({"secret_id": "a"}, {"secret_id": "a", "region": "eu-west-1"}, True),
        ({"secret_id": ARN}, {"secret_id": ARN, "region": "eu-west-1"}, True),
        ({"secret_id": "a"}, {"secret_id": "b"}, False),
        ({"secret_id": "a"}, {"secret_id": "a", "region": "us-east-1"}, False),
        ({"secret_id": ARN}, {"secret_id": ARN.replace("123456789012", "210987654321")}, False),
        ({"secret_id": UNKNOWN}, {"secret_id": UNKNOWN}, False),
        (None, None, False),
    ],
)
def test_two_endpoints_have_two_destinations(one: object, another: object, *, is_shared: bool) -> None:
    """Otherwise each run would overwrite the secret of one of them."""
    roster = Roster(settle_s=0)

    assert checked(roster, "alerts", one) == []
    with pytest.raises(LifecycleError, match="by the resources 'spare' and 'alerts'") if is_shared else nullcontext():
        assert checked(roster, "spare", another) == []
    assert checked(roster, "alerts", one) == []


@given(st.data())
def test_no_destination_breaks_the_check(anything: st.SearchStrategy[object], data: st.DataObject) -> None:
    value = data.draw(
        anything | st.fixed_dictionaries({}, optional={"secret_id": anything, "region": anything, "other": anything})
    )

    for problem in problems(value):
        assert "\n" not in problem


def test_empty_region_is_none_at_all() -> None:
    assert Destination.of({"secret_id": "a", "region": ""}) == Destination("a", None)


@pytest.mark.parametrize("members", [{"region": None}, {}])
def test_region_that_is_none_is_no_difference(members: dict[str, Any]) -> None:
    """The engine drops members that are None."""
    declared = Declared.of({"url": URL, "secret_destination": {"secret_id": "a", **members}})

    assert declared.secret_destination == {"secret_id": "a"}


@pytest.mark.parametrize("value", [UNKNOWN, {"secret_id": UNKNOWN}, {"secret_id": "a", "region": UNKNOWN}])
def test_destination_that_is_unknown_in_part_is_unknown(value: object) -> None:
    assert Declared.of({"url": URL, "secret_destination": value}).destination == Destination(None, None)


@pytest.mark.parametrize("value", ["signa/alerts", 5, {"secret_id": 5}, {"other": 1}, {"secret_id": ""}])
def test_damaged_destination_of_a_state_is_none(value: object) -> None:
    assert Declared.stored({"url": URL, "secret_destination": value}).destination is None
