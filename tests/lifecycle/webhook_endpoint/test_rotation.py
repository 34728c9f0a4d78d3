"""When a secret is rotated, and that it is rotated once, against the emulator."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_host import URN, Outputs, context, endpoints
from fake_transport import FakeTransport, Sent
from pulumi_signa.lifecycle.errors import LifecycleError
from pulumi_signa.lifecycle.times import moment, text_of
from pulumi_signa.lifecycle.values import UNKNOWN
from pulumi_signa.lifecycle.webhook_endpoint.held_secret import HeldSecret
from pulumi_signa.lifecycle.webhook_endpoint.issuing import rotate as issue
from pulumi_signa.lifecycle.webhook_endpoint.keeping import InState, StateKeeper
from pulumi_signa.lifecycle.webhook_endpoint.rotation import Rotation, Why, due
from pulumi_signa.lifecycle.webhook_endpoint.schedule import Schedule
from pulumi_signa.lifecycle.webhook_endpoint.schema import Declared
from pulumi_signa.lifecycle.webhook_endpoint.settling import rescheduled
from pulumi_signa.lifecycle.webhook_endpoint.state import State
from pulumi_signa.signa_api.client import SignaClient
from pulumi_signa.signa_api.errors import ApiError, ConflictError, ResponseFormatError, UnreachableError
from pulumi_signa.signa_api.pacing.retry import RetryPolicy
from pulumi_signa.signa_api.transport import Answer
from signa_emulator.api import representation
from signa_emulator.server import EmulatorServer

Warner = Callable[[str], None]

DAY_S = 24 * 60 * 60
NOW = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)
DECLARED: dict[str, Any] = {"url": "https://example.com/hooks/signa", URN: "urn:pulumi:dev::p::t::alerts"}


def at(**passed: float) -> str:
    """Return the moment that is so far from now."""
    return text_of(NOW + timedelta(**passed))


# When one is due

STATE: dict[str, Any] = {
    "secret": "whsec_two",
    "secret_version": 2,
    "secret_status": "current",
    "secret_rotated_at": at(days=-40),
    "rotate_trigger": "a",
}
IN_OVERLAP = {"secret_rotated_at": at(hours=-23), "previous_secret_expires_at": at(hours=1)}
MONTHLY = {"rotation_period_days": 30}


def due_of(state: dict[str, Any], declared: dict[str, Any]) -> Rotation | None:
    """Return the rotation that is due, with a state and a declaration changed so."""
    return due(State.of("whk_1", {**STATE, **state}), Declared.of({**DECLARED, "rotate_trigger": "a", **declared}), NOW)


@pytest.mark.parametrize(
    ("state", "declared", "expected"),
    [
        ({}, {"rotate_trigger": "b"}, Rotation(Why.TRIGGER)),
        ({}, {"rotate_trigger": ""}, Rotation(Why.TRIGGER)),
        ({"rotate_trigger": None}, {}, Rotation(Why.TRIGGER)),
        ({}, {"rotate_trigger": "b", "force_rotation_reason": "leaked"}, Rotation(Why.TRIGGER, "leaked")),
        (
            IN_OVERLAP,
            {"rotate_trigger": "b", "force_rotation_reason": "leaked"},
            Rotation(Why.TRIGGER, "leaked", is_inside_overlap=True),
        ),
        ({"previous_secret_expires_at": at()}, {"rotate_trigger": "b"}, Rotation(Why.TRIGGER)),
        ({"secret_status": "stale"}, {"on_stale_secret": "rotate"}, Rotation(Why.STALE)),
        (
            {"secret": None, "secret_status": "unknown"},
            {"on_stale_secret": "rotate", "force_rotation_reason": "leaked"},
            Rotation(Why.UNHELD),
        ),
        ({**MONTHLY, "next_rotation_at": at()}, MONTHLY, Rotation(Why.SCHEDULE, since=NOW)),
        (
            {**MONTHLY, "next_rotation_at": at(days=-100)},
            {**MONTHLY, "force_rotation_reason": "leaked"},
            Rotation(Why.SCHEDULE, since=NOW - timedelta(days=100)),
        ),
        ({}, MONTHLY, Rotation(Why.SCHEDULE, since=NOW - timedelta(days=10))),
        (
            {"rotation_period_days": 90, "next_rotation_at": at(days=50)},
            MONTHLY,
            Rotation(Why.SCHEDULE, since=NOW - timedelta(days=10)),
        ),
        (
            {"secret_status": "stale", **MONTHLY, "next_rotation_at": at(days=-1)},
            {**MONTHLY, "on_stale_secret": "rotate", "rotate_trigger": "b"},
            Rotation(Why.TRIGGER),
        ),
    ],
)
def test_rotation_is_due(state: dict[str, Any], declared: dict[str, Any], expected: Rotation) -> None:
    assert due_of(state, declared) == expected


@pytest.mark.parametrize(
    ("state", "declared"),
    [
        ({}, {}),
        ({}, {"rotate_trigger": None}),
        ({}, {"rotate_trigger": UNKNOWN}),
        ({}, {"rotation_period_days": UNKNOWN}),
        ({}, {"force_rotation_reason": "leaked"}),
        ({**MONTHLY, "next_rotation_at": at(milliseconds=1)}, MONTHLY),
        ({**MONTHLY, "next_rotation_at": at(days=-1)}, {}),
        ({**MONTHLY, "next_rotation_at": at(days=-1), **IN_OVERLAP}, MONTHLY),
        ({}, {"rotation_period_days": 41}),
        ({"secret_rotated_at": None}, MONTHLY),
        ({"secret_status": "stale"}, {"on_stale_secret": "warn"}),
        ({"secret_status": "stale"}, {"on_stale_secret": UNKNOWN}),
        ({"secret": None, "secret_status": "unknown"}, {}),
        ({}, {"on_stale_secret": "rotate"}),
    ],
)
def test_rotation_is_not_due(state: dict[str, Any], declared: dict[str, Any]) -> None:
    assert due_of(state, declared) is None


def test_rotation_asked_for_too_early_is_refused_at_preview() -> None:
    declared = {**DECLARED, "rotate_trigger": "b"}

    with pytest.raises(LifecycleError) as caught:
        endpoints.plan("whk_1", {**STATE, **IN_OVERLAP}, declared, now=NOW)

    assert all(part in str(caught.value) for part in ("whk_1", at(hours=-23), at(hours=1), "force_rotation_reason"))


def test_due_rotation_is_announced() -> None:
    said: list[str] = []

    plan = endpoints.plan("whk_1", STATE, {**DECLARED, "rotate_trigger": "b"}, now=NOW, inform=said.append)

    assert plan.is_needed
    assert [message.split(":")[0] for message in said] == ["rotates the secret"]


# The schedule

_PERIODS = st.integers(1, 36_500)
_SPANS = st.integers(0, 400 * DAY_S * 1000).map(lambda milliseconds: timedelta(milliseconds=milliseconds))


def scheduled(period: int, date: datetime, **outputs: Any) -> State:
    """Return the state of a secret of version 1 whose next rotation is due at a date."""
    rotated_at = text_of(date - timedelta(days=period))
    secret = {"secret": "whsec_one", "secret_version": 1, "secret_rotated_at": rotated_at}
    schedule = {"rotation_period_days": period, "next_rotation_at": text_of(date)}
    return State.of("whk_1", {**secret, **schedule, **outputs})


def next_of(state: State | None, period: object, held: HeldSecret) -> datetime | None:
    """Return the next date under a declared period."""
    schedule = rescheduled(Declared.of({**DECLARED, "rotation_period_days": period}), held, state)
    return None if schedule is None else schedule.next_at


def secret_of(version: int, rotated_at: datetime) -> HeldSecret:
    """Return a secret of a version and an age."""
    return HeldSecret(InState("whsec_x"), version, text_of(rotated_at))


@given(_PERIODS, _SPANS)
def test_late_rotation_keeps_the_schedule(period: int, late: timedelta) -> None:
    rotated_at = NOW + late

    found = next_of(scheduled(period, NOW), period, secret_of(2, rotated_at))

    assert found is not None
    assert (found - NOW) % timedelta(days=period) == timedelta(0)
    assert timedelta(0) < found - rotated_at <= timedelta(days=period)


@given(_PERIODS, _SPANS)
def test_early_rotation_begins_the_schedule_anew(period: int, early: timedelta) -> None:
    rotated_at = NOW - timedelta(milliseconds=1) - early

    found = next_of(scheduled(period, NOW), period, secret_of(2, rotated_at))

    assert found == rotated_at + timedelta(days=period)


@given(_PERIODS, _PERIODS)
def test_another_period_counts_from_the_last_rotation(period: int, other: int) -> None:
    state = scheduled(period, NOW, secret_rotated_at=at(days=-7))

    found = next_of(state, other, state.held)

    assert found == (NOW if other == period else NOW + timedelta(days=other - 7))


@given(_PERIODS)
def test_first_date_counts_from_the_first_secret(period: int) -> None:
    held = secret_of(1, NOW)
    without_period = State.of("whk_1", {**held.outputs(), "url": "https://example.com/"})

    assert next_of(None, period, held) == next_of(without_period, period, held) == NOW + timedelta(days=period)


@pytest.mark.parametrize("period", [None, UNKNOWN])
def test_without_a_period_there_is_no_date(period: object) -> None:
    state = scheduled(30, NOW)

    assert next_of(state, period, state.held) is None
    assert next_of(state, period, secret_of(2, NOW)) is None


def test_secret_of_unknown_age_has_no_date() -> None:
    assert next_of(None, 30, State.of("whk_1", {}).held) is None


def test_state_keeps_its_schedule() -> None:
    assert scheduled(30, NOW).schedule == Schedule(timedelta(days=30), NOW)


# Once

FORCED = Rotation(Why.TRIGGER, "leaked", is_inside_overlap=True)
WITH_REASON = Rotation(Why.TRIGGER, "leaked")
ASKED = Rotation(Why.TRIGGER)


@pytest.fixture
def made(client: SignaClient, sent: list[Sent]) -> tuple[str, dict[str, Any]]:
    """Return the id and the outputs of an endpoint that was just created."""
    found = endpoints.create(client, {**DECLARED, **MONTHLY, "rotate_trigger": "a"})
    del sent[:]
    return found


@pytest.fixture
def rotate(client: SignaClient, made: tuple[str, dict[str, Any]]) -> Callable[..., HeldSecret]:
    """Return what rotates the secret of the endpoint, as a run does whose state is that of its creation."""

    def rotate_as(rotation: Rotation = ASKED, held: HeldSecret | None = None, **run: Any) -> HeldSecret:
        state = State.of(*made)
        now = held or state.held
        asked = replace(rotation, held_version=now.version)
        return issue(context(made[1], **run), client, state.id, now, asked, keeper=StateKeeper())[1]

    return rotate_as


def rotate_elsewhere(client: SignaClient, id_: str, *, reason: str | None = None) -> None:
    """Rotate as somebody does who is not this stack."""
    client.rotate_secret(id_, idempotency_key=f"by-hand-{reason}", force_reason=reason)


def only(emulator: EmulatorServer) -> Any:
    """Return the one endpoint that the emulator has."""
    (endpoint,) = emulator.organization.endpoints.newest_first()
    return endpoint


def exchanged(sent: list[Sent]) -> list[tuple[str, Any]]:
    """Return method and body of each request."""
    return [(request.method, request.json) for request in sent]


PLAIN: tuple[str, Any] = ("POST", {})
FORCE: tuple[str, Any] = ("POST", {"force": True, "reason": "leaked"})
GET: tuple[str, Any] = ("GET", None)


def test_rotation_takes_one_request(
    rotate: Callable[..., HeldSecret], made: tuple[str, Outputs], sent: list[Sent], emulator: EmulatorServer
) -> None:
    held = rotate()

    endpoint = only(emulator)
    assert [(request.method, request.path, request.json) for request in sent] == [
        ("POST", f"/webhooks/{endpoint.id}/rotate-secret", {})
    ]
    assert held == HeldSecret(
        kept=InState(endpoint.secret, made[1]["secret"]),
        version=2,
        rotated_at=text_of(endpoint.updated_at),
        previous_expires_at=text_of(endpoint.previous_secret_expires_at),
    )


def test_key_is_that_of_the_version_it_makes(
    client: SignaClient, made: tuple[str, dict[str, Any]], rotate: Callable[..., HeldSecret], sent: list[Sent]
) -> None:
    second = rotate()
    rotate()
    with pytest.raises(LifecycleError):
        rotate(held=second)
    other = State.of(*endpoints.create(client, {**DECLARED, URN: "urn:other"}))
    asked = replace(ASKED, held_version=other.held.version)
    issue(context({}), client, other.id, other.held, asked, keeper=StateKeeper())

    keys = [request.key or "" for request in sent if request.path.endswith("/rotate-secret")]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3
    assert all(key.startswith("pulumi-rotate-") and len(key) == len("pulumi-rotate-") + 64 for key in keys)


def test_key_that_follows_a_lost_one_is_every_run_s(
    rotate: Callable[..., HeldSecret], sent: list[Sent], emulator: EmulatorServer
) -> None:
    emulator.organization.change_settings(replay_includes_secret=False)
    rotate()

    for _ in range(2):
        with pytest.raises(LifecycleError):
            rotate()

    first, *again = [request.key for request in sent if request.method == "POST"]
    assert again == [first, again[1]] * 2
    assert first != again[1]


@pytest.mark.parametrize("kind", ["drop_after", "truncate"])
def test_rotation_whose_answer_was_lost_is_replayed(
    rotate: Callable[..., HeldSecret],
    made: tuple[str, dict[str, Any]],
    sent: list[Sent],
    emulator: EmulatorServer,
    kind: str,
) -> None:
    emulator.organization.faults.add(kind=kind, operation="rotate")

    held = rotate()

    assert exchanged(sent) == [PLAIN, PLAIN, GET]
    assert (held.kept, held.version) == (InState(only(emulator).secret, made[1]["secret"]), 2)
    assert only(emulator).secret_version == 2


@pytest.mark.parametrize("rotation", [ASKED, FORCED])
def test_rotation_of_a_run_that_died_is_replayed(
    rotate: Callable[..., HeldSecret], sent: list[Sent], emulator: EmulatorServer, rotation: Rotation
) -> None:
    first = rotate(rotation)
    del sent[:]

    second = rotate(rotation)

    assert second == first
    assert exchanged(sent) == [FORCE if rotation is FORCED else PLAIN, GET]
    assert (second.kept.outputs()["secret"], only(emulator).secret_version) == (only(emulator).secret, 2)


def test_rotation_that_no_run_heard_of_is_found(
    rotate: Callable[..., HeldSecret], made: tuple[str, dict[str, Any]], emulator: EmulatorServer
) -> None:
    emulator.organization.faults.add(kind="drop_after", operation="rotate", times=5)
    with pytest.raises(UnreachableError):
        rotate()

    held = rotate()

    assert (held.kept, held.version) == (InState(only(emulator).secret, made[1]["secret"]), 2)


def test_replay_without_a_secret_waits_for_the_end_of_the_overlap(
    rotate: Callable[..., HeldSecret], sent: list[Sent], emulator: EmulatorServer
) -> None:
    emulator.organization.change_settings(replay_includes_secret=False)
    rotate()
    del sent[:]

    with pytest.raises(LifecycleError):
        rotate()
    refused = exchanged(sent)
    emulator.organization.advance_clock(DAY_S)
    held = rotate()

    assert refused == [PLAIN, GET, PLAIN, GET]
    assert (held.kept, held.version) == (InState(only(emulator).secret), 3)


def test_replay_without_a_secret_is_forced_where_that_is_allowed(
    rotate: Callable[..., HeldSecret], sent: list[Sent], emulator: EmulatorServer
) -> None:
    emulator.organization.change_settings(replay_includes_secret=False)
    rotate(FORCED)
    del sent[:]

    held = rotate(FORCED)

    assert exchanged(sent) == [FORCE, GET, FORCE]
    assert (held.kept, held.version) == (InState(only(emulator).secret), 3)


def test_rotation_that_others_have_overtaken_is_made_anew(
    client: SignaClient, rotate: Callable[..., HeldSecret], sent: list[Sent], emulator: EmulatorServer
) -> None:
    rotate()
    rotate_elsewhere(client, only(emulator).id, reason="elsewhere")
    del sent[:]

    held = rotate()

    assert exchanged(sent) == [PLAIN, GET, PLAIN]
    assert (held.kept, held.version) == (InState(only(emulator).secret), 4)


def test_forced_rotation_ends_the_secret_before(
    rotate: Callable[..., HeldSecret], sent: list[Sent], emulator: EmulatorServer
) -> None:
    second = rotate()
    del sent[:]

    held = rotate(FORCED, second)

    assert exchanged(sent) == [FORCE]
    assert held == HeldSecret(InState(only(emulator).secret), 3, text_of(only(emulator).updated_at))
    assert [event.reason for event in emulator.organization.audit_events] == ["leaked"]


def test_reason_outside_the_overlap_forces_nothing(rotate: Callable[..., HeldSecret], sent: list[Sent]) -> None:
    held = rotate(WITH_REASON)

    assert exchanged(sent) == [PLAIN]
    assert held.kept.outputs()["previous_secret"] is not None


def test_overlap_that_the_state_does_not_know_of_is_ended_with_a_reason(
    client: SignaClient, rotate: Callable[..., HeldSecret], sent: list[Sent], emulator: EmulatorServer
) -> None:
    rotate_elsewhere(client, only(emulator).id)
    del sent[:]

    held = rotate(WITH_REASON)

    assert exchanged(sent) == [PLAIN, FORCE]
    assert held == HeldSecret(InState(only(emulator).secret), 3, text_of(only(emulator).updated_at))


def test_end_of_an_unknown_overlap_is_replayed(
    client: SignaClient, rotate: Callable[..., HeldSecret], sent: list[Sent], emulator: EmulatorServer
) -> None:
    asked = WITH_REASON
    rotate_elsewhere(client, only(emulator).id)
    first = rotate(asked)
    del sent[:]

    second = rotate(asked)

    assert exchanged(sent) == [PLAIN, FORCE, GET]
    assert second == first
    assert only(emulator).secret_version == 3


def test_overlap_that_the_state_does_not_know_of_is_told_without_a_reason(
    client: SignaClient, rotate: Callable[..., HeldSecret], sent: list[Sent], emulator: EmulatorServer
) -> None:
    rotate_elsewhere(client, only(emulator).id)
    del sent[:]

    with pytest.raises(LifecycleError):
        rotate(ASKED)

    assert exchanged(sent) == [PLAIN, GET]
    assert only(emulator).secret_version == 2


def test_reason_that_was_edited_after_a_run_died_forces_once_more(
    rotate: Callable[..., HeldSecret], sent: list[Sent], emulator: EmulatorServer
) -> None:
    rotate(FORCED)
    del sent[:]

    held = rotate(Rotation(Why.TRIGGER, "edited", is_inside_overlap=True))

    edited = ("POST", {"force": True, "reason": "edited"})
    assert exchanged(sent) == [edited, PLAIN, edited]
    assert (held.kept, held.version) == (InState(only(emulator).secret), 3)
    assert [event.reason for event in emulator.organization.audit_events] == ["leaked", "edited"]


def test_server_that_refuses_without_end_is_left(
    rotate: Callable[..., HeldSecret], sent: list[Sent], emulator: EmulatorServer
) -> None:
    emulator.organization.faults.add(kind="status", status=409, operation="rotate", times=None)

    with pytest.raises(ConflictError):
        rotate(FORCED)

    assert exchanged(sent) == [FORCE, PLAIN] * 10


def test_secret_that_others_rotate_each_time_is_given_up(
    rotate: Callable[..., HeldSecret], client: SignaClient, made: tuple[str, Outputs], emulator: EmulatorServer
) -> None:
    emulator.organization.change_settings(rate_limit=None)
    for number in range(10):
        rotate(FORCED)
        rotate_elsewhere(client, made[0], reason=f"{number}")

    with pytest.raises(LifecycleError, match="is rotated elsewhere again and again"):
        rotate(FORCED)


@pytest.mark.parametrize("secret", [{}, {"secret": None}])
def test_rotation_without_a_secret_is_malformed_at_once(
    rotate: Callable[..., HeldSecret], sent: list[Sent], emulator: EmulatorServer, secret: dict[str, None]
) -> None:
    shown = representation.redacted_endpoint(only(emulator), emulator.organization.settings)
    emulator.organization.faults.add(kind="body", operation="rotate", body=json.dumps({**shown, **secret}))

    with pytest.raises(ResponseFormatError, match="holds no secret"):
        rotate()

    assert exchanged(sent) == [PLAIN]


class ForgetfulTransport(FakeTransport):
    """Calls each answer a replay, and leaves its secret out."""

    def send(self, method: str, path: str, **request: Any) -> Answer:
        """Send, and forget."""
        answer = super().send(method, path, **request)
        shown = {name: value for name, value in json.loads(answer.body).items() if name != "secret"}
        return Answer(answer.status, {"Idempotent-Replayed": "true"}, json.dumps(shown).encode())


def test_replays_that_never_hold_a_secret_are_malformed(made: tuple[str, Outputs], emulator: EmulatorServer) -> None:
    client = SignaClient(ForgetfulTransport(emulator.base_url), RetryPolicy())

    with pytest.raises(ResponseFormatError, match="holds no secret"):
        issue(context(made[1]), client, made[0], State.of(*made).held, FORCED, keeper=StateKeeper())


def test_run_that_nobody_records_rotates_nothing(rotate: Callable[..., HeldSecret], sent: list[Sent]) -> None:
    def engine_is_gone() -> None:
        raise LifecycleError("gone")

    with pytest.raises(LifecycleError, match="gone"):
        rotate(require_engine=engine_is_gone)

    assert sent == []


# As part of an update


@pytest.fixture
def update(client: SignaClient, emulator: EmulatorServer, warn: Warner, sent: list[Sent]) -> Callable[..., Any]:
    """Return what updates the endpoint at the emulator's time, and forgets what was sent before."""

    def update_to(old: dict[str, Any], **changes: Any) -> dict[str, Any]:
        del sent[:]
        new = {**DECLARED, **MONTHLY, "rotate_trigger": "a", **changes}
        now = emulator.organization.clock.now()
        return endpoints.update(client, only(emulator).id, old, new, now=now, warn=warn)

    return update_to


