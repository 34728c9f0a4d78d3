"""A create or an update of which a later step fails: what is recorded, and that the next run does just the rest."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from fake_host import URN, Outputs, endpoints
from fake_secrets_manager import FakeClient, manager_of
from fake_transport import FakeTransport
from pulumi_signa.lifecycle.errors import InterruptedRunError, LifecycleError
from pulumi_signa.lifecycle.roster import Roster
from pulumi_signa.lifecycle.values import is_same
from pulumi_signa.lifecycle.webhook_endpoint.schema import SENT
from pulumi_signa.signa_api.client import SignaClient
from pulumi_signa.signa_api.errors import SignaError
from pulumi_signa.signa_api.pacing.retry import RetryPolicy
from pulumi_signa.signa_api.transport import Answer
from signa_emulator.organization import Organization
from signa_emulator.rules.endpoints import Endpoint
from signa_emulator.rules.validation import NewEndpoint
from signa_emulator.server import EmulatorServer

NAME, OTHER = "signa/alerts", "signa/other"
INTO, INTO_OTHER = {"secret_destination": {"secret_id": NAME}}, {"secret_destination": {"secret_id": OTHER}}
DECLARED: dict[str, Any] = {
    URN: "urn:pulumi:dev::p::t::alerts",
    "url": "https://a.example/",
    "metadata": {"a": 1, "b": 2},
    "status": "active",
}
EDITED = {"description": "new", "metadata": {"b": 3}, "status": "disabled"}
ENDLESS = 5
"""As many failures of one request as make the client give up."""

CARRIED_OUT = pytest.mark.parametrize("is_carried_out", [False, True], ids=["before it is sent", "before its answer"])


class FailingTransport(FakeTransport):
    """
    A transport of which one request fails.

    Attributes:
        left: How many requests are sent before the one that fails; None where none does.
        is_carried_out: Whether that one reaches Signa.
    """

    left: int | None = None
    is_carried_out = False

    def send(self, method: str, path: str, **request: Any) -> Answer:
        """Send, or fail."""
        if self.left is None or self.left > 0:
            self.left = None if self.left is None else self.left - 1
            return super().send(method, path, **request)
        self.left = None
        if self.is_carried_out:
            super().send(method, path, **request)
        raise InterruptedRunError


class Stack:
    """
    A stack of one endpoint, whose engine records what was done of a call that failed.

    Attributes:
        recorded: The outputs of the call that failed last; None where the failure had none.
    """

    def __init__(self, url: str, organization: Organization) -> None:
        organization.reset()
        self.organization = organization
        self.aws = FakeClient()
        self.aws.make(NAME)
        self.aws.make(OTHER)
        self.transport = FailingTransport(url)
        self.id = ""
        self.outputs: Outputs | None = None
        self.recorded: Outputs | None = None

    @property
    def endpoint(self) -> Endpoint:
        """Return the one endpoint at Signa."""
        (endpoint,) = self.organization.endpoints.newest_first()
        return endpoint

    def up(self, declared: Outputs) -> None:
        """Create or update, where there is something to do; a failure is raised as users read it."""
        client = SignaClient(self.transport, RetryPolicy(), pause=lambda _seconds, _reason: None)
        run: dict[str, Any] = {
            "now": self.organization.clock.now(),
            "warn": lambda _message: None,
            "aws": lambda _region: manager_of(self.aws),
            "roster": Roster(settle_s=0),
        }
        self.recorded = None
        if self.outputs is None:
            self.id, self.outputs = endpoints.create(client, declared, **run, records=self._record)
        elif endpoints.plan(self.id, self.outputs, declared, **run).is_needed:
            self.outputs = endpoints.update(client, self.id, self.outputs, declared, **run, records=self._record)

    def fail(self, declared: Outputs, at: int, *, is_carried_out: bool) -> bool:
        """Have one request of a run fail, and return whether there was such a request."""
        self.transport.left, self.transport.is_carried_out = at, is_carried_out
        try:
            self.up(declared)
        except InterruptedRunError:
            return True
        assert self.transport.left is not None
        self.transport.left = None
        return False

    def assert_settled(self, declared: Outputs) -> None:
        """See that Signa has what is declared, the state says so, the secret is right, and nothing is left to do."""
        assert self.outputs is not None
        for name in SENT:
            assert is_same(getattr(self.endpoint, name), self.outputs[name])
            assert name not in declared or is_same(declared[name], self.outputs[name])
        destination = declared.get("secret_destination")
        held = self.aws.secrets[destination["secret_id"]].read() if destination else self.outputs["secret"]
        assert held == self.endpoint.secret
        assert (self.outputs["secret_status"], self.outputs["secret_version"]) == (
            "current", self.endpoint.secret_version,
        )  # fmt: skip
        sent = len(self.transport.seen)
        self.up(declared)
        assert len(self.transport.seen) == sent

    def _record(self, id_: str, outputs: Outputs) -> None:
        self.id, self.outputs, self.recorded = id_, outputs, outputs
        assert id_ == self.endpoint.id


@pytest.fixture
def stack(emulator: EmulatorServer) -> Callable[[], Stack]:
    """Return what makes an empty stack and an empty Signa, where keys of metadata have to be cleared by name."""

    def make() -> Stack:
        stack = Stack(emulator.base_url, emulator.organization)
        stack.organization.change_settings(rate_limit=None, metadata_merge="merge")
        return stack

    return make


@CARRIED_OUT
@pytest.mark.parametrize("place", [{}, INTO], ids=["state", "destination"])
@pytest.mark.parametrize("is_edited", [False, True], ids=["first run", "run after one that died, edited"])
def test_create_that_failed_at_any_step_is_completed(
    stack: Callable[[], Stack], place: Outputs, *, is_edited: bool, is_carried_out: bool
) -> None:
    declared = {**DECLARED, **place, **(EDITED if is_edited else {"status": "disabled"}), "rotate_trigger": "1"}
    recorded = []
    for at in count():
        alerts = stack()
        if is_edited:
            assert alerts.fail({**DECLARED, **place}, 0, is_carried_out=True)
        if not alerts.fail(declared, at, is_carried_out=is_carried_out):
            break
        recorded.append(alerts.recorded)

        alerts.up(declared)

        alerts.assert_settled(declared)
        assert alerts.endpoint.secret_version == 1
    assert recorded[0] is None
    assert [each["status"] for each in recorded if each] == ["active", "disabled"][: 1 + is_edited]


def test_secret_that_is_not_kept_is_left_to_the_journal(stack: Callable[[], Stack]) -> None:
    alerts, declared = stack(), {**DECLARED, **INTO, "status": "disabled"}
    alerts.aws.refused["PutSecretValue"] = ["InternalServiceError"] * ENDLESS

    with pytest.raises(LifecycleError, match="was made, but its secret could not be written"):
        alerts.up(declared)

    assert alerts.recorded is None
    alerts.aws.refused.clear()
    alerts.up(declared)
    alerts.assert_settled(declared)


@pytest.mark.parametrize("adopt", [{}, {"rotate": True}], ids=str)
def test_adoption_that_failed_is_carried_out_anew_as_a_whole(stack: Callable[[], Stack], adopt: Outputs) -> None:
    for at in count():
        alerts = stack()
        organization = alerts.organization
        new = NewEndpoint("https://b.example/", None, ["alert.created"], {"a": 1})
        theirs = organization.endpoints.create(new, organization.settings, organization.clock.now())
        secret = {} if adopt else {"secret": theirs.secret}
        declared = {**DECLARED, "adopt": {"id": theirs.id, **adopt, **secret}}
        if not alerts.fail(declared, at, is_carried_out=True):
            break

        assert alerts.recorded is None
        alerts.up(declared)

        alerts.assert_settled(declared)
        assert alerts.endpoint.secret_version == (2 if adopt else 1)


_KEPT = ("secret", "secret_version", "secret_arn", "rotate_trigger", "secret_destination", "next_rotation_at")
_UPDATES = [
    pytest.param({}, EDITED, id="fields"),
    pytest.param({}, {**EDITED, "rotate_trigger": "1"}, id="fields and a rotation"),
    pytest.param({}, {**EDITED, "rotate_trigger": "1", "rotation_period_days": 30}, id="fields, rotation, schedule"),
    pytest.param(INTO, {**EDITED, "rotate_trigger": "1"}, id="fields and a rotation in the destination"),
    pytest.param({}, {**EDITED, **INTO}, id="fields and into a destination"),
    pytest.param({}, {**EDITED, **INTO, "rotate_trigger": "1"}, id="fields, into a destination, and a rotation"),
    pytest.param(INTO, {**EDITED, **INTO_OTHER}, id="fields and another destination"),
    pytest.param(INTO, {**EDITED, "secret_destination": None, "rotate_trigger": "1"}, id="fields, out, and a rotation"),
]


@CARRIED_OUT
@pytest.mark.parametrize(("first", "edit"), _UPDATES)
def test_update_that_failed_at_any_step_is_completed(
    stack: Callable[[], Stack], first: Outputs, edit: Outputs, *, is_carried_out: bool
) -> None:
    declared = {**DECLARED, **first, **edit}
    recorded, versions = [], set()
    for at in count():
        alerts = stack()
        alerts.up({**DECLARED, **first})
        before = alerts.outputs or {}
        if not alerts.fail(declared, at, is_carried_out=is_carried_out):
            break
        if alerts.recorded is not None:
            assert [alerts.recorded[name] for name in _KEPT] == [before[name] for name in _KEPT]
            recorded.append(alerts.recorded)

        alerts.up(declared)

        alerts.assert_settled(declared)
        versions.add(alerts.endpoint.secret_version)
    is_rotated = "rotate_trigger" in edit or edit.get("secret_destination") == INTO_OTHER["secret_destination"]
    assert versions == {2 if is_rotated else 1}
    assert {each["status"] for each in recorded} == {"disabled"}
    assert [each["metadata"] for each in recorded if each["metadata"] != {"b": 3}] == [{"a": 1, "b": 3}]


def test_field_that_was_changed_before_is_set_back_where_it_is_declared_so_again(stack: Callable[[], Stack]) -> None:
    alerts = stack()
    alerts.up(DECLARED)

    assert alerts.fail({**DECLARED, **EDITED, "rotate_trigger": "1"}, 2, is_carried_out=False)
    alerts.up(DECLARED)

    alerts.assert_settled(DECLARED)
    assert alerts.endpoint.secret_version == 1


def test_first_step_that_fails_leaves_the_state_as_it_was(stack: Callable[[], Stack]) -> None:
    alerts = stack()
    alerts.up(DECLARED)
    alerts.organization.faults.add(operation="update", kind="drop_before", times=ENDLESS)

    with pytest.raises(SignaError):
        alerts.up({**DECLARED, **EDITED, "rotate_trigger": "1"})

    assert alerts.recorded is None


def test_endpoint_that_is_gone_by_the_next_step_is_recorded_as_nothing(stack: Callable[[], Stack]) -> None:
    alerts = stack()
    alerts.up(DECLARED)
    alerts.organization.faults.add(operation="rotate", kind="status", status=404)

    with pytest.raises(LifecycleError, match="no longer exists at Signa"):
        alerts.up({**DECLARED, **EDITED, "rotate_trigger": "1"})

    assert alerts.recorded is None
