"""The dynamic host, made wide enough that no queue stands in front of the lanes."""

import threading
from concurrent.futures import ThreadPoolExecutor, thread

import pytest

from pulumi_signa.providers.host import width

LONG_S = 60.0
"""Far longer than anything here takes."""


@pytest.fixture
def release() -> threading.Event:
    """Return what the calls of a test wait for."""
    return threading.Event()


def test_wide_host_carries_out_what_is_queued_already(release: threading.Event) -> None:
    may_widen = threading.Event()

    def widening() -> None:
        may_widen.wait(LONG_S)
        width.widen_host()
        release.wait(LONG_S)

    with ThreadPoolExecutor(1) as pool:
        blocked = pool.submit(widening)
        queued = [pool.submit(threading.get_ident) for _ in range(3)]
        may_widen.set()
        found = [each.result(LONG_S) for each in [*queued, pool.submit(threading.get_ident)]]
        is_blocked = not blocked.done()
        release.set()

    assert len(found) == 4
    assert is_blocked


def test_host_of_another_build_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    width.widen_host()  # in a thread of no pool

    with ThreadPoolExecutor(1) as pool:
        pool.submit(threading.get_ident).result(LONG_S)
        monkeypatch.delattr(thread, "_worker")
        pool.submit(width.widen_host).result(LONG_S)

        assert pool._max_workers == 1
