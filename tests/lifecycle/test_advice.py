"""What the user is told of an endpoint that is not as it should be."""

from typing import Any

import pytest

from pulumi_signa.inputs import UNKNOWN
from pulumi_signa.inputs.webhook_endpoint import normalized
from pulumi_signa.lifecycle import URN
from pulumi_signa.lifecycle.advice import on_adopt, on_adoption, on_secret, on_status
from pulumi_signa.lifecycle.held_secret import HeldSecret
from pulumi_signa.signa_api.models import WebhookEndpoint

CREATED, CHANGED, END = "2026-11-01T08:00:00.000Z", "2026-11-20T08:00:00.000Z", "2026-11-21T08:00:00.000Z"
FAILED = "2026-11-20T07:59:00.000Z"

STALE = HeldSecret("whsec_two", 2, CREATED, "stale")
MISSING = HeldSecret(None, 4, CHANGED, "unknown")

IS_STALE = (
    "the secret of whk_1 was rotated elsewhere: Signa signs with version 4, this stack holds version 2, which ends at "
    f"{END} at the latest"
)
IS_MISSING = "this stack does not hold the secret of whk_1, which Signa shows to nobody twice"
ASK = 'to have a new one issued, set on_stale_secret="rotate", or change rotate_trigger, and run `pulumi up`'
REPAIR = 'with on_stale_secret="rotate", `pulumi up` has a new one issued as soon as Signa allows that'
WAIT = "the next `pulumi up` rotates it, as soon as Signa allows that (on_stale_secret)"
MANAGE = "to have one, manage the endpoint in a stack, with `adopt`"


def endpoint(**changes: Any) -> WebhookEndpoint:
    """Give an endpoint as a read shows it."""
    shown = {"url": "https://example.com/", "enabled_events": ("alert.created",), "status": "active"}
    times = {"created_at": CREATED, "updated_at": CHANGED}
    return WebhookEndpoint(**{"id": "whk_1", "secret_version": 4, **shown, **times, **changes})


@pytest.mark.parametrize(
    ("held", "declared", "expected"),
    [
        (STALE, {URN: "urn:x"}, f"{IS_STALE}; {REPAIR}"),
        (STALE, {URN: "urn:x", "on_stale_secret": "rotate"}, f"{IS_STALE}; {WAIT}"),
        (MISSING, {URN: "urn:x"}, f"{IS_MISSING}; {ASK}"),
        (MISSING, {URN: "urn:x", "on_stale_secret": "rotate"}, f"{IS_MISSING}; {WAIT}"),
        (MISSING, {}, f"{IS_MISSING}; {MANAGE}"),
    ],
)
def test_secret_that_does_not_do_is_told(held: HeldSecret, declared: dict[str, str], expected: str) -> None:
    """The versions, until when, and what to do; an endpoint of `get` is not ours to rotate."""
    assert on_secret(held, endpoint(), normalized(declared)) == [expected]


def test_current_secret_is_nothing_to_tell_of() -> None:
    """Whatever is declared."""
    held = HeldSecret("whsec_four", 4, CHANGED)

    assert on_secret(held, endpoint(), normalized({URN: "urn:x", "on_stale_secret": "rotate"})) == []


_REMEDY = "where `active` is declared, the next `pulumi up` switches it on again"


@pytest.mark.parametrize("old", ["active", "disabled"])
def test_endpoint_that_signa_disabled_is_told(old: str) -> None:
    """Since when, and after how many failures, as often as it is seen."""
    shown = endpoint(status="disabled", consecutive_failures=20, last_failure_at=FAILED)

    assert on_status(shown, {"status": old}) == [
        f"whk_1 is disabled since {FAILED}, after 20 failed deliveries in a row: mend the receiver; {_REMEDY}"
    ]


def test_endpoint_that_somebody_disabled_is_told_once() -> None:
    """A state that has it so already, or none yet, has no news."""
    shown = endpoint(status="disabled")

    assert on_status(shown, {"status": "active"}) == [
        f"whk_1 was disabled elsewhere, at {CHANGED} or before; {_REMEDY}"
    ]
    assert on_status(shown, {"status": "disabled"}) == on_status(shown, {}) == []


@pytest.mark.parametrize("failures", [0, 3])
@pytest.mark.parametrize("status", ["active", "paused"])
def test_endpoint_with_deliveries_is_nothing_to_tell_of(status: str, failures: int) -> None:
    """Signa tries again; and a status that nobody has heard of is no reason for advice."""
    shown = endpoint(status=status, consecutive_failures=failures, last_failure_at=FAILED)

    assert on_status(shown, {"status": "active"}) == []


def test_endpoint_that_is_not_taken_over_is_told() -> None:
    """Both ids, and what to do."""
    (warning,) = on_adopt({"id": "whk_2", "secret": "whsec_x"}, "whk_1")

    assert warning.startswith("whk_2 is not taken over")
    assert "this resource has whk_1 already" in warning
    assert "declare another resource for it" in warning
    assert "whsec" not in warning


@pytest.mark.parametrize("adopt", [None, {"id": "whk_1"}, {"id": UNKNOWN}])
def test_adoption_that_is_done_is_nothing_to_tell_of(adopt: dict[str, Any] | None) -> None:
    """Nor one of which it is not known yet."""
    assert on_adopt(adopt, "whk_1") == []


@pytest.mark.parametrize(
    ("adopt", "secret"),
    [
        ({"rotate": True}, "its secret is rotated, and the one before stays valid for 24 hours"),
        ({"rotate": True, "secret": "whsec_x"}, "its secret is rotated, and the one before stays valid for 24 hours"),
        ({"rotate": False, "secret": "whsec_x"}, "its secret stays"),
        ({"rotate": False}, "its secret stays, unknown to this stack"),
    ],
)
def test_adoption_is_announced(adopt: dict[str, Any], secret: str) -> None:
    """What becomes of the endpoint and of its secret, before anything is done."""
    said = on_adoption({"id": "whk_1", **adopt})

    assert said == f"takes over whk_1: what differs is changed; {secret}"
