"""The life of a webhook endpoint, against the emulator."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_host import RANDOM_KEY, URN, Outputs, endpoints, no_warning
from fake_transport import API_KEY, Sent
from pulumi_signa.lifecycle.errors import LifecycleError
from pulumi_signa.lifecycle.roster import Roster
from pulumi_signa.lifecycle.values import UNKNOWN
from pulumi_signa.lifecycle.webhook_endpoint.schema import SENT, Declared
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
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=5)
    ),
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
def made(client: SignaClient, warn: Warner) -> tuple[str, Outputs]:
    """Return the id and the outputs of an endpoint that was just created."""
    return create(client, {**DECLARED, "metadata": {"a": 1, "b": 2}}, warn=warn)


create, read, update, delete = endpoints.create, endpoints.read, endpoints.update, endpoints.delete


def changed_fields(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Return the fields that a plan would send."""
    return list(endpoints.plan("whk_1", {**old, "secret": "whsec_x"}, new).fields)


def only(emulator: EmulatorServer) -> Any:
    """Return the one endpoint that the emulator has."""
    (endpoint,) = emulator.organization.endpoints.newest_first()
    return endpoint


# Required inputs that have no value


@pytest.mark.parametrize(
    ("absent", "name"), [({"url": None}, "url"), ({"adopt": {}}, "adopt.id"), ({"adopt": {"id": None}}, "adopt.id")]
)
def test_create_without_a_required_value_sends_nothing(
    client: SignaClient, sent: list[Sent], absent: Outputs, name: str
) -> None:
    assert endpoints.check({**DECLARED, **absent}).problems == []
    with pytest.raises(LifecycleError, match=rf"^{name} has no value: .*referenced stack lacks"):
        create(client, {**DECLARED, **absent})

    assert sent == []


def test_update_without_a_url_counts_as_a_change_and_sends_nothing(
    client: SignaClient, made: tuple[str, Outputs], sent: list[Sent]
) -> None:
    id_, outputs = made
    absent = {**DECLARED, "url": None}
    sent.clear()

    plan = endpoints.plan(id_, outputs, absent)
    with pytest.raises(LifecycleError, match=r"^url has no value"):
        update(client, id_, outputs, absent)

    assert "url" in plan.fields
    assert endpoints.preview(id_, outputs, absent)["url"] is None
    assert sent == []


def test_adoption_without_an_id_counts_for_nothing_after_the_creation(
    client: SignaClient, made: tuple[str, Outputs]
) -> None:
    id_, outputs = made
    absent = {**DECLARED, "metadata": {"a": 1, "b": 2}, "adopt": {"id": None}}

    assert not endpoints.plan(id_, outputs, absent).is_needed
    assert update(client, id_, outputs, absent)["secret"] == outputs["secret"]


# What counts as a change


@given(_ENDPOINTS)
def test_equal_is_no_change(declared: dict[str, Any]) -> None:
    assert changed_fields(declared, declared) == []
    assert changed_fields(Declared.normalized(declared), declared) == []


@given(_ENDPOINTS, st.randoms(use_true_random=False))
def test_event_order_never_matters(declared: dict[str, Any], random: Any) -> None:
    shuffled = list(declared["enabled_events"])
    random.shuffle(shuffled)

    assert changed_fields(declared, {**declared, "enabled_events": shuffled}) == []


@given(_ENDPOINTS, st.sets(st.sampled_from(SENT)))
def test_unknown_counts_as_changed(declared: dict[str, Any], unknown: set[str]) -> None:
    found = changed_fields(declared, {**declared, **dict.fromkeys(unknown, UNKNOWN)})

    assert set(found) == unknown


@given(_ENDPOINTS, _ENDPOINTS)
def test_changes_are_those_of_the_normal_forms(old: dict[str, Any], new: dict[str, Any]) -> None:
    before, after = Declared.normalized(old), Declared.normalized(new)

    found = changed_fields(old, new)

    assert set(found) >= {field for field in SENT if before[field] != after[field]}
    assert set(found) <= {field for field in SENT if repr(before[field]) != repr(after[field])}


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
    assert changed_fields(DECLARED, {**DECLARED, **change}) == fields


