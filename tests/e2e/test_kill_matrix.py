"""
Runs that die at every point of every write, and what the next run makes of it.

A server holds the request in question, so that each point is hit and none is waited for. A run that has its answer and
has not written its state is one whose engine is stopped while the request is held: the plugin takes the answer and
hands it on, and there it lies, unread in the engine's socket, until the engine is killed.

A run dies in several operations at once, each on an endpoint of its own that has the operation's name. The dynamic host
has four threads, so that four requests can be held. A delete comes when all else is done, so it is alone.
"""

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from e2e.audit import Audit
from e2e.gate import PATIENCE_S, Hold
from e2e.harness import MakeProject, Project, Tally, side_by_side, storing

pytestmark = pytest.mark.e2e

MATRIX, SURVIVORS, EDITED_AFTERWARDS = "kill matrix", "survivors of a kill", "edits after a kill"

WITH_ITS_SECRET, WITH_A_ROTATION = "with its secret", "with a rotation"


class Operation(NamedTuple):
    """
    What a run that dies does to an endpoint.

    Attributes:
        request: The request that it dies in, as `Project.hold` has it.
        before: Inputs of the endpoint that is up before; None where there is none.
        declared: Inputs that the run declares; None where it deletes the endpoint.
        adopts: How the run takes over an endpoint that somebody else has made; empty where it takes over none.
        skip: How many such requests come before.
    """

    request: str
    before: dict[str, Any] | None = None
    declared: dict[str, Any] | None = None
    adopts: str = ""
    skip: int = 0

    @property
    def rotates(self) -> bool:
        """Whether another secret is issued."""
        return self.adopts == WITH_A_ROTATION or self.declared == TRIGGERED_AGAIN

    @property
    def rewrites(self) -> bool:
        """Whether what Secrets Manager has becomes the value before."""
        return self.before is not None and self.declared not in (None, self.before)


Operations = Mapping[str, Operation]
"""By the name of the endpoint."""

FIRST, SECOND = {"description": "first"}, {"description": "second"}
TRIGGERED, TRIGGERED_AGAIN = {"rotate_trigger": "1"}, {"rotate_trigger": "2"}

OPERATIONS: dict[str, Operations] = {
    "calls to Signa": {
        "created": Operation("POST", declared=FIRST),
        "updated": Operation("PATCH", FIRST, SECOND),
        "rotated": Operation("ROTATE", TRIGGERED, TRIGGERED_AGAIN),
        "read-of-an-adoption": Operation("GET", declared=FIRST, adopts=WITH_A_ROTATION),
    },
    "adoptions and writes to Secrets Manager": {
        "update-of-an-adoption": Operation("PATCH", declared=FIRST, adopts=WITH_A_ROTATION),
        "rotation-of-an-adoption": Operation("ROTATE", declared=FIRST, adopts=WITH_A_ROTATION),
        "secret-created": Operation("CreateSecret", declared=FIRST),
        "secret-put": Operation("PutSecretValue", FIRST, SECOND),
    },
    "a delete": {"deleted": Operation("DELETE", before={}), "left": Operation("", FIRST, FIRST)},
}
"""Of endpoints whose secret is in the state, and in Secrets Manager."""

STORED_OPERATIONS: dict[str, Operations] = {
    "calls to Signa": {
        "created": Operation("POST", declared=FIRST),
        "rotated": Operation("ROTATE", TRIGGERED, TRIGGERED_AGAIN),
        "adopted": Operation("ROTATE", declared={}, adopts=WITH_A_ROTATION),
    },
    "writes to Secrets Manager": {
        "created": Operation("PutSecretValue", declared=FIRST),
        # The first put of a rotation is the look at the destination, which AWS refuses.
        "rotated": Operation("PutSecretValue", TRIGGERED, TRIGGERED_AGAIN, skip=1),
        "adopted": Operation("PutSecretValue", declared={}, adopts=WITH_A_ROTATION),
        "known": Operation("PutSecretValue", declared={}, adopts=WITH_ITS_SECRET),
    },
}
"""Of endpoints whose secret has a destination."""

