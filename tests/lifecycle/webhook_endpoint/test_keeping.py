"""Where a secret is kept, and what a declaration makes of the place."""

from typing import Any

import pytest

from pulumi_signa.lifecycle.values import UNKNOWN
from pulumi_signa.lifecycle.webhook_endpoint.keeping import (
    NO_VALUE,
    InSecretsManager,
    InState,
    Kept,
    Move,
    NotKeptError,
    Nowhere,
    SigningSecret,
    StateKeeper,
    move,
)
from pulumi_signa.lifecycle.webhook_endpoint.schema import Declared

ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:signa/alerts-AbCdEf"
OTHER = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:signa/other-AbCdEf"

STATE, NOWHERE = InState("whsec_two", "whsec_one"), Nowhere()
WRITTEN, OVERWRITTEN, GONE = (
    InSecretsManager(ARN, "1f8e", "c0ffee", status) for status in ("current", "overwritten", "unknown")
)

BY_NAME, BY_ARN, BY_OTHER_NAME = {"secret_id": "signa/alerts"}, {"secret_id": ARN}, {"secret_id": "signa/other"}


@pytest.mark.parametrize(
    ("kept", "destination", "expected"),
    [
        (STATE, None, None),
        (STATE, BY_NAME, Move.IN),
        (NOWHERE, None, None),
        (NOWHERE, BY_NAME, Move.FOUND),
        (WRITTEN, None, Move.OUT),
        (OVERWRITTEN, None, Move.OUT),
        (GONE, None, Move.OUT),
        (WRITTEN, BY_NAME, None),
        (WRITTEN, BY_ARN, None),
        (WRITTEN, {"secret_id": ARN[:-7]}, None),
        (WRITTEN, {**BY_NAME, "region": "eu-west-1"}, None),
        (WRITTEN, {**BY_NAME, "region": "us-east-1"}, Move.ELSEWHERE),
        (WRITTEN, BY_OTHER_NAME, Move.ELSEWHERE),
        (WRITTEN, {"secret_id": OTHER}, Move.ELSEWHERE),
        (WRITTEN, {"secret_id": ARN.replace("AbCdEf", "GhIjKl")}, Move.ELSEWHERE),
        (WRITTEN, {"secret_id": ARN.replace("123456789012", "210987654321")}, Move.ELSEWHERE),
        (WRITTEN, {"secret_id": ARN.replace("eu-west-1", "us-east-1")}, Move.ELSEWHERE),
        (WRITTEN, {"secret_id": "signa"}, Move.ELSEWHERE),
        (OVERWRITTEN, BY_NAME, Move.BACK),
        (OVERWRITTEN, BY_OTHER_NAME, Move.ELSEWHERE),
        (GONE, BY_NAME, None),
        (GONE, BY_OTHER_NAME, Move.ELSEWHERE),
    ],
)
def test_declaration_moves_the_secret(kept: Kept, destination: Any, expected: Move | None) -> None:
    assert move(kept, Declared.of({"url": "https://example.com/", "secret_destination": destination})) is expected


@pytest.mark.parametrize("kept", [STATE, NOWHERE, WRITTEN, OVERWRITTEN, GONE])
@pytest.mark.parametrize(
    "destination", [UNKNOWN, {"secret_id": UNKNOWN}, {"secret_id": UNKNOWN, "region": "eu-west-1"}, {}]
)
def test_nothing_is_concluded_from_what_a_preview_does_not_know(kept: Kept, destination: Any) -> None:
    assert move(kept, Declared.of({"url": "https://example.com/", "secret_destination": destination})) is None


def test_destination_with_an_unknown_region_is_not_known() -> None:
    declared = Declared.of({"secret_destination": {**BY_NAME, "region": UNKNOWN}})

    assert move(WRITTEN, declared) is None


@pytest.mark.parametrize(
    ("kept", "outputs"),
    [
        (STATE, {"secret": "whsec_two", "previous_secret": "whsec_one"}),
        (STATE.without_previous(), {"secret": "whsec_two", "previous_secret": None}),
        (WRITTEN, {"secret_arn": ARN, "secret_version_id": "1f8e", "secret_fingerprint": "c0ffee"}),
        (WRITTEN.without_previous(), WRITTEN.outputs()),
        (NOWHERE, {}),
        (NOWHERE.without_previous(), {}),
    ],
)
def test_place_accounts_for_its_outputs(kept: Kept, outputs: dict[str, Any]) -> None:
    assert kept.outputs() == outputs
    assert outputs.keys() <= NO_VALUE.keys()


@pytest.mark.parametrize(("kept", "status"), [(STATE, "current"), (NOWHERE, "unknown"), (OVERWRITTEN, "overwritten")])
def test_place_has_a_status(kept: Kept, status: str) -> None:
    assert kept.status == status


def test_state_keeps_the_secret_before() -> None:
    secret = SigningSecret("whk_1", 3, "whsec_three")

    assert StateKeeper().keep(secret, STATE) == InState("whsec_three", "whsec_two")
    assert StateKeeper().keep(secret, NOWHERE) == StateKeeper().keep(secret, WRITTEN) == InState("whsec_three")
    assert StateKeeper().find("whk_1", 3) == NOWHERE


@pytest.mark.parametrize("value", ["whsec_three", "", "ß€😀", "\ud800"])
def test_fingerprint_is_16_digits_of_any_value(value: str) -> None:
    fingerprint = SigningSecret("whk_1", 3, value).fingerprint

    assert len(fingerprint) == 16
    assert int(fingerprint, 16) >= 0


def test_fingerprint_is_the_beginning_of_the_sha_256() -> None:
    """`printf %s whsec_three | sha256sum`."""
    assert SigningSecret("whk_1", 3, "whsec_three").fingerprint == "35204222d6d1558d"


def test_nothing_shows_a_value() -> None:
    refused = NotKeptError(ARN, "No.", is_final=True)

    for thing in (SigningSecret("whk_1", 3, "whsec_three"), STATE, refused, StateKeeper()):
        assert "whsec" not in f"{thing!r} {thing}"
