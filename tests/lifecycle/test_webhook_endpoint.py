"""The life of a webhook endpoint, against the emulator."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_run import fake_run, no_warning
from fake_transport import API_KEY
from pulumi_signa.inputs import UNKNOWN
from pulumi_signa.inputs.webhook_endpoint import FIELDS, normalized
from pulumi_signa.lifecycle import URN, LifecycleError
from pulumi_signa.lifecycle import webhook_endpoint as lifecycle
from pulumi_signa.lifecycle.kept import Kept
from pulumi_signa.lifecycle.known_endpoints import KnownEndpoints
from pulumi_signa.lifecycle.webhook_endpoint import RANDOM_KEY, Read, changed_fields
from pulumi_signa.signa_api.auth import BearerAuth
from pulumi_signa.signa_api.client import SignaClient
from pulumi_signa.signa_api.errors import (
    ApiError,
    AuthenticationError,
    ResponseFormatError,
    SignaError,
    UnreachableError,
)
from pulumi_signa.signa_api.pacing.retry import RetryPolicy
from pulumi_signa.signa_api.transport import Transport
from signa_emulator.server import EmulatorServer

URL = "https://example.com/hooks/signa"
DECLARED: dict[str, Any] = {"url": URL, "enabled_events": ["alert.created"], URN: "urn:pulumi:dev::p::t::alerts"}

Warner = Callable[[str], None]

_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=6,
)
_FIELDS = {
    "url": st.sampled_from(["https://a.example/", "https://b.example/"]),
    "enabled_events": st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1, unique=True),
    "description": st.one_of(st.none(), st.text(max_size=5)),
    "metadata": st.one_of(st.none(), st.dictionaries(st.text(max_size=3), _JSON, max_size=3)),
    "status": st.sampled_from(["active", "disabled", None]),
}
_ENDPOINTS = st.fixed_dictionaries(_FIELDS)


@pytest.fixture
def made(client: SignaClient, warn: Warner) -> tuple[str, dict[str, Any]]:
    """Give the id and the outputs of an endpoint that was just created."""
    return create(client, {**DECLARED, "metadata": {"a": 1, "b": 2}}, warn=warn)


def create(client: SignaClient, inputs: dict[str, Any], **run: Any) -> tuple[str, dict[str, Any]]:
    """Create as a run does that knows of no other endpoint."""
    return lifecycle.create(client, inputs, fake_run(**run))


def read(client: SignaClient, endpoint_id: str, old: dict[str, Any], **run: Any) -> Read | None:
    """Read as a run does that knows of no other endpoint."""
    return lifecycle.read(client, endpoint_id, old, fake_run(**run))


def update(
    client: SignaClient, endpoint_id: str, old: dict[str, Any], new: dict[str, Any], **run: Any
) -> dict[str, Any]:
    """Update as a run does that knows of no other endpoint."""
    return lifecycle.update(client, endpoint_id, old, new, fake_run(**run))


def delete(client: SignaClient, endpoint_id: str) -> None:
    """Delete as a run does that has taken over nothing."""
    lifecycle.delete(client, endpoint_id, fake_run())


def only(emulator: EmulatorServer) -> Any:
    """Give the one endpoint that the emulator has."""
    (endpoint,) = emulator.organization.endpoints.newest_first()
    return endpoint


# What counts as a change


@given(_ENDPOINTS)
def test_equal_is_no_change(declared: dict[str, Any]) -> None:
    """A declaration never differs from itself, normalized or not."""
    assert changed_fields(declared, declared) == []
    assert changed_fields(normalized(declared), declared) == []


@given(_ENDPOINTS, st.randoms(use_true_random=False))
def test_event_order_never_matters(declared: dict[str, Any], random: Any) -> None:
    """Events are a set."""
    shuffled = list(declared["enabled_events"])
    random.shuffle(shuffled)

    assert changed_fields(declared, {**declared, "enabled_events": shuffled}) == []


@given(_ENDPOINTS, st.sets(st.sampled_from(FIELDS)))
def test_unknown_counts_as_changed(declared: dict[str, Any], unknown: set[str]) -> None:
    """A value that is not known yet may be another one, and nothing else is touched by it."""
    found = changed_fields(declared, {**declared, **dict.fromkeys(unknown, UNKNOWN)})

    assert set(found) == unknown


@given(_ENDPOINTS, _ENDPOINTS)
def test_changes_are_those_of_the_normal_forms(old: dict[str, Any], new: dict[str, Any]) -> None:
    """What differs is what Python finds different, or finds equal only since true is 1 to it."""
    before, after = normalized(old), normalized(new)

    found = changed_fields(old, new)

    assert set(found) >= {field for field in FIELDS if before[field] != after[field]}
    assert set(found) <= {field for field in FIELDS if repr(before[field]) != repr(after[field])}


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"url": "https://b.example/"}, ["url"]),
        ({"description": "x"}, ["description"]),
        ({"description": ""}, []),
        ({"metadata": {"a": 1}}, ["metadata"]),
        ({"metadata": {}}, []),
        ({"status": "disabled"}, ["status"]),
        ({"status": "active"}, []),
        ({"enabled_events": ["alert.created", "x"]}, ["enabled_events"]),
        ({"enabled_events": None}, []),
        ({"metadata": {"a": [{"b": UNKNOWN}]}}, ["metadata"]),
        ({URN: "urn:other"}, []),
        ({RANDOM_KEY: True}, []),
        ({"secret": "x", "secret_version": 9, "consecutive_failures": 3}, []),
    ],
)
def test_change_is_named(change: dict[str, Any], fields: list[str]) -> None:
    """Defaults, hidden properties and outputs are no difference; a field that was edited is."""
    assert changed_fields(DECLARED, {**DECLARED, **change}) == fields


def test_true_in_the_place_of_one_is_a_change() -> None:
    """Python takes them for equal, JSON and Signa do not."""
    old = {**DECLARED, "metadata": {"a": {"b": [1]}}}
    new = {**DECLARED, "metadata": {"a": {"b": [True]}}}

    assert changed_fields(old, new) == ["metadata"]


# Create


def test_create_sends_one_request(client: SignaClient, warn: Warner, sent: list[Any], warned: list[str]) -> None:
    """Only what was declared goes into it, and nobody is warned."""
    create(client, {**DECLARED, "description": "", "metadata": {}}, warn=warn)

    (request,) = sent
    assert (request.method, request.path) == ("POST", "/webhooks")
    assert request.json == {"url": URL, "enabled_events": ["alert.created"]}
    assert warned == []


def test_create_gives_the_whole_state(client: SignaClient, warn: Warner, emulator: EmulatorServer) -> None:
    """Id, fields, secret, and everything that Signa decides."""
    declared = {**DECLARED, "description": "prod", "metadata": {"a": {"b": [1, True]}}}

    id_, outputs = create(client, declared, warn=warn)

    endpoint = only(emulator)
    assert id_ == endpoint.id
    assert outputs["secret"] == endpoint.secret
    assert {name: outputs[name] for name in (*FIELDS, "on_stale_secret", URN)} == normalized(declared)
    assert (outputs["secret_version"], outputs["secret_status"], outputs["consecutive_failures"]) == (1, "current", 0)
    assert (outputs["last_success_at"], outputs["last_failure_at"]) == (None, None)
    assert outputs["created_at"] == outputs["updated_at"]
    assert endpoint.metadata == {"a": {"b": [1, True]}}


def test_disabled_at_create_takes_one_more_request(client: SignaClient, warn: Warner, sent: list[Any]) -> None:
    """Create cannot set the status, so an update does, and sends nothing else."""
    id_, outputs = create(client, {**DECLARED, "status": "disabled"}, warn=warn)

    assert [(request.method, request.json) for request in sent[1:]] == [("PATCH", {"status": "disabled"})]
    assert sent[1].path == f"/webhooks/{id_}"
    assert outputs["status"] == "disabled"


def test_second_half_of_a_disabled_create_is_made_up_for(
    client: SignaClient, warn: Warner, emulator: EmulatorServer, warned: list[str]
) -> None:
    """Where the update failed, the next run finds the endpoint and disables it."""
    emulator.organization.faults.add(kind="status", status=400, operation="update")
    declared = {**DECLARED, "status": "disabled"}
    with pytest.raises(ApiError):
        create(client, declared, warn=warn)

    _, outputs = create(client, declared, warn=warn)

    assert outputs["status"] == only(emulator).status == "disabled"
    assert outputs["secret"] == only(emulator).secret
    assert len(warned) == 1


def test_create_after_a_crash_takes_the_endpoint_over(
    client: SignaClient, warn: Warner, sent: list[Any], warned: list[str], emulator: EmulatorServer
) -> None:
    """The same declaration gets the same endpoint and its secret, and the user is told its id and time."""
    id_, first = create(client, DECLARED, warn=warn)

    again, second = create(client, DECLARED, warn=warn)

    assert (again, second) == (id_, first)
    assert [request.method for request in sent] == ["POST", "POST", "GET"]
    assert sent[0].key == sent[1].key
    (warning,) = warned
    assert warning.startswith(f"took over {id_}, which an earlier run")
    assert first["created_at"] in warning
    assert only(emulator).id == id_


def test_taken_over_endpoint_is_brought_to_what_is_declared(
    client: SignaClient, warn: Warner, sent: list[Any], emulator: EmulatorServer
) -> None:
    """Edits made between the crash and the next run are undone, and only they are sent."""
    declared = {**DECLARED, "metadata": {"a": 1}}
    id_, _ = create(client, declared, warn=warn)
    client.update_webhook_endpoint(id_, {"description": "by hand", "metadata": {"b": 2}})
    del sent[:]

    _, outputs = create(client, declared, warn=warn)

    patches = [request.json for request in sent if request.method == "PATCH"]
    assert patches == [{"description": None, "metadata": {"a": 1}}, {"metadata": {"a": 1, "b": None}}]
    assert (only(emulator).description, only(emulator).metadata) == (None, {"a": 1})
    assert outputs["metadata"] == {"a": 1}


def test_replay_on_a_retry_is_compared_too(
    client: SignaClient, warn: Warner, warned: list[str], emulator: EmulatorServer
) -> None:
    """A first attempt that never arrived says nothing: the replayed endpoint may be an earlier run's, and edited."""
    id_, _ = create(client, DECLARED, warn=warn)
    client.update_webhook_endpoint(id_, {"url": "https://other.example/"})
    emulator.organization.faults.add(kind="drop_before", operation="create")

    again, outputs = create(client, DECLARED, warn=warn)

    assert (again, outputs["url"], only(emulator).url) == (id_, URL, URL)