SENT_TWICE: Operations = {
    "created": Operation("POST", declared=FIRST),
    "secret-stored": Operation("CreateSecret", declared=FIRST),
    "rotated": Operation("ROTATE", TRIGGERED, TRIGGERED_AGAIN),
    "adopted": Operation("ROTATE", declared={}, adopts=WITH_A_ROTATION),
}
"""What would make a second thing, if it were not known by its key."""

BEFORE_COMMIT, BEFORE_ANSWER, BEFORE_STATE = "before the commit", "before the answer", "before the state is written"
BOTH, ENGINE_ALONE = "engine and plugin", "engine alone"

EDITS: dict[str, dict[str, Any]] = {
    "description": {"description": "second"},
    "url": {"description": "first", "url": "https://example.com/elsewhere"},
    "everything": {"url": "https://example.com/anywhere", "metadata": {"team": "brand"}, "status": "disabled"},
}
"""By the name of the endpoint."""

_LOOK_AGAIN_S = 0.1

_LISTENING = "0A"
"""State of a socket in /proc/net/tcp."""

_PING_BYTES = 17
"""Length of an HTTP/2 PING (RFC 9113, 6.7), which gRPC may send by itself; every answer is longer."""


@pytest.mark.parametrize("victims", [BOTH, ENGINE_ALONE])
@pytest.mark.parametrize("point", [BEFORE_COMMIT, BEFORE_ANSWER, BEFORE_STATE])
@pytest.mark.parametrize("together", OPERATIONS)
def test_death_loses_nothing(make_project: MakeProject, tally: Tally, together: str, point: str, victims: str) -> None:
    """Wherever a run dies, the next one ends with what is declared, once, and the one after has nothing to do."""
    operations = OPERATIONS[together]
    project, ids = _about_to(make_project, operations, side_by_side)
    former = project.aws.values()

    _die(project, _hold(project, operations, ids, after_commit=point != BEFORE_COMMIT), point, victims)
    run = project.up()

    assert run.succeeded, run.output
    _assert_as_declared(project, tally, MATRIX, operations)
    containers = project.aws.containers()
    for name in [f"signa/{name}" for name, operation in operations.items() if operation.rewrites]:
        assert containers[name].read("AWSPREVIOUS") == former[name]


@pytest.mark.parametrize("victims", [BOTH, ENGINE_ALONE])
@pytest.mark.parametrize("point", [BEFORE_COMMIT, BEFORE_ANSWER])
@pytest.mark.parametrize("together", STORED_OPERATIONS)
def test_death_between_signa_and_destination_loses_nothing(
    make_project: MakeProject, tally: Tally, together: str, point: str, victims: str
) -> None:
    """Wherever a run dies around its two writes, the next one ends with one endpoint, whose one secret is stored."""
    operations = STORED_OPERATIONS[together]
    project, ids = _about_to(make_project, operations, storing)
    former = {endpoint["id"]: endpoint["secret"] for endpoint in project.endpoints()}

    _die(project, _hold(project, operations, ids, after_commit=point != BEFORE_COMMIT), point, victims)
    verifies_meanwhile = all(project.verifies(secret, id_) for id_, secret in former.items())
    run = project.up()
    # What a program gives is in the state, encrypted, as long as the program gives it.
    project.write(storing(**{name: operation.declared or {} for name, operation in operations.items()}))
    with project.counted() as calls:
        again = project.up(expect_no_changes=True)

    audit = project.audit_stored()
    tally(MATRIX, audit, cells=len(operations))
    assert run.succeeded, run.output
    assert verifies_meanwhile
    assert audit == Audit()
    endpoints = _by_name(project)
    for name, container in project.aws.containers().items():
        endpoint = endpoints[name.removeprefix("signa/")]
        operation = operations[name.removeprefix("signa/")]
        before = set() if operation.before is None else {former[endpoint["id"]]}
        assert {*container.values.values()} == {endpoint["secret"], *before}
        assert all(project.verifies(value, endpoint["id"]) for value in container.received())
        assert endpoint["secret_version"] == (2 if operation.rotates else 1)
    assert again.succeeded, again.output
    assert (calls.signa, calls.aws) == ({}, [])