def test_fields_come_first_and_the_rotation_last(
    made: tuple[str, dict[str, Any]],
    update: Callable[..., Any],
    sent: list[Sent],
    emulator: EmulatorServer,
    warned: list[str],
) -> None:
    old = made[1]

    new = update(old, description="x", rotate_trigger="b")

    endpoint = only(emulator)
    assert exchanged(sent) == [("PATCH", {"description": "x"}), PLAIN]
    assert new.keys() == old.keys()
    assert (new["description"], new["rotate_trigger"]) == ("x", "b")
    assert (new["secret"], new["secret_version"], new["secret_status"]) == (endpoint.secret, 2, "current")
    assert (new["previous_secret"], new["previous_secret_expires_at"]) == (
        old["secret"],
        text_of(endpoint.previous_secret_expires_at),
    )
    assert new["secret_rotated_at"] == new["updated_at"]
    assert new["next_rotation_at"] == text_of(endpoint.updated_at + timedelta(days=30))
    assert warned == []


@pytest.mark.parametrize(
    ("change", "days"),
    [
        ({"rotation_period_days": 7}, 7),
        ({"rotation_period_days": None}, None),
        ({"force_rotation_reason": "leaked"}, 30),
        ({"on_stale_secret": "rotate"}, 30),
        ({"rotate_trigger": None}, 30),
    ],
)
def test_change_of_when_to_rotate_is_told_to_nobody(
    made: tuple[str, dict[str, Any]],
    update: Callable[..., Any],
    sent: list[Sent],
    change: dict[str, Any],
    days: int | None,
) -> None:
    old = made[1]

    new = update(old, **change)

    assert sent == []
    date = None if days is None else text_of(moment(old["created_at"]) + timedelta(days=days))
    assert new == {**old, **change, "next_rotation_at": date}