def test_lost_answer_makes_no_second_endpoint(
    client: SignaClient, warn: Warner, warned: list[str], sent: list[Any], emulator: EmulatorServer
) -> None:
    """The attempt whose answer was lost is replayed to the next one, which is no reason to warn."""
    emulator.organization.faults.add(kind="drop_after", operation="create")

    id_, outputs = create(client, DECLARED, warn=warn)

    assert (only(emulator).id, only(emulator).secret) == (id_, outputs["secret"])
    assert [request.method for request in sent] == ["POST", "POST", "GET"]
    assert warned == []


@pytest.mark.parametrize("deletions", [1, 2])
def test_create_after_a_deletion_makes_a_new_endpoint(
    client: SignaClient, warn: Warner, warned: list[str], emulator: EmulatorServer, deletions: int
) -> None:
    """A replay of what was deleted since is no endpoint; the next generation of the key makes one."""
    secrets = set()
    for _ in range(deletions):
        id_, outputs = create(client, DECLARED, warn=warn)
        secrets.add(outputs["secret"])
        delete(client, id_)

    id_, outputs = create(client, DECLARED, warn=warn)

    assert only(emulator).id == id_
    assert outputs["secret"] == only(emulator).secret
    assert outputs["secret"] not in secrets
    assert warned == []


