"""Making an endpoint once, whatever became of the runs before, against the emulator."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from fake_host import IDENTITY_OF_STACK, RANDOM_KEY, URN, Outputs, endpoints
from fake_transport import FakeTransport, Sent
from pulumi_signa.lifecycle.errors import LifecycleError
from pulumi_signa.lifecycle.journal import pages
from pulumi_signa.lifecycle.roster import Roster
from pulumi_signa.lifecycle.webhook_endpoint import creation, search
from pulumi_signa.lifecycle.webhook_endpoint.schema import Declared
from pulumi_signa.lifecycle.webhook_endpoint.state import as_declared, body_of
from pulumi_signa.signa_api.client import SignaClient
from pulumi_signa.signa_api.errors import ConflictError, PermissionDeniedError, ResponseFormatError, UnreachableError
from pulumi_signa.signa_api.pacing.retry import RetryPolicy
from signa_emulator.api import representation
from signa_emulator.rules import validation
from signa_emulator.rules.endpoints import Endpoint
from signa_emulator.rules.validation import NewEndpoint, Rotation
from signa_emulator.server import EmulatorServer

Body = Mapping[str, Any]

ALERTS, SPARE = "urn:pulumi:dev::p::t::alerts", "urn:pulumi:dev::p::t::spare"

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


@dataclass
class Made:
    """
    What a create gives.

    Attributes:
        warnings: What was said of it.
    """

    id: str
    outputs: Outputs
    warnings: list[str]

    @property
    def is_found(self) -> bool:
        """Whether an earlier run made the endpoint."""
        return any(warning.startswith(f"took over {self.id}, ") for warning in self.warnings)


def create(client: SignaClient, declared: Body = BODY, *, urn: str | None = ALERTS, **run: Any) -> Made:
    """Do all that a run does to create a resource, and know of no other unless told."""
    warnings: list[str] = []
    id_, outputs = endpoints.create(client, {**declared, URN: urn}, **{"warn": warnings.append, **run})
    return Made(id_, outputs, warnings)


def key(urn: str = ALERTS, generation: int = 0, namespace: str = "") -> str:
    """Return the idempotency key of a create after so many others of the resource."""
    (*_, last) = pages(IDENTITY_OF_STACK, namespace, urn.split("::", 2)[-1], limit=generation + 1)
    return f"pulumi-create-{last}"


def crash(client: SignaClient, body: Body = BODY, *, urn: str = ALERTS, generation: int = 0) -> str:
    """Leave an endpoint behind, as a run does that dies after Signa has made it; return its id."""
    return client.create_webhook_endpoint(body, idempotency_key=key(urn, generation)).endpoint.id


def make_elsewhere(emulator: EmulatorServer, body: Body, *, age: timedelta = timedelta()) -> Endpoint:
    """Let somebody else have made an endpoint that long ago."""
    new = NewEndpoint(**{"description": None, "metadata": {}, **body})
    made_at = datetime.now(timezone.utc) - age
    return emulator.organization.endpoints.create(new, emulator.organization.settings, made_at)


def delete_elsewhere(emulator: EmulatorServer, id_: str) -> None:
    """Delete an endpoint at Signa."""
    emulator.organization.endpoints.delete(emulator.organization.endpoints.get(id_))


def ids(emulator: EmulatorServer) -> list[str]:
    """Return the endpoints that there are, oldest first."""
    return [endpoint.id for endpoint in reversed(emulator.organization.endpoints.newest_first())]


def methods(sent: list[Sent]) -> list[str]:
    """Return the methods of what was sent."""
    return [request.method for request in sent]


def creates(sent: list[Sent]) -> list[Body | None]:
    """Return the bodies of the creates that were sent."""
    return [request.json for request in sent if (request.method, request.path) == ("POST", "/webhooks")]


# Carried out, or replayed


def test_what_was_never_made_is_made(client: SignaClient, sent: list[Sent], emulator: EmulatorServer) -> None:
    made = create(client, BODY)

    assert methods(sent) == ["POST"]
    assert ids(emulator) == [made.id]
    assert not made.is_found


@pytest.mark.parametrize("generation", [0, 1, 30])
def test_endpoint_left_behind_is_found(
    client: SignaClient, sent: list[Sent], emulator: EmulatorServer, generation: int
) -> None:
    for former in range(generation):
        delete_elsewhere(emulator, crash(client, generation=former))
    id_ = crash(client, generation=generation)
    del sent[:]

    made = create(client, BODY)

    assert methods(sent) == ["POST", "GET"] * (generation + 1)
    assert made.id == id_
    assert made.outputs["secret"] == emulator.organization.endpoints.get(id_).secret
    assert made.is_found


@pytest.mark.parametrize("generations", [1, 30])
def test_endpoint_deleted_since_is_made_anew(
    client: SignaClient, sent: list[Sent], emulator: EmulatorServer, generations: int
) -> None:
    for former in range(generations):
        delete_elsewhere(emulator, crash(client, generation=former))
    del sent[:]

    made = create(client, BODY)

    assert methods(sent) == ["POST", "GET"] * generations + ["POST"]
    assert ids(emulator) == [made.id]
    assert not made.is_found


def test_server_that_repeats_itself_is_not_followed_without_end(
    client: SignaClient, emulator: EmulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(creation, "_MAX_KEYS", 3)
    for generation in range(3):
        delete_elsewhere(emulator, crash(client, generation=generation))

    with pytest.raises(LifecycleError, match=r"^Signa says of 3 endpoints .* signa:namespace …`\)$"):
        create(client, BODY)

    assert ids(emulator) == []


def test_endpoint_left_behind_more_than_a_day_ago_is_not_found(client: SignaClient, emulator: EmulatorServer) -> None:
    id_ = crash(client)
    emulator.organization.advance_clock(25 * 3600)

    made = create(client, BODY)

    assert ids(emulator) == [id_, made.id]
    assert not made.is_found


@pytest.mark.parametrize("kind", ["drop_after", "truncate"])
def test_answer_that_was_lost_is_had_again(client: SignaClient, emulator: EmulatorServer, kind: str) -> None:
    emulator.organization.faults.add(kind=kind, operation="create", times=2)

    made = create(client, BODY)

    assert ids(emulator) == [made.id]
    assert not made.is_found


def test_run_that_never_heard_an_answer_is_made_up_for(client: SignaClient, emulator: EmulatorServer) -> None:
    emulator.organization.faults.add(kind="drop_after", operation="create", times=5)
    with pytest.raises(UnreachableError):
        create(client, BODY)

    made = create(client, BODY)

    assert ids(emulator) == [made.id]
    assert made.is_found


def test_endpoint_that_was_edited_meanwhile_becomes_as_declared(
    client: SignaClient, sent: list[Sent], emulator: EmulatorServer
) -> None:
    id_ = crash(client)
    client.update_webhook_endpoint(id_, {"description": "by hand", "metadata": {"b": 2}})
    del sent[:]

    made = create(client)

    # The first one asks whether another stack has it.
    question, *patches = [request.json for request in sent if request.method == "PATCH"]
    metadata = BODY["metadata"]
    assert question == {}
    assert patches == [{"description": "first", "metadata": metadata}, {"metadata": {**metadata, "b": None}}]
    assert emulator.organization.endpoints.get(id_).metadata == made.outputs["metadata"] == metadata


def test_replay_on_a_retry_is_compared_too(client: SignaClient, emulator: EmulatorServer) -> None:
    id_ = crash(client)
    client.update_webhook_endpoint(id_, {"url": ELSEWHERE})
    emulator.organization.faults.add(kind="drop_before", operation="create")

    made = create(client)

    assert (made.id, made.outputs["url"], emulator.organization.endpoints.get(id_).url) == (
        id_,
        BODY["url"],
        BODY["url"],
    )


def test_secret_that_was_rotated_meanwhile_is_stale(client: SignaClient) -> None:
    id_ = crash(client)
    client.rotate_secret(id_, idempotency_key="by-hand")

    outputs = create(client).outputs

    assert (outputs["secret_version"], outputs["secret_status"]) == (1, "stale")


# Refused, since it was made from other inputs


@edited_inputs
def test_endpoint_of_other_inputs_is_found(
    client: SignaClient, sent: list[Sent], emulator: EmulatorServer, edited: Body
) -> None:
    id_ = crash(client)
    del sent[:]

    made = create(client, edited)

    assert methods(sent)[:4] == ["POST", "GET", "POST", "GET"]
    assert creates(sent) == [edited, BODY]
    assert {request.key for request in sent if request.method == "POST"} == {key()}
    assert ids(emulator) == [made.id] == [id_]
    assert made.is_found


@edited_inputs
def test_endpoint_of_other_inputs_is_found_in_any_generation(
    client: SignaClient, emulator: EmulatorServer, edited: Body
) -> None:
    delete_elsewhere(emulator, crash(client, EDITS["description"]))
    delete_elsewhere(emulator, crash(client, edited, generation=1))
    id_ = crash(client, generation=2)

    made = create(client, edited)

    assert ids(emulator) == [made.id] == [id_]


@pytest.mark.parametrize(
    ("age", "behind"),
    [(timedelta(hours=23), timedelta()), (timedelta(hours=24, minutes=10), timedelta(minutes=30))],
    ids=["old", "Signa's clock behind"],
)
def test_endpoint_of_other_inputs_is_found_as_long_as_its_key_is_kept(
    client: SignaClient, emulator: EmulatorServer, age: timedelta, behind: timedelta
) -> None:
    now = datetime.now(timezone.utc)
    emulator.organization.set_clock(now - age)
    id_ = crash(client)
    emulator.organization.set_clock(now - behind)

    made = create(client, EDITS["everything"])

    assert ids(emulator) == [made.id] == [id_]


@edited_inputs
def test_endpoint_of_other_inputs_becomes_as_declared(
    client: SignaClient, emulator: EmulatorServer, edited: Body
) -> None:
    id_ = crash(client)

    made = create(client, {"status": "disabled", **edited})
    outputs = made.outputs

    (endpoint,) = emulator.organization.endpoints.newest_first()
    assert (made.id, endpoint.id) == (id_, id_)
    assert body_of(Declared.of(outputs)) == {**edited, "enabled_events": sorted(edited["enabled_events"])}
    assert {name: getattr(endpoint, name) for name in edited} == edited
    assert endpoint.status == outputs["status"] == "disabled"
    assert (outputs["secret"], outputs["secret_version"], outputs["secret_status"]) == (endpoint.secret, 1, "current")
    assert len(made.warnings) == 1
    assert made.is_found


@edited_inputs
def test_endpoint_deleted_before_the_edit_is_made_anew(
    *,
    client: SignaClient,
    emulator: EmulatorServer,
    sent: list[Sent],
    edited: Body,
) -> None:
    delete_elsewhere(emulator, crash(client))
    del sent[:]

    made = create(client, edited)

    (endpoint,) = emulator.organization.endpoints.newest_first()
    assert (endpoint.id, endpoint.secret) == (made.id, made.outputs["secret"])
    assert methods(sent) == ["POST", "GET", "POST"]
    assert made.warnings == []


def test_refusal_of_a_used_key_may_have_any_words(
    client: SignaClient, sent: list[Sent], emulator: EmulatorServer
) -> None:
    emulator.organization.faults.add(kind="status", status=409, detail="Another body came first.", operation="create")

    made = create(client, BODY)

    assert [request.key for request in sent if request.method == "POST"] == [key(), key(generation=1)]
    assert ids(emulator) == [made.id]


@edited_inputs
def test_endpoint_is_found_among_those_of_others(
    client: SignaClient, sent: list[Sent], emulator: EmulatorServer, edited: Body
) -> None:
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

    made = create(client, edited)

    assert made.id == id_
    assert sorted(ids(emulator)) == sorted([id_, *(endpoint.id for endpoint in others)])
    assert [representation.endpoint_with_secret(endpoint) for endpoint in others] == before
    assert len(creates(sent)) <= 1 + search._MAX_TRIES


def test_no_more_than_a_few_endpoints_are_tried(
    client: SignaClient, sent: list[Sent], emulator: EmulatorServer
) -> None:
    delete_elsewhere(emulator, crash(client))
    others = [make_elsewhere(emulator, {**BODY, "metadata": {"n": n}}) for n in range(20)]
    del sent[:]

    made = create(client, EDITS["description"])

    assert len(creates(sent)) == 1 + search._MAX_TRIES + 1
    assert ids(emulator) == [*(endpoint.id for endpoint in others), made.id]


def test_likeliest_endpoint_is_tried_first(client: SignaClient, sent: list[Sent], emulator: EmulatorServer) -> None:
    id_ = crash(client)
    make_elsewhere(emulator, {**EDITS["description"], "url": ELSEWHERE})
    make_elsewhere(emulator, {**BODY, "url": "https://other.example/"})
    make_elsewhere(emulator, {**BODY, "metadata": {}}, age=timedelta(hours=2))
    del sent[:]

    made = create(client, EDITS["description"])

    assert made.id == id_
    assert creates(sent) == [EDITS["description"], BODY]


@pytest.mark.parametrize(
    ("body", "age"),
    [({**BODY, "metadata": {}}, timedelta(hours=26)), (EDITS["description"], timedelta())],
    ids=["older than any key", "as declared"],
)
def test_endpoint_that_cannot_be_the_one_is_not_tried(
    client: SignaClient, sent: list[Sent], emulator: EmulatorServer, body: Body, age: timedelta
) -> None:
    delete_elsewhere(emulator, crash(client))
    old = make_elsewhere(emulator, body, age=age)
    del sent[:]

    made = create(client, EDITS["description"])

    assert creates(sent) == [EDITS["description"]] * 2
    assert ids(emulator) == [old.id, made.id]


def test_endpoints_that_are_the_same_are_tried_once(
    client: SignaClient, sent: list[Sent], emulator: EmulatorServer
) -> None:
    id_ = crash(client)
    for _ in range(search._MAX_TRIES):
        make_elsewhere(emulator, {"url": ELSEWHERE, "enabled_events": ["alert.created"]})
    del sent[:]

    made = create(client, EDITS["url"])

    assert made.id == id_
    assert len(creates(sent)) == 3


@edited_inputs
def test_endpoint_that_a_run_found_changed_and_lost_again_is_left_behind(
    client: SignaClient,
    fake_transport: FakeTransport,
    emulator: EmulatorServer,
    edited: Body,
) -> None:
    id_ = crash(client)
    create(client, edited)

    again = create(SignaClient(fake_transport, RetryPolicy()), edited)

    assert set(ids(emulator)) == {id_, again.id}
    assert again.id != id_


def test_try_whose_answer_was_lost_has_found_it_all_the_same(client: SignaClient, emulator: EmulatorServer) -> None:
    id_ = crash(client)
    emulator.organization.faults.add(kind="drop_after", operation="create", skip=1)

    made = create(client, EDITS["url"])

    assert made.id == id_
    assert made.is_found


def test_endpoint_is_found_though_others_edited_another_field(client: SignaClient) -> None:
    id_ = crash(client)
    client.update_webhook_endpoint(id_, {"url": "https://other.example/"})

    assert create(client, EDITS["description"]).id == id_


def test_endpoint_of_which_others_edited_the_same_field_is_found_with_the_same_inputs_alone(
    client: SignaClient,
) -> None:
    id_ = crash(client)
    client.update_webhook_endpoint(id_, {"description": "elsewhere"})

    edited = create(client, EDITS["description"])
    same = create(client, BODY)

    assert edited.id != id_
    assert same.id == id_


def test_each_of_two_equal_resources_finds_its_own(client: SignaClient, emulator: EmulatorServer) -> None:
    alerts, spare = crash(client, urn=ALERTS), crash(client, urn=SPARE)
    roster = Roster(settle_s=0)

    edited = create(client, EDITS["everything"], urn=SPARE, roster=roster)
    same = create(client, BODY, roster=roster)

    assert (edited.id, same.id) == (spare, alerts)
    assert ids(emulator) == [alerts, spare]


@pytest.mark.parametrize("body", [BODY, *EDITS.values()], ids=["the same", *EDITS])
def test_endpoint_of_a_renamed_resource_is_never_taken(
    client: SignaClient, emulator: EmulatorServer, body: Body
) -> None:
    renamed = crash(client)
    before = representation.endpoint_with_secret(emulator.organization.endpoints.get(renamed))
    roster = Roster(settle_s=0)
    roster.see(renamed)

    made = create(client, body, roster=roster)

    assert ids(emulator) == [renamed, made.id]
    assert not made.is_found
    assert representation.endpoint_with_secret(emulator.organization.endpoints.get(renamed)) == before


@edited_inputs
def test_second_endpoint_of_a_name_is_found(client: SignaClient, emulator: EmulatorServer, edited: Body) -> None:
    renamed, id_ = crash(client), crash(client, generation=1)
    roster = Roster(settle_s=0)
    roster.see(renamed)

    made = create(client, edited, roster=roster)

    assert made.id == id_
    assert ids(emulator) == [renamed, id_]


@pytest.mark.parametrize("status", [400, 409])
def test_try_that_is_refused_is_followed_by_the_next(
    client: SignaClient, sent: list[Sent], emulator: EmulatorServer, status: int
) -> None:
    id_ = crash(client)
    other = make_elsewhere(emulator, {**EDITS["description"], "metadata": {}})
    emulator.organization.faults.add(kind="status", status=status, operation="create", skip=1)

    made = create(client, {**EDITS["description"], "metadata": {"b": 1}})

    assert made.id == id_
    assert ids(emulator) == [id_, other.id]


def test_try_that_fails_for_another_reason_fails(client: SignaClient, emulator: EmulatorServer) -> None:
    id_ = crash(client)
    emulator.organization.faults.add(kind="status", status=403, operation="create", skip=1)

    with pytest.raises(PermissionDeniedError):
        create(client, EDITS["url"])

    assert ids(emulator) == [id_]


def test_key_that_expires_between_refusal_and_try_makes_what_is_declared(
    client: SignaClient, emulator: EmulatorServer
) -> None:
    other = make_elsewhere(emulator, {**BODY, "metadata": {}})
    before = representation.endpoint_with_secret(other)
    emulator.organization.faults.add(
        kind="status", status=409, detail="another Idempotency-Key body", operation="create"
    )

    made = create(client, EDITS["url"])

    endpoint = emulator.organization.endpoints.get(made.id)
    assert ids(emulator) == [other.id, made.id]
    assert {name: getattr(endpoint, name) for name in BODY} == EDITS["url"]
    assert made.outputs["secret"] == endpoint.secret
    assert representation.endpoint_with_secret(other) == before
    assert made.warnings == []


# Refused, since there may be no more


@pytest.mark.parametrize("deleted", [0, 1, 2])
@pytest.mark.parametrize("others", [1, 20])
def test_limit_is_told_in_the_words_of_signa(
    client: SignaClient, sent: list[Sent], emulator: EmulatorServer, deleted: int, others: int
) -> None:
    for generation in range(deleted):
        delete_elsewhere(emulator, crash(client, generation=generation))
    foreign = [make_elsewhere(emulator, {**BODY, "metadata": {"n": n}}) for n in range(others)]
    emulator.organization.change_settings(max_endpoints=others)
    del sent[:]

    with pytest.raises(ConflictError, match=f"already has its limit of {others} webhook endpoints"):
        create(client, EDITS["description"])

    assert ids(emulator) == [endpoint.id for endpoint in foreign]
    assert len(sent) <= 1 + (deleted + creation._MAX_UNEXPLAINED) * (1 + search._MAX_TRIES)


@pytest.mark.parametrize("body", [BODY, *EDITS.values()], ids=["the same", *EDITS])
def test_limit_that_the_endpoint_left_behind_has_reached_is_no_obstacle(
    client: SignaClient, emulator: EmulatorServer, body: Body
) -> None:
    emulator.organization.change_settings(max_endpoints=1)
    id_ = crash(client)

    made = create(client, body)

    assert made.id == id_


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
    body: Body,
) -> None:
    id_ = crash(client)

    made = create(client, body)
    outputs = made.outputs

    (endpoint,) = emulator.organization.endpoints.newest_first()
    assert made.id == endpoint.id == id_
    assert (outputs["secret"], outputs["secret_version"], outputs["secret_status"]) == (endpoint.secret, 2, "current")
    assert body_of(Declared.of(outputs)) == body_of(as_declared(client.get_webhook_endpoint(id_)))
    assert endpoint.live_previous_secret(emulator.organization.clock.now()) is not None
    assert len([request for request in sent if request.path.endswith("/rotate-secret")]) == 1
    assert [warning.split(" ", 2)[:2] for warning in made.warnings] == [["took", "over"], ["Signa", "did"]]


def test_lost_answer_to_that_rotation_is_had_again(client: SignaClient, emulator: EmulatorServer) -> None:
    id_ = crash(client)
    endpoint = emulator.organization.endpoints.get(id_)
    without_secret = representation.redacted_endpoint(endpoint, emulator.organization.settings)
    emulator.organization.faults.add(kind="body", operation="create", body=json.dumps(without_secret))
    emulator.organization.faults.add(kind="drop_after", operation="rotate")

    outputs = create(client).outputs

    assert endpoint.secret_version == 2
    assert (outputs["secret"], outputs["secret_version"], outputs["secret_status"]) == (endpoint.secret, 2, "current")


@pytest.mark.parametrize("secret", [{}, {"secret": None}])
def test_server_that_tells_no_secret_is_asked_for_one_once(
    client: SignaClient, emulator: EmulatorServer, sent: list[Sent], secret: dict[str, None]
) -> None:
    shown = representation.redacted_endpoint(make_elsewhere(emulator, BODY), emulator.organization.settings)
    for operation in ("create", "rotate"):
        emulator.organization.faults.add(kind="body", operation=operation, body=json.dumps({**shown, **secret}))

    with pytest.raises(ResponseFormatError, match="holds no secret"):
        create(client)

    assert methods(sent) == ["POST", "POST"]


@pytest.mark.usefixtures("forgetful_signa")
@pytest.mark.parametrize("times", [1, 5])
def test_rotation_that_is_not_repeated_either_ends_in_one_line(
    client: SignaClient, emulator: EmulatorServer, times: int
) -> None:
    id_ = crash(client)
    emulator.organization.faults.add(kind="drop_after", operation="rotate", times=times)
    if times > 1:
        with pytest.raises(UnreachableError):
            create(client)

    with pytest.raises(LifecycleError, match=rf"^{id_} exists, its secret was told to a run that ended") as caught:
        create(client)

    assert "\n" not in str(caught.value)
    assert emulator.organization.endpoints.get(id_).secret_version == 2
    assert ids(emulator) == [id_]


@pytest.mark.usefixtures("forgetful_signa")
def test_rotation_inside_the_overlap_of_another_ends_in_one_line(client: SignaClient, emulator: EmulatorServer) -> None:
    id_ = crash(client)
    endpoint = emulator.organization.endpoints.get(id_)
    endpoint.rotate(Rotation(force=False, reason=None), emulator.organization.clock.now())
    secret = endpoint.secret

    with pytest.raises(LifecycleError, match=rf"^{id_} exists, .*: delete the endpoint at Signa and run .*$") as caught:
        create(client, EDITS["url"])

    assert "\n" not in str(caught.value)
    assert (endpoint.secret, endpoint.url) == (secret, BODY["url"])
    delete_elsewhere(emulator, id_)
    new = create(client, EDITS["url"])
    assert (ids(emulator), emulator.organization.endpoints.get(new.id).secret) == ([new.id], new.outputs["secret"])


@pytest.mark.usefixtures("forgetful_signa")
def test_nothing_is_rotated_for_a_run_that_nobody_records(
    client: SignaClient, emulator: EmulatorServer, sent: list[Sent]
) -> None:
    id_ = crash(client)
    del sent[:]

    def engine_is_gone() -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        create(client, require_engine=engine_is_gone)

    assert methods(sent) == ["POST", "GET"]
    assert emulator.organization.endpoints.get(id_).secret_version == 1


# Keys


def test_key_is_the_resource_s_in_every_run_and_says_nothing_of_it(client: SignaClient, sent: list[Sent]) -> None:
    urn = "urn:ü:" + "x" * 500
    for declared in (BODY, {**BODY, "status": "disabled"}, EDITS["everything"]):
        create(client, declared, urn=urn, namespace="né")

    first, *others = [request.key or "" for request in sent if request.method == "POST"]
    assert set(others) == {first} == {key(urn, namespace="né")}
    assert first.isascii()
    assert len(first) == len("pulumi-create-") + 64


@pytest.mark.parametrize(("urn", "namespace"), [(SPARE, ""), (ALERTS, "team-a"), (None, "")])
def test_another_resource_or_namespace_gets_another_key(
    client: SignaClient, emulator: EmulatorServer, urn: str | None, namespace: str
) -> None:
    create(client)

    other = create(client, urn=urn, namespace=namespace)

    assert len(ids(emulator)) == 2
    assert not other.is_found


def test_replacement_beside_the_first_makes_a_second_endpoint(client: SignaClient, emulator: EmulatorServer) -> None:
    made = [create(client, {**BODY, RANDOM_KEY: True}) for _ in range(2)]

    assert ids(emulator) == [each.id for each in made]
