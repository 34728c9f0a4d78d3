"""Taking over an endpoint that exists, against the emulator."""

from collections.abc import Callable
from typing import Any

import pytest

from fake_host import URN, endpoints
from fake_transport import Sent
from pulumi_signa.lifecycle.errors import LifecycleError
from pulumi_signa.lifecycle.roster import Roster
from pulumi_signa.lifecycle.times import text_of
from pulumi_signa.lifecycle.values import UNKNOWN
from pulumi_signa.lifecycle.webhook_endpoint.schema import SENT, Declared
from pulumi_signa.signa_api.client import SignaClient
from pulumi_signa.signa_api.errors import ApiError
from signa_emulator.server import EmulatorServer

Warner = Callable[[str], None]
Adopted = Callable[..., dict[str, Any]]

ALERTS, SPARE = (
    f"urn:pulumi:dev::p::pulumi-python:dynamic/signa:WebhookEndpoint::{name}" for name in ("alerts", "spare")
)
URL = "https://example.com/hooks/signa"
PLAIN: tuple[str, Any] = ("POST", {})
FORCE: tuple[str, Any] = ("POST", {"force": True, "reason": "leaked"})
GET: tuple[str, Any] = ("GET", None)
TO_NEW: tuple[str, Any] = ("PATCH", {"description": "new"})


@pytest.fixture
def there(client: SignaClient, emulator: EmulatorServer, sent: list[Sent]) -> Any:
    """Return an endpoint that somebody has made by hand."""
    body = {"url": URL, "enabled_events": ["alert.created"]}
    client.create_webhook_endpoint(body, idempotency_key="by-hand")
    del sent[:]
    (endpoint,) = emulator.organization.endpoints.newest_first()
    return endpoint


@pytest.fixture
def adopted(client: SignaClient, there: Any, sent: list[Sent], warn: Warner) -> Adopted:
    """Return what takes the endpoint over and gives the outputs; what was sent before is forgotten."""

    def adopt(adopt: dict[str, Any], *, roster: Roster | None = None, **changes: Any) -> dict[str, Any]:
        del sent[:]
        declared = {"url": URL, URN: ALERTS, **changes, "adopt": {"id": there.id, **adopt}}
        id_, outputs = endpoints.create(client, declared, roster=roster, warn=warn)
        assert id_ == there.id
        return outputs

    return adopt


def rotate_elsewhere(client: SignaClient, id_: str) -> None:
    """Rotate as somebody does who is not this stack."""
    client.rotate_secret(id_, idempotency_key="elsewhere")


def exchanged(sent: list[Sent]) -> list[tuple[str, Any]]:
    """Return method and body of each request."""
    return [(request.method, request.json) for request in sent]


# What is taken over


def test_secret_that_somebody_has_becomes_that_of_the_stack(
    adopted: Adopted, there: Any, sent: list[Sent], emulator: EmulatorServer, warned: list[str]
) -> None:
    secret = there.secret

    outputs = adopted({"secret": secret})

    assert exchanged(sent) == [GET]
    assert sent[0].path == f"/webhooks/{there.id}"
    assert emulator.organization.endpoints.newest_first() == [there]
    declared = Declared.normalized({"url": URL})
    assert {name: outputs[name] for name in SENT} == {name: declared[name] for name in SENT}
    assert (outputs["secret"], outputs["secret_version"], outputs["secret_status"]) == (secret, 1, "current")
    assert outputs["secret_rotated_at"] == outputs["created_at"] == text_of(there.created_at)
    assert (there.secret, warned) == (secret, [])


def test_state_is_that_of_an_endpoint_that_was_made(client: SignaClient, adopted: Adopted, there: Any) -> None:
    _, made = endpoints.create(client, {"url": URL, URN: SPARE})

    outputs = adopted({"secret": there.secret})

    assert outputs.keys() == made.keys()


def test_rotation_leaves_receivers_the_secret_that_they_have(
    adopted: Adopted, there: Any, sent: list[Sent], emulator: EmulatorServer, warned: list[str]
) -> None:
    secret = there.secret

    outputs = adopted({"rotate": True})

    assert exchanged(sent) == [GET, PLAIN]
    assert (outputs["secret"], outputs["secret_version"], outputs["secret_status"]) == (there.secret, 2, "current")
    assert there.live_previous_secret(emulator.organization.clock.now()) == secret
    assert outputs["previous_secret"] is None
    assert outputs["previous_secret_expires_at"] == text_of(there.previous_secret_expires_at)
    assert warned == []


def test_secret_that_is_given_and_rotated_is_the_one_before(adopted: Adopted, there: Any) -> None:
    secret = there.secret

    outputs = adopted({"secret": secret, "rotate": True})

    assert (outputs["secret"], outputs["previous_secret"]) == (there.secret, secret)


