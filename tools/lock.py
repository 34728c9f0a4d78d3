"""One set-up at a time."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tools.progress import POLL_S, Heartbeat, say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def exclusive(folder: Path) -> Iterator[int]:
    """
    Hold the lock on a folder; wait, and say so, while another process has it.

    The kernel gives the lock back when the last process that has the descriptor ends: a set-up that was
    killed blocks nobody. And a lock on the folder itself leaves no file behind.

    Yields:
        The descriptor of the lock, for commands that are to share it.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if not _acquire(descriptor):
            say(f"another set-up works on {folder}; waiting for it")
            heartbeat = Heartbeat("waiting for the other set-up")
            while not _acquire(descriptor):
                heartbeat.beat()
                time.sleep(POLL_S)
        yield descriptor
    finally:
        os.close(descriptor)


def _acquire(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
