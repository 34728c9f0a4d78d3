"""What users read about an endpoint."""

from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from approved import assert_approved, assert_complete
from pulumi_signa.lifecycle.values import UNKNOWN
from pulumi_signa.lifecycle.webhook_endpoint import messages, schema
from pulumi_signa.lifecycle.webhook_endpoint.held_secret import HeldSecret
from pulumi_signa.lifecycle.webhook_endpoint.keeping import InSecretsManager, InState, Move, NotKeptError, Nowhere
from pulumi_signa.lifecycle.webhook_endpoint.rotation import Rotation, Why
from pulumi_signa.lifecycle.webhook_endpoint.schema import Adoption, Declared, Observed
from pulumi_signa.signa_api.models import WebhookEndpoint

CREATED, CHANGED, ENDS = "2026-11-01T08:00:00.000Z", "2026-11-20T08:00:00.000Z", "2026-11-21T08:00:00.000Z"
UNTIL = datetime(2026, 11, 21, 8, tzinfo=timezone.utc)

NOW = datetime(2026, 11, 20, 20, tzinfo=timezone.utc)
ASKED = Rotation(Why.TRIGGER)

CURRENT = HeldSecret(InState("whsec_four"), 4, CHANGED)
STALE = HeldSecret(InState("whsec_two"), 2, CREATED, is_stale=True)
UNHELD = HeldSecret(Nowhere(), 4, CHANGED)
ROTATED = HeldSecret(InState("whsec_four"), 4, CHANGED, previous_expires_at=ENDS)
ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:signa/alerts-AbCdEf"
WRITTEN = HeldSecret(InSecretsManager(ARN, "1f8e", "c0ffee"), 4, CHANGED)
OVERWRITTEN = replace(WRITTEN, kept=InSecretsManager(ARN, "1f8e", "c0ffee", schema.OVERWRITTEN))
GONE = replace(WRITTEN, kept=InSecretsManager(ARN, "1f8e", "c0ffee", schema.UNKNOWN))
DENIED = NotKeptError(ARN, "AWS answered AccessDeniedException to PutSecretValue", is_final=True)
STORED, UNKNOWN_DESTINATION = (
    Declared.of({"url": "https://example.com/", "secret_destination": {"secret_id": secret_id}})
    for secret_id in ("signa/alerts", UNKNOWN)
)
WARN, ROTATE = (
    Declared.of({"url": "https://example.com/", "on_stale_secret": choice}) for choice in ("warn", "rotate")
)

ENDPOINT = WebhookEndpoint(
    id="whk_1",
    url="https://example.com/",
    enabled_events=("alert.created",),
    status="active",
    secret_version=4,
    created_at=CREATED,
    updated_at=CHANGED,
)
FAILING = Observed.of(
    {"consecutive_failures": 20, "last_failure_at": CHANGED, "created_at": CREATED, "updated_at": CHANGED}
)
IDLE = Observed.of({"created_at": CREATED, "updated_at": CHANGED})


def adoption(**properties: Any) -> Adoption:
    """Return an adoption of an endpoint."""
    return Adoption.of({"id": "whk_2", **properties})


