"""The command in this process, against the emulator, on the screens that it may have."""

import os
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.harness import NOW, PULUMI, TERMINAL, FakePulumi, Run, Signa
from fake_transport import API_KEY
from pulumi_signa.cli import screen
from pulumi_signa.cli.app import app
from pulumi_signa.settings import Settings
from signa_emulator.server import EmulatorServer


@pytest.fixture
def signa(emulator: EmulatorServer) -> Signa:
    """Return an empty organization."""
    return Signa(emulator.organization)


@pytest.fixture
def run(emulator: EmulatorServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Return a function that runs the command in a folder without a project; nothing it prints has the API key."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SIGNA_API_KEY", API_KEY)
    monkeypatch.setenv("SIGNA_BASE_URL", emulator.base_url)
    monkeypatch.setattr(Settings, "now", lambda _: NOW)

    def run_(*arguments: str, on_terminal: bool = False, stdin: str | None = None, **environment: str | None) -> Result:
        environment = {**(TERMINAL if on_terminal else {}), **environment}
        result = CliRunner().invoke(app, arguments, prog_name="pulumi-signa", input=stdin, env=environment)
        assert "Traceback" not in result.output
        assert API_KEY not in result.output
        return result

    return run_


@pytest.fixture
def interactive(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command take its input for that of a person."""
    monkeypatch.setattr(screen.Screen, "is_interactive", True)


@pytest.fixture
def pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> FakePulumi:
    """Return a Pulumi CLI on the PATH, and a project in the folder of the command."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "pulumi").write_text(PULUMI.format(python=sys.executable, folder=str(folder)))
    (folder / "pulumi").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    (tmp_path / "Pulumi.yaml").write_text("name: test\nruntime: python\n")
    fake = FakePulumi(folder)
    fake.answer("config --show-secrets --json", {})
    return fake
