"""What `.venv/bin/pulumi` does when it is run."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tools import wrapper

REPORT = 'echo "pid=$$"; echo "args=$*"; env'


@pytest.fixture
def report_of(tmp_path: Path, executable: Callable[..., Path]) -> Callable[..., dict[str, str]]:
    """Give what installs a wrapper around a CLI that reports its environment, and runs it."""

    def run(*arguments: str, built: bool = False, environment: dict[str, str] | None = None) -> dict[str, str]:
        # A folder as users have them.
        root = tmp_path / "it's my $HOME"
        cli = executable(root / "cache" / "pulumi", REPORT)
        pulumi = root / ".venv" / "bin" / "pulumi"
        pulumi.parent.mkdir(parents=True)
        wrapper.install(pulumi, wrapper.text(root, cli, built=built))
        process = subprocess.Popen(
            [pulumi, *arguments],
            cwd="/",
            env={"PATH": "/usr/bin:/bin", **(environment or {})},
            stdout=subprocess.PIPE,
            text=True,
        )
        output, _ = process.communicate()
        return {"wrapper_pid": str(process.pid)} | dict(
            line.split("=", 1) for line in output.splitlines() if "=" in line
        )

    return run


def test_wrapper_becomes_the_cli(report_of: Callable[..., dict[str, str]]) -> None:
    report = report_of("up", "--yes")

    assert report["pid"] == report["wrapper_pid"]
    assert report["args"] == "up --yes"


def test_official_cli_runs_in_the_users_environment(report_of: Callable[..., dict[str, str]]) -> None:
    report = report_of()

    assert report["PATH"] == "/usr/bin:/bin"
    assert not [name for name in report if name.startswith("PULUMI_")]


def test_built_cli_looks_for_nothing_on_the_network_unless_told_to(report_of: Callable[..., dict[str, str]]) -> None:
    report = report_of(built=True, environment={"PULUMI_SKIP_UPDATE_CHECK": "false"})

    assert report["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] == "true"
    assert report["PULUMI_SKIP_UPDATE_CHECK"] == "false"


def test_vanished_cli_is_explained_in_one_line(tmp_path: Path) -> None:
    gone = tmp_path / "gone" / "pulumi"
    wrapper.install(tmp_path / "pulumi", wrapper.text(tmp_path, gone, built=True))

    result = subprocess.run([tmp_path / "pulumi"], capture_output=True, text=True, check=False)

    assert result.returncode == 127
    assert result.stderr == f"pulumi: {gone} is gone; run 'make setup' in {tmp_path}\n"


def test_wrapper_that_is_right_is_left_alone(tmp_path: Path) -> None:
    script = wrapper.text(tmp_path, Path("/opt/pulumi"), built=False)
    wrapper.install(tmp_path / "pulumi", script)
    before = (tmp_path / "pulumi").stat().st_ino

    wrapper.install(tmp_path / "pulumi", script)

    assert (tmp_path / "pulumi").stat().st_ino == before
