"""
Every life that a secret may have: what a stack holds is right or marked as not, and what it asks for is done once.

`Lives` does what the engine does for one endpoint, behind either host, one run after the other; each run is a process
of its own, and dies at a moment that hypothesis chooses. Others rotate meanwhile, and time passes. The `Witness` sees
every secret at Signa.
"""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import takewhile
from operator import methodcaller
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
from fake_transport import FakeTransport
from hosts_in_process import SHARED_URN, Host
from mortal_transport import Killed, Life, MortalTransport
from pulumi_signa.lifecycle.errors import LifecycleError
from pulumi_signa.lifecycle.roster import Roster
from pulumi_signa.lifecycle.times import moment
from pulumi_signa.signa_api.client import SignaClient
from pulumi_signa.signa_api.errors import SignaError
from pulumi_signa.signa_api.pacing.retry import RetryPolicy
from pulumi_signa.signa_api.transport import Answer
from signa_emulator.organization import Organization
from signa_emulator.rules.validation import NewEndpoint, Rotation
from signa_emulator.server import EmulatorServer

Properties = Mapping[str, Any]

REPLAYED_FOR = timedelta(hours=24)
CONFLICT = 409
ENDLESS = 5
"""As many failures of one request as make the client give up."""

FIRST = {
    URN: f"{SHARED_URN}alerts",
    "url": "https://a.example/",
    "enabled_events": ["alert.created"],
    "description": None,
    "metadata": {"a": 1},
    "status": "active",
    "rotate_trigger": None,
    "rotation_period_days": None,
    "force_rotation_reason": None,
    "on_stale_secret": "warn",
}
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "rotate_trigger": st.sampled_from(["one", "two", None]),
    "rotation_period_days": st.sampled_from([1, 1, 2, 30, None]),
    "force_rotation_reason": st.sampled_from([None, "leaked", "sold"]),
    "on_stale_secret": st.sampled_from(["rotate", "warn"]),
    "description": st.sampled_from([None, "first"]),
    "metadata": st.sampled_from([{}, {"a": 1}, {"b": [2]}]),
}
_ASKS = st.fixed_dictionaries({name: _VALUES[name] for name in ("rotate_trigger", "force_rotation_reason")})
_EDITS = st.one_of(
    st.just({}),
    *[st.fixed_dictionaries({name: values}) for name, values in _VALUES.items()],
    st.fixed_dictionaries({name: _VALUES[name] for name in ("rotate_trigger", "metadata")}),
    _ASKS,
)
_MOMENTS = st.integers(0, 9)
_DEATHS = st.lists(st.tuples(_ASKS | _EDITS, _MOMENTS), min_size=1, max_size=3)
_FAULTS = st.fixed_dictionaries(
    {
        "operation": st.sampled_from(["rotate", "update", "retrieve", "*"]),
        "kind": st.sampled_from(["drop_before", "drop_after", "truncate"]),
        "times": st.sampled_from([1, 2, ENDLESS]),
        "skip": st.integers(0, 2),
    }
)


@dataclass
class Issued:
    """
    A secret that Signa issued.

    Attributes:
        at: When.
        is_ours: Whether a run of ours made it, and nobody else.
        reason: With which it was forced by us, or None.
        is_held: Whether a state has ever held it.
    """

    secret: str = field(repr=False)
    at: datetime
    is_ours: bool
    reason: str | None
    is_held: bool = False


class Witness:
    """
    What really happened to the endpoint, seen at Signa.

    Attributes:
        endpoint: At Signa.
        versions: Every secret by its version.
    """

    def __init__(self, organization: Organization, endpoint_id: str) -> None:
        self._organization = organization
        self._forced = 0
        self.endpoint = organization.endpoints.get(endpoint_id)
        self.versions: dict[int, Issued] = {}
        self.look(is_ours=False)

    @property
    def now(self) -> datetime:
        """Return the time at Signa."""
        return self._organization.clock.now()

    @property
    def newest(self) -> int:
        """Return Signa's version."""
        return self.endpoint.secret_version

    @property
    def valid(self) -> AbstractSet[str]:
        """Return the secrets that Signa signs with."""
        return {self.endpoint.secret, self.endpoint.live_previous_secret(self.now) or self.endpoint.secret}

    @property
    def lost(self) -> list[Issued]:
        """Return what runs of ours have made after the last secret that a state has held."""
        newest_first = [self.versions[version] for version in sorted(self.versions, reverse=True)]
        return [issued for issued in takewhile(lambda issued: not issued.is_held, newest_first) if issued.is_ours]

    def look(self, *, is_ours: bool) -> None:
        """Record the secret that was issued since, if one was; only we leave a trace of force."""
        forced = self._organization.audit_events
        if self.newest not in self.versions:
            reason = forced[-1].reason if len(forced) > self._forced else None
            self.versions[self.newest] = Issued(self.endpoint.secret, self.now, is_ours, reason)
        self._forced = len(forced)


