"""
Lanes: four workers for each kind of resource in each organization, whatever other lanes wait for.

The host carries out four calls at once, those of all resources of a program together. Four calls that wait for the rate
limit of one organization would keep every call to another one waiting too. So the host gets a thread for each call that
the engine makes, and a worker of the call's lane does the work.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Executor, thread
from queue import SimpleQueue

WORKERS = 4
"""Calls that a lane carries out at once, as many as the host does by itself."""

_MOST_CALLS = 1024
"""A bound of the host's threads. They are made when they are needed, so the engine's `--parallel` decides how many."""

_LANES: dict[Hashable, SimpleQueue[Callable[[], None]]] = {}
_OPENING = threading.Lock()


def carry_out(lane: Hashable, work: Callable[[], None]) -> None:
    """
    Let a worker of a lane do something, first come, first served, and return at once.

    The workers are daemon threads: those of the standard library's pool would keep the process until a server answers.
    """
    with _OPENING:
        if lane not in _LANES:
            _LANES[lane] = SimpleQueue()
            for _ in range(WORKERS):
                threading.Thread(target=_work_off, args=(_LANES[lane],), daemon=True).start()
    _LANES[lane].put(work)


def widen_host() -> None:
    """
    Let the host carry out as many calls at once as the engine makes.

    The host has no setting for it. The pool is found by the thread that this function is called in, one of the pool's
    own. Where a later Python or host is built in another way, four calls at once remain.
    """
    with contextlib.suppress(AttributeError, KeyError, TypeError):
        pool = _pool_of_this_thread()
        pool._max_workers = max(_MOST_CALLS, pool._max_workers)  # type: ignore[attr-defined]  # noqa: SLF001
        # Only a further call makes the pool start another thread, and calls may stand in its queue already.
        for _ in range(pool._work_queue.qsize()):  # type: ignore[attr-defined]  # noqa: SLF001
            pool.submit(_nothing)


def _pool_of_this_thread() -> Executor:
    frame = sys._getframe()  # noqa: SLF001 - the documented way
    while frame.f_code is not thread._worker.__code__:  # noqa: SLF001
        frame = frame.f_back  # type: ignore[assignment]  # the outermost frame has none, which ends in AttributeError
    pool: Executor = frame.f_locals["executor_reference"]()
    return pool


def _nothing() -> None:
    """Do nothing."""


def _work_off(calls: SimpleQueue[Callable[[], None]]) -> None:
    while True:
        calls.get()()
