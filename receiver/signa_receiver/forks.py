"""What a forked process begins anew: a lock that another thread held at the fork is never released in the child."""

import os
import weakref
from typing import Any

_ALL: "weakref.WeakSet[Any]" = weakref.WeakSet()


def begin_anew_in_children(one: Any) -> None:
    """Have `one._begin_anew()` called in each process that is forked from this one; web servers fork their workers."""
    _ALL.add(one)


def _after_fork() -> None:
    for one in list(_ALL):
        one._begin_anew()  # noqa: SLF001 - no user calls it


if hasattr(os, "register_at_fork"):  # Windows has no forks
    os.register_at_fork(after_in_child=_after_fork)
