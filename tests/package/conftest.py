"""Fixtures: wheels of this repository, and environments for them."""

import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

CONSTRAINTS = Path(__file__).resolve().parents[2] / "constraints.txt"


@pytest.fixture(scope="module")
def build_wheel(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """Return a function that builds the wheel of a project."""

    def build(project: Path) -> Path:
        folder = tmp_path_factory.mktemp("wheel")
        command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(project)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        (built,) = folder.glob("*.whl")
        return built

    return build


@pytest.fixture(scope="module")
def install() -> Callable[[Path, Path], Path]:
    """Return a function that installs a wheel into a new environment, and returns the interpreter there."""

    def make(wheel: Path, folder: Path) -> Path:
        venv.create(folder)
        python = folder / "bin/python"
        # Compiling all modules takes most of the time, and a test imports a few.
        command = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-compile"]
        subprocess.run([*command, "--constraint", CONSTRAINTS, wheel], check=True, capture_output=True)
        return python

    return make