@pytest.mark.parametrize("earlier", ["survivor", "next run"])
def test_requests_of_a_survivor_meet_those_of_the_next_run(
    make_project: MakeProject, tally: Tally, earlier: str
) -> None:
    """A request that is in flight when the next run sends its own makes no second thing, whichever comes first."""
    project, ids = _about_to(make_project, SENT_TWICE, side_by_side)
    late = _hold(project, SENT_TWICE, ids, after_commit=False)
    with _run_until(project, *[hold.reached for hold in late]) as engine:
        engine.kill()
    project.unlock()
    own = _hold(project, SENT_TWICE, ids, after_commit=earlier == "next run")

    with project.begin_up() as engine:
        reached = [hold.reached.wait(PATIENCE_S) for hold in own]
        for hold in (*late, *own):
            hold.let_go()
        printed, _ = engine.communicate()

    assert all(reached)
    assert engine.returncode == 0, printed
    _assert_as_declared(project, tally, SURVIVORS, SENT_TWICE)


def test_next_run_waits_for_a_create_that_is_still_carried_out(
    make_project: MakeProject, tally: Tally, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signa refuses a create while another one with the same key is in flight, and the run asks again."""
    create = {"created": Operation("POST", declared=FIRST)}
    project, _ = _about_to(make_project, create, side_by_side)
    organization = project.signa.organization
    reached, released = threading.Event(), threading.Event()

    def pause(seconds: float) -> None:
        if seconds:
            reached.set()
            released.wait(PATIENCE_S)

    monkeypatch.setattr(organization, "pause", pause)
    project.fault(operation="create", kind="delay", seconds=1)
    with _run_until(project, reached) as engine:
        engine.kill()
    project.unlock()

    with project.begin_up() as engine:
        while not any(entry["status"] == 409 for entry in organization.requests.entries()):
            assert engine.poll() is None, engine.communicate()
        released.set()
        printed, _ = engine.communicate()

    assert engine.returncode == 0, printed
    _assert_as_declared(project, tally, SURVIVORS, create)


def test_edit_between_crash_and_next_run_makes_no_second_endpoint(make_project: MakeProject, tally: Tally) -> None:
    """The endpoint of a run that died is recognized although the declaration has changed since, whatever changed."""
    creates = {name: Operation("POST", declared=FIRST) for name in EDITS}
    project, ids = _about_to(make_project, creates, side_by_side)
    _die(project, _hold(project, creates, ids, after_commit=True), BEFORE_ANSWER, BOTH)
    project.write(side_by_side(**EDITS))

    run = project.up()

    assert run.succeeded, run.output
    _assert_as_declared(project, tally, EDITED_AFTERWARDS, creates)


def _about_to(
    make_project: MakeProject, operations: Operations, program: Callable[..., str]
) -> tuple[Project, dict[str, str]]:
    """Return a stack that is up, and whose program declares by now what operations are for; and the ids there are."""
    before = {name: operation.before for name, operation in operations.items() if operation.before is not None}
    project = make_project(program(**before))
    if program == storing:
        for name in operations:
            project.make_container(name)
    if before:
        project.cli("up", "--yes", "--skip-preview")
    declared = {}
    for name, operation in operations.items():
        adopt = {}
        if operation.adopts:
            outside = project.make_outside(url=f"https://example.com/{name}")
            how = {"secret": outside["secret"]} if operation.adopts == WITH_ITS_SECRET else {"rotate": True}
            adopt = {"adopt": {"id": outside["id"], **how}}
        if operation.declared is not None:
            declared[name] = {**operation.declared, **adopt}
    project.write(program(**declared))
    return project, {name: endpoint["id"] for name, endpoint in _by_name(project).items()}


def _by_name(project: Project) -> dict[str, dict[str, Any]]:
    """Return what Signa has, by the name of the endpoint, which its URL ends with."""
    return {endpoint["url"].rsplit("/", 1)[-1]: endpoint for endpoint in project.endpoints()}


def _hold(project: Project, operations: Operations, ids: Mapping[str, str], *, after_commit: bool) -> list[Hold]:
    """Hold the request of each operation: to Signa by the id or the URL of the endpoint, to AWS by the secret."""
    return [
        project.hold(
            operation.request,
            of=ids.get(name, f"example.com/{name}") if operation.request.isupper() else f"signa/{name}",
            after_commit=after_commit,
            skip=operation.skip,
        )
        for name, operation in operations.items()
        if operation.request
    ]


def _die(project: Project, holds: list[Hold], point: str, victims: str) -> None:
    """Run until requests are held, and let the engine, or the plugin with it, die there; the lock is taken off."""
    with _run_until(project, *[hold.reached for hold in holds]) as engine:
        plugin = project.plugin()
        if point == BEFORE_STATE:
            _stop(engine)
            for hold in holds:
                unread = _unread_bytes(plugin)
                hold.let_go()
                while _unread_bytes(plugin) <= unread + _PING_BYTES:
                    pass
        engine.kill()
        engine.wait()
        if victims == BOTH:
            os.kill(plugin, signal.SIGKILL)
        for hold in holds:
            if victims == BOTH:
                hold.drop()
            else:
                hold.let_go()
    project.unlock()


def _assert_as_declared(project: Project, tally: Tally, matrix: str, operations: Operations) -> None:
    """Check that state and servers agree, no secret was rotated unasked, nothing is left over, or left to do."""
    audit = project.audit()
    tally(matrix, audit, cells=sum(bool(operation.request) for operation in operations.values()))
    with project.counted() as calls:
        again = project.up(expect_no_changes=True)
    assert audit == Audit()
    assert sorted(endpoint["secret_version"] for endpoint in project.endpoints()) == sorted(
        2 if operation.rotates else 1 for operation in operations.values() if operation.declared is not None
    )
    assert again.succeeded, again.output
    assert (calls.signa, calls.aws) == ({}, [])


@contextmanager
def _run_until(project: Project, *reached: threading.Event) -> Iterator["subprocess.Popen[str]"]:
    """Start a run, and yield its engine once all points are reached; the engine ends with the block."""
    with project.begin_up() as engine:
        try:
            while not all(one.wait(_LOOK_AGAIN_S) for one in reached):
                assert engine.poll() is None, engine.communicate()
            yield engine
        finally:
            engine.kill()
            printed, _ = engine.communicate()
    project.check_canary(printed)


def _stop(engine: "subprocess.Popen[str]") -> None:
    """Stop a process, and return when it stands still."""
    engine.send_signal(signal.SIGSTOP)
    os.waitpid(engine.pid, os.WUNTRACED)


def _unread_bytes(plugin: int) -> int:
    """Return the number of bytes that a plugin has sent to its engine and that the engine has not read."""
    # Resolved, and not read as links: one may be closed meanwhile.
    files = {file.resolve().name for file in Path(f"/proc/{plugin}/fd").iterdir()}
    rows = [line.split() for table in ("tcp", "tcp6") for line in Path("/proc/net", table).read_text().splitlines()[1:]]
    (port,) = [row[1].split(":")[1] for row in rows if row[3] == _LISTENING and f"socket:[{row[9]}]" in files]
    return sum(int(row[4].split(":")[1], 16) for row in rows if row[2].endswith(f":{port}"))
