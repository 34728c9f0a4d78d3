"""
Every life of a secret with a destination: it is where receivers read it, in no state, and rotated when asked.

`Lives` does what the engine does for one endpoint, behind either host, one run after the other. A run dies before or
after any write to Signa and to AWS, AWS refuses and its answers are lost, and others rotate the secret, put other
values into the destinations, and delete, restore and make them anew.
"""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from fake_host import URN, Outputs, endpoints
from fake_secrets_manager import NO_ANSWER, WRITES, FakeClient, manager_of
from hosts_in_process import SHARED_URN, Host
from mortal_transport import Killed, Life, MortalTransport
from pulumi_signa.aws.descriptions import CHECKED, PREVIOUS
from pulumi_signa.aws.errors import AwsError
from pulumi_signa.lifecycle.errors import LifecycleError
from pulumi_signa.lifecycle.roster import Roster
from pulumi_signa.lifecycle.times import moment
from pulumi_signa.lifecycle.webhook_endpoint.keeping import Move
from pulumi_signa.signa_api.client import SignaClient
from pulumi_signa.signa_api.errors import SignaError
from pulumi_signa.signa_api.pacing.retry import RetryPolicy
from pulumi_signa.signa_api.transport import Answer
from signa_emulator.organization import Organization
from signa_emulator.rules.endpoints import Endpoint
from signa_emulator.rules.validation import NewEndpoint, Rotation
from signa_emulator.server import EmulatorServer

Properties = Mapping[str, Any]

REPLAYED_FOR = timedelta(hours=24)
NAMES = ("signa/one", "signa/two")
ARN = "the first one's ARN"

_DESTINATIONS: list[Properties | None] = [
    None,
    {"secret_id": NAMES[0]},
    {"secret_id": NAMES[0], "region": "eu-west-1"},
    {"secret_id": ARN},
    {"secret_id": NAMES[1]},
]
FIRST = {
    URN: f"{SHARED_URN}alerts",
    "url": "https://a.example/",
    "enabled_events": ["alert.created"],
    "metadata": {},
    "status": "active",
    "on_stale_secret": "warn",
    "secret_destination": _DESTINATIONS[1],
}
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "secret_destination": st.sampled_from(_DESTINATIONS),
    "rotate_trigger": st.sampled_from(["one", "two", None]),
    "force_rotation_reason": st.sampled_from([None, "leaked"]),
    "on_stale_secret": st.sampled_from(["rotate", "warn"]),
    "rotation_period_days": st.sampled_from([None, 1, 30]),
    "description": st.sampled_from([None, "first"]),
}
_EDITS = st.one_of(
    st.just({}),
    *[st.fixed_dictionaries({name: values}) for name, values in _VALUES.items()],
    *[
        st.fixed_dictionaries({name: _VALUES[name] for name in (one, "secret_destination")})
        for one in ("rotate_trigger", "description", "force_rotation_reason")
    ],
)
_MOMENTS = st.integers(0, 9)
_NAMES = st.sampled_from(NAMES)
_CODES = ["AccessDeniedException", "EncryptionFailure", "ThrottlingException", "InternalServiceError"]
_REFUSALS = st.one_of(
    st.tuples(st.sampled_from(["DescribeSecret", "ListSecretVersionIds", *WRITES]), st.sampled_from(_CODES)),
    st.tuples(st.sampled_from(WRITES), st.just(NO_ANSWER)),
)


@dataclass
class Issued:
    """
    A secret that Signa issued.

    Attributes:
        is_ours: Whether a run of ours had it issued.
        is_forced: Whether it ended the secrets before at once.
        is_held: Whether it is, or was, in the place that a state names.
    """

    secret: str = field(repr=False)
    at: datetime
    is_ours: bool
    is_forced: bool
    is_held: bool = False