@pytest.mark.parametrize("rotate", [{}, {"rotate": False}])
def test_endpoint_may_be_managed_without_its_secret(
    adopted: Adopted, there: Any, sent: list[Sent], warned: list[str], rotate: dict[str, bool]
) -> None:
    outputs = adopted(rotate)

    assert exchanged(sent) == [GET]
    assert (outputs["secret"], outputs["secret_version"], outputs["secret_status"]) == (None, 1, "unknown")
    (warning,) = warned
    assert warning.startswith(f"this stack does not hold the secret of {there.id}")
    assert "on_stale_secret to rotate" in warning
    assert "rotate_trigger" in warning


def test_missing_secret_is_had_by_a_rotation_later(
    client: SignaClient, adopted: Adopted, there: Any, sent: list[Sent]
) -> None:
    old = adopted({})
    del sent[:]

    new = endpoints.update(client, there.id, old, {"url": URL, URN: ALERTS, "on_stale_secret": "rotate"})

    assert exchanged(sent) == [PLAIN]
    assert (new["secret"], new["secret_version"], new["secret_status"]) == (there.secret, 2, "current")


def test_differences_are_sent_before_the_rotation(adopted: Adopted, there: Any, sent: list[Sent]) -> None:
    outputs = adopted({"rotate": True}, description="new", enabled_events=["alert.created"])

    assert exchanged(sent) == [GET, TO_NEW, PLAIN]
    assert outputs["description"] == there.description == "new"
    assert outputs["updated_at"] == text_of(there.updated_at)


def test_differences_are_in_the_outputs_without_a_rotation(adopted: Adopted, there: Any, sent: list[Sent]) -> None:
    outputs = adopted({"secret": there.secret}, description="new", status="disabled")

    assert exchanged(sent) == [GET, ("PATCH", {"description": "new", "status": "disabled"})]
    assert (outputs["status"], outputs["updated_at"]) == ("disabled", text_of(there.updated_at))


def test_schedule_begins_with_the_secret(adopted: Adopted, there: Any) -> None:
    outputs = adopted({"rotate": True}, rotation_period_days=1, rotate_trigger="a")

    assert outputs["rotate_trigger"] == "a"
    assert outputs["next_rotation_at"] == text_of(there.previous_secret_expires_at)


@pytest.mark.parametrize("id_", ["whk_nowhere", "whk_../x"])
def test_wrong_id_is_told(client: SignaClient, sent: list[Sent], id_: str) -> None:
    declared = {"url": URL, URN: ALERTS, "adopt": {"id": id_, "rotate": True}}

    with pytest.raises(LifecycleError) as caught:
        endpoints.create(client, declared)

    assert str(caught.value) == (
        f"{id_} does not exist in the API key's organization: check the id in `adopt` and the key, or take `adopt` "
        "out to make a new endpoint"
    )
    assert exchanged(sent) == [GET]


# Inside the overlap of a rotation that somebody else has made


def test_rotation_that_signa_refuses_is_told(
    client: SignaClient, adopted: Adopted, there: Any, sent: list[Sent]
) -> None:
    rotate_elsewhere(client, there.id)
    until = text_of(there.previous_secret_expires_at)

    with pytest.raises(LifecycleError) as caught:
        adopted({"rotate": True}, description="new")

    assert exchanged(sent) == [GET, TO_NEW, PLAIN]
    assert str(caught.value) == (
        f"{there.id} was rotated less than 24 hours ago, and Signa rotates it again at {until} at the latest: run "
        "`pulumi up` again then, or give adopt the secret, or force_rotation_reason to end the secret before at once"
    )
    assert there.secret_version == 2


def test_rotation_with_a_reason_is_forced(
    client: SignaClient, adopted: Adopted, there: Any, sent: list[Sent], emulator: EmulatorServer
) -> None:
    rotate_elsewhere(client, there.id)

    outputs = adopted({"secret": there.secret, "rotate": True}, force_rotation_reason="leaked")

    assert exchanged(sent) == [GET, PLAIN, FORCE]
    assert (outputs["secret"], outputs["secret_version"]) == (there.secret, 3)
    assert (outputs["previous_secret"], outputs["previous_secret_expires_at"]) == (None, None)
    assert [event.reason for event in emulator.organization.audit_events] == ["leaked"]


# Runs that die


@pytest.mark.parametrize(
    ("is_in_overlap", "change", "expected"),
    [
        (False, {}, [GET, PLAIN, GET]),
        (False, {"force_rotation_reason": "leaked"}, [GET, PLAIN, GET]),
        (True, {"force_rotation_reason": "leaked"}, [GET, PLAIN, FORCE, GET]),
    ],
)
def test_run_that_died_after_the_rotation_is_repeated_safely(
    *,
    client: SignaClient,
    adopted: Adopted,
    there: Any,
    sent: list[Sent],
    is_in_overlap: bool,
    change: dict[str, str],
    expected: list[tuple[str, Any]],
) -> None:
    if is_in_overlap:
        rotate_elsewhere(client, there.id)
    first = adopted({"rotate": True}, **change)

    second = adopted({"rotate": True}, **change)

    assert exchanged(sent) == expected
    assert second == first
    assert (second["secret"], second["secret_version"]) == (there.secret, 3 if is_in_overlap else 2)