def test_late_run_rotates_once(
    made: tuple[str, dict[str, Any]], update: Callable[..., Any], sent: list[Sent], emulator: EmulatorServer
) -> None:
    old = made[1]
    emulator.organization.advance_clock(100 * DAY_S)

    new = update(old)
    rotated = exchanged(sent)
    again = update(new)

    assert (rotated, exchanged(sent)) == ([PLAIN], [])
    assert new["secret_version"] == again["secret_version"] == 2
    assert new["next_rotation_at"] == text_of(moment(old["created_at"]) + timedelta(days=120))


@pytest.mark.parametrize(
    ("days", "state", "change"),
    [(31, {}, {}), (0, {"secret_status": "stale"}, {"on_stale_secret": "rotate"})],
    ids=["period", "stale"],
)
def test_rotation_that_nobody_asked_for_waits(
    *,
    client: SignaClient,
    made: tuple[str, dict[str, Any]],
    update: Callable[..., Any],
    sent: list[Sent],
    warned: list[str],
    emulator: EmulatorServer,
    days: int,
    state: dict[str, Any],
    change: dict[str, Any],
) -> None:
    id_, old = made
    emulator.organization.advance_clock(days * DAY_S)
    rotate_elsewhere(client, id_)
    until = text_of(only(emulator).previous_secret_expires_at)

    waiting = update({**old, **state}, **change)
    refused = exchanged(sent)
    emulator.organization.advance_clock(DAY_S)
    rotated = update(waiting, **change)

    assert refused == [PLAIN, GET]
    assert (waiting["secret"], waiting["secret_version"], waiting["secret_status"]) == (old["secret"], 1, "stale")
    assert waiting["next_rotation_at"] == old["next_rotation_at"]
    assert warned[0] == (
        f"Signa does not rotate the secret of {id_} yet; the next `pulumi up` does, from {until} at the latest"
    )
    assert len(warned) == (1 if state else 2), "that the secret is stale is told where it is news"
    assert (rotated["secret"], rotated["secret_version"], rotated["secret_status"]) == (
        only(emulator).secret,
        3,
        "current",
    )
    assert rotated["previous_secret"] is None