class Witness:
    """
    What really happened at Signa.

    Attributes:
        issued: Every secret, by endpoint and version.
    """

    def __init__(self, organization: Organization) -> None:
        self._organization = organization
        self._forced = 0
        self.issued: dict[tuple[str, int], Issued] = {}

    @property
    def now(self) -> datetime:
        """Return the time at Signa."""
        return self._organization.clock.now()

    @property
    def endpoint(self) -> Endpoint | None:
        """Return the one endpoint; there is never a second one."""
        endpoints = [*self._organization.endpoints.newest_first()]
        assert len(endpoints) <= 1
        return endpoints[0] if endpoints else None

    @property
    def newest(self) -> Issued | None:
        """Return the secret that Signa issued last, or None."""
        endpoint = self.endpoint
        return None if endpoint is None else self.issued[endpoint.id, endpoint.secret_version]

    @property
    def valid(self) -> AbstractSet[str]:
        """Return the secrets that Signa signs with."""
        endpoint = self.endpoint
        if endpoint is None:
            return set()
        return {endpoint.secret, endpoint.live_previous_secret(self.now) or endpoint.secret}

    def look(self, *, is_ours: bool) -> None:
        """Record the secret that was issued since, if one was."""
        forced = len(self._organization.audit_events)
        endpoint = self.endpoint
        if endpoint is not None:
            new = Issued(endpoint.secret, self.now, is_ours, is_forced=forced > self._forced)
            self.issued.setdefault((endpoint.id, endpoint.secret_version), new)
        self._forced = forced


class WatchedTransport(MortalTransport):
    """
    The transport of a mortal process, which has the witness look after every request, whatever became of it.

    Attributes:
        witness: Looks.
    """

    witness: Witness

    def send(self, method: str, path: str, **request: Any) -> Answer:
        """Send, if there is the time."""
        try:
            return super().send(method, path, **request)
        finally:
            self.witness.look(is_ours=True)


