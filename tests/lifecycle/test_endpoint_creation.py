"""Making an endpoint once, whatever became of the runs before, against the emulator."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from fake_run import fake_run
from fake_transport import FakeTransport, Sent
from pulumi_signa.lifecycle import URN, LifecycleError, endpoint_creation
from pulumi_signa.lifecycle import webhook_endpoint as lifecycle
from pulumi_signa.lifecycle.endpoint_creation import (
    create_body,
    create_or_find,
    fields_of,
    key_of_its_own,
    key_of_resource,
)
from pulumi_signa.lifecycle.known_endpoints import KnownEndpoints
from pulumi_signa.signa_api.client import SignaClient
from pulumi_signa.signa_api.errors import ConflictError, PermissionDeniedError, UnreachableError
from pulumi_signa.signa_api.pacing.retry import RetryPolicy
from signa_emulator import representation, validation
from signa_emulator.endpoints import Endpoint
from signa_emulator.server import EmulatorServer
from signa_emulator.validation import NewEndpoint, Rotation

Body = Mapping[str, Any]

ALERTS, SPARE = "urn:pulumi:dev::p::t::alerts", "urn:pulumi:dev::p::t::spare"
KEY_OF = key_of_resource("", ALERTS)

BODY: dict[str, Any] = {
    "url": "https://example.com/hooks/signa",
    "enabled_events": ["alert.created"],
    "description": "first",
    "metadata": {"team": "brand", "size": 3},
}
ELSEWHERE = "https://example.com/elsewhere"
EDITS: dict[str, dict[str, Any]] = {
    "description": {**BODY, "description": "second"},
    "no description": {name: value for name, value in BODY.items() if name != "description"},
    "url": {**BODY, "url": ELSEWHERE},
    "metadata": {**BODY, "metadata": {"team": "brand", "size": 4}},
    "events": {**BODY, "enabled_events": ["alert.created", "alert.updated"]},
    "everything": {"url": ELSEWHERE, "enabled_events": ["alert.updated"], "metadata": {"a": [True]}},
}

edited_inputs = pytest.mark.parametrize("edited", EDITS.values(), ids=EDITS)


@pytest.fixture(autouse=True)
def permissive_signa(emulator: EmulatorServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Signa have no rate limit, and a second event to subscribe to."""
    emulator.organization.change_settings(rate_limit=None)
    monkeypatch.setattr(validation, "_SUBSCRIBABLE_EVENTS", frozenset({"alert.created", "alert.updated"}))


def create(
    client: SignaClient,
    declared: Body,
    *,
    warn: Callable[[str], None],
    urn: str = ALERTS,
    require_engine: Callable[[], None] = lambda: None,
) -> tuple[str, dict[str, Any]]:
    """Do all that a run does to create a resource, which knows of no other."""
    return lifecycle.create(client, {**declared, URN: urn}, fake_run(warn=warn, require_engine=require_engine))


def crash(client: SignaClient, body: Body = BODY, *, urn: str = ALERTS, generation: int = 0) -> str:
    """Leave an endpoint behind, as a run does that dies after Signa has made it; give its id."""
    return client.create_webhook_endpoint(body, idempotency_key=key_of_resource("", urn)(generation)).endpoint.id


def make_elsewhere(emulator: EmulatorServer, body: Body, *, age: timedelta = timedelta()) -> Endpoint:
    """Let somebody else have made an endpoint that long ago."""
    new = NewEndpoint(**{"description": None, "metadata": {}, **body})
    made_at = datetime.now(timezone.utc) - age
    return emulator.organization.endpoints.create(new, emulator.organization.settings, made_at)


def delete_elsewhere(emulator: EmulatorServer, id_: str) -> None:
    """Delete an endpoint at Signa."""
    emulator.organization.endpoints.delete(emulator.organization.endpoints.get(id_))


def ids(emulator: EmulatorServer) -> list[str]:
    """Give the endpoints that there are, oldest first."""
    return [endpoint.id for endpoint in reversed(emulator.organization.endpoints.newest_first())]


def methods(sent: list[Sent]) -> list[str]:
    """Give the methods of what was sent."""
    return [request.method for request in sent]


def creates(sent: list[Sent]) -> list[Body | None]:
    """Give the bodies of the creates that were sent."""
    return [request.json for request in sent if (request.method, request.path) == ("POST", "/webhooks")]


