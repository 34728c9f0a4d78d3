"""When `.venv` is made, brought up to date, or left alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools.environment import make_environment
from tools.progress import StepError

from tools import environment


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give a checkout as far as the environment depends on it."""
    (tmp_path / "tools").mkdir()
    for name in environment.INPUTS:
        (tmp_path / name).write_text(f"first {name}")
    return tmp_path


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch, root: Path) -> list[str]:
    """List the steps that are run, and do nothing in them but make the Python of the environment."""
    steps: list[str] = []

    def run(command: list[str], *, doing: str, cwd: Path, lock: int) -> None:
        steps.append(doing)
        python = root / ".venv" / "bin" / "python"
        python.parent.mkdir(parents=True, exist_ok=True)
        python.touch()

    monkeypatch.setattr(environment, "run", run)
    return steps


MAKE = ["making .venv"]
INSTALL = ["updating pip", "installing Python packages"]


def test_environment_is_made_and_filled(root: Path, steps: list[str]) -> None:
    """Pip comes first, for what follows needs a new one."""
    assert make_environment(root) == root / ".venv" / "bin" / "python"
    assert steps == MAKE + INSTALL


def test_finished_environment_is_left_alone(root: Path, steps: list[str]) -> None:
    """A second call runs nothing."""
    make_environment(root)
    steps.clear()

    make_environment(root)

    assert steps == []


@pytest.mark.parametrize("name", environment.INPUTS)
def test_changed_requirements_are_installed_over_what_is_there(root: Path, steps: list[str], name: str) -> None:
    """Making it anew would cost half a minute for each change."""
    make_environment(root)
    steps.clear()
    (root / name).write_text("second")

    make_environment(root)

    assert steps == INSTALL


def test_interrupted_environment_is_made_anew(monkeypatch: pytest.MonkeyPatch, root: Path, steps: list[str]) -> None:
    """Pip may have been killed between two files of a package."""
    make_environment(root)
    (root / "constraints.txt").write_text("second")
    recorded = environment.run

    def interrupted(command: list[str], *, doing: str, cwd: Path, lock: int) -> None:
        recorded(command, doing=doing, cwd=cwd, lock=lock)
        if doing == INSTALL[-1]:
            raise KeyboardInterrupt

    monkeypatch.setattr(environment, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        make_environment(root)
    monkeypatch.setattr(environment, "run", recorded)
    steps.clear()

    make_environment(root)

    assert steps == MAKE + INSTALL


def test_environment_of_another_python_is_made_anew(
    monkeypatch: pytest.MonkeyPatch, root: Path, steps: list[str]
) -> None:
    """Compiled packages fit one Python."""
    make_environment(root)
    steps.clear()
    monkeypatch.setattr(environment.sys, "version", "3.99")

    make_environment(root)

    assert steps == MAKE + INSTALL


def test_moved_environment_is_made_anew(monkeypatch: pytest.MonkeyPatch, root: Path, steps: list[str]) -> None:
    """Its scripts name the folder it was made in."""
    make_environment(root)
    moved = root.rename(root.with_name("moved"))
    steps.clear()
    monkeypatch.setattr(environment, "run", lambda command, *, doing, cwd, lock: steps.append(doing))

    make_environment(moved)

    assert steps == MAKE + INSTALL


@pytest.mark.parametrize("content", ["", "{", "[1]", '"text"'])
def test_damaged_stamp_is_no_stamp(root: Path, steps: list[str], content: str) -> None:
    """Whatever it holds, the environment is made anew."""
    make_environment(root)
    steps.clear()
    (root / ".venv" / environment.STAMP).write_text(content)

    make_environment(root)

    assert steps == MAKE + INSTALL


def test_python_that_cannot_make_environments_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, root: Path, steps: list[str]
) -> None:
    """Debian ships Python without that part."""
    monkeypatch.setattr(environment.importlib.util, "find_spec", lambda name: None if name == "ensurepip" else name)

    with pytest.raises(StepError, match="apt install python3-venv"):
        make_environment(root)


def test_set_up_hands_over_to_the_environments_own_python(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What finds the CLI needs packages, so it runs inside."""
    handed = []
    monkeypatch.setattr(environment, "make_environment", lambda root: tmp_path / "python")
    monkeypatch.setattr(environment.os, "chdir", lambda folder: None)
    monkeypatch.setattr(environment.os, "execv", lambda path, arguments: handed.append((path, arguments)))

    environment.set_up()

    assert handed == [(tmp_path / "python", [str(tmp_path / "python"), "-m", "tools.pulumi_cli"])]


def test_inputs_of_the_stamp_exist_in_this_checkout() -> None:
    """A renamed file would stop every set-up."""
    assert all((environment.ROOT / name).is_file() for name in environment.INPUTS)