def test_new_generation_can_be_taken_over(client: SignaClient, warn: Warner, warned: list[str]) -> None:
    """A crash after a deletion and a new create leads back to the new endpoint."""
    id_, _ = create(client, DECLARED, warn=warn)
    delete(client, id_)
    new_id, _ = create(client, DECLARED, warn=warn)

    again, _ = create(client, DECLARED, warn=warn)

    assert again == new_id != id_
    assert len(warned) == 1


@pytest.mark.parametrize(
    ("change", "namespace"), [({URN: "urn:pulumi:prod::p::t::alerts"}, ""), ({}, "team-a"), ({URN: None}, "")]
)
def test_other_resource_gets_another_key(
    *,
    client: SignaClient,
    warn: Warner,
    sent: list[Any],
    emulator: EmulatorServer,
    change: dict[str, Any],
    namespace: str,
) -> None:
    """Another URN or namespace, or a program that does not say who asks, makes a second endpoint."""
    create(client, DECLARED, warn=warn)

    create(client, {**DECLARED, **change}, namespace=namespace, warn=warn)

    assert len({request.key for request in sent}) == 2
    assert len(emulator.organization.endpoints.newest_first()) == 2


def test_status_and_event_order_do_not_change_the_key(client: SignaClient, warn: Warner, sent: list[Any]) -> None:
    """What create does not send must not hide the endpoint from the run after a crash."""
    create(client, DECLARED, warn=warn)

    create(client, {**DECLARED, "status": "disabled", "description": "", "metadata": {}}, warn=warn)

    assert sent[0].key == sent[1].key


