"""Programs in YAML, TypeScript and Go that are wrong, or whose engine dies."""

import os
import re
import shutil
import sys
from collections.abc import Callable
from typing import TypeAlias

import pytest
from tools.schema.package import FILE

from e2e.harness import REPOSITORY, MakeProject, Project
from e2e.host import in_python
from languages import programs, sdks

# Where nobody ran `make test` before, what the programs need is fetched and built first.
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

EXAMPLES = REPOSITORY / "examples/native"
RUNTIMES = {"yaml": "yaml", "typescript": "nodejs", "go": "go"}

Play: TypeAlias = Callable[..., Project]

MISTAKES = {
    "name in YAML": (
        *("yaml", "rotationPeriodDays:", "rotationPeriod:"),
        r"Property rotationPeriod does not exist .*\s+on Pulumi\.yaml line \d+:",
    ),
    "type in YAML": (
        *("yaml", "rotationPeriodDays: 90", "rotationPeriodDays: [90]"),
        r"on Pulumi\.yaml line \d+:[\s\S]*rotationPeriodDays: Cannot assign 'List<number>' to 'integer'",
    ),
    "name in TypeScript": (
        *("typescript", "rotationPeriodDays:", "rotationPeriod:"),
        r"index\.ts\(\d+,\d+\): .*'rotationPeriod' does not exist",
    ),
}
"""An example, what stands in it, a mistake in its place, and what is said of it."""

_WAITING_GO = """\
package main

import "os"

func main() {
	os.OpenFile("alive", os.O_WRONLY, 0)
	select {}
}
"""

WAITING = {
    "typescript": {"index.ts": 'require("fs").openSync("alive", "w"); setInterval(() => {}, 1000);'},
    "go": {"main.go": _WAITING_GO},
}
"""Programs that open the pipe `alive`, and never end."""


@pytest.fixture
def play(make_project: MakeProject) -> Play:
    """Return what makes a stack of an example, ready to run, with files of it changed."""

    def make(name: str, **changed: str) -> Project:
        missing = sdks.missing(*programs.NEEDS[RUNTIMES[name]])
        if missing:
            pytest.skip(f"this machine has no {' and no '.join(missing)}")
        project = make_project("")
        for file in ("Pulumi.dev.yaml", "__main__.py"):
            (project.folder / file).unlink()
        shutil.copytree(EXAMPLES / name, project.folder, dirs_exist_ok=True)
        for file, text in changed.items():
            (project.folder / file).write_text(text)
        (project.folder / ".venv").symlink_to(sys.prefix)
        programs.prepare(project, FILE)
        project.cli("stack", "init", "dev")
        return project

    return make


@pytest.mark.parametrize(("name", "right", "wrong", "said"), MISTAKES.values(), ids=MISTAKES)
def test_mistake_is_refused_at_preview_with_its_line(play: Play, name: str, right: str, wrong: str, said: str) -> None:
    file = {"yaml": "Pulumi.yaml", "typescript": "index.ts"}[name]
    program = (EXAMPLES / name / file).read_text()
    assert program.count(right) == 1
    project = play(name, **{file: program.replace(right, wrong)})

    with project.counted() as calls:
        run = project.preview()

    assert not run.succeeded
    assert re.search(in_python(said), run.output), run.output
    assert (calls.signa, calls.aws) == ({}, [])


@pytest.mark.parametrize("name", ["typescript", "go"])
def test_program_ends_when_its_engine_was_killed(play: Play, name: str) -> None:
    project = play(name, **WAITING[name])
    os.mkfifo(project.folder / "alive")

    with project.begin("preview") as engine, (project.folder / "alive").open("rb") as alive:
        engine.kill()

        # The pipe ends when nobody has it open to write.
        assert alive.read() == b""