def test_true_in_the_place_of_one_is_a_change() -> None:
    old = {**DECLARED, "metadata": {"a": {"b": [1]}}}
    new = {**DECLARED, "metadata": {"a": {"b": [True]}}}

    assert changed_fields(old, new) == ["metadata"]


# Create


def test_create_sends_one_request(client: SignaClient, warn: Warner, sent: list[Any], warned: list[str]) -> None:
    create(client, {**DECLARED, "description": "", "metadata": {}}, warn=warn)

    (request,) = sent
    assert (request.method, request.path) == ("POST", "/webhooks")
    assert request.json == {"url": URL, "enabled_events": ["alert.created"]}
    assert warned == []


def test_create_gives_the_whole_state(client: SignaClient, warn: Warner, emulator: EmulatorServer) -> None:
    declared = {**DECLARED, "description": "prod", "metadata": {"a": {"b": [1, True]}}}

    id_, outputs = create(client, declared, warn=warn)

    endpoint = only(emulator)
    assert id_ == endpoint.id
    assert outputs["secret"] == endpoint.secret
    assert {name: outputs[name] for name in SENT} == {name: Declared.normalized(declared)[name] for name in SENT}
    assert (outputs["on_stale_secret"], outputs[URN]) == ("warn", DECLARED[URN])
    assert (outputs["secret_version"], outputs["secret_status"], outputs["consecutive_failures"]) == (1, "current", 0)
    assert (outputs["last_success_at"], outputs["last_failure_at"]) == (None, None)
    assert outputs["created_at"] == outputs["updated_at"]
    assert endpoint.metadata == {"a": {"b": [1, True]}}


def test_disabled_at_create_takes_one_more_request(client: SignaClient, warn: Warner, sent: list[Any]) -> None:
    id_, outputs = create(client, {**DECLARED, "status": "disabled"}, warn=warn)

    assert [(request.method, request.json) for request in sent[1:]] == [("PATCH", {"status": "disabled"})]
    assert sent[1].path == f"/webhooks/{id_}"
    assert outputs["status"] == "disabled"


def test_second_half_of_a_disabled_create_is_made_up_for(
    client: SignaClient, warn: Warner, emulator: EmulatorServer, warned: list[str]
) -> None:
    emulator.organization.faults.add(kind="status", status=400, operation="update")
    declared = {**DECLARED, "status": "disabled"}
    with pytest.raises(ApiError):
        create(client, declared, warn=warn)

    _, outputs = create(client, declared, warn=warn)

    assert outputs["status"] == only(emulator).status == "disabled"
    assert outputs["secret"] == only(emulator).secret
    assert len(warned) == 1


# Read


@pytest.mark.parametrize("redaction", ["omit", "null", "masked"])
def test_read_keeps_the_secret_it_had(
    client: SignaClient, made: tuple[str, dict[str, Any]], emulator: EmulatorServer, redaction: str
) -> None:
    emulator.organization.change_settings(redaction=redaction)
    id_, outputs = made

    found = read(client, id_, outputs, warn=no_warning)

    assert found is not None
    assert found.outputs == outputs
    assert found.outputs["secret"] == only(emulator).secret


def test_read_sees_edits_made_elsewhere(client: SignaClient, made: tuple[str, dict[str, Any]]) -> None:
    id_, outputs = made
    client.update_webhook_endpoint(id_, {"url": "https://other.example/", "description": "edited"})

    found = read(client, id_, outputs, warn=no_warning)

    assert found is not None
    assert changed_fields(found.outputs, DECLARED | {"metadata": {"a": 1, "b": 2}}) == ["url", "description"]
    assert found.inputs is not None
    assert found.inputs["url"] == found.outputs["url"] == "https://other.example/"
    assert found.inputs[URN] == DECLARED[URN]


