"""
Runs that die at every point of every write, and what the next run makes of it.

A server holds the request in question, so that each point is hit and none is waited for. A run that has its answer and
has not written its state is one whose engine is stopped while the request is held: the plugin takes the answer and
hands it on, and there it lies, unread in the engine's socket, until the engine is killed.
"""

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from e2e.audit import Audit
from e2e.gate import PATIENCE_S, Hold
from e2e.harness import MakeProject, Project, Tally, declaring, storing

pytestmark = pytest.mark.e2e

MATRIX, SURVIVORS, EDITED_AFTERWARDS = "kill matrix", "survivors of a kill", "edits after a kill"

NOTHING = declaring()
ONE = declaring(alerts={"description": "first"})
EDITED = declaring(alerts={"description": "second"})
TWO = declaring(alerts={"description": "first"}, spare={})
TRIGGERED = declaring(alerts={"rotate_trigger": "1"})
ROTATED = declaring(alerts={"rotate_trigger": "2"})
OUTSIDE, SECRET_OF_OUTSIDE = "whk_of-somebody-else", "whsec_of-somebody-else"
ADOPTED = declaring(alerts={"description": "first", "adopt": {"id": OUTSIDE, "rotate": True}})
"""Takes over an endpoint that is there before; `OUTSIDE` and `SECRET_OF_OUTSIDE` stand for its id and its secret."""

ROTATING = (ROTATED, ADOPTED)

OPERATIONS = {
    "Signa create": (NOTHING, ONE, "POST"),
    "Signa update": (ONE, EDITED, "PATCH"),
    "Signa delete": (TWO, ONE, "DELETE"),
    "Signa rotate": (TRIGGERED, ROTATED, "POST"),
    "read of an adoption": (NOTHING, ADOPTED, "GET"),
    "update of an adoption": (NOTHING, ADOPTED, "PATCH"),
    "rotation of an adoption": (NOTHING, ADOPTED, "POST"),
    "Secrets Manager create": (NOTHING, ONE, "CreateSecret"),
    "Secrets Manager put": (ONE, EDITED, "PutSecretValue"),
}
"""What is up before, what the run that dies declares, and the request that it dies in."""

STORED = storing(alerts={"description": "first"})
STORED_TRIGGERED = storing(alerts={"rotate_trigger": "1"})
STORED_ROTATED = storing(alerts={"rotate_trigger": "2"})
STORED_ADOPTED = storing(alerts={"adopt": {"id": OUTSIDE, "rotate": True}})
STORED_WITH_SECRET = storing(alerts={"adopt": {"id": OUTSIDE, "secret": SECRET_OF_OUTSIDE}})

STORED_OPERATIONS: dict[str, tuple[str, str, str, int]] = {
    "create": (NOTHING, STORED, "POST", 0),
    "put of a create": (NOTHING, STORED, "PutSecretValue", 0),
    "rotate": (STORED_TRIGGERED, STORED_ROTATED, "POST", 0),
    # The first put of a rotation is the look at the destination, which AWS refuses.
    "put of a rotation": (STORED_TRIGGERED, STORED_ROTATED, "PutSecretValue", 1),
    "rotation of an adoption": (NOTHING, STORED_ADOPTED, "POST", 0),
    "put of a rotation of an adoption": (NOTHING, STORED_ADOPTED, "PutSecretValue", 0),
    "put of an adoption": (NOTHING, STORED_WITH_SECRET, "PutSecretValue", 0),
}
"""The same with a destination, for either write, and how many requests of the kind come before the write."""

SENT_TWICE = ("Signa create", "Secrets Manager create", "Signa rotate", "rotation of an adoption")
"""What would make a second thing, if it were not known by its key."""

BEFORE_COMMIT, BEFORE_ANSWER, BEFORE_STATE = "before the commit", "before the answer", "before the state is written"
BOTH, ENGINE_ALONE = "engine and plugin", "engine alone"

EDITS: dict[str, dict[str, Any]] = {
    "description": {"description": "second"},
    "url": {"description": "first", "url": "https://example.com/elsewhere"},
    "everything": {"url": "https://example.com/elsewhere", "metadata": {"team": "brand"}, "status": "disabled"},
}

_LOOK_AGAIN_S = 0.1

_LISTENING = "0A"
"""State of a socket in /proc/net/tcp."""

_PING_BYTES = 17
"""Length of an HTTP/2 PING (RFC 9113, 6.7), which gRPC may send by itself; every answer is longer."""


@pytest.mark.parametrize("victims", [BOTH, ENGINE_ALONE])
@pytest.mark.parametrize("point", [BEFORE_COMMIT, BEFORE_ANSWER, BEFORE_STATE])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_death_loses_nothing(make_project: MakeProject, tally: Tally, operation: str, point: str, victims: str) -> None:
    """Wherever a run dies, the next one ends with what is declared, once, and the one after has nothing to do."""
    _, declared, request = OPERATIONS[operation]
    project = _about_to(make_project, operation)
    former = project.aws.values()
    hold = project.hold(request, after_commit=point != BEFORE_COMMIT)

    _die(project, hold, point, victims)
    run = project.up()

    assert run.succeeded, run.output
    _assert_as_declared(project, tally, MATRIX, secret_version=2 if declared in ROTATING else 1)
    if declared in (EDITED, ROTATED):
        assert project.aws.values("AWSPREVIOUS") == former