def test_rotation_asked_for_that_signa_refuses_is_an_error(
    client: SignaClient,
    made: tuple[str, dict[str, Any]],
    update: Callable[..., Any],
    sent: list[Sent],
    emulator: EmulatorServer,
) -> None:
    id_, old = made
    rotate_elsewhere(client, id_)
    until = text_of(only(emulator).previous_secret_expires_at)

    with pytest.raises(LifecycleError) as caught:
        update(old, rotate_trigger="b")

    assert exchanged(sent) == [PLAIN, GET]
    assert str(caught.value) == (
        f"the secret of {id_} was rotated elsewhere less than 24 hours ago, and Signa rotates it again at {until} at "
        "the latest: set rotate_trigger back until then, or give force_rotation_reason to end the secret before at once"
    )


def test_refused_rotation_says_what_was_changed_all_the_same(
    client: SignaClient, made: tuple[str, dict[str, Any]], update: Callable[..., Any]
) -> None:
    id_, old = made
    rotate_elsewhere(client, id_)

    with pytest.raises(LifecycleError, match=r"; description changed already$"):
        update(old, rotate_trigger="b", description="new")


def test_rotation_asked_for_inside_a_known_overlap_calls_nobody(
    made: tuple[str, dict[str, Any]], update: Callable[..., Any], sent: list[Sent]
) -> None:
    rotated = update(made[1], rotate_trigger="b")

    with pytest.raises(LifecycleError, match=rotated["previous_secret_expires_at"]):
        update(rotated, rotate_trigger="c", description="x")
    refused = exchanged(sent)
    forced = update(rotated, rotate_trigger="c", force_rotation_reason="leaked")

    assert (refused, exchanged(sent)) == ([], [FORCE])
    assert (forced["secret_version"], forced["secret_status"]) == (3, "current")
    assert (forced["previous_secret"], forced["previous_secret_expires_at"]) == (None, None)