def test_read_leaves_inputs_that_still_hold_as_they_are(client: SignaClient, made: tuple[str, dict[str, Any]]) -> None:
    found = read(client, *made, warn=no_warning)

    assert found is not None
    assert found.inputs is None


def test_read_shows_what_signa_counts_without_a_difference(
    client: SignaClient, made: tuple[str, dict[str, Any]], emulator: EmulatorServer
) -> None:
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
    id_, outputs = made

    found = read(client, id_, {}, warn=no_warning)

    assert found is not None
    assert (found.outputs["secret"], found.outputs["secret_status"]) == (None, "unknown")
    assert found.outputs["secret_version"] == 1
    assert {name: found.outputs[name] for name in SENT} == {name: outputs[name] for name in SENT}
    assert URN not in found.outputs


def test_endpoint_left_behind_long_ago_is_warned_of(
    client: SignaClient, warn: Warner, warned: list[str], emulator: EmulatorServer
) -> None:
    lost, _ = create(client, DECLARED, warn=warn)
    emulator.organization.advance_clock(25 * 60 * 60)
    id_, outputs = create(client, DECLARED, warn=warn)

    read(client, id_, outputs, warn=warn)

    (warning,) = warned
    assert warning.startswith(f"{lost}, created at ")
    assert f"is the same as {id_}" in warning


@pytest.mark.parametrize("change", [{"url": f"{URL}/2"}, {"description": "other"}, {"metadata": {"a": 1}}])
def test_another_endpoint_is_nothing_to_warn_of(client: SignaClient, warn: Warner, change: dict[str, Any]) -> None:
    create(client, {**DECLARED, **change, URN: "urn:other"}, warn=warn)
    id_, outputs = create(client, DECLARED, warn=warn)

    assert read(client, id_, outputs, warn=no_warning) is not None


def test_equal_endpoints_of_one_stack_are_nothing_to_warn_of(client: SignaClient, warn: Warner) -> None:
    roster = Roster(settle_s=0)
    made = [create(client, {**DECLARED, URN: f"urn:{n}"}, warn=warn) for n in range(2)]

    found = [read(client, id_, outputs, roster=roster) for id_, outputs in made]

    assert all(found)


def test_read_of_a_deleted_endpoint_is_gone(
    client: SignaClient, made: tuple[str, dict[str, Any]], warn: Warner, warned: list[str]
) -> None:
    id_, outputs = made
    delete(client, id_)

    assert read(client, id_, outputs, warn=warn) is None

    (warning,) = warned
    assert warning.startswith(f"{id_} no longer exists in the API key's organization and leaves the state")


def test_read_of_what_was_never_there_is_an_error(client: SignaClient) -> None:
    with pytest.raises(LifecycleError, match="whk_nowhere does not exist"):
        read(client, "whk_nowhere", {}, warn=no_warning)


@pytest.mark.parametrize("operation", ["retrieve", "delete"])
@pytest.mark.parametrize("body", ["<html>not found</html>", "", '{"error": {"type": "route_not_found"}}'])
def test_not_found_of_somebody_else_is_never_gone(
    client: SignaClient, made: tuple[str, dict[str, Any]], emulator: EmulatorServer, operation: str, body: str
) -> None:
    id_, outputs = made
    emulator.organization.faults.add(operation=operation, kind="status", status=404, body=body, times=None)
    emulator.organization.faults.add(operation="list", kind="status", status=404, body=body, times=None)

    with pytest.raises(SignaError, match="not Signa's own"):
        read(client, id_, outputs, warn=no_warning) if operation == "retrieve" else delete(client, id_)


def test_base_url_below_the_api_is_never_gone(emulator: EmulatorServer, made: tuple[str, dict[str, Any]]) -> None:
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
    id_, outputs = made
    client.rotate_secret(id_, idempotency_key="by-hand")

    new = update(client, id_, outputs, {**DECLARED, "description": "x"}, warn=warn)

    assert (new["secret"], new["secret_version"], new["secret_status"]) == (outputs["secret"], 1, "stale")
    (warning,) = warned
    assert warning.startswith(f"the secret of {id_} was rotated elsewhere: Signa signs with version 2")


