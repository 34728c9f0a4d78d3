"""
Lanes: a few workers for each kind of resource in each organization, whatever other lanes wait for.

Calls that wait for the rate limit of one organization must not keep every call to another one waiting too. So a host
has a thread for each call that the engine makes, and a worker of the call's lane does the work.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from queue import SimpleQueue

_LANES: dict[Hashable, _Lane] = {}
_OPENING = threading.Lock()


def carry_out(lane: Hashable, work: Callable[[], None], *, workers: int) -> None:
    """Let one of a lane's workers do something, first come, first served, and return at once."""
    with _OPENING:
        opened = _LANES.setdefault(lane, _Lane())
    opened.carry_out(work, workers)


class _Lane:
    """
    A queue and its workers, which are made when they are needed.

    The workers are daemon threads: those of the standard library's pool would keep the process until a server answers.
    """

    def __init__(self) -> None:
        self._calls: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._counting = threading.Lock()
        self._workers = 0
        self._unfinished = 0

    def carry_out(self, work: Callable[[], None], workers: int) -> None:
        with self._counting:
            self._unfinished += 1
            if self._workers < min(workers, self._unfinished):
                self._workers += 1
                threading.Thread(target=self._work_off, daemon=True).start()
        self._calls.put(work)

    def _work_off(self) -> None:
        while True:
            self._calls.get()()
            with self._counting:
                self._unfinished -= 1
