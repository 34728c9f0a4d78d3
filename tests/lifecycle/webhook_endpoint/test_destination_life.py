"""The verbs of an endpoint whose secret has a destination: what they ask, in which order, and what a refusal leaves."""

from typing import Any

import pytest

from fake_host import URN, Outputs, endpoints
from fake_secrets_manager import NO_ANSWER, FakeClient, FakeSecret, manager_of
from fake_transport import Sent
from pulumi_signa.aws.errors import AwsError
from pulumi_signa.lifecycle.errors import LifecycleError
from pulumi_signa.lifecycle.roster import Roster
from pulumi_signa.lifecycle.values import UNKNOWN
from pulumi_signa.lifecycle.webhook_endpoint.keeping import Move
from pulumi_signa.lifecycle.webhook_endpoint.rotation import Why
from pulumi_signa.lifecycle.webhook_endpoint.schema import Recorded
from pulumi_signa.signa_api.client import SignaClient
from signa_emulator.rules.endpoints import Endpoint
from signa_emulator.rules.validation import Rotation
from signa_emulator.server import EmulatorServer

NAME, OTHER = "signa/alerts", "signa/other"
INTO, INTO_OTHER = {"secret_destination": {"secret_id": NAME}}, {"secret_destination": {"secret_id": OTHER}}
PLAIN: dict[str, Any] = {"url": "https://a.example/", URN: "urn:pulumi:dev::p::t::alerts"}
STORED = {**PLAIN, **INTO}
PLACE = ("secret_arn", "secret_version_id", "secret_fingerprint")


class Stack:
    """
    A stack of one endpoint, its AWS, and what it says and asks.

    Attributes:
        calls: Every request to Signa, and every operation of AWS, in order.
    """

    def __init__(self, client: SignaClient, sent: list[Sent], emulator: EmulatorServer) -> None:
        self.aws = FakeClient()
        self.aws.make(NAME)
        self.aws.make(OTHER)
        self.said: list[str] = []
        self.id, self.outputs = "", Outputs()
        self._client, self._sent, self.emulator = client, sent, emulator

    @property
    def endpoint(self) -> Endpoint:
        """Return the one endpoint at Signa."""
        (endpoint,) = self.emulator.organization.endpoints.newest_first()
        return endpoint

    @property
    def secret(self) -> FakeSecret:
        """Return the first destination."""
        return self.aws.secrets[NAME]

    def _run(self) -> dict[str, Any]:
        return {
            "now": self.emulator.organization.clock.now(),
            "warn": self.said.append,
            "inform": self.said.append,
            "aws": lambda _region: manager_of(self.aws),
            "roster": Roster(settle_s=0),
        }

    def create(self, declared: dict[str, Any]) -> Outputs:
        """Create."""
        self.id, self.outputs = endpoints.create(self._client, declared, **self._run())
        return self.outputs

    def plan(self, declared: dict[str, Any]) -> Any:
        """Compare."""
        return endpoints.plan(self.id, self.outputs, declared, **self._run())

    def update(self, declared: dict[str, Any]) -> Outputs:
        """Update, after which nothing is left to do."""
        self.outputs = endpoints.update(self._client, self.id, self.outputs, declared, **self._run())
        assert not self.plan(declared).is_needed
        return self.outputs

    def read(self) -> Outputs:
        """Refresh."""
        found = endpoints.read(self._client, self.id, self.outputs, **self._run())
        assert found is not None
        self.outputs = found.outputs
        return self.outputs

    def asked(self) -> tuple[list[str], list[str]]:
        """Return what was asked of Signa and of AWS since, and forget it."""
        asked = [f"{request.method} {request.path.split('/')[-1]}" for request in self._sent], [*self.aws.sent]
        self._sent.clear()
        self.aws.sent.clear()
        return asked


@pytest.fixture
def stack(client: SignaClient, sent: list[Sent], emulator: EmulatorServer) -> Stack:
    """Return an empty stack."""
    return Stack(client, sent, emulator)


@pytest.fixture
def written(stack: Stack) -> Stack:
    """Return a stack whose endpoint's secret was written to the destination."""
    stack.create(STORED)
    stack.asked()
    stack.said.clear()
    return stack


# Create


