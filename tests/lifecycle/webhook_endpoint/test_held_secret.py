"""The secret that a stack holds, and what Signa's answers make of it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from pulumi_signa.lifecycle.times import moment
from pulumi_signa.lifecycle.webhook_endpoint.held_secret import HeldSecret
from pulumi_signa.lifecycle.webhook_endpoint.keeping import (
    InSecretsManager,
    InState,
    Kept,
    Nowhere,
    SigningSecret,
    StateKeeper,
)
from pulumi_signa.lifecycle.webhook_endpoint.schema import Observed, Recorded
from pulumi_signa.signa_api.models import WebhookEndpoint

CREATED, CHANGED, EXPIRES = "2026-11-01T08:00:00.000Z", "2026-11-20T08:00:00.000Z", "2026-11-21T08:00:00.000Z"
END = moment(EXPIRES)

TWO = InState("whsec_two")
HELD = HeldSecret(InState("whsec_two", "whsec_one"), 2, CHANGED, previous_expires_at=EXPIRES)
STALE = replace(HELD, is_stale=True)
UNHELD = HeldSecret(Nowhere(), 2, CHANGED)
PLACE = InSecretsManager("arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AbCdEf", "1f8e", "c0ffee")
WRITTEN = HeldSecret(PLACE, 2, CHANGED, previous_expires_at=EXPIRES)
OVERWRITTEN, GONE = (replace(WRITTEN, kept=replace(PLACE, status=status)) for status in ("overwritten", "unknown"))


def endpoint(version: int) -> WebhookEndpoint:
    """Return an endpoint as Signa shows it."""
    return WebhookEndpoint(
        id="whk_1",
        url="https://example.com/",
        enabled_events=("alert.created",),
        status="active",
        secret_version=version,
        created_at=CREATED,
        updated_at=CHANGED,
    )


def of_state(**outputs: Any) -> HeldSecret:
    """Return what a state with these outputs holds."""
    return HeldSecret.of_state(Recorded.of(outputs), Observed.of(outputs))


# What a state holds


@pytest.mark.parametrize(
    "held",
    [
        HELD,
        UNHELD,
        HeldSecret(InState("whsec_one"), 1, CREATED, is_stale=True),
        WRITTEN,
        OVERWRITTEN,
        GONE,
        replace(WRITTEN, is_stale=True),
        replace(WRITTEN, kept=replace(PLACE, fingerprint=None)),
    ],
)
def test_state_gives_back_what_it_was_given(held: HeldSecret) -> None:
    outputs = held.outputs()

    assert {*outputs, "next_rotation_at"} == set(Recorded.rows())
    assert of_state(**outputs) == held


@pytest.mark.parametrize(
    ("outputs", "expected"),
    [
        ({"secret": "whsec_two", "secret_version": 1}, HeldSecret(TWO, 1, CREATED)),
        ({"secret": "whsec_two", "secret_version": 4}, HeldSecret(TWO, 4, CHANGED)),
        ({"secret": "whsec_two", "secret_status": "stale"}, HeldSecret(TWO, 1, CREATED, is_stale=True)),
        ({"secret_version": 2, "secret_status": "unknown"}, HeldSecret(Nowhere(), 2, CHANGED)),
    ],
)
def test_state_of_older_code_is_understood(outputs: dict[str, Any], expected: HeldSecret) -> None:
    assert of_state(created_at=CREATED, updated_at=CHANGED, **outputs) == expected


@pytest.mark.parametrize(
    ("damage", "kept"),
    [
        ({"secret_arn": None}, Nowhere()),
        ({"secret_version_id": None}, Nowhere()),
        ({"secret_fingerprint": None}, replace(PLACE, fingerprint=None)),
        ({"secret": "whsec_two"}, TWO),
    ],
)
def test_place_that_a_state_names_in_part_holds_nothing(damage: dict[str, Any], kept: Kept) -> None:
    """Where a state has a value as well, that is what the stack holds."""
    outputs = {**WRITTEN.outputs(), "created_at": CREATED, "updated_at": CHANGED, **damage}

    assert of_state(**outputs).kept == kept


@pytest.mark.parametrize(("version", "rotated_at"), [(1, CREATED), (2, CHANGED)])
@pytest.mark.parametrize(("kept", "status"), [(TWO, "current"), (Nowhere(), "unknown")])
def test_first_look_takes_the_version_of_signa(
    version: int, rotated_at: str, kept: InState | Nowhere, status: str
) -> None:
    held = HeldSecret.first(endpoint(version), kept)

    assert (held.version, held.rotated_at, held.status) == (version, rotated_at, status)


def test_repr_shows_no_secret() -> None:
    for text in (repr(HELD), str(HELD), f"{[HELD]}"):
        assert "whsec" not in text
        assert "version=2" in text


# What a rotation makes of it


@pytest.mark.parametrize(
    ("held", "version", "previous"),
    [(HELD, 3, "whsec_two"), (HELD, 4, None), (HELD, 2, "whsec_two"), (STALE, 3, "whsec_two"), (UNHELD, 3, None)],
)
def test_rotation_keeps_the_secret_before_where_no_version_lies_between(
    held: HeldSecret, version: int, previous: str | None
) -> None:
    found = held.rotated("whsec_new", endpoint(version), StateKeeper(), forced=False)

    assert found == HeldSecret(InState("whsec_new", previous), version, CHANGED, previous_expires_at=EXPIRES)


def test_forced_rotation_leaves_nothing_and_opens_no_overlap() -> None:
    found = HELD.rotated("whsec_new", endpoint(3), StateKeeper(), forced=True)

    assert found == HeldSecret(InState("whsec_new"), 3, CHANGED)


class Place:
    """A keeper that records what it is asked to keep."""

    def __init__(self) -> None:
        self.asked: list[tuple[SigningSecret, Kept]] = []

    def keep(self, secret: SigningSecret, before: Kept) -> Kept:
        """Keep a secret."""
        self.asked.append((secret, before))
        return PLACE

    def find(self, endpoint_id: str, version: int) -> Kept:
        """Find nothing."""
        raise NotImplementedError


@pytest.mark.parametrize(
    ("version", "forced", "before"), [(3, False, PLACE), (4, False, Nowhere()), (3, True, Nowhere())]
)
def test_rotation_puts_its_secret_into_the_place(version: int, before: Kept, *, forced: bool) -> None:
    place = Place()

    found = WRITTEN.rotated("whsec_new", endpoint(version), place, forced=forced)

    assert place.asked == [(SigningSecret("whk_1", version, "whsec_new"), before)]
    assert found == HeldSecret(PLACE, version, CHANGED, previous_expires_at=None if forced else EXPIRES)
    assert "whsec" not in str(found.outputs())


# What Signa shows of it


@pytest.mark.parametrize(
    ("held", "version", "expected"),
    [
        (HELD, 2, HELD),
        (STALE, 2, HELD),
        (HELD, 3, HeldSecret(TWO, 2, CHANGED, is_stale=True)),
        (HELD, 9, HeldSecret(TWO, 2, CHANGED, is_stale=True)),
        (HELD, 1, HeldSecret(TWO, 2, CHANGED, is_stale=True)),
        (replace(UNHELD, rotated_at=CREATED), 2, replace(UNHELD, rotated_at=CREATED)),
        (UNHELD, 5, HeldSecret(Nowhere(), 5, CHANGED)),
        (WRITTEN, 2, WRITTEN),
        (WRITTEN, 3, HeldSecret(PLACE, 2, CHANGED, is_stale=True)),
        (GONE, 3, HeldSecret(GONE.kept, 2, CHANGED, is_stale=True)),
    ],
)
def test_status_follows_the_version_of_signa(held: HeldSecret, version: int, expected: HeldSecret) -> None:
    assert held.seen_beside(endpoint(version)) == expected


@pytest.mark.parametrize(
    ("held", "is_stale", "status"),
    [
        (WRITTEN, False, "current"),
        (WRITTEN, True, "stale"),
        (OVERWRITTEN, False, "overwritten"),
        (OVERWRITTEN, True, "stale"),
        (GONE, False, "unknown"),
        (GONE, True, "unknown"),
        (UNHELD, True, "unknown"),
    ],
)
def test_what_is_gone_is_unknown_and_what_is_old_is_stale(held: HeldSecret, status: str, *, is_stale: bool) -> None:
    assert replace(held, is_stale=is_stale).status == status


# The overlap


@pytest.mark.parametrize(("after", "is_open"), [(-1, True), (0, False), (1, False)])
def test_secret_before_leaves_at_the_end_of_the_overlap(after: int, is_open: bool) -> None:  # noqa: FBT001 - a column
    now = END + timedelta(milliseconds=after)

    assert HELD.overlap_end(now) == (END if is_open else None)
    assert HELD.without_expired(now) == (HELD if is_open else HeldSecret(TWO, 2, CHANGED))


@pytest.mark.parametrize("held", [UNHELD, HeldSecret(TWO, 2, CHANGED)])
@pytest.mark.parametrize("now", [END - timedelta(days=1), END + timedelta(days=1)])
def test_without_a_known_overlap_nothing_expires(held: HeldSecret, now: datetime) -> None:
    assert held.overlap_end(now) is None
    assert held.without_expired(now) == held


def test_overlap_without_a_secret_before_expires_too() -> None:
    held = HeldSecret(TWO, 2, CHANGED, previous_expires_at=EXPIRES)

    assert held.overlap_end(END - timedelta(hours=1)) == END
    assert held.without_expired(END) == HeldSecret(TWO, 2, CHANGED)


def test_destination_keeps_the_secret_before_by_itself() -> None:
    assert WRITTEN.without_expired(END) == HeldSecret(PLACE, 2, CHANGED)