# Carried out, or replayed


def test_what_was_never_made_is_made(client: SignaClient, sent: list[Sent], emulator: EmulatorServer) -> None:
    """One request, and what it answers is the endpoint."""
    creation = create_or_find(client, BODY, KEY_OF, fake_run())

    assert methods(sent) == ["POST"]
    assert ids(emulator) == [creation.current.id]
    assert creation.current == creation.issued.endpoint
    assert (creation.is_as_declared, creation.is_found) == (True, False)


@pytest.mark.parametrize("generation", [0, 1, 30])
def test_endpoint_left_behind_is_found(
    client: SignaClient, sent: list[Sent], emulator: EmulatorServer, generation: int
) -> None:
    """Two requests for each of the resource's endpoints of that day; only the last one lives."""
    for former in range(generation):
        delete_elsewhere(emulator, crash(client, generation=former))
    id_ = crash(client, generation=generation)
    del sent[:]

    creation = create_or_find(client, BODY, KEY_OF, fake_run())

    assert methods(sent) == ["POST", "GET"] * (generation + 1)
    assert creation.current.id == id_
    assert creation.issued.endpoint.secret == emulator.organization.endpoints.get(id_).secret
    assert (creation.is_as_declared, creation.is_found) == (False, True)


@pytest.mark.parametrize("generations", [1, 30])
def test_endpoint_deleted_since_is_made_anew(
    client: SignaClient, sent: list[Sent], emulator: EmulatorServer, generations: int
) -> None:
    """A replay of what is gone is no endpoint, however often that happened within a day."""
    for former in range(generations):
        delete_elsewhere(emulator, crash(client, generation=former))
    del sent[:]

    creation = create_or_find(client, BODY, KEY_OF, fake_run())

    assert methods(sent) == ["POST", "GET"] * generations + ["POST"]
    assert ids(emulator) == [creation.current.id]
    assert (creation.is_as_declared, creation.is_found) == (True, False)


