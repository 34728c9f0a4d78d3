"""The life of a check against the emulator: when a test is sent, what becomes of it, and what is sent once."""

from typing import Any

import pytest

from emulator.harness import Receiver
from fake_host import RANDOM_KEY, URN, checks
from fake_transport import Sent
from pulumi_signa.lifecycle.errors import InterruptedRunError, LifecycleError
from pulumi_signa.lifecycle.roster import Roster
from pulumi_signa.lifecycle.values import UNKNOWN
from pulumi_signa.signa_api.client import SignaClient
from pulumi_signa.signa_api.errors import ResponseFormatError
from signa_emulator.server import EmulatorServer

ALERTS = "urn:pulumi:dev::p::pulumi-python:dynamic/signa:DeliveryCheck::check"
OUTCOME = ("delivered", "http_status", "delivered_at", "attempt_id", "response_excerpt")
LATER_S = 61


def declared(endpoint_id: str, *triggers: object, **inputs: Any) -> dict[str, Any]:
    """Return the inputs of a check."""
    return {URN: ALERTS, "endpoint_id": endpoint_id, "triggers": [*triggers], **inputs}


def keys(sent: list[Sent]) -> list[str | None]:
    """Return the keys of the tests that were asked for."""
    return [request.key for request in sent if request.path.endswith("/test")]


def events(receiver: Receiver) -> int:
    """Return how many tests the receiver has got."""
    found = [request.headers["webhook-id"] for request in receiver.received]
    assert len(found) == len(set(found))
    return len(found)


class DiedError(Exception):
    """Stands for the end of a process."""


