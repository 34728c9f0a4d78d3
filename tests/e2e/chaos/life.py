"""A stack, and the runs in it that end early."""

import contextlib
import os
import random
import signal
import subprocess
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from e2e.chaos.report import INTERRUPT, Report
from e2e.chaos.servers import SearchedProject, SlowAws
from e2e.gate import PATIENCE_S
from e2e.harness import API_KEY, DAY_S, declaring, storing
from e2e.run import Run
from signa_emulator.server import EmulatorServer

EDITED_AFTERWARDS = "edited after"

_SLOWEST_S = 0.4
"""Seconds that a request waits at most before it is carried out, and again before it is answered."""

_SLOWED_S = 6 * _SLOWEST_S
"""Seconds by which these waits make a run longer, or nearly so."""

_MOST_ENDPOINTS = 3


@dataclass(frozen=True)
class Expected:
    """
    What an operation leads to, however often it is begun.

    Attributes:
        name: The resource that it concerns.
        rotated: Id of the endpoint that gets another secret, if any.
    """

    name: str
    rotated: str | None = None


class Life:
    """A stack, and the runs in it that end early."""

    def __init__(self, project: SearchedProject, aws: SlowAws, dice: random.Random) -> None:
        """
        Bring up a stack with one endpoint.

        Args:
            project: A stack in which nothing is up.
            aws: Its AWS.
            dice: Decides everything but the machine's pace.
        """
        self._report = project.report
        self._project = project
        self._aws = aws
        self._dice = dice
        self._stores = dice.choice([True, False])
        """Whether the secrets go to destinations, and into no state."""
        self._declared: dict[str, dict[str, Any]] = {}
        self._made = 0
        self.create()
        self._write()
        self._must_succeed(project.up())
        self._lasts_s = self._check_quiet()

    def play(self, endings: Sequence[str]) -> None:
        """End a run early for each ending, and audit it; then search all files, and destroy the stack."""
        operations: list[str] = []
        for ending in endings:
            operations = operations or self._dice.sample([*OPERATIONS], len(OPERATIONS))
            self._play_one(operations.pop(), ending)
            if not self._report.is_clean:
                # Each of the runs that follow would count the same again.
                return
        self._project.search({"the history": self._project.cli("stack", "history", "--json")})
        self._project.search({"the exported state": self._project.cli("stack", "export")})
        self._project.search_files()
        self._must_succeed(self._project.destroy())
        self._declared.clear()
        self.audit()

    def create(self) -> Expected:
        """Declare one more endpoint, in the place of the oldest where there are many."""
        self._make_room()
        return Expected(self._declare())

    def adopt(self) -> Expected:
        """Declare an endpoint that was made past Pulumi, with a rotation."""
        self._make_room()
        made = self._project.make_outside()
        return Expected(self._declare(adopt={"id": made["id"], "rotate": True}), rotated=made["id"])

    def update(self) -> Expected:
        """Change one field of an endpoint."""
        name = self._dice.choice([*self._declared])
        self._edit(name)
        return Expected(name)

    def rotate(self) -> Expected:
        """Ask for another secret, a day after the last one."""
        self._project.advance(DAY_S + 60)
        name = self._dice.choice([*self._declared])
        self._declared[name]["rotate_trigger"] = self._unique()
        (id_,) = [one["id"] for one in self._project.endpoints() if one["metadata"]["name"] == name]
        return Expected(name, rotated=id_)

    def remove(self) -> Expected:
        """Declare one endpoint less, or another one in the place of the only one."""
        del self._declared[next(iter(self._declared))]
        return Expected(next(iter(self._declared), None) or self._declare())

    def destroy(self) -> Expected:
        """Declare what is declared."""
        return Expected(next(iter(self._declared)))

    def audit(self) -> None:
        """Compare state, Signa and Secrets Manager, and look for processes that are left."""
        audit = self._project.audit_stored() if self._stores else self._project.audit()
        self._report.orphans += len(audit.orphans)
        self._report.lost += len(audit.lost_secrets)
        self._report.unverifiable += len(audit.unverifiable)
        if audit.differences:
            self._blame(f"state and servers differ: {audit.differences}")
        if (number := len(self._project.endpoints())) != len(self._declared):
            self._blame(f"{number} endpoints for {len(self._declared)} resources")
        if left := self._project.processes():
            self._blame(f"{len(left)} processes are left")

    def _play_one(self, operation: str, ending: str) -> None:
        for inputs in self._declared.values():
            inputs.pop("adopt", None)  # it counts once
        expected = OPERATIONS[operation](self)
        before = {endpoint["id"]: endpoint["secret_version"] for endpoint in self._project.endpoints()}
        self._write()

        self._report.runs[ending, operation] += 1
        self._report.hits[ending, operation] += self._end_early("destroy" if operation == "destroy" else "up", ending)

        if operation.endswith(EDITED_AFTERWARDS):
            self._edit(expected.name)
            self._write()
        if operation == "destroy" and self._dice.choice([True, False]):
            self._must_succeed(self._project.destroy())
        self._must_succeed(self._project.up())
        self._must_succeed(self._project.refresh())
        if operation == "destroy":
            # What an interrupted destroy has deleted is missed by the refresh alone, and made again.
            self._must_succeed(self._project.up())
        self._lasts_s = self._check_quiet()
        self.audit()
        after = {endpoint["id"]: endpoint["secret_version"] for endpoint in self._project.endpoints()}
        wanted = {id_: before.get(id_, 1) + (id_ == expected.rotated) for id_ in after}
        if after != wanted:
            self._blame(f"the versions of the secrets are {after}, and should be {wanted}")

    def _end_early(self, command: str, ending: str) -> bool:
        """Start a command, end it at a random moment, and return whether it was still running."""
        self._slow_down()
        with self._project.begin(command, "--yes", "--skip-preview") as engine:
            try:
                printed, _ = engine.communicate(timeout=self._dice.uniform(0, self._lasts_s + _SLOWED_S))
                is_running = False
            except subprocess.TimeoutExpired:
                is_running = True
                if ending == INTERRUPT:
                    os.killpg(engine.pid, signal.SIGINT)
                else:
                    others = self._dice.choice([[], self._project.processes()])
                    for process in {engine.pid, *others}:
                        with contextlib.suppress(ProcessLookupError):
                            os.kill(process, signal.SIGKILL)
                printed, _ = engine.communicate(timeout=PATIENCE_S)
        self._hurry()
        self._project.check_canary(printed)
        if engine.returncode < 0:
            self._project.cli("cancel", "--yes")
        return is_running

    def _slow_down(self) -> None:
        self._aws.latency_s, before_s, after_s = (self._dice.uniform(0, _SLOWEST_S) for _ in range(3))
        organization = self._project.signa.organization
        organization.change_settings(latency_ms=1000 * before_s)
        organization.faults.add(kind="delay", seconds=after_s, after_commit=True, times=None)

    def _hurry(self) -> None:
        self._aws.latency_s = 0
        self._project.signa.organization.change_settings(latency_ms=0)
        self._project.signa.organization.faults.clear()

    def _check_quiet(self) -> float:
        """Check that a run changes nothing and makes no call, and return how long it takes on this machine now."""
        begun_at = time.monotonic()
        with self._project.counted() as calls:
            self._must_succeed(self._project.up(expect_no_changes=True))
        lasts_s = time.monotonic() - begun_at
        if calls.signa or calls.aws:
            self._blame(f"a run that changes nothing makes calls: {calls}")
        return lasts_s

    def _declare(self, **inputs: Any) -> str:
        name = f"endpoint{self._unique()}"
        self._declared[name] = {"metadata": {"name": name}, **inputs}
        if self._stores:
            self._project.make_container(name)
        return name

    def _make_room(self) -> None:
        if len(self._declared) == _MOST_ENDPOINTS:
            del self._declared[next(iter(self._declared))]

    def _edit(self, name: str) -> None:
        inputs, new = self._declared[name], self._unique()
        edits = {
            "description": f"edit {new}",
            "url": f"https://example.com/{new}",
            "metadata": {"name": name, "edit": new},
            "status": "active" if inputs.get("status") == "disabled" else "disabled",
        }
        field_name = self._dice.choice([*edits])
        inputs[field_name] = edits[field_name]

    def _unique(self) -> str:
        self._made += 1
        return str(self._made)

    def _write(self) -> None:
        self._project.write((storing if self._stores else declaring)(**self._declared))

    def _must_succeed(self, run: Run) -> None:
        if not run.succeeded:
            self._blame(f"a run failed:\n{run.output}")

    def _blame(self, fault: str) -> None:
        self._report.faults.append(fault)