def test_fields_that_cannot_be_changed_keep_the_secret(
    made: tuple[str, dict[str, Any]], update: Callable[..., Any], sent: list[Sent], emulator: EmulatorServer
) -> None:
    emulator.organization.faults.add(kind="status", status=400, operation="update")

    with pytest.raises(ApiError):
        update(made[1], description="x", rotate_trigger="b")

    assert [request.method for request in sent] == ["PATCH"]
    assert only(emulator).secret_version == 1


@pytest.mark.parametrize(
    "fault", [{"kind": "status", "status": 403}, {"kind": "status", "status": 403, "after_commit": True}]
)
def test_rotation_that_failed_is_made_by_the_next_run(
    made: tuple[str, dict[str, Any]],
    update: Callable[..., Any],
    sent: list[Sent],
    emulator: EmulatorServer,
    fault: dict[str, Any],
) -> None:
    old = made[1]
    emulator.organization.faults.add(operation="rotate", **fault)
    with pytest.raises(ApiError):
        update(old, rotate_trigger="b")

    new = update(old, rotate_trigger="b")

    assert exchanged(sent)[0] == PLAIN
    assert (new["secret"], new["secret_version"]) == (only(emulator).secret, 2)
    assert new["previous_secret"] == old["secret"]


@pytest.mark.parametrize(("seconds", "is_left"), [(DAY_S - 60, True), (DAY_S, False)])
def test_secret_before_leaves_the_state_with_its_end(
    *,
    client: SignaClient,
    made: tuple[str, dict[str, Any]],
    update: Callable[..., Any],
    emulator: EmulatorServer,
    seconds: int,
    is_left: bool,
) -> None:
    id_, old = made
    rotated = update(old, rotate_trigger="b")
    emulator.organization.advance_clock(seconds)

    updated = update(rotated, rotate_trigger="b", description="x")
    found = endpoints.read(client, id_, rotated, now=emulator.organization.clock.now())

    assert found is not None
    kept = (old["secret"], rotated["previous_secret_expires_at"]) if is_left else (None, None)
    for outputs in (updated, found.outputs):
        assert (outputs["previous_secret"], outputs["previous_secret_expires_at"]) == kept
        assert outputs["secret"] == rotated["secret"]