class Lives(RuleBasedStateMachine):
    """
    Edits of the declaration, runs of the stack, what others do at Signa and at AWS, and time.

    Args:
        adopt: How the endpoint is taken over: `secret` and `rotate`; None for one that the stack has made.

    Attributes:
        is_partial: Whether the last call was carried out in part, and the state has that part.
        unseen_at_signa: Whether others, or a run that died, have changed something there that no run has seen since.
        unseen_at_aws: The same of the destination.
    """

    def __init__(self, emulator: EmulatorServer, host: Host, adopt: Properties | None) -> None:
        super().__init__()
        self.host = host
        self.organization = emulator.organization
        self.organization.reset()
        self.transport = WatchedTransport(emulator.base_url)
        self.witness = self.transport.witness = Witness(self.organization)
        self.aws = FakeClient()
        for name in NAMES:
            self.aws.make(name)
        self.adopt = adopt
        self.declared: dict[str, Any] = dict(FIRST)
        self.outputs: Outputs | None = None
        self.recorded: Outputs | None = None
        self.is_partial = False
        self.unseen_at_signa = self.unseen_at_aws = False
        self.said: list[str] = []

    @initialize(
        replay_includes_secret=st.sampled_from([True, True, False]),
        redaction=st.sampled_from(["omit", "masked"]),
        is_written=st.booleans(),
    )
    def begin(self, *, is_written: bool, **switches: Any) -> None:
        """Choose what Signa's documentation leaves open, and let others make the endpoint that is adopted."""
        self.organization.change_settings(rate_limit=None, **switches)
        if is_written:
            self.aws.overwrite(NAMES[0], "by hand")
        if self.adopt is not None:
            new = NewEndpoint("https://b.example/", None, ["alert.created"], {})
            endpoint = self.organization.endpoints.create(new, self.organization.settings, self.witness.now)
            secret = endpoint.secret if self.adopt["secret"] else None
            self.declared["adopt"] = {"id": endpoint.id, "secret": secret, "rotate": self.adopt["rotate"]}
        self.witness.look(is_ours=False)

    # Runs

    @rule(edit=_EDITS)
    def up(self, edit: Properties) -> None:
        """Run `pulumi up` to its end."""
        self._edit(edit)
        self._up(None)

    @rule(deaths=st.lists(st.tuples(_EDITS, _MOMENTS), min_size=1, max_size=3))
    def die_in_up(self, deaths: list[tuple[Properties, int]]) -> None:
        """Run `pulumi up` and die in it, again and again, the declaration edited each time."""
        for edit, moments in deaths:
            self._edit(edit)
            self._up(moments)

    @rule(edit=_EDITS, refusal=_REFUSALS, skip=st.integers(0, 2))
    def up_refused_by_aws(self, edit: Properties, refusal: tuple[str, str], skip: int) -> None:
        """Run `pulumi up` while AWS refuses a call, or is not heard."""
        self._edit(edit)
        operation, code = refusal
        self.aws.refused[operation] = [*([None] * skip), code]
        self._up(None, may_fail=True)
        self.aws.refused.clear()

    @precondition(lambda self: self.outputs)
    @rule(moments=st.none() | _MOMENTS)
    def refresh(self, moments: int | None) -> None:
        """Run `pulumi refresh`."""
        self._begin_process(moments)
        self._attempt(self._refresh)

    # Others, and time

    @precondition(lambda self: self.outputs)
    @rule(hours=st.sampled_from([1, 13, 25]))
    def wait(self, hours: int) -> None:
        """Let time pass."""
        self.organization.advance_clock(hours * 3600)

    @precondition(lambda self: self.outputs)
    @rule(force=st.booleans())
    def rotate_elsewhere(self, *, force: bool) -> None:
        """Rotate the secret at Signa, if it does so now."""
        endpoint = self.witness.endpoint
        assert endpoint is not None
        if force or len(self.witness.valid) == 1:
            endpoint.rotate(Rotation(force=force, reason=None), self.witness.now)
            self.witness.look(is_ours=False)
            self.unseen_at_signa = True

    @rule(name=_NAMES, times=st.sampled_from([1, 3]), is_purged=st.booleans())
    def overwrite(self, name: str, times: int, *, is_purged: bool) -> None:
        """Put other values into a destination, after which AWS may forget what has no label."""
        if name in self.aws.secrets:
            for number in range(times):
                self.aws.overwrite(name, f"theirs {number}")
            if is_purged:
                self.aws.purge(name)
            self.unseen_at_aws = True

    @rule(name=_NAMES, for_good=st.booleans())
    def delete_destination(self, name: str, *, for_good: bool) -> None:
        """Delete a destination for good, or schedule its deletion."""
        if for_good:
            self.aws.secrets.pop(name, None)
        elif name in self.aws.secrets:
            self.aws.secrets[name].is_deleted = True
        self.unseen_at_aws = True

    @rule(name=_NAMES)
    def bring_destination_back(self, name: str) -> None:
        """Restore a destination, or make it anew."""
        if name in self.aws.secrets:
            self.aws.secrets[name].is_deleted = False
        else:
            self.aws.make(name)
        self.unseen_at_aws = True

    # What must hold

    @invariant()
    def no_state_holds_a_secret_that_has_a_destination(self) -> None:
        """Neither under the outputs' names nor anywhere else; and nothing that is said quotes one."""
        secrets = [issued.secret for issued in self.witness.issued.values()]
        assert not [secret for secret in secrets for text in self.said if secret in text]
        if self.outputs is not None and self.outputs["secret_destination"] is not None:
            assert not [secret for secret in secrets if secret in repr(self.outputs)]
            assert self.outputs["secret"] is None
            assert self.outputs["previous_secret"] is None

    @invariant()
    def every_secret_is_stored_once(self) -> None:
        """No destination has two versions of ours with one value."""
        for secret in self.aws.secrets.values():
            ours = [
                value
                for version_id, value in secret.values.items()
                if not version_id.startswith("theirs") and value != CHECKED
            ]
            assert len(set(ours)) == len(ours)

    @invariant()
    def status_is_true_as_far_as_anybody_has_looked(self) -> None:
        """
        A secret is `current` if, and only if, receivers read Signa's current one.

        What a run wrote before it died is not taken for the state's, so that the next one repeats the rotation's key.
        """
        held = self.outputs
        if held is None or self.unseen_at_signa or self.unseen_at_aws or held["secret_arn"] is None:
            return
        endpoint, newest = self.witness.endpoint, self.witness.newest
        assert endpoint is not None
        assert newest is not None
        is_current = held["secret_status"] == "current"
        is_read = self._read(held["secret_arn"]) == endpoint.secret
        assert is_read or not is_current
        assert is_current or not is_read or (newest.is_ours and not newest.is_held)
        assert not is_current or self._is_covered(held["secret_arn"])

    # The engine

    def _edit(self, edit: Properties) -> None:
        # What a create finds that others have edited, `test_state_machine` tells.
        left_out = {"description"} if self.outputs is None else set()
        self.declared.update({name: value for name, value in edit.items() if name not in left_out})

    def _up(self, moments: int | None, *, may_fail: bool = False) -> None:
        self._begin_process(moments)
        if self.outputs is None:
            self._attempt(self._create, may_fail=may_fail, may_rotate=self._may_rotate_a_new_one())
            return
        try:
            todo = self._plan(self.outputs)
        except LifecycleError as failure:
            self._judge(failure, may_fail=False)
            return
        if todo.is_needed or self.is_partial:
            self._attempt(
                partial(self._update, self.outputs, todo), may_fail=may_fail, may_rotate=todo.rotation is not None
            )

    def _begin_process(self, moments: int | None) -> None:
        self.transport.life = self.aws.life = Life(moments)

    def _attempt(self, work: Callable[[], Outputs], *, may_fail: bool = False, may_rotate: bool = False) -> bool:
        """Do one step of a run, and tell whether it ended well; one that fails has a reason."""
        before, known = self.outputs, set(self.witness.issued)
        arn = None if before is None else before["secret_arn"]
        was_covered = arn is not None and self._is_covered(arn)
        can_repeat = self._can_repeat(before)
        outputs = self.recorded = None
        try:
            outputs = work()
            self.transport.life.pass_moment()
        except Killed:
            outputs = None
        except (SignaError, LifecycleError, AwsError) as failure:
            self._judge(failure, may_fail=may_fail)
        made = [self.witness.issued[key] for key in self.witness.issued.keys() - known if key[1] > 1]
        assert len(made) <= may_rotate
        assert not (made and outputs and can_repeat)
        is_forced = any(one.is_forced for one in made)
        assert not was_covered or is_forced or self._is_covered(arn)
        self._note_held(outputs or self.recorded)
        if outputs is None:
            self.unseen_at_signa = self.unseen_at_aws = True
            return False
        return True

    def _record(self, _id: str, outputs: Outputs) -> None:
        self.transport.life.pass_moment()
        self.recorded = outputs

    def _create(self) -> Outputs:
        client, declared = _client(self.transport), self._declaration()
        id_, outputs = self.host.create(client, declared, records=self._record, **self._run())
        endpoint = self.witness.endpoint
        assert endpoint is not None
        assert endpoint.id == id_
        self.unseen_at_signa = self.unseen_at_aws = False
        if self.declared["secret_destination"] is not None and outputs["secret_arn"] is None:
            assert outputs["secret_status"] == "unknown"
            assert self.adopt == {"secret": None, "rotate": False}
        todo = self._plan(outputs)
        assert todo.fields == todo.settings == ()
        return outputs

    def _update(self, old: Outputs, todo: Any) -> Outputs:
        asked = len(self.transport.seen)
        client, declared = _client(self.transport), self._declaration()
        new = self.host.update(client, todo.state.id, old, declared, records=self._record, **self._run())
        if len(self.transport.seen) > asked:
            self.unseen_at_signa = False
        place = ("secret_arn", "secret_version_id", "secret_status")
        if [old[name] for name in place] != [new[name] for name in place]:
            self.unseen_at_aws = False
        is_news = new["secret_status"] not in ("current", old["secret_status"])
        may_be_due = is_news or (todo.rotation is not None and todo.rotation.can_wait)
        again = self._plan(new)
        assert again.fields == again.settings == ()
        assert again.moves in (None, Move.FOUND)
        assert again.rotation is None or (again.rotation.can_wait and may_be_due)
        is_declared = self.declared["secret_destination"] is not None
        assert is_declared or new["secret_arn"] is None
        return new

    def _refresh(self) -> Outputs:
        held = self.outputs or {}
        endpoint = self.witness.endpoint
        assert endpoint is not None
        read = self.host.read(_client(self.transport), endpoint.id, held, **self._run())
        assert read is not None
        self.unseen_at_signa = False
        if held["secret_arn"] is not None:
            self.unseen_at_aws = False
        return read.outputs

    def _plan(self, outputs: Outputs) -> Any:
        declared, endpoint = self._declaration(), self.witness.endpoint
        assert endpoint is not None
        assert self.host.check(declared, is_new=False, **self._run()).problems == []
        is_changed = self.host.diff(endpoint.id, outputs, declared, **self._run())
        todo = endpoints.plan(endpoint.id, outputs, declared, **self._run())
        assert is_changed == todo.is_needed
        return todo

    def _declaration(self) -> dict[str, Any]:
        declared = dict(self.declared)
        destination = declared["secret_destination"]
        if destination is not None and destination["secret_id"] == ARN:
            first = self.aws.secrets.get(NAMES[0])
            declared["secret_destination"] = {"secret_id": NAMES[0] if first is None else first.arn}
        return declared

    def _run(self) -> dict[str, Any]:
        return {
            "now": self.witness.now,
            "warn": self.said.append,
            "inform": self.said.append,
            "roster": Roster(settle_s=0),
            "aws": lambda _region: manager_of(self.aws),
        }

    # The judges

    def _read(self, arn: str, *labels: str) -> str | None:
        secret = self.aws.at(arn)
        return None if secret is None else secret.read(*labels)

    def _is_covered(self, arn: str) -> bool:
        """Return whether a receiver that reads a destination can verify what Signa signs now."""
        return not self.witness.valid.isdisjoint({self._read(arn), self._read(arn, PREVIOUS)})

    def _may_rotate_a_new_one(self) -> bool:
        """Return whether a create may rotate: an adoption asks for it, or Signa does not repeat a secret."""
        if self.adopt is not None:
            return bool(self.adopt["rotate"])
        return not self.organization.settings.replay_includes_secret

    def _can_repeat(self, before: Outputs | None) -> bool:
        """Return whether Signa's last secret is one that a run of ours had issued, and that a next run finds."""
        newest = self.witness.newest
        return (
            newest is not None
            and newest.is_ours
            and not newest.is_held
            and not newest.is_forced
            and self.declared.get("force_rotation_reason") is None
            and self.organization.settings.replay_includes_secret
            and self.witness.now < newest.at + REPLAYED_FOR
            and (before is None or before["secret_status"] == "current")
            and (before is None or self.declared["secret_destination"] is not None or before["secret_arn"] is None)
        )

    def _note_held(self, outputs: Outputs | None) -> None:
        """Let the state have what a call has done, in part or all of it."""
        if outputs is None:
            return
        self.outputs = outputs
        self.is_partial = outputs is self.recorded
        endpoint = self.witness.endpoint
        assert endpoint is not None
        issued = self.witness.issued[endpoint.id, outputs["secret_version"]]
        if outputs["secret_arn"] is not None or outputs["secret"] is not None:
            issued.is_held = True

    def _judge(self, failure: Exception, *, may_fail: bool) -> None:
        """See that the destination cannot be written, or that Signa does not rotate yet."""
        text = str(failure)
        self.said.append(text)
        if may_fail:
            return
        if text.startswith("secret_destination:"):
            destination = self._declaration()["secret_destination"]["secret_id"]
            secret = self.aws.secrets.get(destination) or self.aws.at(destination)
            assert secret is None or secret.is_deleted, text
        else:
            until = (self.outputs or {}).get("previous_secret_expires_at")
            is_inside = until is not None and self.witness.now < moment(until)
            # A key that a run has sent with a reason, Signa refuses without one.
            is_forced = any(one.is_forced and one.is_ours and not one.is_held for one in self.witness.issued.values())
            assert is_inside or is_forced or len(self.witness.valid) > 1, text