def test_create_writes_the_secret_and_records_where(stack: Stack) -> None:
    outputs = stack.create(STORED)

    assert stack.asked()[1] == ["DescribeSecret", "PutSecretValue"]
    assert stack.secret.read() == stack.endpoint.secret
    assert {*Recorded.rows()} <= {*outputs}
    assert (outputs["secret"], outputs["previous_secret"], outputs["secret_status"]) == (None, None, "current")
    assert [outputs[name] for name in PLACE[:2]] == [stack.secret.arn, stack.secret.labels["AWSCURRENT"]]
    assert stack.endpoint.secret not in repr(outputs)
    assert stack.said == []


@pytest.mark.parametrize("verb", ["create", "adopt", "rotate", "move in"])
@pytest.mark.parametrize("lacking", ["no secret", "on its way out", "denied"])
def test_destination_is_looked_at_before_signa_is_asked(stack: Stack, verb: str, lacking: str) -> None:
    declared = {**STORED, "adopt": {"id": "whk_1", "rotate": True}} if verb == "adopt" else STORED
    if verb in ("rotate", "move in"):
        stack.create(STORED if verb == "rotate" else PLAIN)
        declared = {**STORED, "rotate_trigger": "1", "description": "first"}
    stack.asked()
    if lacking == "no secret":
        del stack.aws.secrets[NAME]
    elif lacking == "on its way out":
        stack.secret.is_deleted = True
    else:
        stack.aws.overwrite(NAME, "theirs")
        stack.aws.refused["PutSecretValue"] = ["AccessDeniedException"]

    with pytest.raises((LifecycleError, AwsError)):
        (stack.update if verb in ("rotate", "move in") else stack.create)(declared)

    assert stack.asked()[0] == []


@pytest.mark.parametrize("code", ["AccessDeniedException", "EncryptionFailure"])
def test_create_that_is_refused_for_good_is_undone(stack: Stack, code: str) -> None:
    stack.aws.refused["PutSecretValue"] = [code]

    with pytest.raises(LifecycleError, match="was deleted again: mend that, and run `pulumi up` again") as caught:
        stack.create(STORED)

    assert code in str(caught.value)
    assert stack.emulator.organization.endpoints.newest_first() == []
    assert stack.create(STORED)["secret_status"] == "current"


def test_create_that_is_refused_and_cannot_be_undone_says_until_when(stack: Stack) -> None:
    stack.aws.refused["PutSecretValue"] = ["AccessDeniedException"]
    stack.emulator.organization.faults.add(operation="delete", kind="drop_before", times=10)

    with pytest.raises(LifecycleError, match="run `pulumi up` again by"):
        stack.create(STORED)

    made = stack.endpoint
    stack.emulator.organization.faults.clear()
    assert (stack.create(STORED)["secret_version"], stack.endpoint, stack.secret.read()) == (1, made, made.secret)


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServiceError", NO_ANSWER])
def test_create_whose_write_failed_is_found_with_its_secret(stack: Stack, code: str) -> None:
    stack.aws.refused["PutSecretValue"] = [code]
    with pytest.raises(
        LifecycleError, match=r"until then Signa repeats the secret; later, delete whk_\S+ at Signa first"
    ):
        stack.create(STORED)
    made = stack.endpoint

    stack.create(STORED)

    assert stack.endpoint == made
    assert [*stack.secret.values.values()] == [made.secret]


def test_create_found_again_keeps_what_was_stored_where_signa_repeats_no_secret(stack: Stack) -> None:
    stack.create(STORED)
    stack.emulator.organization.change_settings(replay_includes_secret=False)

    outputs = stack.create(STORED)

    assert (outputs["secret_version"], outputs["secret_status"]) == (1, "current")
    assert outputs["secret_version_id"] == stack.secret.labels["AWSCURRENT"]
    assert stack.endpoint.secret_version == 1


def test_create_found_again_does_not_go_back_to_an_older_secret(written: Stack) -> None:
    """A state that was lost after a rotation; Signa repeats the first secret."""
    written.update({**STORED, "rotate_trigger": "1"})
    newest = written.secret.read()

    outputs = written.create(STORED)

    assert (outputs["secret_version"], outputs["secret_status"]) == (2, "current")
    assert written.secret.read() == newest == written.endpoint.secret


# Update


def test_rotation_leaves_the_secret_before_to_receivers(written: Stack) -> None:
    before = written.endpoint.secret

    outputs = written.update({**STORED, "rotate_trigger": "1"})

    assert written.asked() == (["POST rotate-secret"], ["PutSecretValue", "PutSecretValue"])
    assert (written.secret.read(), written.secret.read("AWSPREVIOUS")) == (written.endpoint.secret, before)
    assert (outputs["secret_version"], outputs["previous_secret"]) == (2, None)


