"""Pulumi's installer, run with a limit that it does not have itself."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from pulumi.automation import PulumiCommand
from tools.progress import StepError

from tools import official_cli, progress

if TYPE_CHECKING:
    from semver import Version


@pytest.fixture
def into(tmp_path: Path) -> Path:
    """Give the empty folder that is to be filled."""
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


@pytest.fixture
def installer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, executable: Callable[..., Path]
) -> Callable[[str], None]:
    """Give what replaces the process that runs the SDK's installer by a script."""

    def replace(script: str) -> None:
        python = executable(tmp_path / "python", script)
        monkeypatch.setattr(official_cli, "sys", SimpleNamespace(executable=str(python)))

    return replace


def test_installer_that_hangs_is_abandoned(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, into: Path, installer: Callable[[str], None], lock: int
) -> None:
    """A machine without a route out goes on to the next way."""
    monkeypatch.setattr(official_cli, "PATIENCE_S", 0.1)
    monkeypatch.setattr(progress, "POLL_S", 0.01)
    installer("exec sleep 1000")

    with pytest.raises(StepError, match="nothing arrived for 0 s"):
        official_cli.fetch("3.274.1", into, lock)


def test_everything_the_installer_writes_lies_in_the_folder(
    into: Path, installer: Callable[[str], None], lock: int
) -> None:
    """So an abandoned download goes with it, and what arrives can be seen."""
    installer('echo data > "$TMPDIR/archive"; echo "$@" > "$TMPDIR/arguments"')

    official_cli.fetch("3.274.1", into, lock)

    downloads = into / "downloads"
    assert (downloads / "archive").exists()
    assert (downloads / "arguments").read_text() == f"-m tools.official_cli 3.274.1 {into}\n"
    assert official_cli._size(into) > 0


def test_installer_that_fails_says_why(into: Path, installer: Callable[[str], None], lock: int) -> None:
    """Its last line is the reason."""
    installer("echo trying; echo name not known; exit 1")

    with pytest.raises(StepError, match="downloading the Pulumi CLI: name not known"):
        official_cli.fetch("3.274.1", into, lock)


@pytest.mark.parametrize(("outcome", "status"), [(None, 0), (OSError("no route"), 1), (SystemError("surprise"), 1)])
def test_failure_in_the_sdk_becomes_a_line_and_an_exit_status(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    outcome: BaseException,
    status: int,
) -> None:
    """No traceback, whatever it was."""
    calls = []

    def install(root: str, version: Version) -> None:
        calls.append((root, str(version)))
        if outcome is not None:
            raise outcome

    monkeypatch.setattr(PulumiCommand, "install", install)
    monkeypatch.setattr(official_cli.socket, "setdefaulttimeout", lambda seconds: None)

    assert official_cli._install("3.274.1", str(tmp_path)) == status
    assert calls == [(str(tmp_path), "3.274.1")]
    assert capsys.readouterr().out == (f"{outcome}\n" if outcome else "")


def test_failure_of_the_download_script_shows_its_output(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exception names only the command; its output has the reason."""

    def install(root: str, version: Version) -> None:
        official_cli.subprocess.check_output([sys.executable, "-c", "print('not found'); raise SystemExit(1)"])

    monkeypatch.setattr(PulumiCommand, "install", install)
    monkeypatch.setattr(official_cli.socket, "setdefaulttimeout", lambda seconds: None)

    assert official_cli._install("3.274.1", str(tmp_path)) == 1
    assert capsys.readouterr().out.strip() == "not found"
