"""Slow commands: heard of while they run, and gone when the set-up is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tools.progress import StepError, exit_status, run, say

ROOT = Path(__file__).resolve().parents[2]

SET_UP = """
import pathlib, sys
from tools.lock import exclusive
from tools.progress import exit_status, run
folder = pathlib.Path(sys.argv[1])
def step():
    with exclusive(folder) as lock:
        run(["sh", "-c", sys.argv[2]], doing="building", cwd=folder, lock=lock, beat_s=0)
sys.exit(exit_status(step))
"""


@pytest.fixture
def pipes(tmp_path: Path) -> Path:
    """Make two named pipes, for a command to meet a test at."""
    os.mkfifo(tmp_path / "started")
    os.mkfifo(tmp_path / "gate")
    return tmp_path


def set_up(folder: Path, script: str) -> subprocess.Popen[str]:
    """Start a set-up that runs a script."""
    command = [sys.executable, "-c", SET_UP, str(folder), script]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_running_command_is_heard_of_with_what_it_is_at(pipes: Path) -> None:
    process = set_up(pipes, "echo package 7; read line < gate")

    heard = next(line for line in process.stdout if "package 7" in line)

    (pipes / "gate").write_text("go on\n")
    assert heard.startswith("setup: building: ")
    assert process.wait() == 0
    process.communicate()


def test_lines_fit_a_small_terminal_and_paths_stay_whole(capsys: pytest.CaptureFixture[str]) -> None:
    say("this is ready: " + "word " * 30 + "/a/long/path" * 5)

    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[-1].endswith("/a/long/path" * 5)


def test_failed_command_gives_its_last_line_and_output(tmp_path: Path, lock: int) -> None:
    with pytest.raises(StepError, match="asking: no such thing") as caught:
        run(["sh", "-c", "echo one; echo no such thing >&2; exit 3"], doing="asking", cwd=tmp_path, lock=lock)

    assert caught.value.output == ["one", "no such thing"]


def test_silent_failure_gives_the_exit_status(tmp_path: Path, lock: int) -> None:
    with pytest.raises(StepError, match="asking: exit status 3"):
        run(["sh", "-c", "exit 3"], doing="asking", cwd=tmp_path, lock=lock)


def test_command_that_cannot_be_started_is_a_failed_step(tmp_path: Path, lock: int) -> None:
    with pytest.raises(StepError, match=r"cannot start .*missing: No such file or directory"):
        run([tmp_path / "missing"], doing="asking", cwd=tmp_path, lock=lock)


def test_command_that_gets_nowhere_is_given_up(tmp_path: Path, lock: int) -> None:
    with pytest.raises(StepError, match="nothing arrived"):
        run(["sleep", "1000"], doing="asking", cwd=tmp_path, lock=lock, size=lambda: 0, patience_s=0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupt_kills_the_command_and_what_it_started(pipes: Path, number: int) -> None:
    # A grandchild keeps the pipe open for writing as long as it lives.
    reader = os.open(pipes / "gate", os.O_RDONLY | os.O_NONBLOCK)
    process = set_up(pipes, "(exec 3> gate; echo > started; exec sleep 1000) & wait")
    (pipes / "started").read_text()

    process.send_signal(number)
    _, errors = process.communicate()

    os.set_blocking(reader, True)
    assert os.read(reader, 1) == b""
    os.close(reader)
    assert process.returncode == 130
    assert errors == "setup: interrupted; run `make setup` again\n"


@pytest.mark.parametrize(
    ("outcome", "message"),
    [
        (StepError("no CLI"), "setup: no CLI\n"),
        (StepError("building: broken", ["a", "b"]), "a\nb\nsetup: building: broken\n"),
        (PermissionError(13, "Permission denied", "/x"), "setup: [Errno 13] Permission denied: '/x'\n"),
    ],
)
def test_failed_step_becomes_a_message_and_an_exit_status(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], outcome: Exception, message: str
) -> None:
    # The handlers of this process are the test runner's.
    monkeypatch.setattr(signal, "signal", lambda number, handler: None)

    def step() -> None:
        raise outcome

    assert exit_status(step) == 1
    assert capsys.readouterr().err == message