def test_rotation_whose_write_failed_is_repeated_and_not_made_twice(written: Stack) -> None:
    before = written.endpoint.secret
    written.aws.refused["PutSecretValue"] = [None, "InternalServiceError"]
    with pytest.raises(LifecycleError, match="but version 2 could not be written to") as caught:
        written.update({**STORED, "rotate_trigger": "1"})
    assert "until then the secret before stays valid, and Signa repeats the new one" in str(caught.value)
    assert written.secret.read() == before

    written.update({**STORED, "rotate_trigger": "1"})

    assert written.endpoint.secret_version == 2
    assert written.secret.read() == written.endpoint.secret


def test_forced_rotation_whose_write_failed_is_urgent(written: Stack) -> None:
    written.update({**STORED, "rotate_trigger": "1"})
    written.aws.refused["PutSecretValue"] = [None, "InternalServiceError"]

    with pytest.raises(LifecycleError, match="run `pulumi up` again at once: the secrets before have ended"):
        written.update({**STORED, "rotate_trigger": "2", "force_rotation_reason": "leaked"})


def test_rotation_that_was_stored_is_found_where_signa_repeats_no_secret(written: Stack) -> None:
    before = written.outputs
    written.emulator.organization.change_settings(replay_includes_secret=False)
    stored = written.update({**STORED, "rotate_trigger": "1"})
    written.outputs = before

    again = written.update({**STORED, "rotate_trigger": "1"})

    assert written.endpoint.secret_version == 2
    assert again == {**stored, "secret_fingerprint": None}


def test_another_destination_rotates_into_it(written: Stack) -> None:
    before = written.secret.read()
    todo = written.plan({**PLAIN, **INTO_OTHER})

    outputs = written.update({**PLAIN, **INTO_OTHER})

    assert (todo.moves, todo.rotation.why, todo.rotation.can_wait) == (Move.ELSEWHERE, Why.DESTINATION, False)
    assert "rotates the secret: secret_destination is another secret" in written.said[0]
    assert outputs["secret_arn"] == written.aws.secrets[OTHER].arn
    assert written.aws.secrets[OTHER].read() == written.endpoint.secret
    assert written.secret.read() == before


def test_another_destination_inside_the_overlap_is_refused_at_preview_unless_it_is_forced(written: Stack) -> None:
    rotated = {**STORED, "rotate_trigger": "1"}
    written.update(rotated)
    moved = {**rotated, **INTO_OTHER}
    written.asked()

    with pytest.raises(LifecycleError, match="set secret_destination back until then, or give force_rotation_reason"):
        written.plan(moved)
    with pytest.raises(LifecycleError):
        written.update(moved)

    assert written.asked() == ([], [])
    outputs = written.update({**moved, "force_rotation_reason": "moved"})
    assert (outputs["secret_version"], outputs["previous_secret_expires_at"]) == (3, None)
    assert written.aws.secrets[OTHER].read() == written.endpoint.secret


def test_another_destination_in_an_overlap_of_others_is_refused_by_signa(written: Stack) -> None:
    written.endpoint.rotate(Rotation(force=False, reason=None), written.emulator.organization.clock.now())

    with pytest.raises(LifecycleError, match="as another secret_destination needs: leave the destination as it was"):
        written.update({**PLAIN, **INTO_OTHER})

    assert written.aws.secrets[OTHER].values == {}


def test_secret_moves_out_of_the_state_without_a_rotation(stack: Stack) -> None:
    secret = stack.create(PLAIN)["secret"]
    stack.asked()
    todo = stack.plan(STORED)

    outputs = stack.update(STORED)

    assert (todo.moves, todo.rotation, todo.is_needed) == (Move.IN, None, True)
    assert "takes it out of the state, without a rotation" in stack.said[0]
    assert stack.asked() == ([], ["DescribeSecret", "PutSecretValue"])
    assert stack.secret.read() == secret
    assert secret not in repr(outputs)


def test_secret_that_moves_while_it_is_rotated_is_rotated_once(stack: Stack) -> None:
    before = stack.create(PLAIN)["secret"]

    outputs = stack.update({**STORED, "rotate_trigger": "1"})

    assert (outputs["secret_version"], stack.endpoint.secret_version) == (2, 2)
    assert (stack.secret.read(), stack.secret.read("AWSPREVIOUS")) == (stack.endpoint.secret, before)


