"""How many calls the dynamic host takes at once."""

from __future__ import annotations

import contextlib
import sys
from concurrent.futures import Executor, thread

_MOST_CALLS = 1024
"""A bound of the host's threads. They are made when they are needed, so the engine's `--parallel` decides how many."""


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