OPERATIONS: dict[str, Callable[[Life], Expected]] = {
    "create": Life.create,
    "update": Life.update,
    "rotate": Life.rotate,
    "adopt": Life.adopt,
    "remove": Life.remove,
    "destroy": Life.destroy,
    f"create, {EDITED_AFTERWARDS}": Life.create,
    f"update, {EDITED_AFTERWARDS}": Life.update,
}
"""What a run that ends early is for."""


def live(seed: str, endings: Sequence[str]) -> Report:
    """Return what comes of one life, on servers of its own."""
    dice = random.Random(seed)  # noqa: S311 - no secret depends on chance
    report = Report()
    with (
        tempfile.TemporaryDirectory(prefix="pulumi-signa-chaos-") as folder,
        SlowAws() as aws,
        EmulatorServer(api_keys=[API_KEY]) as signa,
    ):
        aws.reset()
        signa.organization.change_settings(rate_limit=None)
        project = SearchedProject(Path(folder) / "stack", signa, aws, report)
        try:
            if dice.choice([True, False]):
                del project.environment["SIGNA_API_KEY"]
                project.cli("config", "set", "--secret", "signa:apiKey", API_KEY)
            Life(project, aws, dice).play(endings)
        except (AssertionError, subprocess.TimeoutExpired):
            report.faults.append(traceback.format_exc())
        finally:
            for process in project.processes():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
        if not report.is_clean:
            report.faults.append(f"the life of seed {seed} ended with {report.runs.total()} of {len(endings)} runs")
    return report
