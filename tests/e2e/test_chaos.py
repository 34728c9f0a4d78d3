"""Two of the runs of `make chaos`, and what it would notice."""

import random
from pathlib import Path

import pytest

from e2e.chaos.life import Life, live
from e2e.chaos.report import INTERRUPT, KILL, Report
from e2e.chaos.servers import SearchedProject, SlowAws
from signa_emulator.server import EmulatorServer

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("seed", ["1", "2"], ids=["secrets in the state", "secrets in destinations"])
def test_runs_that_end_at_random_moments_leave_nothing_wrong(seed: str) -> None:
    report = live(seed, [KILL, INTERRUPT])

    assert report.is_clean, str(report)
    assert [ending for ending, _ in report.runs] == [KILL, INTERRUPT]
    assert report.searches > 50


def test_orphan_and_canary_are_noticed(tmp_path: Path, signa: EmulatorServer) -> None:
    report = Report()
    with SlowAws() as aws:
        aws.reset()
        project = SearchedProject(tmp_path / "stack", signa, aws, report)
        life = Life(project, aws, random.Random(1))  # noqa: S311 - no secret depends on chance
        assert report.is_clean, str(report)
        secret = project.make_outside()["secret"]

        life.audit()
        (project.folder / "log.txt").write_text(f"cut short: {secret[:24]}")
        project.search_files()

    assert (report.orphans, report.found) == (1, ["project/log.txt"])
    assert not report.is_clean