def test_replacement_beside_the_first_makes_a_second_endpoint(
    client: SignaClient, warn: Warner, emulator: EmulatorServer
) -> None:
    """Where the user wants it so, nothing is taken over."""
    inputs = {**DECLARED, RANDOM_KEY: True}
    create(client, inputs, warn=warn)

    create(client, inputs, warn=warn)

    assert len(emulator.organization.endpoints.newest_first()) == 2


def test_keys_have_the_documented_form(client: SignaClient, warn: Warner, sent: list[Any]) -> None:
    """Prefix and 64 hexadecimal digits, whatever the URN holds; nothing of the body is readable in it."""
    create(client, {**DECLARED, URN: "urn:ü:" + "x" * 500}, namespace="né", warn=warn)

    key = sent[0].key
    assert key.startswith("pulumi-create-")
    assert len(key) == len("pulumi-create-") + 64
    assert key.isascii()


def test_replay_without_a_secret_is_made_up_for_by_a_rotation(
    client: SignaClient, warn: Warner, emulator: EmulatorServer, warned: list[str]
) -> None:
    """Signa signs with both for 24 hours; the new secret is the one in the state."""
    id_, _ = create(client, DECLARED, warn=warn)
    emulator.organization.change_settings(replay_includes_secret=False)

    again, outputs = create(client, DECLARED, warn=warn)

    assert again == id_
    assert (outputs["secret"], outputs["secret_version"]) == (only(emulator).secret, 2)
    assert outputs["secret_status"] == "current"
    assert any("was rotated: version 2" in warning for warning in warned)


def test_secret_rotated_since_the_crash_is_stale(client: SignaClient, warn: Warner) -> None:
    """The replayed secret is the first one; that it is not the current one any more is said."""
    id_, first = create(client, DECLARED, warn=warn)
    client.rotate_secret(id_, idempotency_key="by-hand")

    _, outputs = create(client, DECLARED, warn=warn)

    assert (outputs["secret"], outputs["secret_version"], outputs["secret_status"]) == (first["secret"], 1, "stale")


# Read


@pytest.mark.parametrize("redaction", ["omit", "null", "masked"])
def test_read_keeps_the_secret_it_had(
    client: SignaClient, made: tuple[str, dict[str, Any]], emulator: EmulatorServer, redaction: str
) -> None:
    """However the server redacts it, the secret is the one from the state."""
    emulator.organization.change_settings(redaction=redaction)
    id_, outputs = made

    found = read(client, id_, outputs, warn=no_warning)

    assert found is not None
    assert found.outputs == outputs
    assert found.outputs["secret"] == only(emulator).secret


