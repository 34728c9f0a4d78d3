"""An endpoint as a state holds it: what earlier code has written reads without a change."""

from datetime import datetime, timezone
from typing import Any

import pytest

from fake_host import URN, Outputs, endpoints
from pulumi_signa.lifecycle.webhook_endpoint.schema import DECIDED, KEPT, SENT
from pulumi_signa.lifecycle.webhook_endpoint.state import State
from pulumi_signa.signa_api.client import SignaClient
from signa_emulator.server import EmulatorServer

ID = "whk_01a21120-6ad2-7be5-aa94-bcfe4fc66f25"
NOW = datetime(2026, 11, 25, 12, tzinfo=timezone.utc)

DECLARED: dict[str, Any] = {
    "url": "https://example.com/hooks/signa",
    "description": "prod",
    "metadata": {"team": "brand", "n": 1},
    "rotate_trigger": "b",
    "rotation_period_days": 30,
    "on_stale_secret": "rotate",
    URN: "urn:pulumi:dev::p::pulumi-python:dynamic/signa:WebhookEndpoint::alerts",
}

# What the code of commit 46c02d5 wrote after a rotation; the host leaves out what is None.
WITH_ROTATION: Outputs = {
    **DECLARED,
    "enabled_events": ["alert.created"],
    "status": "active",
    "secret": "whsec_57DwDkifDh8d2PVW2XiAzDY0IROoDoYfAiq9KAKE/ME=",
    "secret_version": 2,
    "secret_status": "current",
    "secret_rotated_at": "2026-11-25T05:14:26.926Z",
    "previous_secret": "whsec_+DjgFd/LzGeCgGNWbEkUpP/C3r0noVmBnZdr7sS+JNY=",
    "previous_secret_expires_at": "2026-11-26T05:14:26.926Z",
    "next_rotation_at": "2026-12-25T05:14:26.926Z",
    "consecutive_failures": 0,
    "created_at": "2026-11-25T05:14:26.898Z",
    "updated_at": "2026-11-25T05:14:26.926Z",
}

# What is written with a destination.
WITH_DESTINATION: Outputs = {
    **{name: value for name, value in WITH_ROTATION.items() if name not in ("secret", "previous_secret")},
    "secret_destination": {"secret_id": "signa/alerts"},
    "secret_arn": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:signa/alerts-AbCdEf",
    "secret_version_id": "f" * 64,
    "secret_fingerprint": "35204222d6d1558d",
}

# What code without rotations wrote.
BEFORE_ROTATIONS: Outputs = {
    "url": "https://example.com/hooks/signa",
    "enabled_events": ["alert.created"],
    "metadata": {},
    "status": "active",
    URN: DECLARED[URN],
    "secret": "whsec_57DwDkifDh8d2PVW2XiAzDY0IROoDoYfAiq9KAKE/ME=",
    "secret_version": 1,
    "secret_status": "current",
    "consecutive_failures": 0,
    "created_at": "2026-11-25T05:14:26.898Z",
    "updated_at": "2026-11-25T05:14:26.898Z",
}


@pytest.mark.parametrize(
    ("outputs", "declared"),
    [
        (WITH_ROTATION, DECLARED),
        (BEFORE_ROTATIONS, {"url": DECLARED["url"], URN: DECLARED[URN]}),
        (WITH_DESTINATION, {**DECLARED, "secret_destination": {"secret_id": "signa/alerts"}}),
    ],
    ids=["with rotation", "before rotations", "with a destination"],
)
def test_state_of_earlier_code_shows_no_change(outputs: Outputs, declared: Outputs) -> None:
    said: list[str] = []

    plan = endpoints.plan(ID, outputs, declared, now=NOW, inform=said.append)

    assert not plan.is_needed
    assert said == []
    written = {name: value for name, value in plan.state.outputs().items() if value is not None}
    assert {name: written[name] for name in outputs if name != URN} == {
        name: value for name, value in outputs.items() if name != URN
    }


def test_state_holds_every_output_and_no_other() -> None:
    assert set(State.of(ID, WITH_ROTATION).outputs()) == {*SENT, *KEPT, *DECIDED}


def test_secret_that_is_not_there_is_unknown_whatever_the_state_says() -> None:
    outputs = {name: value for name, value in WITH_ROTATION.items() if name != "secret"}

    assert State.of(ID, outputs).outputs()["secret_status"] == "unknown"


@pytest.mark.parametrize(
    "decided",
    [
        {"status": "paused"},
        {"url": "http://example.com/a b"},
        {"enabled_events": [f"event.{number:02}" for number in range(30)]},
        {"description": "x" * 5000},
        {"secret_version": 0, "consecutive_failures": 2**40},
        {"last_failure_at": "yesterday"},
    ],
)
def test_what_signa_decides_is_kept_although_no_program_may_declare_it(decided: Outputs) -> None:
    outputs = State.of(ID, {**WITH_ROTATION, **decided}).outputs()

    assert {name: outputs[name] for name in decided} == decided


@pytest.mark.parametrize("status", ["current", "stale", "overwritten", "unknown"])
@pytest.mark.parametrize("fingerprint", ["35204222d6d1558d", None])
def test_state_with_a_destination_reads_as_it_was_written(status: str, fingerprint: str | None) -> None:
    outputs = {**WITH_DESTINATION, "secret_status": status, "secret_fingerprint": fingerprint}

    written = State.of(ID, outputs).outputs()

    assert {name: written[name] for name in outputs if name != URN} == {
        name: value for name, value in outputs.items() if name != URN
    }
    assert State.of(ID, written) == State.of(ID, outputs)
    assert [written[name] for name in ("secret_status", "secret_fingerprint", "secret")] == [status, fingerprint, None]


@pytest.mark.parametrize("damage", [{"next_rotation_at": 5}, {"next_rotation_at": "x"}, {"rotation_period_days": "x"}])
def test_endpoint_of_a_damaged_schedule_can_be_deleted(
    client: SignaClient, emulator: EmulatorServer, damage: Outputs
) -> None:
    id_, outputs = endpoints.create(client, DECLARED)

    endpoints.delete(client, id_, {**outputs, **damage})

    assert emulator.organization.endpoints.newest_first() == []
