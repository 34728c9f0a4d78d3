"""Slow commands: heard of while they run, and gone when the set-up is."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tools.progress import StepError

from tools import progress

ROOT = Path(progress.__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at a command often, so that no test waits."""
    monkeypatch.setattr(progress, "POLL_S", 0.01)


@pytest.fixture
def pipes(tmp_path: Path) -> Path:
    """Give two named pipes, for a command to meet a test at: no sleeping, no polling."""
    os.mkfifo(tmp_path / "started")
    os.mkfifo(tmp_path / "gate")
    return tmp_path


def test_running_command_is_heard_of_with_what_it_is_at(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, lock: int
) -> None:
    """The line has the step, the time and the last line of output."""
    monkeypatch.setattr(progress, "BEAT_S", 0)
    # It ends when it has been heard of.
    heard = tmp_path / "heard"
    monkeypatch.setattr(progress, "say", lambda line: heard.touch() if "package 7" in line else None)

    progress.run(
        ["sh", "-c", f"echo package 7; until [ -e {heard} ]; do sleep 0.01; done"],
        doing="building",
        cwd=tmp_path,
        lock=lock,
    )

    assert heard.exists()


def test_line_of_progress_is_short_and_dated(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A tool's endless line does not fill the screen."""
    monkeypatch.setattr(progress, "BEAT_S", 0)

    progress.Heartbeat("installing").beat("package " * 100)

    line = capsys.readouterr().out
    assert line.startswith("setup: installing: 0 s, package package")
    assert len(line) < 120


def test_failed_command_gives_its_last_line_and_output(tmp_path: Path, lock: int) -> None:
    """The last line is the reason; the rest is there to be shown."""
    with pytest.raises(StepError, match="asking: no such thing") as caught:
        progress.run(["sh", "-c", "echo one; echo no such thing >&2; exit 3"], doing="asking", cwd=tmp_path, lock=lock)

    assert caught.value.output == ["one", "no such thing"]


def test_silent_failure_gives_the_exit_status(tmp_path: Path, lock: int) -> None:
    """There is always a reason."""
    with pytest.raises(StepError, match="asking: exit status 3"):
        progress.run(["sh", "-c", "exit 3"], doing="asking", cwd=tmp_path, lock=lock)


def test_command_that_cannot_be_started_is_a_failed_step(tmp_path: Path, lock: int) -> None:
    """No traceback for a missing executable."""
    with pytest.raises(StepError, match=r"cannot start .*missing: No such file or directory"):
        progress.run([tmp_path / "missing"], doing="asking", cwd=tmp_path, lock=lock)


def test_interrupt_kills_the_command_and_what_it_started(pipes: Path, lock: int) -> None:
    """Ctrl-C leaves no compiler behind."""

    def interrupt() -> int:
        with (pipes / "started").open():
            raise KeyboardInterrupt

    # A grandchild keeps the pipe open for writing as long as it lives.
    grandchild = "(exec 3> gate; : > started; sleep 1000) & wait"
    reader = os.open(pipes / "gate", os.O_RDONLY | os.O_NONBLOCK)

    with pytest.raises(KeyboardInterrupt):
        progress.run(["sh", "-c", grandchild], doing="building", cwd=pipes, lock=lock, size=interrupt)

    os.set_blocking(reader, True)
    assert os.read(reader, 1) == b""
    os.close(reader)


def test_command_of_a_killed_set_up_keeps_the_lock_until_it_ends(pipes: Path) -> None:
    """So that no second set-up writes to the same files at the same time."""
    set_up = """
import pathlib, sys
from tools.lock import exclusive
from tools.progress import run
folder = pathlib.Path(sys.argv[1])
with exclusive(folder) as lock:
    run(["sh", "-c", "echo $$ > started; read line < gate"], doing="building", cwd=folder, lock=lock)
"""
    process = subprocess.Popen([sys.executable, "-c", set_up, pipes], cwd=ROOT)
    with (pipes / "started").open() as started:
        command = int(started.read())
    process.kill()
    process.wait()
    descriptor = os.open(pipes, os.O_RDONLY)

    with pytest.raises(BlockingIOError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.kill(command, signal.SIGKILL)

    fcntl.flock(descriptor, fcntl.LOCK_EX)
    os.close(descriptor)


@pytest.mark.parametrize(
    ("outcome", "status", "message"),
    [
        (StepError("no CLI"), 1, "setup: no CLI\n"),
        (StepError("building: broken", ["a", "b"]), 1, "a\nb\nsetup: building: broken\n"),
        (PermissionError(13, "Permission denied", "/x"), 1, "setup: [Errno 13] Permission denied: '/x'\n"),
        (KeyboardInterrupt(), 130, "setup: interrupted; run `make setup` again\n"),
    ],
)
def test_failed_step_becomes_a_message_and_an_exit_status(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    outcome: BaseException,
    status: int,
    message: str,
) -> None:
    """No traceback reaches the user."""
    monkeypatch.setattr(progress.signal, "signal", lambda number, handler: None)

    def step() -> None:
        raise outcome

    assert progress.exit_status(step) == status
    assert capsys.readouterr().err == message


def test_termination_interrupts_a_step_as_ctrl_c_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """`timeout` and CI systems send SIGTERM; what the set-up runs must end then too."""
    handlers = {}
    monkeypatch.setattr(progress.signal, "signal", handlers.__setitem__)

    assert progress.exit_status(lambda: None) == 0
    assert handlers == dict.fromkeys((signal.SIGTERM, signal.SIGHUP), signal.default_int_handler)
