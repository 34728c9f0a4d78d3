"""The secret that a stack holds, and what Signa's answers make of it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from pulumi_signa.lifecycle.held_secret import OUTPUTS, HeldSecret
from pulumi_signa.lifecycle.times import moment
from pulumi_signa.signa_api.models import IssuedWebhookEndpoint, WebhookEndpoint

CREATED, CHANGED, EXPIRES = "2026-11-01T08:00:00.000Z", "2026-11-20T08:00:00.000Z", "2026-11-21T08:00:00.000Z"
END = moment(EXPIRES)

HELD = HeldSecret("whsec_two", 2, CHANGED, previous="whsec_one", previous_expires_at=EXPIRES)
MISSING = HeldSecret(None, 2, CHANGED, "unknown")


def endpoint(version: int) -> WebhookEndpoint:
    """Give an endpoint as a read shows it."""
    return WebhookEndpoint(
        id="whk_1",
        url="https://example.com/",
        enabled_events=("alert.created",),
        status="active",
        secret_version=version,
        created_at=CREATED,
        updated_at=CHANGED,
    )


def issued(version: int) -> IssuedWebhookEndpoint:
    """Give the answer to a rotation."""
    return IssuedWebhookEndpoint(
        id="whk_1",
        url="https://example.com/",
        enabled_events=("alert.created",),
        status="active",
        secret_version=version,
        created_at=CREATED,
        updated_at=CHANGED,
        secret="whsec_issued",
    )


# What a state holds


@pytest.mark.parametrize("held", [HELD, MISSING, HeldSecret("whsec_one", 1, CREATED, "stale")])
def test_state_gives_back_what_it_was_given(held: HeldSecret) -> None:
    """Every output of the secret, and no other."""
    outputs = held.outputs()

    assert tuple(outputs) == OUTPUTS
    assert HeldSecret.of_state({"url": "https://example.com/", **outputs}) == held


@pytest.mark.parametrize(
    ("outputs", "expected"),
    [
        ({"secret": "whsec_a", "secret_version": 1}, HeldSecret("whsec_a", 1, CREATED)),
        ({"secret": "whsec_a", "secret_version": 4}, HeldSecret("whsec_a", 4, CHANGED)),
        ({"secret": "whsec_a", "secret_status": "stale"}, HeldSecret("whsec_a", 1, CREATED, "stale")),
        ({"secret_version": 2, "secret_status": "unknown"}, HeldSecret(None, 2, CHANGED, "unknown")),
    ],
)
def test_state_of_older_code_is_understood(outputs: dict[str, Any], expected: HeldSecret) -> None:
    """The first secret is as old as the endpoint; a later one at least as old as the last change."""
    assert HeldSecret.of_state({"created_at": CREATED, "updated_at": CHANGED, **outputs}) == expected


def test_state_of_nothing_knows_nothing() -> None:
    """A `get` passes no outputs at all."""
    assert HeldSecret.of_state({}) == HeldSecret(None, 1, None)


@pytest.mark.parametrize(("version", "rotated_at"), [(1, CREATED), (2, CHANGED)])
@pytest.mark.parametrize(("value", "status"), [("whsec_a", "current"), (None, "unknown")])
def test_first_look_takes_the_version_of_signa(version: int, rotated_at: str, value: str | None, status: str) -> None:
    """With a secret it is the current one, without one it is unknown."""
    assert HeldSecret.first(endpoint(version), value) == HeldSecret(value, version, rotated_at, status)


def test_repr_shows_no_secret() -> None:
    """Neither of the two, alone and inside of others."""
    for text in (repr(HELD), str(HELD), f"{[HELD]}"):
        assert "whsec" not in text
        assert "version=2" in text


# What a rotation makes of it


@pytest.mark.parametrize(
    ("held", "version", "previous"),
    [
        (HELD, 3, "whsec_two"),
        (HELD, 4, None),
        (HELD, 2, "whsec_two"),
        (replace(HELD, status="stale"), 3, "whsec_two"),
        (replace(HELD, status="stale"), 4, None),
        (MISSING, 3, None),
    ],
)
def test_rotation_leaves_the_secret_before_where_signa_signs_with_it(
    held: HeldSecret, version: int, previous: str | None
) -> None:
    """It does so where no version lies between the two, as far as is known; the overlap is open in any case."""
    found = held.rotated(issued(version), forced=False)

    assert found == HeldSecret("whsec_issued", version, CHANGED, "current", previous, EXPIRES)


def test_forced_rotation_leaves_nothing_and_opens_no_overlap() -> None:
    """The secret before has ended."""
    assert HELD.rotated(issued(3), forced=True) == HeldSecret("whsec_issued", 3, CHANGED)


# What Signa shows of it


@pytest.mark.parametrize(
    ("held", "version", "expected"),
    [
        (HELD, 2, HELD),
        (replace(HELD, status="stale"), 2, HELD),
        (HELD, 3, HeldSecret("whsec_two", 2, CHANGED, "stale")),
        (HELD, 9, HeldSecret("whsec_two", 2, CHANGED, "stale")),
        (HELD, 1, HeldSecret("whsec_two", 2, CHANGED, "stale")),
        (replace(MISSING, rotated_at=CREATED), 2, replace(MISSING, rotated_at=CREATED)),
        (MISSING, 5, HeldSecret(None, 5, CHANGED, "unknown")),
    ],
)
def test_status_follows_the_version_of_signa(held: HeldSecret, version: int, expected: HeldSecret) -> None:
    """A stale secret is kept without the one before it; a missing one has Signa's version."""
    assert held.seen_beside(endpoint(version)) == expected


# The overlap


@pytest.mark.parametrize(("after", "is_open"), [(-1, True), (0, False), (1, False)])
def test_overlap_ends_at_its_end(after: int, is_open: bool) -> None:  # noqa: FBT001 - a column of the table
    """Not a millisecond later, and the secret before leaves with it."""
    now = END + timedelta(milliseconds=after)

    assert HELD.overlap_end(now) == (END if is_open else None)
    assert HELD.without_expired(now) == (HELD if is_open else HeldSecret("whsec_two", 2, CHANGED))


@pytest.mark.parametrize("held", [MISSING, replace(HELD, previous=None, previous_expires_at=None)])
@pytest.mark.parametrize("now", [END - timedelta(days=1), END + timedelta(days=1)])
def test_overlap_of_which_nothing_is_known_is_none(held: HeldSecret, now: datetime) -> None:
    """Signa may still refuse; nothing is there that could expire."""
    assert held.overlap_end(now) is None
    assert held.without_expired(now) == held


def test_overlap_without_a_secret_before_expires_too() -> None:
    """It is known from a rotation whose secret before nobody held."""
    held = replace(HELD, previous=None)

    assert held.overlap_end(END - timedelta(hours=1)) == END
    assert held.without_expired(END) == HeldSecret("whsec_two", 2, CHANGED)