class WatchedTransport(MortalTransport):
    """
    The transport of a mortal process, which has the witness look after every request, whatever became of it.

    Attributes:
        witness: Looks.
        refusals: How many answers said that Signa does not do that now.
    """

    witness: Witness
    refusals = 0

    def send(self, method: str, path: str, **request: Any) -> Answer:
        """Send, if there is the time."""
        try:
            answer = super().send(method, path, **request)
        finally:
            self.witness.look(is_ours=True)
        self.refusals += answer.status == CONFLICT
        return answer


class Lives(RuleBasedStateMachine):
    """
    Edits of the declaration, runs of the stack, what others do at Signa, and time.

    Args:
        adopt: How the endpoint is taken over: `secret` and `rotate`; None for one that the stack has made.

    Attributes:
        is_partial: Whether the last call was carried out in part, and the state has that part.
    """

    def __init__(self, emulator: EmulatorServer, host: Host, adopt: Properties | None) -> None:
        super().__init__()
        self.host = host
        self.organization = emulator.organization
        self.organization.reset()
        self.url = emulator.base_url
        self.transport = WatchedTransport(self.url)
        self.adopt = adopt
        self.declared: dict[str, Any] = dict(FIRST)
        self.outputs: Outputs | None = None
        self.recorded: Outputs | None = None
        self.is_partial = False
        self.unseen: set[int] = set()
        self.late: Callable[[], None] | None = None

    @initialize(
        replay_includes_secret=st.sampled_from([True, True, True, False]),
        metadata_merge=st.sampled_from(["merge", "replace"]),
        redaction=st.sampled_from(["omit", "masked"]),
    )
    def begin(self, **switches: Any) -> None:
        """Choose what Signa's documentation leaves open, and make the endpoint, or let others do so."""
        self.organization.change_settings(rate_limit=None, **switches)
        if self.adopt is None:
            id_, self.outputs = self.host.create(_client(FakeTransport(self.url)), self.declared, **self._run())
        else:
            new = NewEndpoint("https://b.example/", None, ["alert.created"], {"a": 1})
            now = self.organization.clock.now()
            id_ = self.organization.endpoints.create(new, self.organization.settings, now).id
        self.witness = self.transport.witness = Witness(self.organization, id_)
        self._tell_secret()

    # Runs

    @rule(edit=_EDITS)
    def up(self, edit: Properties) -> None:
        """Run `pulumi up` to its end."""
        self.declared.update(edit)
        self._up(None)

    @rule(deaths=_DEATHS, refreshes=st.booleans())
    def die_in_up(self, deaths: list[tuple[Properties, int]], *, refreshes: bool) -> None:
        """Run `pulumi up` and die in it, again and again, the declaration edited each time."""
        for edit, moments in deaths:
            self.declared.update(edit)
            self._up(moments, refreshes=refreshes)

    @rule(edit=_EDITS, fault=_FAULTS)
    def up_with_lost_answers(self, edit: Properties, fault: dict[str, Any]) -> None:
        """Run `pulumi up` while the network fails."""
        self.declared.update(edit)
        self.organization.faults.add(**fault)
        self._up(None, may_fail=fault["times"] == ENDLESS)
        self.organization.faults.clear()

    @precondition(lambda self: self.outputs)
    @rule(moments=st.none() | _MOMENTS)
    def refresh(self, moments: int | None) -> None:
        """Run `pulumi refresh`."""
        self._begin_process(moments)
        self._attempt(self._refresh)

    # Others, and time

    @rule(hours=st.sampled_from([1, 13, 25, 40 * 24]))
    def wait(self, hours: int) -> None:
        """Let time pass; no request is on its way for so long."""
        self.organization.advance_clock(hours * 3600)
        self.late = None
        self._tell_secret()

    @rule(force=st.booleans())
    def rotate_elsewhere(self, *, force: bool) -> None:
        """Rotate the secret at Signa, if it does so now; who has yet to adopt the endpoint is told the secret."""
        if force or len(self.witness.valid) == 1:
            self.witness.endpoint.rotate(Rotation(force=force, reason=None), self.witness.now)
            self.witness.look(is_ours=False)
            self.unseen.add(self.witness.newest)
            self._tell_secret()

    @precondition(lambda self: self.late)
    @rule()
    def carry_out_late(self) -> None:
        """Let Signa carry out the request that was on its way when a process died, perhaps runs ago."""
        self.late()
        self.late = None

    # What must hold

    @invariant()
    def no_secret_is_silently_wrong(self) -> None:
        """
        A secret that is held is the one of its version; it is no longer Signa's only if something happened unseen.

        So is the one before, until it expires.
        """
        held = self.outputs
        if held is None:
            return
        if held["secret"] is None:
            assert held["secret_status"] == "unknown"
            return
        assert held["secret"] == self.witness.versions[held["secret_version"]].secret
        if held["secret_status"] == "current":
            assert set(range(held["secret_version"] + 1, self.witness.newest + 1)) <= self.unseen
        if held["previous_secret"] is not None and held["secret_version"] == self.witness.newest:
            assert moment(held["previous_secret_expires_at"]) == self.witness.endpoint.previous_secret_expires_at
            assert held["previous_secret"] == self.witness.endpoint.previous_secret

    # The engine

    def _up(self, moments: int | None, *, refreshes: bool = False, may_fail: bool = False) -> None:
        self._begin_process(moments)
        if self.outputs is None:
            self._attempt(self._adopt, may_fail=may_fail)
            return
        if refreshes and not self._attempt(self._refresh):
            return
        if self._is_refused(self.outputs):
            self._assert_refused(self.outputs)
        elif (todo := self._plan(self.outputs)).is_needed or self.is_partial:
            self._attempt(partial(self._update, self.outputs, todo), may_fail=may_fail)

    def _begin_process(self, moments: int | None) -> None:
        self.transport.life = Life(moments)
        self.transport.refusals = 0

    def _attempt(self, work: Callable[[], Outputs], *, may_fail: bool = False) -> bool:
        """Do one step of a run, and tell whether it ended well; one that fails has a reason."""
        newest, valid, is_asked = self.witness.newest, self.witness.valid, self._is_asked()
        sent = len(self.transport.seen)
        outputs = self.recorded = None
        try:
            outputs = work()
            self.transport.life.pass_moment()
        except Killed:
            outputs = None
            self._note_unsent()
        except SignaError:
            assert may_fail
        except LifecycleError:
            assert is_asked
            assert self._is_excused(self.witness.newest, is_asked=True)
        made = range(newest + 1, self.witness.newest + 1)
        self._judge(made, valid, is_asked=is_asked)
        self._note_held(outputs or self.recorded)
        if outputs is None:
            self.unseen |= set(made)
            return False
        if len(self.transport.seen) > sent:
            self.unseen.clear()
        return True

    def _record(self, _id: str, outputs: Outputs) -> None:
        self.transport.life.pass_moment()
        self.recorded = outputs

    def _note_held(self, outputs: Outputs | None) -> None:
        """Let the state have what a call has done, in part or all of it."""
        if outputs is None:
            return
        self.outputs = outputs
        self.is_partial = outputs is self.recorded
        if outputs["secret"] is not None:
            self.witness.versions[outputs["secret_version"]].is_held = True

    def _refresh(self) -> Outputs:
        id_, outputs = self.witness.endpoint.id, self.outputs or {}
        read = self.host.read(_client(self.transport), id_, outputs, **self._run())
        assert read is not None
        self._assert_true(read.outputs)
        return read.outputs

    def _adopt(self) -> Outputs:
        _, outputs = self.host.create(_client(self.transport), self.declared, records=self._record, **self._run())
        adopt = self.declared["adopt"]
        self._assert_true(outputs)
        if adopt["rotate"]:
            assert outputs["secret_status"] == "current"
            assert self.witness.versions[self.witness.newest].is_ours
        else:
            assert outputs["secret"] == adopt["secret"]
        # What is due by a schedule or for want of a secret, an update does, so that a preview shows it.
        self._assert_settled(outputs, may_be_due=not adopt["rotate"])
        return outputs

    def _update(self, old: Outputs, todo: Any) -> Outputs:
        sent, newest = len(self.transport.seen), self.witness.newest
        outputs = self._updated(old)
        if len(self.transport.seen) > sent:
            self._assert_true(outputs)
        is_rotated = outputs["secret"] != old["secret"]
        waits = todo.rotation is not None and not is_rotated
        if todo.rotation is None:
            assert not is_rotated
            assert self.witness.newest == newest
        elif waits:
            assert todo.rotation.can_wait
            assert self.transport.refusals
            assert self._is_excused(self.witness.newest, is_asked=False)
        is_news = (old["secret_status"], outputs["secret_status"]) == ("current", "stale")
        self._assert_settled(outputs, may_be_due=waits or is_news)
        self._assert_on_schedule(old, outputs, may_be_due=waits or is_news)
        self._assert_previous(old, outputs, is_rotated=is_rotated)
        return outputs

    def _updated(self, old: Outputs) -> Outputs:
        client, id_ = _client(self.transport), self.witness.endpoint.id
        return self.host.update(client, id_, old, self.declared, records=self._record, **self._run())

    def _plan(self, outputs: Outputs) -> Any:
        """Check and compare, as the engine does; the check of an update comes with old inputs."""
        run, id_ = self._run(), self.witness.endpoint.id
        assert self.host.check(self.declared, is_new=False, **run).problems == []
        is_changed = self.host.diff(id_, outputs, self.declared, **run)
        todo = endpoints.plan(id_, outputs, self.declared, **run)
        assert is_changed == todo.is_needed
        return todo

    def _run(self) -> dict[str, Any]:
        now = self.organization.clock.now()
        return {"now": now, "warn": lambda _message: None, "roster": Roster(settle_s=0)}

    def _note_unsent(self) -> None:
        if self.transport.unsent is not None:
            self.late = partial(self._carry_out, self.transport.unsent, self.outputs)

    def _carry_out(self, send: Callable[[], Answer], outputs: Outputs | None) -> None:
        """Carry out a request; when others follow the secret that it was to follow, it is as good as theirs."""
        newest = self.witness.newest
        send()
        self.witness.look(is_ours=outputs is self.outputs)
        self.unseen |= set(range(newest + 1, self.witness.newest + 1))

    def _tell_secret(self) -> None:
        """Let whoever has yet to adopt the endpoint know of the secret: that of others, until it ends."""
        if self.adopt is None or self.outputs is not None:
            return
        adopt = self.declared.setdefault("adopt", {**self.adopt, "id": self.witness.endpoint.id})
        if self.adopt["secret"]:
            known = [issued.secret for issued in self.witness.versions.values() if not issued.is_ours]
            adopt["secret"] = known[-1] if known[-1] in self.witness.valid else None

    def _is_asked(self) -> bool:
        """Return whether the declaration itself asks for a rotation."""
        if self.outputs is None:
            return bool(self.declared["adopt"]["rotate"])
        return self.declared["rotate_trigger"] not in (None, self.outputs["rotate_trigger"])

    def _is_refused(self, outputs: Outputs) -> bool:
        """Return whether a rotation is asked for that the state knows Signa to refuse."""
        is_forced = self.declared["force_rotation_reason"] is not None
        return self._is_asked() and self._is_inside_overlap(outputs) and not is_forced

    def _is_inside_overlap(self, outputs: Outputs) -> bool:
        """Return whether the state knows of an overlap that is open."""
        until = outputs["previous_secret_expires_at"]
        return until is not None and self.witness.now < moment(until)

    # What must hold after a run that ends well

    def _assert_true(self, outputs: Outputs) -> None:
        """See that the state says of its secret what is true, and names none that has expired."""
        version = outputs["secret_version"]
        if outputs["secret"] is None:
            assert outputs["secret_status"] == "unknown"
            assert version == self.witness.newest
        else:
            assert outputs["secret"] == self.witness.versions[version].secret
            assert outputs["secret_status"] == ("current" if version == self.witness.newest else "stale")
        assert outputs["previous_secret"] is None or outputs["previous_secret"] in self.witness.valid

    def _assert_refused(self, outputs: Outputs) -> None:
        """See that a preview refuses, and an update too, without a request."""
        sent = len(self.transport.seen)
        with pytest.raises(LifecycleError):
            self._plan(outputs)
        with pytest.raises(LifecycleError):
            self._updated(outputs)
        assert len(self.transport.seen) == sent

    def _assert_settled(self, outputs: Outputs, *, may_be_due: bool) -> None:
        """See that nothing is left to do, but for a rotation that waits or that could not be known of before."""
        todo = self._plan(outputs)
        assert todo.fields == todo.settings == ()
        assert todo.rotation is None or (may_be_due and todo.rotation.can_wait)

    def _assert_on_schedule(self, old: Outputs, new: Outputs, *, may_be_due: bool) -> None:
        """
        See that the date is to come, unless an overlap is to end first, and that dates do not drift.

        They are whole periods apart; a rotation before its date begins the schedule anew, and so does another period.
        Where no secret is held, a rotation of others that is seen counts as well.
        """
        days = self.declared["rotation_period_days"]
        if days is None:
            assert new["next_rotation_at"] is None
            return
        period = timedelta(days=days)
        begun_at = moment(old["secret_rotated_at"]) + period
        date = moment(old["next_rotation_at"]) if old["rotation_period_days"] == days else begun_at
        after = moment(new["next_rotation_at"])
        rotated_at = moment(new["secret_rotated_at"])
        assert after > self.witness.now or may_be_due or self._is_inside_overlap(new)
        if new["secret_version"] == old["secret_version"]:
            assert after == date
        elif rotated_at < date:
            assert after == rotated_at + period
        else:
            assert (after - date) % period == timedelta()
            assert rotated_at < after <= rotated_at + period

    def _assert_previous(self, old: Outputs, new: Outputs, *, is_rotated: bool) -> None:
        """See that the secret that was held before a rotation is known as the one before, while it is valid."""
        version = new["secret_version"]
        if not is_rotated or old["secret_status"] != "current" or version != old["secret_version"] + 1:
            return
        issued = self.witness.versions[version]
        is_valid = issued.reason is None and self.witness.now < issued.at + REPLAYED_FOR
        assert new["previous_secret"] == (old["secret"] if is_valid else None)

    def _judge(self, made: range, valid: AbstractSet[str], *, is_asked: bool) -> None:
        """
        See that the secrets that a run made, however it ended, had to be made, and ended no other one unasked.

        Each follows one that a state has held, or that others have made; or one of a run that died and that no later
        run could find.
        """
        reasons = {self.witness.versions[version].reason for version in made}
        for version in made:
            assert self.witness.versions[version - 1].is_held or self._is_excused(version - 1, is_asked=is_asked)
        assert reasons <= {None, self.declared["force_rotation_reason"] if is_asked else None}
        assert valid <= self.witness.valid or reasons - {None}

    def _is_excused(self, version: int, *, is_asked: bool) -> bool:
        """
        Tell whether a run cannot be expected to find a secret that was made before it.

        Others have made it, or Signa repeats no secrets; or no longer that of the run that died first, which leads to
        those after it; or one of them was forced, and this run would not force it alike.
        """
        reason = self.declared["force_rotation_reason"] if is_asked else None
        return (
            not self.witness.versions[version].is_ours
            or not self.organization.settings.replay_includes_secret
            or any(issued.at + REPLAYED_FOR <= self.witness.now for issued in self.witness.lost)
            or any(issued.reason not in (None, reason) for issued in self.witness.lost)
        )