def test_destination_that_is_taken_out_leaves_no_secret(written: Stack) -> None:
    todo = written.plan(PLAIN)

    outputs = written.update(PLAIN)

    assert (todo.moves, todo.rotation, todo.is_needed) == (Move.OUT, None, True)
    assert "secret_status will be unknown" in written.said[0]
    assert written.asked() == ([], [])
    assert [outputs[name] for name in (*PLACE, "secret")] == [None] * 4
    assert outputs["secret_status"] == "unknown"


def test_destination_that_is_taken_out_with_a_rotation_gives_the_state_a_secret(written: Stack) -> None:
    outputs = written.update({**PLAIN, "rotate_trigger": "1"})

    assert outputs["secret"] == written.endpoint.secret
    assert outputs["secret_status"] == "current"


def test_destination_that_is_put_back_is_recognized(written: Stack) -> None:
    before = written.outputs
    written.update(PLAIN)

    outputs = written.update(STORED)

    assert outputs == {**before, "secret_fingerprint": None}
    assert written.endpoint.secret_version == 1


@pytest.mark.parametrize("happens", ["rotated elsewhere", "overwritten"])
def test_destination_that_is_put_back_too_late_holds_nothing(written: Stack, happens: str) -> None:
    written.update(PLAIN)
    if happens == "overwritten":
        written.aws.overwrite(NAME, "theirs")
    else:
        written.endpoint.rotate(Rotation(force=True, reason=None), written.emulator.organization.clock.now())

    outputs = written.update(STORED)

    assert (outputs["secret_status"], outputs["secret_arn"]) == ("unknown", None)
    assert outputs["secret_version"] == written.endpoint.secret_version


@pytest.mark.parametrize("declared", [{"secret_destination": {}}, {"secret_destination": {"region": "eu-west-1"}}])
@pytest.mark.parametrize("before", [PLAIN, STORED])
def test_update_refuses_a_destination_without_a_value(
    stack: Stack, before: dict[str, Any], declared: dict[str, Any]
) -> None:
    """An output can be null. A preview cannot tell it from one that is not known."""
    stack.create(before)
    stack.asked()

    with pytest.raises(LifecycleError, match=r"secret_destination\.secret_id has no value"):
        stack.update({**PLAIN, **declared})

    assert stack.asked() == ([], [])


def test_destination_that_is_not_known_yet_may_rotate(written: Stack) -> None:
    todo = written.plan({**PLAIN, "secret_destination": {"secret_id": UNKNOWN}})

    assert (todo.moves, todo.rotation) == (None, None)
    assert "if it is another secret than" in written.said[0]


# Drift


def _overwrite(stack: Stack) -> None:
    stack.aws.overwrite(NAME, "theirs")


def _delete(stack: Stack) -> None:
    del stack.aws.secrets[NAME]


def test_refresh_describes_once_and_reads_no_value(written: Stack) -> None:
    before = written.outputs

    assert written.read() == before
    assert written.asked()[1] == ["DescribeSecret"]
    assert written.said == []


def test_overwritten_secret_is_warned_of_and_brought_back(written: Stack) -> None:
    _overwrite(written)

    status = written.read()["secret_status"]
    todo = written.plan(STORED)
    written.asked()
    outputs = written.update(STORED)

    assert status == "overwritten"
    assert "has another value than the secret of" in written.said[0]
    assert (todo.moves, todo.rotation, todo.is_needed) == (Move.BACK, None, True)
    assert written.asked() == ([], ["DescribeSecret", "UpdateSecretVersionStage"])
    assert written.secret.read() == written.endpoint.secret
    assert outputs["secret_status"] == "current"


def test_overwritten_secret_is_brought_back_although_a_rotation_has_to_wait(written: Stack) -> None:
    _overwrite(written)
    written.read()
    organization = written.emulator.organization
    organization.advance_clock(2 * 24 * 3600)
    written.endpoint.rotate(Rotation(force=False, reason=None), organization.clock.now())
    declared = {**STORED, "rotation_period_days": 1}

    written.outputs = endpoints.update(written._client, written.id, written.outputs, declared, **written._run())

    assert written.secret.read() != "theirs"
    assert written.outputs["secret_status"] == "stale"


@pytest.mark.parametrize(("choice", "rotates"), [("warn", False), ("rotate", True)])
def test_secret_that_is_gone_is_rotated_where_that_is_declared(written: Stack, choice: str, *, rotates: bool) -> None:
    _delete(written)
    written.aws.make(NAME)
    declared = {**STORED, "on_stale_secret": choice}

    status = written.read()["secret_status"]
    todo = written.plan(declared)
    outputs = written.update(declared)

    assert status == "unknown"
    assert "which held the secret of" in written.said[0]
    assert (todo.rotation is not None) is rotates
    assert outputs["secret_status"] == ("current" if rotates else "unknown")
    assert (written.secret.read() == written.endpoint.secret) is rotates