def test_update_to_what_is_there_sends_nothing(
    client: SignaClient, made: tuple[str, dict[str, Any]], sent: list[Any]
) -> None:
    id_, outputs = made
    del sent[:]

    new = update(client, id_, outputs, {**DECLARED, "metadata": {"a": 1, "b": 2}})

    assert sent == []
    assert new == outputs


@pytest.mark.parametrize("change", [{"description": "x"}, {"rotate_trigger": "x"}])
def test_update_of_a_vanished_endpoint_says_what_to_do(
    client: SignaClient, made: tuple[str, dict[str, Any]], change: dict[str, Any]
) -> None:
    id_, outputs = made
    delete(client, id_)

    with pytest.raises(LifecycleError, match=rf"^{id_} no longer exists at Signa: run `pulumi refresh`"):
        update(client, id_, outputs, {**DECLARED, "metadata": {"a": 1, "b": 2}, **change})


def test_two_equal_updates_are_both_carried_out(
    client: SignaClient, made: tuple[str, dict[str, Any]], emulator: EmulatorServer
) -> None:
    id_, outputs = made
    to_b = {**DECLARED, "metadata": {"a": 1, "b": 2}, "description": "b"}
    to_a = {**to_b, "description": None}

    for declared in (to_b, to_a, to_b):
        outputs = update(client, id_, outputs, declared)

    assert only(emulator).description == outputs["description"] == "b"


def test_server_that_refuses_an_update_changes_no_state(client: SignaClient, made: tuple[str, dict[str, Any]]) -> None:
    id_, outputs = made

    with pytest.raises(SignaError, match="enabled_events"):
        update(client, id_, outputs, {**DECLARED, "enabled_events": ["no.such.event"]})


# Delete


@pytest.mark.parametrize("status", [200, 204])
def test_delete_removes_the_endpoint(
    client: SignaClient, made: tuple[str, dict[str, Any]], emulator: EmulatorServer, status: int
) -> None:
    emulator.organization.change_settings(delete_status=status)

    delete(client, made[0])

    assert emulator.organization.endpoints.newest_first() == []


def test_delete_of_what_is_gone_is_as_good(client: SignaClient, made: tuple[str, dict[str, Any]]) -> None:
    delete(client, made[0])

    delete(client, made[0])


def test_endpoint_found_at_the_second_attempt_is_kept_too(
    client: SignaClient, warn: Warner, emulator: EmulatorServer
) -> None:
    roster = Roster(settle_s=0)
    id_, _ = create(client, DECLARED, warn=warn)
    emulator.organization.faults.add(kind="drop_before", operation="create")
    create(client, DECLARED, roster=roster, warn=warn)

    delete(client, id_, roster=roster, warn=warn)

    assert only(emulator).id == id_


def test_endpoint_that_another_resource_took_over_is_kept(
    client: SignaClient, warn: Warner, warned: list[str], emulator: EmulatorServer
) -> None:
    roster = Roster(settle_s=0)
    id_, _ = create(client, DECLARED, warn=warn)
    create(client, DECLARED, roster=roster, warn=warn)

    delete(client, id_, roster=roster, warn=warn)

    assert only(emulator).id == id_
    assert warned[-1] == f"kept {id_}: a resource of this program has it"


def test_delete_whose_answer_was_lost_succeeds(
    client: SignaClient, made: tuple[str, dict[str, Any]], emulator: EmulatorServer
) -> None:
    emulator.organization.faults.add(kind="drop_after", operation="delete")

    delete(client, made[0])

    assert emulator.organization.endpoints.newest_first() == []


def test_wrong_key_fails_every_operation(client: SignaClient, warn: Warner, emulator: EmulatorServer) -> None:
    emulator.organization._has_scope.clear()

    with pytest.raises(AuthenticationError):
        create(client, DECLARED, warn=warn)