def _client(transport: MortalTransport) -> SignaClient:
    return SignaClient(transport, RetryPolicy(), pause=lambda _seconds, _reason: None)


_ADOPTIONS = [{"secret": secret, "rotate": rotate} for secret in (None, "known") for rotate in (False, True)]


# The deep profile takes minutes.
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("adopt", "shares"), [(None, 1), *[(adopt, 4) for adopt in _ADOPTIONS]], ids=str)
def test_any_secret_with_a_destination_is_where_it_is_said_to_be(
    emulator: EmulatorServer, host: Host, examples_for: Callable[[int], int], adopt: Properties | None, shares: int
) -> None:
    run_state_machine_as_test(
        partial(Lives, emulator, host, adopt),
        settings=settings(max_examples=examples_for(shares), stateful_step_count=30),
    )


_STATE, _ONE, _TWO = ({"secret_destination": _DESTINATIONS[which]} for which in (0, 1, 4))
_TRIGGER = {"rotate_trigger": "one"}
_RUN: Properties = {}


@pytest.mark.parametrize(
    ("adopt", "before", "edit", "versions"),
    [
        pytest.param(None, [], _RUN, 1, id="create"),
        pytest.param(None, [_RUN], _TRIGGER, 2, id="rotate"),
        pytest.param(None, [_STATE], _ONE, 1, id="into the destination"),
        pytest.param(None, [_STATE], {**_ONE, **_TRIGGER}, 2, id="into the destination, and rotate"),
        pytest.param(None, [_RUN], _TWO, 2, id="to another destination"),
        pytest.param(None, [_RUN, _STATE], _ONE, 1, id="back to the destination"),
        pytest.param(_ADOPTIONS[1], [], _RUN, 2, id="adopt and rotate"),
        pytest.param(_ADOPTIONS[2], [], _RUN, 1, id="adopt with the secret"),
        pytest.param(_ADOPTIONS[3], [], _RUN, 2, id="adopt with the secret and rotate"),
    ],
)
def test_two_deaths_store_one_secret(
    emulator: EmulatorServer,
    host: Host,
    pairs_for: Callable[[int, int], list[tuple[int, int]]],
    *,
    adopt: Properties | None,
    before: list[Properties],
    edit: Properties,
    versions: int,
) -> None:
    for moments in pairs_for(9, 9):
        lives = Lives(emulator, host, adopt)
        lives.begin(replay_includes_secret=True, redaction="omit", is_written=True)
        for step in before:
            lives.up(step)
        lives.die_in_up([(edit, left) for left in moments])

        lives.up(_RUN)

        endpoint, held = lives.witness.endpoint, lives.outputs
        assert endpoint is not None
        assert held is not None
        assert (held["secret_status"], held["secret_version"], endpoint.secret_version) == (
            "current",
            versions,
            versions,
        )
        assert lives._read(held["secret_arn"]) == endpoint.secret, moments
        lives.no_state_holds_a_secret_that_has_a_destination()
        lives.every_secret_is_stored_once()