def test_read_sees_edits_made_elsewhere(client: SignaClient, made: tuple[str, dict[str, Any]]) -> None:
    """Inputs and outputs show what is, so that the next comparison with the program finds the difference."""
    id_, outputs = made
    client.update_webhook_endpoint(id_, {"url": "https://other.example/", "description": "edited"})

    found = read(client, id_, outputs, warn=no_warning)

    assert found is not None
    assert changed_fields(found.outputs, DECLARED | {"metadata": {"a": 1, "b": 2}}) == ["url", "description"]
    assert found.inputs is not None
    assert found.inputs["url"] == found.outputs["url"] == "https://other.example/"
    assert found.inputs[URN] == DECLARED[URN]


def test_read_leaves_inputs_that_still_hold_as_they_are(client: SignaClient, made: tuple[str, dict[str, Any]]) -> None:
    """Nothing was edited, so the state's own inputs stand."""
    found = read(client, *made, warn=no_warning)

    assert found is not None
    assert found.inputs is None


def test_read_shows_what_signa_counts_without_a_difference(
    client: SignaClient, made: tuple[str, dict[str, Any]], emulator: EmulatorServer
) -> None:
    """Counters and times move by themselves; they are stored, and are no drift."""
    id_, outputs = made
    with emulator.organization.lock:
        only(emulator).record_failure(emulator.organization.clock.now())

    found = read(client, id_, outputs, warn=no_warning)

    assert found is not None
    assert found.outputs["consecutive_failures"] == 1
    assert found.outputs["last_failure_at"] is not None
    assert changed_fields(found.outputs, outputs) == []


def test_rotation_made_elsewhere_makes_the_secret_stale(
    client: SignaClient, made: tuple[str, dict[str, Any]], warn: Warner, warned: list[str]
) -> None:
    """The secret held and its version stay together; that they are not the newest is said, once and again."""
    id_, outputs = made
    client.rotate_secret(id_, idempotency_key="by-hand")

    first = read(client, id_, outputs, warn=warn)
    assert first is not None
    second = read(client, id_, first.outputs, warn=warn)

    assert second is not None
    assert first.outputs == second.outputs
    assert (second.outputs["secret"], second.outputs["secret_version"]) == (outputs["secret"], 1)
    assert second.outputs["secret_status"] == "stale"
    assert len(warned) == 2
    assert all("Signa signs with version 2, this stack holds version 1" in warning for warning in warned)


def test_read_without_state_has_no_secret(client: SignaClient, made: tuple[str, dict[str, Any]]) -> None:
    """`get` of an endpoint that another stack owns shows everything but the secret."""
    id_, outputs = made

    found = read(client, id_, {}, warn=no_warning)

    assert found is not None
    assert (found.outputs["secret"], found.outputs["secret_status"]) == (None, "unknown")
    assert found.outputs["secret_version"] == 1
    assert {name: found.outputs[name] for name in FIELDS} == {name: outputs[name] for name in FIELDS}
    assert URN not in found.outputs


def test_endpoint_left_behind_long_ago_is_warned_of(
    client: SignaClient, warn: Warner, warned: list[str], emulator: EmulatorServer
) -> None:
    """After a day no key can claim it: where a refresh comes across it, it is named."""
    lost, _ = create(client, DECLARED, warn=warn)
    emulator.organization.advance_clock(25 * 60 * 60)
    id_, outputs = create(client, DECLARED, warn=warn)

    read(client, id_, outputs, warn=warn)

    (warning,) = warned
    assert warning.startswith(f"{lost}, created at ")
    assert f"is the same as {id_}" in warning


@pytest.mark.parametrize("change", [{"url": f"{URL}/2"}, {"description": "other"}, {"metadata": {"a": 1}}])
def test_another_endpoint_is_nothing_to_warn_of(client: SignaClient, warn: Warner, change: dict[str, Any]) -> None:
    """Two resources may well have one URL."""
    create(client, {**DECLARED, **change, URN: "urn:other"}, warn=warn)
    id_, outputs = create(client, DECLARED, warn=warn)

    assert read(client, id_, outputs, warn=no_warning) is not None


