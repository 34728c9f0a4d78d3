"""`Cache`: laws that hold whatever deliveries ask, the store does and the clock shows."""

import math
import os
import signal
import threading
from dataclasses import dataclass, field
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signa_receiver import MemoryReplays, SecretsUnavailableError, cache

MINUTE_S, HOUR_S, EMPTY_RETRY_S = 60, 3600, 10


@dataclass
class FakeClock:
    """A clock that only the test moves."""

    now: float = 0.0

    def monotonic(self) -> float:
        """Return seconds."""
        return self.now


@dataclass
class Store:
    """
    A store whose value changes, and that fails.

    Attributes:
        read_at: When it was asked.
    """

    clock: FakeClock
    value: int = 0
    fails: bool = False
    read_at: list[float] = field(default_factory=list)

    def read(self) -> int:
        """Return the value."""
        self.read_at.append(self.clock.now)
        if self.fails:
            raise OSError("down")
        return self.value


@dataclass(frozen=True)
class Moment:
    """
    What happens before deliveries ask.

    Attributes:
        wait_s: Seconds that pass.
        fails: Whether the store fails from now on.
        asks: For each delivery, whether its signature fits nothing that is held.
    """

    wait_s: int
    fails: bool
    asks: list[bool]


MOMENTS = st.builds(
    Moment,
    st.sampled_from([1, 9, 10, 59, 60, 3540, 3600]),
    st.sampled_from([False, False, True]),
    st.lists(st.booleans(), min_size=1, max_size=3),
)


@settings(max_examples=200)
@given(moments=st.lists(MOMENTS, min_size=2, max_size=12))
def test_reads_are_few_and_the_value_is_fresh_where_one_is_due(moments: list[Moment]) -> None:
    """The store's value changes before each moment."""
    clock = FakeClock()
    store = Store(clock)
    cached = cache.Cache(store.read, name="the value", max_age_s=HOUR_S)
    held: int | None = None
    reads_while_held: list[float] = []
    for moment in moments:
        clock.now += moment.wait_s
        store.value, store.fails = store.value + 1, moment.fails
        for refresh in moment.asks:
            since_s = clock.now - store.read_at[-1] if store.read_at else math.inf
            reads_before = len(store.read_at)
            got = ask(cached, clock, refresh=refresh)
            reads = len(store.read_at) - reads_before

            if held is None:
                is_due, is_early = since_s >= EMPTY_RETRY_S, since_s < EMPTY_RETRY_S
            else:
                is_due, is_early = since_s >= (MINUTE_S if refresh else HOUR_S), since_s < MINUTE_S and not refresh
                reads_while_held += [clock.now] * reads
            assert reads <= 1
            assert reads == 1 or not is_due, "the value may be wrong for too long"
            assert reads == 0 or not is_early, "nobody needs this read"
            assert got == (store.value if reads and not store.fails else held), "the last known value goes on"
            held = got
    triples = zip(reads_while_held, reads_while_held[2:], strict=False)
    assert all(third - first >= MINUTE_S for first, third in triples), "one by age and one by doubt in a minute"


def ask(cached: cache.Cache[int], clock: FakeClock, *, refresh: bool) -> int | None:
    """Return the value, or None where it is unavailable."""
    with mock.patch.object(cache, "time", clock):
        try:
            return cached.get(refresh=refresh)
        except SecretsUnavailableError:
            return None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")  # of Python 3.12: the very case
def test_process_that_is_forked_during_a_read_reads_itself() -> None:
    """As a server does that loads an application, and then forks its workers."""
    begun, goes_on = threading.Event(), threading.Event()
    parent = os.getpid()

    def read() -> str:
        begun.set()
        return "of the child" if os.getpid() != parent else str(goes_on.wait(60))

    cached = cache.Cache(read, name="the value", max_age_s=HOUR_S)
    asking = threading.Thread(target=cached.get)
    asking.start()
    assert begun.wait(60)
    child = os.fork()
    if child == 0:
        try:
            signal.alarm(60)
            os._exit(cached.get() != "of the child")
        finally:
            os._exit(2)
    _, status = os.waitpid(child, 0)
    goes_on.set()
    asking.join()

    assert os.waitstatus_to_exitcode(status) == 0


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")  # of Python 3.12: the very case
def test_process_that_is_forked_while_the_lock_is_held_is_not_stuck() -> None:
    cached, replays = cache.Cache(lambda: "value", name="the value", max_age_s=HOUR_S), MemoryReplays()
    with cached._lock, replays._lock:
        child = os.fork()
        if child == 0:
            try:
                signal.alarm(60)
                os._exit(not (cached.get() == "value" and replays.add("key", seconds=1)))
            finally:
                os._exit(2)
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 0