def _client(transport: FakeTransport) -> SignaClient:
    return SignaClient(transport, RetryPolicy(), pause=lambda _seconds, _reason: None)


_MADE = None
_ADOPTIONS = [{"secret": secret, "rotate": rotate} for secret in (None, "known") for rotate in (False, True)]
_UNKNOWN, _REISSUED, *_ = _ADOPTIONS


# The deep profile takes minutes.
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("adopt", "shares"), [(_MADE, 1), *[(adopt, 4) for adopt in _ADOPTIONS]], ids=str)
def test_any_secret_is_right_or_marked(
    emulator: EmulatorServer, host: Host, examples_for: Callable[[int], int], adopt: Properties | None, shares: int
) -> None:
    run_state_machine_as_test(
        partial(Lives, emulator, host, adopt),
        settings=settings(max_examples=examples_for(shares), stateful_step_count=30),
    )


_ONE, _TWO = {"rotate_trigger": "one"}, {"rotate_trigger": "two"}
_LEAKED, _SOLD = {**_TWO, "force_rotation_reason": "leaked"}, {**_TWO, "force_rotation_reason": "sold"}
_REPAIR = {"on_stale_secret": "rotate", "description": "first"}
_RUN, _ROTATE = methodcaller("up", {}), methodcaller("up", _ONE)
_TAKE_OUT = methodcaller("up", {"rotate_trigger": None})
_OTHERS, _OTHERS_FORCE = methodcaller("rotate_elsewhere", force=False), methodcaller("rotate_elsewhere", force=True)
_WAIT, _REFRESH = methodcaller("wait", 13), methodcaller("refresh", None)