def test_equal_endpoints_of_one_stack_are_nothing_to_warn_of(client: SignaClient, warn: Warner) -> None:
    """A refresh reads the older one first."""
    known = KnownEndpoints(settle_s=0)
    made = [create(client, {**DECLARED, URN: f"urn:{n}"}, warn=warn) for n in range(2)]

    found = [read(client, id_, outputs, known=known) for id_, outputs in made]

    assert all(found)


def test_read_of_a_deleted_endpoint_is_gone(
    client: SignaClient, made: tuple[str, dict[str, Any]], warn: Warner, warned: list[str]
) -> None:
    """Signa's own 404 is the one sign of it, and what the state loses by it is said."""
    id_, outputs = made
    delete(client, id_)

    assert read(client, id_, outputs, warn=warn) is None

    (warning,) = warned
    assert warning.startswith(f"{id_} no longer exists in the API key's organization and leaves the state")


def test_read_of_what_was_never_there_is_an_error(client: SignaClient) -> None:
    """`get` of a wrong id must not go on with nothing."""
    with pytest.raises(LifecycleError, match="whk_nowhere does not exist"):
        read(client, "whk_nowhere", {}, warn=no_warning)


@pytest.mark.parametrize("operation", ["retrieve", "delete"])
@pytest.mark.parametrize("body", ["<html>not found</html>", "", '{"error": {"type": "route_not_found"}}'])
def test_not_found_of_somebody_else_is_never_gone(
    client: SignaClient, made: tuple[str, dict[str, Any]], emulator: EmulatorServer, operation: str, body: str
) -> None:
    """A gateway's 404, or that of another server at a wrong base URL, says nothing about the endpoint."""
    id_, outputs = made
    emulator.organization.faults.add(operation=operation, kind="status", status=404, body=body, times=None)
    emulator.organization.faults.add(operation="list", kind="status", status=404, body=body, times=None)

    with pytest.raises(SignaError, match="not Signa's own"):
        read(client, id_, outputs, warn=no_warning) if operation == "retrieve" else delete(client, id_)


def test_base_url_below_the_api_is_never_gone(emulator: EmulatorServer, made: tuple[str, dict[str, Any]]) -> None:
    """A path too much makes Signa itself answer 404 to everything, and its list is not there either."""
    transport = Transport(f"{emulator.base_url}/extra", BearerAuth(API_KEY))
    astray = SignaClient(transport, RetryPolicy(max_attempts=1))
    id_, outputs = made

    for operation in (lambda: read(astray, id_, outputs, warn=no_warning), lambda: delete(astray, id_)):
        with pytest.raises(ResponseFormatError, match="there is no list"):
            operation()


@pytest.mark.parametrize("status", [400, 401, 403, 405, 409, 410, 422, 429, 500, 502, 503, 504])
def test_other_refusals_are_never_gone(
    client: SignaClient, made: tuple[str, dict[str, Any]], emulator: EmulatorServer, status: int
) -> None:
    """Whatever else Signa answers fails the operation: neither read nor delete takes it for "not there"."""
    id_, outputs = made
    emulator.organization.faults.add(kind="status", status=status, retryable=False, times=None)

    for operation in (
        lambda: read(client, id_, outputs, warn=no_warning),
        lambda: delete(client, id_),
        lambda: update(client, id_, outputs, {**DECLARED, "description": "x"}),
    ):
        with pytest.raises(ApiError) as caught:
            operation()
        assert caught.value.status == status


def test_unreachable_server_is_never_gone(
    client: SignaClient, made: tuple[str, dict[str, Any]], emulator: EmulatorServer
) -> None:
    """No answer is no 404."""
    id_, outputs = made
    emulator.organization.faults.add(kind="drop_before", times=None)

    with pytest.raises(UnreachableError):
        read(client, id_, outputs, warn=no_warning)
    with pytest.raises(UnreachableError):
        delete(client, id_)


# Update


