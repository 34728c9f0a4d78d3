"""Daemon threads that are used again."""

import threading
from queue import SimpleQueue

import pytest

from pulumi_signa.providers.host import daemons


@pytest.fixture(autouse=True)
def none_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin without threads of other tests."""
    monkeypatch.setattr(daemons, "_IDLE", [])


def test_thread_that_is_done_is_used_again() -> None:
    """The second piece of work runs in the thread of the first."""
    threads: SimpleQueue[threading.Thread] = SimpleQueue()

    first = _begun(threads)
    while not daemons._IDLE:
        threading.Event().wait(0.001)
    second = _begun(threads)

    assert first is second
    assert first.daemon


def test_thread_that_is_busy_is_left_alone() -> None:
    """Work does not wait behind other work."""
    threads: SimpleQueue[threading.Thread] = SimpleQueue()
    release = threading.Event()

    daemons.begin(release.wait)
    other = _begun(threads)
    release.set()

    assert other.is_alive()


def _begun(threads: "SimpleQueue[threading.Thread]") -> threading.Thread:
    daemons.begin(lambda: threads.put(threading.current_thread()))
    return threads.get(timeout=10)