def test_server_that_repeats_itself_is_not_followed_without_end(
    client: SignaClient, emulator: EmulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bound ends it, with what to do."""
    monkeypatch.setattr(endpoint_creation, "_MAX_GENERATIONS", 3)
    for generation in range(3):
        delete_elsewhere(emulator, crash(client, generation=generation))

    with pytest.raises(LifecycleError, match=r"^Signa says of 3 endpoints .* signa:namespace …`\)$"):
        create_or_find(client, BODY, KEY_OF, fake_run())

    assert ids(emulator) == []


def test_endpoint_left_behind_more_than_a_day_ago_is_not_found(client: SignaClient, emulator: EmulatorServer) -> None:
    """Signa has forgotten the key by then, and carries it out."""
    id_ = crash(client)
    emulator.organization.advance_clock(25 * 3600)

    creation = create_or_find(client, BODY, KEY_OF, fake_run())

    assert ids(emulator) == [id_, creation.current.id]
    assert (creation.is_as_declared, creation.is_found) == (True, False)


@pytest.mark.parametrize("kind", ["drop_after", "truncate"])
def test_answer_that_was_lost_is_had_again(client: SignaClient, emulator: EmulatorServer, kind: str) -> None:
    """The replay of our own attempt is no take-over."""
    emulator.organization.faults.add(kind=kind, operation="create", times=2)

    creation = create_or_find(client, BODY, KEY_OF, fake_run())

    assert ids(emulator) == [creation.current.id]
    assert not creation.is_found


def test_run_that_never_heard_an_answer_is_made_up_for(client: SignaClient, emulator: EmulatorServer) -> None:
    """Nobody knows whether it was carried out, until the next run asks."""
    emulator.organization.faults.add(kind="drop_after", operation="create", times=5)
    with pytest.raises(UnreachableError):
        create_or_find(client, BODY, KEY_OF, fake_run())

    creation = create_or_find(client, BODY, KEY_OF, fake_run())

    assert ids(emulator) == [creation.current.id]
    assert creation.is_found


# Refused, since it was made from other inputs


@edited_inputs
def test_endpoint_of_other_inputs_is_found(
    client: SignaClient, sent: list[Sent], emulator: EmulatorServer, edited: Body
) -> None:
    """Whatever was edited since the run died: the replay of the old body proves whose endpoint it is."""
    id_ = crash(client)
    del sent[:]

    creation = create_or_find(client, edited, KEY_OF, fake_run())

    assert methods(sent) == ["POST", "GET", "POST", "GET"]
    assert creates(sent) == [edited, BODY]
    assert {request.key for request in sent if request.method == "POST"} == {KEY_OF(0)}
    assert ids(emulator) == [creation.current.id] == [id_]
    assert creation.issued.is_replay
    assert (creation.is_as_declared, creation.is_found) == (False, True)


@edited_inputs
def test_endpoint_of_other_inputs_is_found_in_any_generation(
    client: SignaClient, emulator: EmulatorServer, edited: Body
) -> None:
    """Each generation may have been made from inputs of its own."""
    delete_elsewhere(emulator, crash(client, EDITS["description"]))
    delete_elsewhere(emulator, crash(client, edited, generation=1))
    id_ = crash(client, generation=2)

    creation = create_or_find(client, edited, KEY_OF, fake_run())

    assert ids(emulator) == [creation.current.id] == [id_]


@pytest.mark.parametrize(
    ("age", "behind"),
    [(timedelta(hours=23), timedelta()), (timedelta(hours=24, minutes=10), timedelta(minutes=30))],
    ids=["old", "Signa's clock behind"],
)
def test_endpoint_of_other_inputs_is_found_as_long_as_its_key_is_kept(
    client: SignaClient, emulator: EmulatorServer, age: timedelta, behind: timedelta
) -> None:
    """For a day by Signa's clock, which need not be ours."""
    now = datetime.now(timezone.utc)
    emulator.organization.set_clock(now - age)
    id_ = crash(client)
    emulator.organization.set_clock(now - behind)

    creation = create_or_find(client, EDITS["everything"], KEY_OF, fake_run())

    assert ids(emulator) == [creation.current.id] == [id_]


@edited_inputs
def test_endpoint_of_other_inputs_becomes_as_declared(
    client: SignaClient, emulator: EmulatorServer, warn: Callable[[str], None], warned: list[str], edited: Body
) -> None:
    """The same endpoint with the same secret, the new fields, and a word about it."""
    id_ = crash(client)

    found, outputs = create(client, {"status": "disabled", **edited}, warn=warn)

    (endpoint,) = emulator.organization.endpoints.newest_first()
    assert (found, endpoint.id) == (id_, id_)
    assert create_body(outputs) == {**edited, "enabled_events": sorted(edited["enabled_events"])}
    assert {name: getattr(endpoint, name) for name in edited} == edited
    assert endpoint.status == outputs["status"] == "disabled"
    assert (outputs["secret"], outputs["secret_version"], outputs["secret_status"]) == (endpoint.secret, 1, "current")
    (warning,) = warned
    assert warning.startswith(f"took over {id_}, ")


@edited_inputs
def test_endpoint_deleted_before_the_edit_is_made_anew(
    *,
    client: SignaClient,
    emulator: EmulatorServer,
    warn: Callable[[str], None],
    warned: list[str],
    sent: list[Sent],
    edited: Body,
) -> None:
    """Destroyed, edited and created within a day: another endpoint, and nothing to warn of."""
    delete_elsewhere(emulator, crash(client))
    del sent[:]

    id_, outputs = create(client, edited, warn=warn)

    (endpoint,) = emulator.organization.endpoints.newest_first()
    assert (endpoint.id, endpoint.secret) == (id_, outputs["secret"])
    assert methods(sent) == ["POST", "GET", "POST"]
    assert warned == []


def test_refusal_of_a_used_key_may_have_any_words(
    client: SignaClient, sent: list[Sent], emulator: EmulatorServer
) -> None:
    """Signa documents none: one that does not speak of the key leads to the next generation all the same."""
    emulator.organization.faults.add(kind="status", status=409, detail="Another body came first.", operation="create")

    creation = create_or_find(client, BODY, KEY_OF, fake_run())

    assert [request.key for request in sent if request.method == "POST"] == [KEY_OF(0), KEY_OF(1)]
    assert ids(emulator) == [creation.current.id]


@edited_inputs
def test_endpoint_is_found_among_those_of_others(
    client: SignaClient, sent: list[Sent], emulator: EmulatorServer, edited: Body
) -> None:
    """Twenty others of all ages, some with the same URL: no try makes anything, and few are made."""
    others = [
        make_elsewhere(emulator, {**BODY, "url": f"https://{n}.example/"}, age=timedelta(hours=n)) for n in range(12)
    ]
    others += [make_elsewhere(emulator, {**BODY, "description": f"{n}"}, age=timedelta(hours=n)) for n in (1, 23)]
    others += [make_elsewhere(emulator, {**BODY, "description": f"{n}"}, age=timedelta(hours=n)) for n in (26, 99)]
    id_ = crash(client)
    others += [make_elsewhere(emulator, {"url": BODY["url"], "enabled_events": ["alert.created"]}) for _ in range(2)]
    others += [make_elsewhere(emulator, {"url": ELSEWHERE, "enabled_events": ["alert.created"]}) for _ in range(2)]
    before = [representation.endpoint_with_secret(endpoint) for endpoint in others]
    del sent[:]

    creation = create_or_find(client, edited, KEY_OF, fake_run())

    assert creation.current.id == id_
    assert sorted(ids(emulator)) == sorted([id_, *(endpoint.id for endpoint in others)])
    assert [representation.endpoint_with_secret(endpoint) for endpoint in others] == before
    assert len(creates(sent)) <= 1 + endpoint_creation._MAX_TRIES


def test_no_more_than_a_few_endpoints_are_tried(
    client: SignaClient, sent: list[Sent], emulator: EmulatorServer
) -> None:
    """Where the one in question is gone, the likeliest are tried, and then another is made."""
    delete_elsewhere(emulator, crash(client))
    others = [make_elsewhere(emulator, {**BODY, "metadata": {"n": n}}) for n in range(20)]
    del sent[:]

    creation = create_or_find(client, EDITS["description"], KEY_OF, fake_run())

    assert len(creates(sent)) == 1 + endpoint_creation._MAX_TRIES + 1
    assert ids(emulator) == [*(endpoint.id for endpoint in others), creation.current.id]


def test_likeliest_endpoint_is_tried_first(client: SignaClient, sent: list[Sent], emulator: EmulatorServer) -> None:
    """One with the URL that is declared, before those with anything else the same, the newest first."""
    id_ = crash(client)
    make_elsewhere(emulator, {**EDITS["description"], "url": ELSEWHERE})
    make_elsewhere(emulator, {**BODY, "url": "https://other.example/"})
    make_elsewhere(emulator, {**BODY, "metadata": {}}, age=timedelta(hours=2))
    del sent[:]

    creation = create_or_find(client, EDITS["description"], KEY_OF, fake_run())

    assert creation.current.id == id_
    assert creates(sent) == [EDITS["description"], BODY]


@pytest.mark.parametrize(
    ("body", "age"),
    [({**BODY, "metadata": {}}, timedelta(hours=26)), (EDITS["description"], timedelta())],
    ids=["older than any key", "as declared"],
)
def test_endpoint_that_cannot_be_the_one_is_not_tried(
    client: SignaClient, sent: list[Sent], emulator: EmulatorServer, body: Body, age: timedelta
) -> None:
    """What was made before Signa's day of replays began is of no such create, nor is what Signa has just refused."""
    delete_elsewhere(emulator, crash(client))
    old = make_elsewhere(emulator, body, age=age)
    del sent[:]

    creation = create_or_find(client, EDITS["description"], KEY_OF, fake_run())

    assert creates(sent) == [EDITS["description"]] * 2
    assert ids(emulator) == [old.id, creation.current.id]


def test_endpoints_that_are_the_same_are_tried_once(
    client: SignaClient, sent: list[Sent], emulator: EmulatorServer
) -> None:
    """A refusal of one is that of all of them, and leaves the other tries to other bodies."""
    id_ = crash(client)
    for _ in range(endpoint_creation._MAX_TRIES):
        make_elsewhere(emulator, {"url": ELSEWHERE, "enabled_events": ["alert.created"]})
    del sent[:]

    creation = create_or_find(client, EDITS["url"], KEY_OF, fake_run())

    assert creation.current.id == id_
    assert len(creates(sent)) == 3


@edited_inputs
def test_endpoint_that_a_run_found_changed_and_lost_again_is_left_behind(
    client: SignaClient,
    fake_transport: FakeTransport,
    emulator: EmulatorServer,
    warn: Callable[[str], None],
    edited: Body,
) -> None:
    """It shows the body no longer that its create is replayed for, and nothing is taken over on a guess."""
    id_ = crash(client)
    create(client, edited, warn=warn)

    again, _ = create(SignaClient(fake_transport, RetryPolicy()), edited, warn=warn)

    assert set(ids(emulator)) == {id_, again}
    assert again != id_


def test_try_whose_answer_was_lost_has_found_it_all_the_same(client: SignaClient, emulator: EmulatorServer) -> None:
    """What a try finds is never of its own making."""
    id_ = crash(client)
    emulator.organization.faults.add(kind="drop_after", operation="create", skip=1)

    creation = create_or_find(client, EDITS["url"], KEY_OF, fake_run())

    assert creation.current.id == id_
    assert creation.is_found


def test_endpoint_edited_by_others_is_found_with_the_same_inputs_alone(
    client: SignaClient, emulator: EmulatorServer
) -> None:
    """Nothing proves whose it is where nobody knows any more what it was made from."""
    id_ = crash(client)
    client.update_webhook_endpoint(id_, {"url": "https://other.example/"})

    edited = create_or_find(client, EDITS["description"], KEY_OF, fake_run())
    same = create_or_find(client, BODY, KEY_OF, fake_run())

    assert edited.current.id != id_
    assert same.current.id == id_


def test_each_of_two_equal_resources_finds_its_own(client: SignaClient, emulator: EmulatorServer) -> None:
    """Both runs died; the one that was edited takes nothing from the other, whichever comes first."""
    alerts, spare = crash(client, urn=ALERTS), crash(client, urn=SPARE)
    known = KnownEndpoints(settle_s=0)

    edited = create_or_find(client, EDITS["everything"], key_of_resource("", SPARE), fake_run(known=known))
    known.hold(edited.current.id)
    same = create_or_find(client, BODY, KEY_OF, fake_run(known=known))

    assert (edited.current.id, same.current.id) == (spare, alerts)
    assert ids(emulator) == [alerts, spare]


@pytest.mark.parametrize("body", [BODY, *EDITS.values()], ids=["the same", *EDITS])
def test_endpoint_of_a_renamed_resource_is_never_taken(
    client: SignaClient, emulator: EmulatorServer, body: Body
) -> None:
    """The old name's key leads to it, and another resource has it now."""
    renamed = crash(client)
    before = representation.endpoint_with_secret(emulator.organization.endpoints.get(renamed))
    known = KnownEndpoints(settle_s=0)
    known.hold(renamed)

    creation = create_or_find(client, body, KEY_OF, fake_run(known=known))

    assert ids(emulator) == [renamed, creation.current.id]
    assert (creation.is_as_declared, creation.is_found) == (True, False)
    assert representation.endpoint_with_secret(emulator.organization.endpoints.get(renamed)) == before


@edited_inputs
def test_second_endpoint_of_a_name_is_found(client: SignaClient, emulator: EmulatorServer, edited: Body) -> None:
    """The first one was renamed, and a run died that made another under the old name."""
    renamed, id_ = crash(client), crash(client, generation=1)
    known = KnownEndpoints(settle_s=0)
    known.hold(renamed)

    creation = create_or_find(client, edited, KEY_OF, fake_run(known=known))

    assert creation.current.id == id_
    assert ids(emulator) == [renamed, id_]


@pytest.mark.parametrize("status", [400, 409])
def test_try_that_is_refused_is_followed_by_the_next(
    client: SignaClient, sent: list[Sent], emulator: EmulatorServer, status: int
) -> None:
    """Another's body, or one that Signa accepts no longer."""
    id_ = crash(client)
    other = make_elsewhere(emulator, {**EDITS["description"], "metadata": {}})
    emulator.organization.faults.add(kind="status", status=status, operation="create", skip=1)

    creation = create_or_find(client, {**EDITS["description"], "metadata": {"b": 1}}, KEY_OF, fake_run())

    assert creation.current.id == id_
    assert ids(emulator) == [id_, other.id]


def test_try_that_fails_for_another_reason_fails(client: SignaClient, emulator: EmulatorServer) -> None:
    """A second endpoint is not the answer to every failure."""
    id_ = crash(client)
    emulator.organization.faults.add(kind="status", status=403, operation="create", skip=1)

    with pytest.raises(PermissionDeniedError):
        create_or_find(client, EDITS["url"], KEY_OF, fake_run())

    assert ids(emulator) == [id_]


def test_key_that_expires_between_refusal_and_try_makes_what_is_declared(
    client: SignaClient, emulator: EmulatorServer, warn: Callable[[str], None], warned: list[str]
) -> None:
    """The try is carried out then; what it makes is ours, and is brought to what is declared."""
    other = make_elsewhere(emulator, {**BODY, "metadata": {}})
    before = representation.endpoint_with_secret(other)
    emulator.organization.faults.add(
        kind="status", status=409, detail="another Idempotency-Key body", operation="create"
    )

    id_, outputs = create(client, EDITS["url"], warn=warn)

    endpoint = emulator.organization.endpoints.get(id_)
    assert ids(emulator) == [other.id, id_]
    assert {name: getattr(endpoint, name) for name in BODY} == EDITS["url"]
    assert outputs["secret"] == endpoint.secret
    assert representation.endpoint_with_secret(other) == before
    assert warned == []


# Refused, since there may be no more


@pytest.mark.parametrize("deleted", [0, 1, 2])
@pytest.mark.parametrize("others", [1, 20])
def test_limit_is_told_in_the_words_of_signa(
    client: SignaClient, sent: list[Sent], emulator: EmulatorServer, deleted: int, others: int
) -> None:
    """A conflict that has nothing to do with the key is recognized within few calls, and nothing is made."""
    for generation in range(deleted):
        delete_elsewhere(emulator, crash(client, generation=generation))
    foreign = [make_elsewhere(emulator, {**BODY, "metadata": {"n": n}}) for n in range(others)]
    emulator.organization.change_settings(max_endpoints=others)
    del sent[:]

    with pytest.raises(ConflictError, match=f"already has its limit of {others} webhook endpoints"):
        create_or_find(client, EDITS["description"], KEY_OF, fake_run())

    assert ids(emulator) == [endpoint.id for endpoint in foreign]
    assert len(sent) <= 1 + (deleted + endpoint_creation._MAX_UNEXPLAINED) * (1 + endpoint_creation._MAX_TRIES)


@pytest.mark.parametrize("body", [BODY, *EDITS.values()], ids=["the same", *EDITS])
def test_limit_that_the_endpoint_left_behind_has_reached_is_no_obstacle(
    client: SignaClient, emulator: EmulatorServer, body: Body
) -> None:
    """The run that died has used the last place, and it is ours."""
    emulator.organization.change_settings(max_endpoints=1)
    id_ = crash(client)

    creation = create_or_find(client, body, KEY_OF, fake_run())

    assert creation.current.id == id_


# The secret


@pytest.fixture
def forgetful_signa(emulator: EmulatorServer) -> None:
    """Let Signa's replays hold no secret."""
    emulator.organization.change_settings(replay_includes_secret=False)


@pytest.mark.usefixtures("forgetful_signa")
@pytest.mark.parametrize("body", [BODY, *EDITS.values()], ids=["the same", *EDITS])
def test_secret_that_is_not_repeated_is_rotated(
    *,
    client: SignaClient,
    emulator: EmulatorServer,
    sent: list[Sent],
    warn: Callable[[str], None],
    warned: list[str],
    body: Body,
) -> None:
    """Once, with the key of that version, and the secret before stays valid for whoever has it."""
    id_ = crash(client)

    found, outputs = create(client, body, warn=warn)

    (endpoint,) = emulator.organization.endpoints.newest_first()
    assert found == endpoint.id == id_
    assert (outputs["secret"], outputs["secret_version"], outputs["secret_status"]) == (endpoint.secret, 2, "current")
    assert create_body(outputs) == create_body(fields_of(client.get_webhook_endpoint(id_)))
    assert endpoint.live_previous_secret(emulator.organization.clock.now()) is not None
    assert len([request for request in sent if request.path.endswith("/rotate-secret")]) == 1
    assert [warning.split(" ", 2)[:2] for warning in warned] == [["took", "over"], ["Signa", "did"]]


def test_lost_answer_to_that_rotation_is_had_again(
    client: SignaClient, emulator: EmulatorServer, warn: Callable[[str], None]
) -> None:
    """The rotation is replayed, and not made twice."""
    id_ = crash(client)
    endpoint = emulator.organization.endpoints.get(id_)
    without_secret = representation.redacted_endpoint(endpoint, emulator.organization.settings)
    emulator.organization.faults.add(kind="body", operation="create", body=json.dumps(without_secret))
    emulator.organization.faults.add(kind="drop_after", operation="rotate")

    _, outputs = create(client, BODY, warn=warn)

    assert endpoint.secret_version == 2
    assert (outputs["secret"], outputs["secret_version"], outputs["secret_status"]) == (endpoint.secret, 2, "current")


@pytest.mark.usefixtures("forgetful_signa")
@pytest.mark.parametrize("times", [1, 5])
def test_rotation_that_is_not_repeated_either_ends_in_one_line(
    client: SignaClient, emulator: EmulatorServer, warn: Callable[[str], None], times: int
) -> None:
    """Its answer was lost in this run or in the one before: there is one rotation, and no secret to be had."""
    id_ = crash(client)
    emulator.organization.faults.add(kind="drop_after", operation="rotate", times=times)
    if times > 1:
        with pytest.raises(UnreachableError):
            create(client, BODY, warn=warn)

    with pytest.raises(LifecycleError, match=rf"^{id_} exists, its secret was told to a run that ended") as caught:
        create(client, BODY, warn=warn)

    assert "\n" not in str(caught.value)
    assert emulator.organization.endpoints.get(id_).secret_version == 2
    assert ids(emulator) == [id_]


@pytest.mark.usefixtures("forgetful_signa")
def test_rotation_inside_the_overlap_of_another_ends_in_one_line(
    client: SignaClient, emulator: EmulatorServer, warn: Callable[[str], None]
) -> None:
    """Nothing is forced, and deleting the endpoint as the line says leads on."""
    id_ = crash(client)
    endpoint = emulator.organization.endpoints.get(id_)
    endpoint.rotate(Rotation(force=False, reason=None), emulator.organization.clock.now())
    secret = endpoint.secret

    with pytest.raises(LifecycleError, match=rf"^{id_} exists, .*: delete the endpoint at Signa and run .*$") as caught:
        create(client, EDITS["url"], warn=warn)

    assert "\n" not in str(caught.value)
    assert (endpoint.secret, endpoint.url) == (secret, BODY["url"])
    delete_elsewhere(emulator, id_)
    new, outputs = create(client, EDITS["url"], warn=warn)
    assert (ids(emulator), emulator.organization.endpoints.get(new).secret) == ([new], outputs["secret"])


@pytest.mark.usefixtures("forgetful_signa")
def test_nothing_is_rotated_for_a_run_that_nobody_records(
    client: SignaClient, emulator: EmulatorServer, sent: list[Sent], warn: Callable[[str], None]
) -> None:
    """A plugin outlives its engine, and the next run may have the secret already."""
    id_ = crash(client)
    del sent[:]

    def engine_is_gone() -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        create(client, BODY, warn=warn, require_engine=engine_is_gone)

    assert methods(sent) == ["POST", "GET"]
    assert emulator.organization.endpoints.get(id_).secret_version == 1


# Keys


def test_keys_differ_by_namespace_resource_and_generation() -> None:
    """And are the same in every run."""
    identities = [("", ALERTS, 0), ("a", ALERTS, 0), ("", SPARE, 0), ("", ALERTS, 1), ("a", ALERTS[1:], 0)]

    first, second = (
        [key_of_resource(namespace, urn)(generation) for namespace, urn, generation in identities] for _ in range(2)
    )

    assert first == second
    assert len(set(first)) == len(identities)


def test_key_of_its_own_is_never_the_same(client: SignaClient, emulator: EmulatorServer) -> None:
    """A replacement makes a second endpoint while the first still lives, and finds none."""
    first = create_or_find(client, BODY, key_of_its_own, fake_run())

    second = create_or_find(client, BODY, key_of_its_own, fake_run())

    assert ids(emulator) == [first.current.id, second.current.id]
    assert second.is_as_declared