@pytest.mark.parametrize("merge", ["merge", "replace"])
@pytest.mark.parametrize(
    ("change", "body"),
    [
        ({"url": "https://b.example/"}, {"url": "https://b.example/"}),
        ({"description": "new"}, {"description": "new"}),
        ({"description": None}, {"description": None}),
        ({"status": "disabled"}, {"status": "disabled"}),
        ({"metadata": {"a": 1, "b": 3}}, {"metadata": {"a": 1, "b": 3}}),
        ({"metadata": {"a": 1, "b": 2, "c": {"d": [True]}}}, {"metadata": {"a": 1, "b": 2, "c": {"d": [True]}}}),
        ({"url": "https://b.example/", "status": "disabled"}, {"url": "https://b.example/", "status": "disabled"}),
    ],
)
def test_update_sends_exactly_what_changed(
    *,
    client: SignaClient,
    warn: Warner,
    sent: list[Any],
    emulator: EmulatorServer,
    merge: str,
    change: dict[str, Any],
    body: dict[str, Any],
) -> None:
    """One request with the changed fields alone; the secret is not touched."""
    emulator.organization.change_settings(metadata_merge=merge)
    declared = {**DECLARED, "description": "old", "metadata": {"a": 1, "b": 2}}
    id_, outputs = create(client, declared, warn=warn)
    del sent[:]

    new = update(client, id_, outputs, {**declared, **change})

    assert [(request.method, request.path, request.json) for request in sent] == [("PATCH", f"/webhooks/{id_}", body)]
    assert {name: getattr(only(emulator), name) for name in body} == body
    assert changed_fields(new, {**declared, **change}) == []
    assert (new["secret"], new["secret_version"], new["secret_status"]) == (outputs["secret"], 1, "current")


@pytest.mark.parametrize(("merge", "requests"), [("merge", 2), ("replace", 1)])
@pytest.mark.parametrize("metadata", [{"a": 9}, {}, None, {"c": None}])
def test_removed_metadata_is_gone_either_way(
    *,
    client: SignaClient,
    made: tuple[str, dict[str, Any]],
    sent: list[Any],
    emulator: EmulatorServer,
    merge: str,
    requests: int,
    metadata: dict[str, Any] | None,
) -> None:
    """Whether Signa merges or replaces, what is declared is what is there; only merging costs a second request."""
    emulator.organization.change_settings(metadata_merge=merge)
    id_, outputs = made
    del sent[:]

    new = update(client, id_, outputs, {**DECLARED, "metadata": metadata})

    assert len(sent) == requests
    kept = {key: value for key, value in only(emulator).metadata.items() if value is not None}
    assert kept == {key: value for key, value in (metadata or {}).items() if value is not None}
    assert new["metadata"] == (metadata or {})


def test_update_of_everything_gives_the_whole_state(
    client: SignaClient, made: tuple[str, dict[str, Any]], emulator: EmulatorServer
) -> None:
    """The outputs are complete: whatever were missing would be forgotten."""
    id_, outputs = made
    everything = {
        "url": "https://b.example/",
        "enabled_events": ["alert.created"],
        "description": "d",
        "metadata": {"z": 1},
        "status": "disabled",
        URN: DECLARED[URN],
    }

    new = update(client, id_, outputs, everything)

    assert new.keys() == outputs.keys()
    assert {name: new[name] for name in everything} == everything
    assert new["updated_at"] >= outputs["updated_at"]


def test_update_finds_a_secret_stale(
    client: SignaClient, made: tuple[str, dict[str, Any]], warn: Warner, warned: list[str]
) -> None:
    """Signa's answer to another change tells of a rotation made elsewhere; the secret held stays what it was."""
    id_, outputs = made
    client.rotate_secret(id_, idempotency_key="by-hand")

    new = update(client, id_, outputs, {**DECLARED, "description": "x"}, warn=warn)

    assert (new["secret"], new["secret_version"], new["secret_status"]) == (outputs["secret"], 1, "stale")
    (warning,) = warned
    assert warning.startswith(f"the secret of {id_} was rotated elsewhere: Signa signs with version 2")


def test_update_to_what_is_there_sends_nothing(
    client: SignaClient, made: tuple[str, dict[str, Any]], sent: list[Any]
) -> None:
    """An unknown value may turn out to be the old one; there is nothing that Signa need be asked."""
    id_, outputs = made
    del sent[:]

    new = update(client, id_, outputs, {**DECLARED, "metadata": {"a": 1, "b": 2}})

    assert sent == []
    assert new == outputs