def test_run_that_died_before_the_rotation_is_repeated_safely(
    adopted: Adopted, there: Any, sent: list[Sent], emulator: EmulatorServer
) -> None:
    emulator.organization.faults.add(kind="status", status=403, operation="rotate")
    with pytest.raises(ApiError):
        adopted({"rotate": True}, description="new")
    died = exchanged(sent)

    outputs = adopted({"rotate": True}, description="new")

    assert (died, exchanged(sent)) == ([GET, TO_NEW, PLAIN], [GET, PLAIN])
    assert (outputs["secret"], outputs["secret_version"], outputs["description"]) == (there.secret, 2, "new")


def test_fields_that_cannot_be_changed_keep_the_secret(
    adopted: Adopted, there: Any, sent: list[Sent], emulator: EmulatorServer
) -> None:
    emulator.organization.faults.add(kind="status", status=403, operation="update")

    with pytest.raises(ApiError):
        adopted({"rotate": True}, description="new")

    assert exchanged(sent) == [GET, TO_NEW]
    assert there.secret_version == 1


def test_rotation_of_another_resource_is_none_of_ours(
    client: SignaClient, adopted: Adopted, there: Any, sent: list[Sent]
) -> None:
    adopted({"rotate": True}, **{URN: SPARE})

    with pytest.raises(LifecycleError, match="was rotated less than 24 hours ago"):
        adopted({"rotate": True})

    assert there.secret_version == 2


# Whose it is


def test_former_resource_leaves_it_alone(
    client: SignaClient, adopted: Adopted, there: Any, emulator: EmulatorServer, warned: list[str]
) -> None:
    roster = Roster(settle_s=0)
    endpoints.check({"url": URL, URN: ALERTS, "adopt": {"id": there.id}}, roster=roster)
    adopted({"secret": there.secret}, roster=roster)

    endpoints.delete(client, there.id, {URN: SPARE}, roster=roster, warn=warned.append)

    assert emulator.organization.endpoints.newest_first() == [there]
    (warning,) = warned
    assert warning.startswith(f"kept {there.id}: ")


def test_two_resources_never_have_one_endpoint() -> None:
    adopting, having = {"url": URL, URN: SPARE, "adopt": {"id": "whk_1"}}, {"url": URL, URN: ALERTS}
    first, second = Roster(settle_s=0), Roster(settle_s=0)

    endpoints.check(having, is_new=False, roster=first)
    endpoints.plan("whk_1", having, having, roster=first)
    with pytest.raises(LifecycleError, match=r"^whk_1 is declared twice, by the resources 'spare' and 'alerts'"):
        endpoints.check(adopting, roster=first)

    endpoints.check(adopting, roster=second)
    with pytest.raises(LifecycleError, match=r"^whk_1 is declared twice, by the resources 'alerts' and 'spare'"):
        endpoints.plan("whk_1", having, having, roster=second)


def test_resource_that_adopts_is_not_replaced_by_force(client: SignaClient, sent: list[Sent]) -> None:
    roster = Roster(settle_s=0)
    endpoints.check({"url": URL, URN: ALERTS, "adopt": {"id": "whk_1"}}, roster=roster)

    with pytest.raises(LifecycleError, match="whk_1 is not replaced: change rotate_trigger"):
        endpoints.delete(client, "whk_1", {URN: ALERTS}, roster=roster)

    assert sent == []


def test_secret_that_is_given_is_the_one_before_after_a_run_died_too(adopted: Adopted, there: Any) -> None:
    secret = there.secret
    first = adopted({"secret": secret, "rotate": True})

    again = adopted({"secret": secret, "rotate": True})

    assert again == first


@pytest.mark.parametrize(("id_", "is_warned"), [("whk_2", True), ("whk_1", False), (UNKNOWN, False)])
def test_adoption_that_comes_too_late_is_warned_of(warned: list[str], id_: object, *, is_warned: bool) -> None:
    has = {"url": URL, URN: ALERTS}

    endpoints.plan("whk_1", has, {**has, "adopt": {"id": id_, "secret": "whsec_x"}}, warn=warned.append)

    assert [warning.split(" since")[0] for warning in warned] == ["whk_2 is not taken over,"] * is_warned
    assert "whsec" not in "".join(warned)


@pytest.mark.parametrize("endpoint_id", ["whk_1", UNKNOWN])
def test_preview_warns_of_a_secret_that_is_no_key_where_it_counts(
    warn: Warner, warned: list[str], endpoint_id: object
) -> None:
    declared = {"url": "https://example.com/", "adopt": {"id": endpoint_id, "secret": "whsec_s3cret phrase"}}

    endpoints.check(declared, is_new=False)
    endpoints.check(declared, is_new=True, warn=warn)

    (warning,) = warned
    assert "base64" in warning
    assert "s3cret" not in warning