def test_refused_description_keeps_the_state_as_it_was(written: Stack) -> None:
    written.aws.refused["DescribeSecret"] = ["AccessDeniedException"]

    with pytest.raises(AwsError, match="secretsmanager:DescribeSecret"):
        written.read()


def test_endpoint_of_others_has_no_destination(stack: Stack) -> None:
    stack.create(PLAIN)

    found = endpoints.read(stack._client, stack.id, {}, **stack._run())

    assert found is not None
    assert [found.outputs[name] for name in (*PLACE, "secret", "secret_destination")] == [None] * 5


# Adoption


@pytest.mark.parametrize(
    ("adopt", "version", "status"),
    [({}, 1, "unknown"), ({"secret": "theirs"}, 1, "current"), ({"rotate": True}, 2, "current")],
)
def test_adoption_writes_what_it_has(stack: Stack, adopt: dict[str, Any], version: int, status: str) -> None:
    stack.create(PLAIN)
    given = {name: stack.endpoint.secret if name == "secret" else value for name, value in adopt.items()}

    outputs = stack.create({**STORED, "adopt": {"id": stack.id, **given}})

    assert (outputs["secret_version"], outputs["secret_status"]) == (version, status)
    assert stack.secret.read() == (stack.endpoint.secret if status == "current" else None)
    assert stack.endpoint.secret not in repr(outputs)


def test_adopted_endpoint_is_recognized_in_its_destination(written: Stack) -> None:
    outputs = written.create({**STORED, "adopt": {"id": written.id}})

    assert (outputs["secret_version"], outputs["secret_status"]) == (1, "current")
    assert outputs["secret_version_id"] == written.secret.labels["AWSCURRENT"]


def test_adoption_that_rotates_stores_only_the_new_secret(stack: Stack) -> None:
    stack.create(PLAIN)
    adopt = {"id": stack.id, "secret": stack.endpoint.secret, "rotate": True}
    stack.aws.refused["PutSecretValue"] = ["InternalServiceError"]
    with pytest.raises(LifecycleError, match="could not be written"):
        stack.create({**STORED, "adopt": adopt})

    stack.create({**STORED, "adopt": adopt})

    assert stack.endpoint.secret_version == 2
    assert [*stack.secret.values.values()] == [stack.endpoint.secret]


# Delete, and old states


def test_delete_leaves_the_destination_alone(written: Stack) -> None:
    endpoints.delete(written._client, written.id, written.outputs)

    assert written.asked()[1] == []
    assert written.secret.read() is not None


def test_second_endpoint_of_a_replacement_leaves_the_first_ones_secret_to_receivers(written: Stack) -> None:
    """With delete_before_replace=False both endpoints deliver for a while."""
    first = written.endpoint.secret

    written.create({**STORED, "__random_key": True})

    assert written.secret.read() != first
    assert written.secret.read("AWSPREVIOUS") == first


@pytest.mark.parametrize("declared", [STORED, PLAIN])
def test_value_beside_a_place_is_put_into_the_declared_one(written: Stack, declared: dict[str, Any]) -> None:
    """No code of ours writes such a state, which would keep the secret for ever."""
    place = {"secret_destination": declared.get("secret_destination")}
    written.outputs = {**written.outputs, "secret": written.endpoint.secret, **place}

    if declared is STORED:
        assert written.plan(declared).is_needed
        assert written.update(declared)["secret"] is None
    assert not written.plan(declared).is_needed


@pytest.mark.parametrize(
    "damage",
    [
        {"secret_arn": None},
        {"secret_arn": 5},
        {"secret_arn": ""},
        {"secret_arn": "damaged"},
        {"secret_version_id": None},
        {"secret_version_id": ["x"]},
        {"secret_status": "lost"},
        {"secret_fingerprint": 5},
        {"secret_destination": 5},
    ],
)
@pytest.mark.parametrize("verb", ["plan", "update", "read"])
def test_damaged_state_breaks_nothing(written: Stack, damage: Outputs, verb: str) -> None:
    written.outputs = {**written.outputs, **damage}

    if verb == "plan":
        assert written.plan(STORED).rotation is None
    elif verb == "update":
        written.update(STORED)
    else:
        written.read()

    assert written.endpoint.secret_version == 1
    assert written.endpoint.secret not in repr(written.outputs)