@pytest.mark.parametrize("victims", [BOTH, ENGINE_ALONE])
@pytest.mark.parametrize("point", [BEFORE_COMMIT, BEFORE_ANSWER])
@pytest.mark.parametrize("operation", STORED_OPERATIONS)
def test_death_between_signa_and_destination_loses_nothing(
    make_project: MakeProject, tally: Tally, operation: str, point: str, victims: str
) -> None:
    """Wherever a run dies around its two writes, the next one ends with one endpoint, whose one secret is stored."""
    before, declared, request, skip = STORED_OPERATIONS[operation]
    project = make_project(before)
    project.make_container("alerts")
    if before != NOTHING:
        project.cli("up", "--yes", "--skip-preview")
    elif OUTSIDE in declared:
        project.make_outside()
    former = {endpoint["id"]: endpoint["secret"] for endpoint in project.endpoints()}
    for id_, secret in former.items():
        declared = declared.replace(OUTSIDE, id_).replace(SECRET_OF_OUTSIDE, secret)
    project.write(declared)

    _die(project, project.hold(request, after_commit=point != BEFORE_COMMIT, skip=skip), point, victims)
    verifies_meanwhile = all(project.verifies(secret, id_) for id_, secret in former.items())
    run = project.up()
    if SECRET_OF_OUTSIDE in STORED_OPERATIONS[operation][1]:
        # What a program gives is in the state, encrypted, as long as the program gives it.
        project.write(storing(alerts={}))
    with project.counted() as calls:
        again = project.up(expect_no_changes=True)

    audit = project.audit_stored()
    (container,) = project.aws.containers().values()
    endpoint = project.endpoint()
    tally(MATRIX, audit)
    assert run.succeeded, run.output
    assert verifies_meanwhile
    assert audit == Audit()
    assert {*container.values.values()} == {endpoint["secret"], *(former.values() if before != NOTHING else ())}
    assert all(project.verifies(value, endpoint["id"]) for value in container.received())
    assert endpoint["secret_version"] == (2 if "rotat" in operation else 1)
    assert again.succeeded, again.output
    assert (calls.signa, calls.aws) == ({}, [])


@pytest.mark.parametrize("earlier", ["survivor", "next run"])
@pytest.mark.parametrize("operation", SENT_TWICE)
def test_request_of_a_survivor_meets_that_of_the_next_run(
    make_project: MakeProject, tally: Tally, operation: str, earlier: str
) -> None:
    """A request that is in flight when the next run sends its own makes no second thing, whichever comes first."""
    _, declared, request = OPERATIONS[operation]
    project = _about_to(make_project, operation)
    late = project.hold(request, after_commit=False)
    with _run_until(project, late.reached) as engine:
        engine.kill()
    project.unlock()
    own = project.hold(request, after_commit=earlier == "next run")

    with project.begin_up() as engine:
        reached = own.reached.wait(PATIENCE_S)
        late.let_go()
        own.let_go()
        printed, _ = engine.communicate()

    assert reached
    assert engine.returncode == 0, printed
    _assert_as_declared(project, tally, SURVIVORS, secret_version=2 if declared in ROTATING else 1)


def test_next_run_waits_for_a_create_that_is_still_carried_out(
    make_project: MakeProject, tally: Tally, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signa refuses a create while another one with the same key is in flight, and the run asks again."""
    project = make_project(ONE)
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
    _assert_as_declared(project, tally, SURVIVORS)


@pytest.mark.parametrize("edited", EDITS)
def test_edit_between_crash_and_next_run_makes_no_second_endpoint(
    make_project: MakeProject, tally: Tally, edited: str
) -> None:
    """The endpoint of a run that died is recognized although the declaration has changed since."""
    project = make_project(ONE)
    hold = project.hold("POST", after_commit=True)
    with _run_until(project, hold.reached) as engine:
        plugin = project.plugin()
        engine.kill()
        os.kill(plugin, signal.SIGKILL)
        hold.drop()
    project.unlock()
    project.write(declaring(alerts=EDITS[edited]))

    run = project.up()

    assert run.succeeded, run.output
    _assert_as_declared(project, tally, EDITED_AFTERWARDS)


def _about_to(make_project: MakeProject, operation: str) -> Project:
    """Return a stack that is up, and whose program declares by now what an operation is for."""
    before, declared, _ = OPERATIONS[operation]
    project = make_project(before)
    if before != NOTHING:
        project.cli("up", "--yes", "--skip-preview")
    project.write(declared.replace(OUTSIDE, project.make_outside()["id"]) if declared == ADOPTED else declared)
    return project


def _die(project: Project, hold: Hold, point: str, victims: str) -> None:
    """Run until a request is held, and let the engine, or the plugin with it, die there; the lock is taken off."""
    with _run_until(project, hold.reached) as engine:
        plugin = project.plugin()
        if point == BEFORE_STATE:
            _stop(engine)
            unread = _unread_bytes(plugin)
            hold.let_go()
            while _unread_bytes(plugin) <= unread + _PING_BYTES:
                pass
        engine.kill()
        engine.wait()
        if victims == BOTH:
            os.kill(plugin, signal.SIGKILL)
            hold.drop()
        else:
            hold.let_go()
    project.unlock()


def _assert_as_declared(project: Project, tally: Tally, matrix: str, *, secret_version: int = 1) -> None:
    """Check that state and servers agree, no secret was rotated unasked, nothing is left over, or left to do."""
    audit = project.audit()
    tally(matrix, audit)
    with project.counted() as calls:
        again = project.up(expect_no_changes=True)
    assert audit == Audit()
    assert {endpoint["secret_version"] for endpoint in project.endpoints()} == {secret_version}
    assert again.succeeded, again.output
    assert (calls.signa, calls.aws) == ({}, [])


@contextmanager
def _run_until(project: Project, reached: threading.Event) -> Iterator["subprocess.Popen[str]"]:
    """Start a run, and yield its engine once a point is reached; the engine ends with the block."""
    with project.begin_up() as engine:
        try:
            while not reached.wait(_LOOK_AGAIN_S):
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