SAID = {
    "NO_VALUE": messages.NO_VALUE.format(name="url"),
    "ADOPT_NEEDS_ONE_ENDPOINT": messages.ADOPT_NEEDS_ONE_ENDPOINT,
    "rotates: asked": messages.rotates(Rotation(Why.TRIGGER)),
    "rotates: with a reason": messages.rotates(Rotation(Why.TRIGGER, "leaked")),
    "rotates: forced": messages.rotates(Rotation(Why.TRIGGER, "leaked", is_inside_overlap=True)),
    "rotates: stale": messages.rotates(Rotation(Why.STALE)),
    "rotates: unheld": messages.rotates(Rotation(Why.UNHELD)),
    "rotates: scheduled": messages.rotates(Rotation(Why.SCHEDULE, since=UNTIL)),
    "rotates: another destination": messages.rotates(Rotation(Why.DESTINATION)),
    "refused_at_preview": messages.refused_at_preview(Rotation(Why.TRIGGER), "whk_1", ROTATED),
    "refused_at_preview: another destination": messages.refused_at_preview(Rotation(Why.DESTINATION), "whk_1", ROTATED),
    "not_yet: asked": messages.not_yet(Rotation(Why.TRIGGER), "whk_1", UNTIL, ()),
    "not_yet: asked, after a change": messages.not_yet(Rotation(Why.TRIGGER), "whk_1", UNTIL, ("url", "metadata")),
    "not_yet: adoption": messages.not_yet(Rotation(Why.ADOPTION), "whk_1", UNTIL, ()),
    "not_yet: lost secret": messages.not_yet(Rotation(Why.REISSUE), "whk_1", UNTIL, ()),
    "not_yet: another destination": messages.not_yet(Rotation(Why.DESTINATION), "whk_1", UNTIL, ()),
    "ROTATION_WAITS": messages.ROTATION_WAITS.format(id="whk_1", until=ENDS),
    "NEVER_CURRENT": messages.NEVER_CURRENT.format(id="whk_1"),
    "TOOK_OVER": messages.TOOK_OVER.format(id="whk_1", created_at=CREATED),
    "UNDONE": messages.UNDONE.format(id="whk_1", reason=DENIED.reason),
    "made_but_not_kept": messages.made_but_not_kept(DENIED, ENDPOINT),
    "rotated_but_not_kept": messages.rotated_but_not_kept(DENIED, ENDPOINT, forced=False),
    "rotated_but_not_kept: forced": messages.rotated_but_not_kept(DENIED, ENDPOINT, forced=True),
    "NotKeptError": str(DENIED),
    "NO_DESTINATION": messages.NO_DESTINATION.format(id="signa/alerts", where="eu-west-1"),
    "DESTINATION_ON_ITS_WAY_OUT": messages.DESTINATION_ON_ITS_WAY_OUT.format(id="signa/alerts"),
    "OTHER_VALUES": messages.OTHER_VALUES,
    "CANNOT_BE_BROUGHT_BACK": messages.CANNOT_BE_BROUGHT_BACK.format(arn=ARN, version="1f8e"),
    "moves: into the destination": messages.moves(Move.IN, CURRENT, STORED, None, NOW),
    "moves: out of the destination": messages.moves(Move.OUT, WRITTEN, WARN, None, NOW),
    "moves: back": messages.moves(Move.BACK, WRITTEN, STORED, None, NOW),
    "moves: out of the destination, with a rotation": messages.moves(Move.OUT, WRITTEN, WARN, ASKED, NOW),
    "moves: back, with a rotation": messages.moves(Move.BACK, WRITTEN, STORED, ASKED, NOW),
    "moves: to one that is not known, in an overlap": messages.moves(
        None, replace(WRITTEN, previous_expires_at=ENDS), UNKNOWN_DESTINATION, None, NOW
    ),
    "moves: to one that is not known": messages.moves(None, WRITTEN, UNKNOWN_DESTINATION, None, NOW),
    "moves: to another one": messages.moves(Move.ELSEWHERE, WRITTEN, STORED, ASKED, NOW),
    "moves: nowhere": messages.moves(None, WRITTEN, STORED, None, NOW),
    "moves: to the first one": messages.moves(Move.FOUND, UNHELD, STORED, None, NOW),
    "TAKEN_BACK": messages.TAKEN_BACK.format(id="whk_1"),
    "REISSUED": messages.REISSUED.format(id="whk_1", version=2),
    "EVERY_KEY_USED": messages.EVERY_KEY_USED.format(number=100),
    "takes_over: rotated": messages.takes_over(adoption(rotate=True)),
    "takes_over: given": messages.takes_over(adoption(secret="whsec_x")),
    "takes_over: unknown": messages.takes_over(adoption()),
    "NOTHING_TO_ADOPT": messages.NOTHING_TO_ADOPT.format(id="whk_1"),
    "NOT_TAKEN_OVER": messages.NOT_TAKEN_OVER.format(id="whk_2", own="whk_1"),
    "declared_twice": messages.declared_twice("whk_1", "urn:pulumi:dev::p::t::alerts", "urn:pulumi:dev::p::t::spare"),
    "declared_twice: one name": messages.declared_twice("whk_1", "urn:a::alerts", "urn:b::alerts"),
    "ADOPTED_IS_NOT_REPLACED": messages.ADOPTED_IS_NOT_REPLACED.format(id="whk_1"),
    "changes_account: from the default": messages.changes_account("whk_1", None, "eu"),
    "changes_account: to the default": messages.changes_account("whk_1", "eu", None),
    "CANNOT_BE_DELETED": messages.CANNOT_BE_DELETED.format(id="whk_1", problem="no Signa API key for account eu: …"),
    "adopted_elsewhere": messages.adopted_elsewhere("whk_1", "eu", "us"),
    "ABSENT": messages.ABSENT.format(id="whk_1"),
    "GONE_AT_REFRESH": messages.GONE_AT_REFRESH.format(id="whk_1"),
    "GONE_AT_UPDATE": messages.GONE_AT_UPDATE.format(id="whk_1"),
    "TWIN": messages.TWIN.format(other="whk_1", created_at=CREATED, id="whk_2"),
    "KEPT_IN_ANOTHER_FORM": messages.KEPT_IN_ANOTHER_FORM.format(fields="metadata, url", id="whk_1"),
    "KEPT": messages.KEPT.format(id="whk_1"),
    "on_secret: current": messages.on_secret(CURRENT, ENDPOINT, ROTATE, is_managed=True),
    "on_secret: stale": messages.on_secret(STALE, ENDPOINT, WARN, is_managed=True),
    "on_secret: stale and overwritten": messages.on_secret(
        replace(OVERWRITTEN, version=2, is_stale=True), ENDPOINT, WARN, is_managed=True
    ),
    "on_secret: stale, rotated": messages.on_secret(STALE, ENDPOINT, ROTATE, is_managed=True),
    "on_secret: overwritten": messages.on_secret(OVERWRITTEN, ENDPOINT, WARN, is_managed=True),
    "on_secret: gone": messages.on_secret(GONE, ENDPOINT, WARN, is_managed=True),
    "on_secret: gone, rotated": messages.on_secret(GONE, ENDPOINT, ROTATE, is_managed=True),
    "on_secret: unheld": messages.on_secret(UNHELD, ENDPOINT, WARN, is_managed=True),
    "on_secret: unheld, rotated": messages.on_secret(UNHELD, ENDPOINT, ROTATE, is_managed=True),
    "on_secret: unheld, of a get": messages.on_secret(UNHELD, ENDPOINT, WARN, is_managed=False),
    "on_status: disabled by Signa": messages.on_status("whk_1", "disabled", FAILING, was_active=True),
    "on_status: still disabled by Signa": messages.on_status("whk_1", "disabled", FAILING, was_active=False),
    "on_status: disabled elsewhere": messages.on_status("whk_1", "disabled", IDLE, was_active=True),
    "on_status: disabled as declared": messages.on_status("whk_1", "disabled", IDLE, was_active=False),
    "on_status: active": messages.on_status("whk_1", "active", FAILING, was_active=True),
    "on_status: a word of the future": messages.on_status("whk_1", "paused", FAILING, was_active=True),
}


def test_messages_are_those_that_were_approved() -> None:
    assert_approved(SAID, Path(__file__).with_name("messages.txt"))


def test_every_message_was_approved() -> None:
    assert_complete(SAID, messages)


@pytest.mark.parametrize("failed_at", [None, "yesterday", "2026-06-12T09:00:00.123456\nwhsec_x", "x" * 10_000])
def test_date_that_signa_writes_as_it_likes_is_not_quoted(failed_at: str | None) -> None:
    (warning,) = messages.on_status("whk_1", "disabled", replace(FAILING, last_failure_at=failed_at), was_active=True)

    assert "is disabled" in warning
    assert "whsec" not in warning
    assert len(warning) < 200


def test_no_message_shows_a_secret() -> None:
    assert "whsec" not in str(SAID)
