"""An endpoint that gets another account: it is replaced, and nothing else ever replaces one."""

from typing import Any

import pytest

from fake_host import URN, endpoints, no_warning
from pulumi_signa.lifecycle.errors import LifecycleError
from pulumi_signa.lifecycle.roster import Roster

ALERTS, SPARE = (
    f"urn:pulumi:dev::p::pulumi-python:dynamic/signa:WebhookEndpoint::{name}" for name in ("alerts", "spare")
)
DECLARED: dict[str, Any] = {"url": "https://example.com/hooks/signa", URN: ALERTS}
STATE = {
    **DECLARED,
    "secret": "whsec_x",
    "secret_version": 2,
    "secret_status": "current",
    "secret_rotated_at": "2999-01-01T00:00:00.000Z",
    "previous_secret_expires_at": "2999-01-02T00:00:00.000Z",
    "rotate_trigger": "a",
}


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        (None, "eu", "account eu gets another endpoint"),
        ("eu", None, "the default organization gets another endpoint"),
        ("eu", "us", "account us gets another endpoint"),
    ],
)
def test_another_account_replaces_and_says_what_that_means(before: str | None, after: str | None, line: str) -> None:
    said: list[str] = []

    plan = endpoints.plan("whk_1", {**STATE, "account": before}, {**DECLARED, "account": after}, inform=said.append)

    assert plan.is_needed
    assert plan.replaces == ("account",)
    assert plan.changed == ("rotate_trigger", "account")
    (sentence,) = said
    assert line in sentence


@pytest.mark.parametrize("account", [None, "eu"])
def test_same_account_replaces_nothing(account: str | None) -> None:
    declared = {**DECLARED, "account": account, "rotate_trigger": "a", "description": "new"}

    assert endpoints.plan("whk_1", {**STATE, "account": account}, declared).replaces == ()


def test_rotation_that_signa_refuses_yet_is_no_obstacle() -> None:
    """The new endpoint has a secret of its own, and no overlap."""
    declared = {**DECLARED, "account": "eu", "rotate_trigger": "b", "on_stale_secret": "rotate"}

    plan = endpoints.plan("whk_1", STATE, declared)

    assert (plan.replaces, plan.rotation) == (("account",), None)


def test_adopted_endpoint_stays_in_its_organization() -> None:
    declared = {**DECLARED, "account": "eu", "adopt": {"id": "whk_1"}}

    with pytest.raises(LifecycleError, match="whk_1 stays in the default organization"):
        endpoints.plan("whk_1", STATE, declared)


def test_endpoint_of_the_other_organization_may_be_adopted() -> None:
    declared = {**DECLARED, "account": "eu", "adopt": {"id": "whk_2"}}

    assert endpoints.plan("whk_1", STATE, declared, warn=no_warning).replaces == ("account",)


@pytest.mark.parametrize("claims_first", [True, False])
def test_endpoint_that_is_left_behind_goes_to_a_resource_that_adopts_it(*, claims_first: bool) -> None:
    roster = Roster(settle_s=0)

    def claim() -> None:
        endpoints.check({**DECLARED, URN: SPARE, "adopt": {"id": "whk_1"}}, roster=roster)

    if claims_first:
        claim()
    endpoints.plan("whk_1", STATE, {**DECLARED, "account": "eu"}, roster=roster)
    if not claims_first:
        claim()

    assert roster.must_stay("whk_1")
    assert roster.is_known("whk_1")


def test_endpoint_that_is_left_behind_is_known_and_need_not_stay() -> None:
    roster = Roster(settle_s=0)

    endpoints.plan("whk_1", STATE, {**DECLARED, "account": "eu"}, roster=roster)

    assert roster.is_known("whk_1")
    assert not roster.must_stay("whk_1")


def test_key_that_the_deletion_will_need_is_asked_for_at_preview() -> None:
    """The check of the new inputs looks at the new organization alone."""
    warned: list[str] = []

    endpoints.plan("whk_1", STATE, {**DECLARED, "account": "eu"}, base_url="nowhere", warn=warned.append)

    (warning,) = warned
    assert warning.startswith("whk_1 cannot be deleted: the base URL from SIGNA_BASE_URL must be an absolute URL")
