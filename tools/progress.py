"""Run slow commands without a silent minute, and leave none of them behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C; what `timeout` and CI systems send; and a closing terminal."""

BEAT_S = 15.0
POLL_S = 0.5
TAIL_LINES = 15
COLUMNS = 80


class StepError(Exception):
    """
    A step of the set-up failed; the text says so to the user.

    Attributes:
        output: The last lines that the failed command wrote, empty if there was none.
    """

    def __init__(self, message: str, output: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.output = list(output)


def say(line: str) -> None:
    """Print a line of progress, folded to the width of a small terminal, at once even where output is a pipe."""
    print(_folded(line), flush=True)


def exit_status(step: Callable[[], None]) -> int:
    """Take a step, report to the user how it failed if it does, and give the exit status that says so."""
    # Whatever ends a set-up must end its commands too; a shell starts background jobs with Ctrl-C ignored.
    for number in INTERRUPTS:
        signal.signal(number, signal.default_int_handler)
    try:
        step()
    except StepError as exc:
        print(*exc.output, f"setup: {exc}", sep="\n", file=sys.stderr)
        return 1
    except OSError as exc:
        print(f"setup: {exc}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("setup: interrupted; run `make setup` again", file=sys.stderr)
        return 130
    return 0


class Heartbeat:
    """Says every now and then that a step still runs."""

    def __init__(self, doing: str, every_s: float = BEAT_S) -> None:
        self._doing = doing
        self._every_s = every_s
        self._started = time.monotonic()
        self._next = self._started + every_s

    def beat(self, detail: str = "") -> None:
        """Print a line, with the detail that the step is at, if `every_s` seconds have passed since the last one."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + self._every_s
        line = f"{self._doing}: {now - self._started:.0f} s{', ' if detail else ''}{detail}"
        say(textwrap.shorten(line, COLUMNS - len("setup: "), placeholder=" …"))


def run(  # noqa: PLR0913 - all by name, and each is one property of the command
    command: Sequence[str | Path],
    *,
    doing: str,
    cwd: Path,
    lock: int,
    environment: Mapping[str, str] | None = None,
    size: Callable[[], int] | None = None,
    patience_s: float = 15.0,
    beat_s: float = BEAT_S,
) -> list[str]:
    """
    Run a command to its end and return the last lines of its output.

    The command gets a process group of its own, and the whole group is killed when the set-up is interrupted
    or gives up. It also inherits the lock: if the set-up itself is killed, the lock lasts until the command
    has ended, so that no second set-up works on the same files meanwhile.

    Args:
        command: The executable and its arguments.
        doing: What it does, for the user.
        cwd: The folder to run it in.
        lock: The descriptor that `lock.exclusive` gave.
        environment: The variables it sees; those of this process by default.
        size: A number that grows while the command gets on. Without it the command may take its time.
        patience_s: Seconds without growth after which the command is given up.
        beat_s: Seconds from one line of progress to the next.

    Raises:
        StepError: The command cannot be started, failed, or was given up.
    """
    # An interrupt in the middle of `Popen` would leave a command that nobody knows.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, INTERRUPTS)
    try:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(lock,),
            start_new_session=True,
            encoding="utf-8",
            errors="replace",
        )
    except OSError as exc:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        message = f"{doing}: cannot start {command[0]}: {exc.strerror}"
        raise StepError(message) from exc
    output: deque[str] = deque(maxlen=TAIL_LINES)
    reader = threading.Thread(target=_collect, args=(process, output), daemon=True)
    reader.start()
    try:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        _wait(process, output, Heartbeat(doing, beat_s), size, patience_s)
    except BaseException:
        with suppress(ProcessLookupError):  # the command may have ended meanwhile
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        reader.join(POLL_S)
        raise
    reader.join()
    if process.returncode != 0:
        last = output[-1] if output else f"exit status {process.returncode}"
        message = f"{doing}: {last}"
        raise StepError(message, output)
    return list(output)


def _wait(
    process: subprocess.Popen[str],
    output: deque[str],
    heartbeat: Heartbeat,
    size: Callable[[], int] | None,
    patience_s: float,
) -> None:
    last_size, grown_at = -1, time.monotonic()
    while process.poll() is None:
        heartbeat.beat(output[-1] if output else "")
        if size is not None:
            now, current = time.monotonic(), size()
            if current != last_size:
                last_size, grown_at = current, now
            elif now - grown_at > patience_s:
                message = f"nothing arrived for {patience_s:.0f} s"
                raise StepError(message)
        try:
            process.wait(POLL_S)
        except subprocess.TimeoutExpired:
            continue


def _collect(process: subprocess.Popen[str], output: deque[str]) -> None:
    if process.stdout is not None:
        with process.stdout as lines:
            output.extend(line.strip() for line in lines if line.strip())


def _folded(line: str) -> str:
    # A path stays whole, so that it can be copied.
    return textwrap.fill(
        f"setup: {line}", COLUMNS, subsequent_indent="       ", break_long_words=False, break_on_hyphens=False
    )
