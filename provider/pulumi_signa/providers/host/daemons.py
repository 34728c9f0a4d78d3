"""
Daemon threads that are used again: a server that does not answer must not keep the process, and threads cost time.

The standard library's pool waits for its threads when the interpreter ends.
"""

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

Work = Callable[[], Any]

_IDLE: "list[SimpleQueue[Work]]" = []
"""The queues of the threads that wait for work; appending to and taking from a list are atomic."""


def begin(work: Work) -> None:
    """Carry out in a daemon thread what never raises."""
    try:
        queue = _IDLE.pop()
    except IndexError:
        queue = SimpleQueue()
        threading.Thread(target=_serve, args=(queue,), daemon=True).start()
    queue.put(work)


def _serve(queue: "SimpleQueue[Work]") -> None:
    while True:
        queue.get()()
        _IDLE.append(queue)