@pytest.mark.parametrize(
    ("adopt", "steps"),
    [
        pytest.param(_MADE, [_ROTATE, _WAIT, _LEAKED, _WAIT, _LEAKED], id="forced, and the overlap ends"),
        pytest.param(_MADE, [_OTHERS, _LEAKED, _LEAKED], id="forced in an overlap of others"),
        pytest.param(_MADE, [_ROTATE, _LEAKED, _SOLD], id="forced with another reason"),
        pytest.param(_MADE, [_TWO, _OTHERS_FORCE, _TWO], id="others rotate in between"),
        pytest.param(_MADE, [_LEAKED, _OTHERS_FORCE, _LEAKED], id="others rotate in between, and there is a reason"),
        pytest.param(_UNKNOWN, [_RUN, _REPAIR, _REFRESH, _REPAIR], id="no secret, and a refresh"),
        pytest.param(_UNKNOWN, [_RUN, _LEAKED, _REFRESH, _LEAKED], id="no secret, a refresh, and there is a reason"),
        pytest.param(
            _UNKNOWN, [_ROTATE, _TWO, _TAKE_OUT, _TWO], id="no secret, and the trigger is taken out in between"
        ),
        pytest.param(
            _UNKNOWN, [_ROTATE, _TWO, _REFRESH, _TAKE_OUT, _REFRESH, _ONE], id="no secret, and the trigger is set back"
        ),
        pytest.param(_REISSUED, [{}, _OTHERS_FORCE, {}], id="others rotate before it is adopted"),
        pytest.param(_REISSUED, [_OTHERS, _LEAKED, _SOLD], id="adopted in an overlap of others"),
    ],
)
def test_two_deaths_rotate_once(
    emulator: EmulatorServer,
    host: Host,
    pairs_for: Callable[[int, int], list[tuple[int, int]]],
    adopt: Properties | None,
    steps: list[Properties | Callable[[Lives], None]],
) -> None:
    for moments in pairs_for(8, 12):
        lives = Lives(emulator, host, adopt)
        lives.begin(replay_includes_secret=True, metadata_merge="merge", redaction="omit")
        left = iter(moments)

        for step in [*steps, _RUN]:
            if isinstance(step, dict):
                lives.die_in_up([(step, next(left))], refreshes=False)
            else:
                step(lives)
            lives.no_secret_is_silently_wrong()

        assert lives.outputs["secret_status"] == "current", moments


def test_adopted_secret_is_not_the_one_before_where_a_rotation_was_lost_in_between(
    emulator: EmulatorServer, host: Host
) -> None:
    lives = Lives(emulator, host, {"secret": "known", "rotate": True})
    lives.begin(replay_includes_secret=False, metadata_merge="merge", redaction="omit")
    lives.die_in_up([({}, 5), (_LEAKED, 9)], refreshes=False)
    assert lives.witness.newest == 3

    lives.up(_LEAKED)

    assert lives.outputs["secret_version"] == 4
    assert lives.outputs["previous_secret"] is None