@pytest.mark.parametrize("change", [{"description": "x"}, {"rotate_trigger": "x"}])
def test_update_of_a_vanished_endpoint_says_what_to_do(
    client: SignaClient, made: tuple[str, dict[str, Any]], change: dict[str, Any]
) -> None:
    """The id, and the command that repairs it."""
    id_, outputs = made
    delete(client, id_)

    with pytest.raises(LifecycleError, match=rf"^{id_} no longer exists at Signa: run `pulumi refresh`"):
        update(client, id_, outputs, {**DECLARED, "metadata": {"a": 1, "b": 2}, **change})


def test_two_equal_updates_are_both_carried_out(
    client: SignaClient, made: tuple[str, dict[str, Any]], emulator: EmulatorServer
) -> None:
    """A field set to B, back to A and to B again within a day is three updates, none of them replayed."""
    id_, outputs = made
    to_b = {**DECLARED, "metadata": {"a": 1, "b": 2}, "description": "b"}
    to_a = {**to_b, "description": None}

    for declared in (to_b, to_a, to_b):
        outputs = update(client, id_, outputs, declared)

    assert only(emulator).description == outputs["description"] == "b"


def test_server_that_refuses_an_update_changes_no_state(client: SignaClient, made: tuple[str, dict[str, Any]]) -> None:
    """Signa's own words reach the user, and the endpoint is never replaced instead."""
    id_, outputs = made

    with pytest.raises(SignaError, match="enabled_events"):
        update(client, id_, outputs, {**DECLARED, "enabled_events": ["no.such.event"]})


# Delete


@pytest.mark.parametrize("status", [200, 204])
def test_delete_removes_the_endpoint(
    client: SignaClient, made: tuple[str, dict[str, Any]], emulator: EmulatorServer, status: int
) -> None:
    """With or without a body in the answer."""
    emulator.organization.change_settings(delete_status=status)

    delete(client, made[0])

    assert emulator.organization.endpoints.newest_first() == []


def test_delete_of_what_is_gone_is_as_good(client: SignaClient, made: tuple[str, dict[str, Any]]) -> None:
    """Deleting twice is no error."""
    delete(client, made[0])

    delete(client, made[0])


def test_endpoint_found_at_the_second_attempt_is_kept_too(
    client: SignaClient, warn: Warner, emulator: EmulatorServer
) -> None:
    """The first one never arrived, so the replay is of an earlier run all the same."""
    kept = Kept()
    id_, _ = create(client, DECLARED, warn=warn)
    emulator.organization.faults.add(kind="drop_before", operation="create")
    create(client, DECLARED, kept=kept, warn=warn)

    lifecycle.delete(client, id_, fake_run(kept=kept, warn=warn))

    assert only(emulator).id == id_


def test_endpoint_that_another_resource_took_over_is_kept(
    client: SignaClient, warn: Warner, warned: list[str], emulator: EmulatorServer
) -> None:
    """A resource that was renamed, and back without an alias, finds its endpoint; the other name's delete is last."""
    kept = Kept()
    id_, _ = create(client, DECLARED, warn=warn)
    create(client, DECLARED, kept=kept, warn=warn)

    lifecycle.delete(client, id_, fake_run(kept=kept, warn=warn))

    assert only(emulator).id == id_
    assert warned[-1] == f"kept {id_}: a resource of this program has it"


def test_delete_whose_answer_was_lost_succeeds(
    client: SignaClient, made: tuple[str, dict[str, Any]], emulator: EmulatorServer
) -> None:
    """The retry finds it done."""
    emulator.organization.faults.add(kind="drop_after", operation="delete")

    delete(client, made[0])

    assert emulator.organization.endpoints.newest_first() == []


def test_wrong_key_fails_every_operation(client: SignaClient, warn: Warner, emulator: EmulatorServer) -> None:
    """401 is told as what it is."""
    emulator.organization._has_scope.clear()

    with pytest.raises(AuthenticationError):
        create(client, DECLARED, warn=warn)
