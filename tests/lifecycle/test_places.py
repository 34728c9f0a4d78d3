"""Regions, ARNs and names of secrets."""

import pytest

from pulumi_signa.aws import session
from pulumi_signa.aws.errors import AwsError
from pulumi_signa.lifecycle import places
from pulumi_signa.settings import load

ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:signa/alerts-AbCdEf"


@pytest.mark.parametrize(
    ("secret_id", "region"),
    [
        (ARN, "eu-west-1"),
        (ARN[:-7], "eu-west-1"),
        (ARN.replace("arn:aws:", "arn:aws-us-gov:").replace("eu-west-1", "us-gov-west-1"), "us-gov-west-1"),
        (ARN.replace("123456789012", ""), "eu-west-1"),
        ("signa/alerts", None),
        ("", None),
        ("arn:aws:s3:::bucket", None),
        (ARN + " ", None),
        (ARN + "\n", None),
        ("arn:aws:secretsmanager:eu-west-1:123456789012:secret:", None),
        (f"x{ARN}", None),
    ],
)
def test_region_of_an_arn(secret_id: str, region: str | None) -> None:
    assert places.region_of(secret_id) == region


@pytest.mark.parametrize("secret_id", [ARN, ARN[:-7], "signa/alerts", "signa/alerts-AbCdEf"])
def test_name_and_arn_lead_to_the_secret(secret_id: str) -> None:
    assert places.leads_to(secret_id, ARN)


@pytest.mark.parametrize(
    "secret_id",
    ["", "signa", "alerts", "signa/alerts-", "signa/alerts2", "SIGNA/alerts", ARN[:-1], ARN[:-8], "arn:aws", ARN + "x"],
)
def test_nothing_else_leads_to_the_secret(secret_id: str) -> None:
    assert not places.leads_to(secret_id, ARN)


@pytest.mark.parametrize("secret_id", ["", "signa/alerts", "damaged"])
def test_nothing_but_itself_leads_to_what_is_no_arn(secret_id: str) -> None:
    assert places.leads_to(secret_id, "damaged") == (secret_id == "damaged")


def test_name_that_ends_like_an_arn_is_told_from_its_beginning() -> None:
    arn = ARN.replace("signa/alerts", "signa-prod12")

    assert places.leads_to("signa-prod12", arn)
    assert not places.leads_to("signa", arn)


@pytest.mark.parametrize(
    ("region", "is_one"),
    [("eu-west-1", True), ("us-gov-east-1", True), ("ap-southeast-12", True), ("eu-west", False), ("", False)],
)
def test_form_of_a_region(region: str, *, is_one: bool) -> None:
    assert places.is_region(region) is is_one
    assert (not [*places.region(region)]) is is_one


@pytest.mark.parametrize("value", [None, 5, ["eu-west-1"]])
def test_what_is_no_text_is_no_region(value: object) -> None:
    assert not places.is_region(value)


@pytest.mark.parametrize(("name", "ends_so"), [("a-AbCdEf", True), ("a-AbCdE", False), ("a-AbCdEf\n", False)])
def test_ending_of_an_arn(name: str, *, ends_so: bool) -> None:
    assert places.ends_like_an_arn(name) is ends_so


def test_region_is_looked_for_only_where_the_settings_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_profile: str | None) -> None:
        raise AwsError("no AWS region")

    monkeypatch.setattr(session, "require_region", refuse)

    assert places.region_problems(load({}, {"AWS_REGION": "eu-west-1"})) == []
    assert places.region_problems(load({}, {})) == ["no AWS region"]

    monkeypatch.setattr(session, "require_region", lambda _profile: None)
    assert places.region_problems(load({}, {})) == []