@pytest.fixture
def dying(emulator: EmulatorServer, client: SignaClient, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return what makes a check whose process ends while it waits, and lets the delivery take its course."""

    def die(*_arguments: object, **_options: object) -> None:
        raise DiedError

    def create(*arguments: Any, **options: Any) -> None:
        with monkeypatch.context() as patched:
            patched.setattr(client, "wait_for_delivery", die)
            with pytest.raises(DiedError):
                checks.create(client, *arguments, **options)

    return create


def test_delivered_test_gives_what_the_receiver_answered(
    client: SignaClient, receiver: Receiver, endpoint_id: str, emulator: EmulatorServer, sent: list[Sent]
) -> None:
    id_, outputs = checks.create(client, declared(endpoint_id, "a", 2))

    (row,) = emulator.organization.deliveries.newest_first(emulator.organization.endpoints.get(endpoint_id))
    assert id_ == outputs["attempt_id"] == row.id
    assert (outputs["delivered"], outputs["http_status"], outputs["response_excerpt"]) == (True, 200, "thanks")
    assert outputs["delivered_at"].endswith("Z")
    assert outputs["triggers"] == ["a", 2]
    assert (receiver.received[0].path, events(receiver)) == ("/hook", 1)
    assert {request.method for request in sent} == {"POST", "GET"}


@pytest.mark.parametrize(
    ("before", "after", "sends"),
    [
        ({}, {}, False),
        ({}, {"timeout_seconds": 5}, False),
        ({"required": False}, {}, False),
        ({"triggers": ["1"]}, {"triggers": ["1"]}, False),
        ({"triggers": ["1"]}, {"triggers": [1]}, True),
        ({"triggers": ["1"]}, {}, True),
        ({"triggers": [{"a": 1}]}, {"triggers": [{"a": 2}]}, True),
        ({"endpoint_id": "whk_1"}, {"endpoint_id": "whk_2"}, True),
        ({"triggers": ["1"]}, {"triggers": UNKNOWN}, True),
        ({"triggers": ["1"]}, {"triggers": ["1", UNKNOWN]}, True),
    ],
)
def test_test_is_planned_where_the_endpoint_or_a_trigger_changes(
    before: dict[str, Any], after: dict[str, Any], *, sends: bool
) -> None:
    outputs = {"endpoint_id": "whk_1", "delivered": True, "attempt_id": "a", **before}

    plan = checks.plan("a", outputs, {"endpoint_id": "whk_1", **after})

    assert plan.sends is sends
    assert plan.is_needed is (before != after)
    assert plan.replaces == ()
    preview = checks.preview("a", outputs, {"endpoint_id": "whk_1", **after})
    assert {name for name, value in preview.items() if value is UNKNOWN} >= (set(OUTCOME) if sends else set())
    assert preview["delivered"] is (UNKNOWN if sends else True)


def test_another_account_is_another_check() -> None:
    outputs, wanted = {"endpoint_id": "whk_1", "delivered": True}, {"endpoint_id": "whk_1", "account": "eu"}

    plan, preview = checks.plan("a", outputs, wanted), checks.preview("a", outputs, wanted)

    assert (plan.is_needed, plan.replaces, plan.changed, preview["delivered"]) == (
        True, ("account",), ("account",), UNKNOWN,
    )  # fmt: skip


def test_settings_alone_send_nothing(client: SignaClient, endpoint_id: str, sent: list[Sent]) -> None:
    id_, outputs = checks.create(client, declared(endpoint_id))
    sent.clear()

    after = checks.update(client, id_, outputs, declared(endpoint_id, timeout_seconds=5, required=False))

    assert sent == []
    assert [after[name] for name in OUTCOME] == [outputs[name] for name in OUTCOME]
    assert (after["timeout_seconds"], after["required"]) == (5, False)


def test_change_sends_another_test_and_so_does_the_way_back(
    client: SignaClient, endpoint_id: str, receiver: Receiver, sent: list[Sent]
) -> None:
    id_, outputs = checks.create(client, declared(endpoint_id, "a"))
    for trigger in ("b", "a", "b"):
        outputs = checks.update(client, id_, outputs, declared(endpoint_id, trigger))

    assert events(receiver) == len(set(keys(sent))) == 4


def test_reading_and_deleting_cost_no_call(client: SignaClient, endpoint_id: str, sent: list[Sent]) -> None:
    id_, outputs = checks.create(client, declared(endpoint_id))
    sent.clear()

    read = checks.read(client, id_, outputs)
    checks.delete(client, id_, outputs)

    assert read is not None
    assert (read.inputs, read.outputs) == (None, outputs)
    assert sent == []


def test_damaged_state_is_proved_anew(client: SignaClient, endpoint_id: str, receiver: Receiver) -> None:
    id_, outputs = checks.create(client, declared(endpoint_id))
    damaged = {**outputs, "delivered": "yes", "attempt_id": 7}

    assert checks.plan(id_, damaged, declared(endpoint_id)).sends
    assert checks.read(client, id_, {}) is not None


@pytest.mark.parametrize("required", [True, False])
def test_refused_test_fails_the_run_or_warns(
    client: SignaClient, endpoint_id: str, receiver: Receiver, warned: list[str], *, required: bool
) -> None:
    receiver.always, receiver.body = 401, b"no\n such  signature"
    inputs = declared(endpoint_id, required=required)

    if required:
        with pytest.raises(LifecycleError) as failed:
            checks.create(client, inputs)
        said = str(failed.value)
    else:
        _, outputs = checks.create(client, inputs, warn=warned.append)
        (said,) = warned
        assert (outputs["delivered"], outputs["http_status"]) == (False, 401)
        assert (outputs["delivered_at"], outputs["response_excerpt"]) == (None, "no such signature")

    assert f"webhook.test was not delivered to {endpoint_id}: the receiver answered 401 (no such signature)" in said
    assert "\n" not in said


def test_next_run_after_a_failure_sends_another_test(
    client: SignaClient, endpoint_id: str, receiver: Receiver, emulator: EmulatorServer
) -> None:
    """The state knows neither of the failed creates; each of the 25 is one more test, and the last one succeeds."""
    receiver.always = 500
    for _ in range(25):
        with pytest.raises(LifecycleError, match="the receiver answered 500"):
            checks.create(client, declared(endpoint_id))
    receiver.always = 204
    id_, outputs = checks.create(client, declared(endpoint_id))
    assert outputs["delivered"]
    assert events(receiver) == 26

    receiver.always = 500
    for _ in range(2):
        with pytest.raises(LifecycleError, match="the receiver answered 500"):
            checks.update(client, id_, outputs, declared(endpoint_id, "b"))
    receiver.always = 204
    assert checks.update(client, id_, outputs, declared(endpoint_id, "b"))["delivered"]
    assert events(receiver) == 29


def test_undelivered_test_stays_so_until_a_trigger_changes_or_it_is_required(
    client: SignaClient, endpoint_id: str, receiver: Receiver, warned: list[str]
) -> None:
    receiver.always = 500
    id_, outputs = checks.create(client, declared(endpoint_id, required=False), warn=warned.append)
    receiver.always = 204

    assert not checks.plan(id_, outputs, declared(endpoint_id, required=False)).is_needed
    assert checks.plan(id_, outputs, declared(endpoint_id)).sends
    assert checks.update(client, id_, outputs, declared(endpoint_id))["delivered"]
    assert events(receiver) == 2


def test_receiver_that_does_not_answer_in_time_fails_the_run(
    client: SignaClient, endpoint_id: str, receiver: Receiver, time: Any
) -> None:
    receiver.hold.clear()

    with pytest.raises(LifecycleError, match="has not answered within 7 s; look into the receiver"):
        checks.create(client, declared(endpoint_id, timeout_seconds=7))

    assert time.now == 7
    assert time.shown[0] == "waiting for the receiver's answer to webhook.test, 7 s left"


def test_run_after_a_time_out_sends_another_test(
    client: SignaClient, endpoint_id: str, receiver: Receiver, emulator: EmulatorServer
) -> None:
    receiver.hold.clear()
    with pytest.raises(LifecycleError, match="has not answered"):
        checks.create(client, declared(endpoint_id))
    assert receiver.wait_for(1)
    emulator.organization.advance_clock(LATER_S)  # the time that the fake clock of the client has waited
    receiver.hold.set()

    assert checks.create(client, declared(endpoint_id))[1]["delivered"]
    assert events(receiver) == 2


def test_run_with_more_time_does_not_take_the_test_that_was_given_up(
    client: SignaClient, endpoint_id: str, receiver: Receiver, emulator: EmulatorServer
) -> None:
    receiver.hold.clear()
    with pytest.raises(LifecycleError, match="has not answered"):
        checks.create(client, declared(endpoint_id, timeout_seconds=1))
    receiver.hold.set()
    assert emulator.organization.deliveries.wait_idle(30)

    assert checks.create(client, declared(endpoint_id, timeout_seconds=60))[1]["delivered"]
    assert events(receiver) == 2


def test_test_of_a_run_that_died_is_waited_for_and_not_sent_again(
    client: SignaClient, endpoint_id: str, receiver: Receiver, sent: list[Sent], dying: Any
) -> None:
    told: list[str] = []
    receiver.hold.clear()
    dying(declared(endpoint_id, "a"))
    assert receiver.wait_for(1)
    # The receiver answers while the second run waits.
    looks: list[Any] = []

    def look(*arguments: Any, **options: Any) -> Any:
        looks.append(client_wait(*arguments, **options))
        receiver.hold.set()
        return looks[-1]

    client_wait = client.wait_for_delivery
    client.wait_for_delivery = look  # type: ignore[method-assign]
    _, outputs = checks.create(client, declared(endpoint_id, "a"), inform=told.append)

    assert outputs["delivered"]
    assert not looks[0].is_settled
    assert events(receiver) == 1
    assert len(set(keys(sent))) == 1
    assert "an earlier run that was interrupted" in told[0]


@pytest.mark.parametrize("trigger", ["a", "b"])
def test_test_that_was_delivered_after_its_run_had_died_counts_for_what_it_was_to_prove(  # noqa: PLR0917
    client: SignaClient, endpoint_id: str, receiver: Receiver, emulator: EmulatorServer, dying: Any, trigger: str
) -> None:
    dying(declared(endpoint_id, "a"))
    assert emulator.organization.deliveries.wait_idle(30)

    assert checks.create(client, declared(endpoint_id, trigger))[1]["delivered"]

    assert events(receiver) == (1 if trigger == "a" else 2)


def test_delivery_that_is_older_than_a_run_waits_proves_nothing(
    client: SignaClient, endpoint_id: str, receiver: Receiver, emulator: EmulatorServer
) -> None:
    checks.create(client, declared(endpoint_id, "a"))
    emulator.organization.advance_clock(LATER_S)

    checks.create(client, declared(endpoint_id, "a"))

    assert events(receiver) == 2


def test_replacement_is_a_new_check(client: SignaClient, endpoint_id: str, receiver: Receiver) -> None:
    """The engine deletes the resource and creates it once more, in one run."""
    inputs, roster = declared(endpoint_id, "a"), Roster(settle_s=0)
    id_, outputs = checks.create(client, inputs)

    checks.delete(client, id_, outputs, roster=roster)
    checks.create(client, inputs, roster=roster)

    assert events(receiver) == 2


def test_replacement_before_the_deletion_is_a_new_check(
    client: SignaClient, endpoint_id: str, receiver: Receiver
) -> None:
    for _ in range(2):
        checks.create(client, declared(endpoint_id, **{RANDOM_KEY: True}))

    assert events(receiver) == 2


def test_two_checks_of_one_endpoint_send_a_test_each(client: SignaClient, endpoint_id: str, receiver: Receiver) -> None:
    for name in ("one", "two"):
        checks.create(client, {**declared(endpoint_id), URN: ALERTS + name})
    for stack in ("a", "b"):
        checks.create(client, {**declared(endpoint_id), "__stack": stack})

    assert events(receiver) == 4


def test_check_without_the_identity_of_its_stack_always_sends(
    client: SignaClient, endpoint_id: str, receiver: Receiver
) -> None:
    for _ in range(2):
        checks.create(client, {**declared(endpoint_id), "__stack": ""})

    assert events(receiver) == 2


def test_run_without_an_engine_sends_nothing(client: SignaClient, endpoint_id: str, receiver: Receiver) -> None:
    def gone() -> None:
        raise InterruptedRunError

    with pytest.raises(InterruptedRunError):
        checks.create(client, declared(endpoint_id), require_engine=gone)

    assert receiver.received == []


def test_lost_answer_is_asked_for_again_with_the_same_key(
    client: SignaClient, endpoint_id: str, receiver: Receiver, emulator: EmulatorServer, sent: list[Sent]
) -> None:
    emulator.organization.faults.add(kind="drop_after", operation="test")

    assert checks.create(client, declared(endpoint_id))[1]["delivered"]

    assert events(receiver) == 1
    assert len(keys(sent)) == 2
    assert len(set(keys(sent))) == 1


@pytest.mark.parametrize("id_", ["whk_00000000-0000-7000-8000-000000000000", None])
def test_endpoint_that_is_not_there_is_named(client: SignaClient, id_: str | None) -> None:
    with pytest.raises(LifecycleError, match=r"there is no endpoint whk_0|endpoint_id has no value"):
        checks.create(client, {**declared(""), "endpoint_id": id_})


def test_attempt_that_signa_does_not_list_fails_the_run(
    client: SignaClient, endpoint_id: str, emulator: EmulatorServer
) -> None:
    body = '{"object": "list", "data": [], "has_more": false, "pagination": {"cursor": null}}'
    emulator.organization.faults.add(kind="body", operation="list_deliveries", times=None, body=body)

    with pytest.raises(LifecycleError, match=r"Signa has not listed attempt [0-9a-f-]{36} within 60 s"):
        checks.create(client, declared(endpoint_id))


def test_answer_that_is_not_as_documented_names_the_field(
    client: SignaClient, endpoint_id: str, emulator: EmulatorServer
) -> None:
    emulator.organization.faults.add(kind="body", operation="list_deliveries", body='{"data": [{"id": "a"}]}')

    with pytest.raises(ResponseFormatError, match=r"list webhook deliveries.*`status` - at `\$\.data\[0\]`"):
        checks.create(client, declared(endpoint_id))


def test_disabled_endpoint_gets_its_test_where_signa_sends_it(
    client: SignaClient, endpoint_id: str, receiver: Receiver
) -> None:
    client.update_webhook_endpoint(endpoint_id, {"status": "disabled"})

    assert checks.create(client, declared(endpoint_id))[1]["delivered"]


def test_disabled_endpoint_that_signa_sends_no_test_fails_the_run(
    client: SignaClient, endpoint_id: str, receiver: Receiver, emulator: EmulatorServer
) -> None:
    emulator.organization.change_settings(disabled_tests="drop")
    client.update_webhook_endpoint(endpoint_id, {"status": "disabled"})

    with pytest.raises(LifecycleError, match=r"has not answered within 60 s.* see that the endpoint is not disabled"):
        checks.create(client, declared(endpoint_id))

    assert receiver.received == []


@pytest.mark.parametrize("required", [True, False])
def test_what_a_preview_knows_comes_true(client: SignaClient, endpoint_id: str, *, required: bool) -> None:
    first = declared(endpoint_id, "a", required=required)
    steps = [declared(endpoint_id, "a", required=required, timeout_seconds=5), declared(endpoint_id, "b")]

    promised = checks.preview("", None, first)
    id_, outputs = checks.create(client, first)
    assert {name for name, value in promised.items() if value is UNKNOWN} == {*OUTCOME}
    assert all(value is UNKNOWN or value == outputs[name] for name, value in promised.items())
    for step in steps:
        promised = checks.preview(id_, outputs, step)
        outputs = checks.update(client, id_, outputs, step)
        assert all(value is UNKNOWN or value == outputs[name] for name, value in promised.items())
