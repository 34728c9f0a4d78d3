"""
Every life that a stack may have, with runs that die anywhere: whatever came before, a run that ends well ends right.

A `Stack` does what the engine does around a host of endpoints, one `Run` after the other; each run is a process of its
own, and dies at a moment that hypothesis chooses. Others edit, rotate, delete and add endpoints
meanwhile. The `Witness` sees Signa from the inside, and knows who made what, and when.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, replace
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

from fake_host import URN, Outputs, Recorder, endpoints
from hosts_in_process import SHARED_URN, Host
from mortal_transport import Killed, Life, MortalTransport
from pulumi_signa.lifecycle.errors import LifecycleError
from pulumi_signa.lifecycle.roster import Roster
from pulumi_signa.lifecycle.values import is_same
from pulumi_signa.lifecycle.webhook_endpoint.schema import SENT, Declared
from pulumi_signa.lifecycle.webhook_endpoint.state import body_of
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
TRIED_AT_MOST = 5
ENDLESS = 5
"""As many failures of one request as make the client give up."""

GONE = "gone"

_URNS = st.sampled_from([f"{SHARED_URN}{name}" for name in ("alerts", "spare")])
_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "url": st.sampled_from(["https://a.example/", "https://b.example/"]),
    "description": st.sampled_from([None, "first"]),
    "metadata": st.sampled_from([{}, {"a": 1}, {"a": True, "b": [2]}]),
    "status": st.sampled_from(["active", "disabled"]),
}
_EVENTS: dict[str, Any] = {"enabled_events": ["alert.created"]}
FIRST = {"url": "https://a.example/", "description": None, "metadata": {}, "status": "active", **_EVENTS}
_DECLARED = st.fixed_dictionaries(_FIELDS)
_EDITS = st.one_of(st.just({}), *[st.fixed_dictionaries({name: values}) for name, values in _FIELDS.items()])
_WHICH = st.integers(0, 3)
_MOMENTS = st.integers(0, 9)
_FAULTS = st.fixed_dictionaries(
    {
        "operation": st.sampled_from(["create", "update", "delete", "rotate", "retrieve", "list", "*"]),
        "kind": st.sampled_from(["drop_before", "drop_after", "truncate"]),
        "times": st.sampled_from([1, 2, ENDLESS]),
        "skip": st.integers(0, 2),
    }
)


@dataclass
class Made:
    """
    An endpoint that a create of ours made.

    Attributes:
        urn: The resource that it was made for.
        body: What it was made from.
        generation: How many keys of the resource were in use when it was made.
        until: How long its create is replayed.
        is_lost: Whether its resource was created again when no create could find it any more.
    """

    urn: str
    body: Properties
    generation: int
    until: datetime
    is_lost: bool = False


class Witness:
    """
    What really happened, seen at Signa.

    Attributes:
        made: Endpoints that our creates made, by id.
        foreign: Endpoints of others, with the fields that these gave them.
        rotated: Endpoints whose secret others have rotated, or a run that died then.
        issued: Every secret, by endpoint and version.
        creating: The resource that was created last.
    """

    def __init__(self, organization: Organization) -> None:
        self.organization = organization
        self.made: dict[str, Made] = {}
        self.foreign: dict[str, Properties] = {}
        self.rotated: set[str] = set()
        self.issued: dict[tuple[str, int], str] = {}
        self.creating = ""
        self._keys: dict[str, list[datetime]] = {}

    @property
    def endpoints(self) -> dict[str, Endpoint]:
        """Return what is there, by id; the secrets are noted."""
        endpoints = {endpoint.id: endpoint for endpoint in self.organization.endpoints.newest_first()}
        for endpoint in endpoints.values():
            self.issued.setdefault((endpoint.id, endpoint.secret_version), endpoint.secret)
        return endpoints

    @contextmanager
    def creation(self, urn: str, declared: Properties, held: AbstractSet[str]) -> Iterator[list[str]]:
        """
        Watch a create, whose resulting id the caller puts into the list.

        An endpoint that an earlier create of the resource made, and that nobody has, is found; a second one is never
        made beside it, however the create ends.

        Args:
            held: Endpoints that the state has, also for resources that are declared no longer.
        """
        self.creating = urn
        body = body_of(Declared.of(declared))
        # Which of two endpoints is the older one is not left to the speed of the machine.
        self.organization.advance_clock(1)
        before = self.endpoints.keys()
        versions = {id_: endpoint.secret_version for id_, endpoint in self.endpoints.items()}
        left = {id_: made for id_, made in self.made.items() if made.urn == urn and id_ in before - held}
        to_be_found = {id_ for id_, made in left.items() if self._is_to_be_found(id_, made, body, held)}
        result: list[str] = []
        try:
            yield result
        except BaseException:
            self.rotated |= {id_ for id_ in before if self.endpoints[id_].secret_version > versions[id_]}
            raise
        finally:
            new = self.note_made(urn, before, body)
            assert len(new) <= (0 if to_be_found else 1)
        (id_,) = result
        assert id_ in to_be_found or not to_be_found
        for other in left.keys() - {id_}:
            left[other].is_lost = True

    def note_made(self, urn: str, before: AbstractSet[str], body: Properties) -> AbstractSet[str]:
        """Note, and give, what was made for the resource since."""
        new = self.endpoints.keys() - before
        now = self.organization.clock.now()
        for id_ in new:
            keys = self._keys.setdefault(urn, [])
            generation = next((one for one, until in enumerate(keys) if until <= now), len(keys))
            until = self.endpoints[id_].created_at + REPLAYED_FOR
            keys[generation : generation + 1] = [until]
            self.made[id_] = Made(urn, body, generation, until)
        return new

    def _is_to_be_found(self, id_: str, made: Made, body: Properties, held: AbstractSet[str]) -> bool:
        """
        Tell whether a create of this body can prove that an earlier one made this endpoint.

        It can if it has the body that made it: its own, or the one that the endpoint still shows. A resource that was
        deleted and created again within a day has several keys, and they are used one after the other: when the first
        one may be used anew, nothing leads to the others any more.
        """
        now = self.organization.clock.now()
        if min(made.until, *self._keys[made.urn][: made.generation + 1]) <= now:
            return False
        few = len(self.endpoints.keys() - held) <= TRIED_AT_MOST
        return is_same(made.body, body) or (
            few and is_same(body_of(Declared.of(_fields(self.endpoints[id_]))), made.body)
        )


@dataclass
class Resource:
    """
    A resource as the state has it.

    Attributes:
        is_partial: Whether a call on it was carried out in part, so that the next run updates it.
    """

    id: str
    inputs: Properties
    outputs: Outputs
    is_partial: bool = False


State = dict[str, Resource]
"""What the state has, by URN."""


class Run:
    """
    One run: a process that knows nothing of those before it, and the calls of its provider.

    Args:
        state: Takes what was done of a call that fails, where the host tells.
    """

    def __init__(
        self, host: Host, transport: MortalTransport, witness: Witness, state: State, moments: int | None
    ) -> None:
        self._host = host
        self._state = state
        self._transport = transport
        transport.life = self._life = Life(moments)
        self._client = SignaClient(transport, RetryPolicy(), pause=lambda _seconds, _reason: None)
        self._witness = witness
        self._run: dict[str, Any] = {
            "roster": Roster(settle_s=0),
            "now": witness.organization.clock.now(),
            "warn": lambda _message: None,
        }

    def check(self, urn: str, declared: Properties, *, is_new: bool) -> None:
        """Check a resource that is declared."""
        assert self._host.check({**declared, URN: urn}, is_new=is_new, **self._run).problems == []

    def compare(self, urn: str, old: Resource, declared: Properties) -> bool:
        """Compare a resource of the state with a declaration, and return whether it is to be updated."""
        is_changed = self._host.diff(old.id, old.outputs, {**declared, URN: urn}, **self._run)
        is_needed: bool = endpoints.plan(old.id, old.outputs, {**declared, URN: urn}, **self._run).is_needed
        assert is_changed == is_needed or old.outputs[URN] != urn
        return is_changed or old.is_partial

    def create(self, urn: str, declared: Properties, held: AbstractSet[str]) -> Resource:
        """Create."""
        with self._witness.creation(urn, declared, held) as result:
            records = self._recorder(urn, declared)
            id_, outputs = self._host.create(self._client, {**declared, URN: urn}, records=records, **self._run)
            result.append(id_)
            resource = Resource(id_, declared, outputs)
            self._assert_true(resource, SENT)
            self._life.pass_moment()
        return resource

    def read(self, old: Resource) -> Resource | None:
        """Read; None where it is gone."""
        found = self._host.read(self._client, old.id, old.outputs, **self._run)
        if found is not None:
            new = Resource(old.id, old.inputs if found.inputs is None else found.inputs, found.outputs)
            self._assert_true(new, SENT)
        self._life.pass_moment()
        return None if found is None else new

    def update(self, urn: str, old: Resource, declared: Properties) -> Resource:
        """Update."""
        fields = endpoints.plan(old.id, old.outputs, {**declared, URN: urn}, **self._run).fields
        records, sent = self._recorder(urn, declared), len(self._transport.seen)
        outputs = self._host.update(
            self._client, old.id, old.outputs, {**declared, URN: urn}, records=records, **self._run
        )
        new = Resource(old.id, declared, outputs)
        if len(self._transport.seen) > sent:
            self._assert_true(new, fields)
        self._life.pass_moment()
        return new

    def delete(self, urn: str, old: Resource) -> None:
        """Delete."""
        self._host.delete(self._client, old.id, {**old.outputs, URN: urn}, **self._run)
        self._life.pass_moment()

    def _recorder(self, urn: str, declared: Properties) -> Recorder:
        def record(id_: str, outputs: Outputs) -> None:
            self._life.pass_moment()
            self._state[urn] = Resource(id_, declared, outputs, is_partial=True)

        return record

    def _assert_true(self, resource: Resource, fields: Iterable[str]) -> None:
        endpoint = self._witness.endpoints[resource.id]
        for name in fields:
            assert is_same(resource.outputs[name], getattr(endpoint, name))
        held = resource.outputs["secret_version"]
        assert resource.outputs["secret_status"] == ("current" if held == endpoint.secret_version else "stale")
        assert resource.outputs["consecutive_failures"] == endpoint.consecutive_failures


class Stack:
    """
    What the engine does with a state and a program.

    Attributes:
        resources: The state, by URN.
    """

    def __init__(self) -> None:
        self.resources: State = {}

    @property
    def held(self) -> AbstractSet[str]:
        """Return the endpoints that the state has."""
        return {resource.id for resource in self.resources.values()}

    def up(self, run: Run, program: "Program", replaced: AbstractSet[str]) -> None:
        """Compare what the state has, create what it has not, and delete what is no longer declared at the end."""
        changed = set()
        for urn, declaration in program.items():
            former = self.former_urn(urn, declaration)
            is_compared = former is not None and urn not in replaced
            run.check(urn, declaration.inputs, is_new=not is_compared)
            if is_compared:
                self.resources[urn] = self.resources.pop(former)
                if run.compare(urn, self.resources[urn], declaration.inputs):
                    changed.add(urn)
        for urn, declaration in program.items():
            if urn in replaced and urn in self.resources:
                run.delete(urn, self.resources[urn])
                del self.resources[urn]
            if urn in changed:
                self.resources[urn] = run.update(urn, self.resources[urn], declaration.inputs)
            elif urn not in self.resources:
                self.resources[urn] = run.create(urn, declaration.inputs, self.held)
        self._delete(run, self.resources.keys() - program.keys())

    def refresh(self, run: Run) -> None:
        """Read all, and forget what is gone."""
        for urn, resource in list(self.resources.items()):
            found = run.read(resource)
            if found is None:
                del self.resources[urn]
            else:
                self.resources[urn] = found
                run.compare(urn, found, resource.inputs)

    def destroy(self, run: Run) -> None:
        """Delete all."""
        self._delete(run, self.resources.keys())

    def former_urn(self, urn: str, declaration: "Declaration") -> str | None:
        """Return the URN under which the state has what is declared; the alias counts where its own is not there."""
        return next((one for one in (urn, declaration.alias) if one in self.resources), None)

    def _delete(self, run: Run, urns: AbstractSet[str]) -> None:
        for urn in sorted(urns):
            run.delete(urn, self.resources[urn])
            del self.resources[urn]


@dataclass
class Declaration:
    """
    A resource as the program declares it.

    Attributes:
        alias: The URN that it had before it was renamed, until a run has carried that out.
    """

    inputs: Properties
    alias: str | None = None


Program = dict[str, Declaration]


class Lives(RuleBasedStateMachine):
    """Edits of the program, runs of the stack, and what others do at Signa."""

    def __init__(self, emulator: EmulatorServer, host: Host) -> None:
        super().__init__()
        self.host = host
        self.organization = emulator.organization
        self.organization.reset()
        self.transport = MortalTransport(emulator.base_url)
        self.witness = Witness(self.organization)
        self.stack = Stack()
        self.program: Program = {}
        self.former_programs: list[Program] = []
        self.unseen: set[tuple[str, str]] = set()
        self.late: Callable[[], None] | None = None

    @initialize(
        replay_includes_secret=st.sampled_from([True, True, False]),
        metadata_merge=st.sampled_from(["merge", "replace"]),
        redaction=st.sampled_from(["omit", "masked"]),
    )
    def choose_signa(self, **switches: Any) -> None:
        """Choose what Signa's documentation leaves open, and begin with a resource."""
        self.organization.change_settings(rate_limit=None, **switches)
        self.program[f"{SHARED_URN}alerts"] = Declaration(FIRST)

    # The program

    @rule(urn=_URNS, inputs=_DECLARED)
    def declare(self, urn: str, inputs: Properties) -> None:
        """Declare a resource, or everything about it anew."""
        self._commit()
        if urn in self.program:
            self.program[urn].inputs = {**inputs, **_EVENTS}
        elif not self._is_given_up(urn):
            self.program[urn] = Declaration({**inputs, **_EVENTS})

    @precondition(lambda self: len(self.program) > 1)
    @rule(which=_WHICH)
    def withdraw(self, which: int) -> None:
        """Declare a resource no longer."""
        self._commit()
        del self.program[self._any_declared(which)]

    @precondition(lambda self: self.program)
    @rule(which=_WHICH, urn=_URNS, has_alias=st.sampled_from([True, True, False]))
    def rename(self, which: int, urn: str, *, has_alias: bool) -> None:
        """Return a resource another name."""
        if urn in self.program or urn in self.stack.resources or self._is_given_up(urn):
            return
        self._commit()
        old = self._any_declared(which)
        declared = self.program.pop(old)
        self.program[urn] = Declaration(declared.inputs, (declared.alias or old) if has_alias else None)

    @precondition(lambda self: self.former_programs)
    @rule(which=_WHICH)
    def revert(self, which: int) -> None:
        """Go back to one of the programs before, aliases and all."""
        self.program = self.former_programs[-1 - which % len(self.former_programs)]
        self.former_programs.clear()

    def _edit(self, which: int, edit: Properties) -> None:
        if self.program and edit:
            self._commit()
            declared = self.program[self._any_declared(which)]
            declared.inputs = {**declared.inputs, **edit}

    def _commit(self) -> None:
        self.former_programs.append({urn: replace(declared) for urn, declared in self.program.items()})

    def _any_declared(self, which: int) -> str:
        return list(self.program)[which % len(self.program)]

    def _is_given_up(self, urn: str) -> bool:
        """Return whether a renamed resource has this name until the next run: the engine refuses to give it anew."""
        return urn in {declared.alias for declared in self.program.values()}

    # Runs

    @rule(which=_WHICH, edit=_EDITS)
    def up(self, which: int, edit: Properties) -> None:
        """Run `pulumi up` to its end, one field edited."""
        self._edit(which, edit)
        self._run_up(None)

    @rule(which=_WHICH, deaths=st.lists(st.tuples(_EDITS, _MOMENTS), min_size=1, max_size=3), refreshes=st.booleans())
    def die_in_up(self, which: int, deaths: list[tuple[Properties, int]], *, refreshes: bool) -> None:
        """Run `pulumi up` and die in it, again and again, one field edited each time."""
        for edit, moments in deaths:
            self._edit(which, edit)
            self._run_up(moments, refreshes=refreshes)

    @rule(fault=_FAULTS)
    def up_with_lost_answers(self, fault: dict[str, Any]) -> None:
        """Run `pulumi up` while the network fails."""
        self.organization.faults.add(**fault)
        self._run_up(None, may_fail=fault["times"] == ENDLESS)
        self.organization.faults.clear()

    @rule(urn=_URNS, inputs=_DECLARED, skip=st.integers(0, 1))
    def up_without_updates(self, urn: str, inputs: Properties, skip: int) -> None:
        """Run `pulumi up` while Signa changes nothing, so that a resource which is new is made in part."""
        self.declare(urn, {**inputs, "status": "disabled"})
        self.up_with_lost_answers({"operation": "update", "kind": "drop_before", "times": ENDLESS, "skip": skip})

    @precondition(lambda self: self.program)
    @rule(which=_WHICH, moments=_MOMENTS | st.none())
    def replace(self, which: int, moments: int | None) -> None:
        """Run `pulumi up --replace`, which deletes first."""
        self._run_up(moments, replaced={self._any_declared(which)} & self.stack.resources.keys())

    @precondition(lambda self: self.stack.resources)
    @rule(moments=_MOMENTS | st.none())
    def refresh(self, moments: int | None) -> None:
        """Run `pulumi refresh`."""
        if self._run(moments, self.stack.refresh):
            assert not self._differences()

    @precondition(lambda self: self.stack.resources)
    @rule(moments=_MOMENTS | st.none())
    def destroy(self, moments: int | None) -> None:
        """Run `pulumi destroy`."""
        if self._run(moments, self.stack.destroy):
            assert not self.stack.resources

    # Others, and time

    @rule(hours=st.sampled_from([13, 25]))
    def wait(self, hours: int) -> None:
        """Let time pass: more or less than a create is replayed, or the secret before is valid."""
        self.organization.advance_clock(hours * 3600)
        self.late = None

    @precondition(lambda self: self.witness.endpoints)
    @rule(which=_WHICH, edit=_EDITS)
    def edit_elsewhere(self, which: int, edit: dict[str, Any]) -> None:
        """Edit an endpoint at Signa, whoever has it."""
        endpoint = self._any_endpoint(which)
        endpoint.change(edit, self.organization.settings, self.organization.clock.now())
        if endpoint.id in self.witness.foreign:
            self.witness.foreign[endpoint.id] = _fields(endpoint)
        self.unseen = self._differences()

    @precondition(lambda self: self.witness.endpoints)
    @rule(which=_WHICH, deletes=st.booleans())
    def rotate_or_delete_elsewhere(self, which: int, *, deletes: bool) -> None:
        """Rotate the secret of an endpoint at Signa, or delete it."""
        endpoint = self._any_endpoint(which)
        if deletes:
            self.organization.endpoints.delete(endpoint)
            self.witness.foreign.pop(endpoint.id, None)
            self.unseen = self._differences()
        else:
            endpoint.rotate(Rotation(force=True, reason=None), self.organization.clock.now())
            self.witness.rotated.add(endpoint.id)

    @precondition(lambda self: len(self.witness.foreign) < 2)
    @rule(inputs=_DECLARED)
    def create_elsewhere(self, inputs: dict[str, Any]) -> None:
        """Create an endpoint at Signa."""
        del inputs["status"]
        self.organization.advance_clock(1)
        endpoint = self.organization.endpoints.create(
            NewEndpoint(**inputs, **_EVENTS), self.organization.settings, self.organization.clock.now()
        )
        self.witness.foreign[endpoint.id] = _fields(endpoint)

    def _any_endpoint(self, which: int) -> Endpoint:
        endpoints = list(self.witness.endpoints.values())
        return endpoints[which % len(endpoints)]

    @precondition(lambda self: self.late)
    @rule()
    def carry_out_late(self) -> None:
        """Let Signa carry out the request that was on its way when a process died, perhaps runs ago."""
        self.late()
        self.late = None
        self.unseen = self._differences()

    # What must hold

    @invariant()
    def nothing_is_lost(self) -> None:
        """
        However a run ended, each resource has an endpoint of its own, and endpoints of others are left alone.

        A secret that is held is the one of its version, which only others can have made an old one.
        """
        endpoints = self.witness.endpoints
        assert {id_: _fields(endpoints[id_]) for id_ in self.witness.foreign} == self.witness.foreign
        declared = [self.stack.resources[urn].id for urn in self.program.keys() & self.stack.resources.keys()]
        assert len(set(declared)) == len(declared)
        assert not self.stack.held & self.witness.foreign.keys()
        for resource in self.stack.resources.values():
            held = resource.outputs["secret_version"]
            assert resource.outputs["secret"] == self.witness.issued[resource.id, held]
            endpoint = endpoints.get(resource.id)
            assert endpoint is None or held == endpoint.secret_version or resource.id in self.witness.rotated

    def _run_up(
        self,
        moments: int | None,
        *,
        refreshes: bool = False,
        replaced: AbstractSet[str] = frozenset(),
        may_fail: bool = False,
    ) -> None:
        def up(run: Run) -> None:
            if refreshes:
                self.stack.refresh(run)
            self.stack.up(run, self.program, replaced)

        kept = {
            urn: self.stack.resources[former].id
            for urn, declared in self.program.items()
            if (former := self.stack.former_urn(urn, declared)) is not None and urn not in replaced
        }
        gone = {id_ for id_, name in self.unseen if name == GONE}
        if not self._run(moments, up, may_fail=may_fail):
            return
        assert self.stack.resources.keys() == self.program.keys()
        for urn, declared in self.program.items():
            assert not endpoints.plan("", self.stack.resources[urn].outputs, {**declared.inputs, URN: urn}).is_needed
            assert self.stack.resources[urn].id == kept.get(urn) or urn not in kept or kept[urn] in gone
        assert not {
            id_
            for id_ in self.witness.endpoints.keys() - self.stack.held - self.witness.foreign.keys()
            if self.witness.made[id_].urn in self.program.keys() - kept.keys() and not self.witness.made[id_].is_lost
        }

    def _run(self, moments: int | None, work: Callable[[Run], None], *, may_fail: bool = False) -> bool:
        """Run, and tell whether it ended well; one that fails has a reason."""
        held = self.stack.held
        ended_well = False
        try:
            work(Run(self.host, self.transport, self.witness, self.stack.resources, moments))
            ended_well = True
        except Killed:
            if self.transport.unsent is not None:
                self.late = partial(self._carry_out, self.transport.unsent, self.witness.creating)
        except (SignaError, LifecycleError) as failure:
            if not may_fail and not self._is_excused(failure):
                raise
        for urn in self.program.keys() & self.stack.resources.keys():
            self.program[urn].alias = None
        differences = self._differences()
        if ended_well:
            assert differences <= self.unseen
        self.unseen = differences
        assert not (held - self.stack.held) & self.witness.endpoints.keys()
        return ended_well

    def _carry_out(self, send: Callable[[], Answer], urn: str) -> None:
        before = self.witness.endpoints.keys()
        send()
        self.witness.note_made(urn, before, self.transport.seen[-1].json)

    def _is_excused(self, failure: Exception) -> bool:
        """Return whether somebody deleted what was to be updated, or no secret is to be had from Signa."""
        ids = [id_ for id_ in self.witness.made if str(failure).startswith(id_)]
        endpoint = self.witness.endpoints.get(ids[0]) if ids else None
        if endpoint is None:
            return bool(ids) and (ids[0], GONE) in self.unseen
        return endpoint.live_previous_secret(self.organization.clock.now()) is not None

    def _differences(self) -> set[tuple[str, str]]:
        """Return where the state is not what is at Signa: the endpoint, and the field or that it is gone."""
        endpoints = self.witness.endpoints
        return {
            (resource.id, name)
            for resource in self.stack.resources.values()
            for name in (GONE, *SENT)
            if (name == GONE) == (resource.id not in endpoints)
            and (name == GONE or not is_same(resource.outputs[name], _fields(endpoints[resource.id])[name]))
        }


def _fields(endpoint: Endpoint) -> dict[str, Any]:
    return {name: getattr(endpoint, name) for name in SENT}


# The deep profile takes minutes.
@pytest.mark.timeout(1800)
def test_any_life_ends_right(emulator: EmulatorServer, host: Host, examples_for: Callable[[int], int]) -> None:
    run_state_machine_as_test(
        partial(Lives, emulator, host), settings=settings(max_examples=examples_for(1), stateful_step_count=30)
    )
