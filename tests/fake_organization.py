"""
Clients of one organization in simulated time, before a sliding window like Signa's.

The clients run in real threads, of which one runs at a time and none sleeps. So minutes pass in no time, and every run
is the same.
"""

import heapq
import itertools
import math
import random
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator

from pulumi_signa.signa_api.pacing.gate import RateGate
from pulumi_signa.signa_api.pacing.wait_budget import WaitBudget

OK, REFUSED = 200, 429
WORKERS = 4
"""Calls that Pulumi's host works on at a time."""

Latency = Callable[[], float]
"""Returns the seconds that a request or its answer is on its way."""


class Simulation:
    """
    Threads on a clock that only their pauses move.

    Attributes:
        now: Seconds since the beginning.
    """

    def __init__(self) -> None:
        """Begin at 0 s, without a thread."""
        self.now = 0.0
        self._turns: list[tuple[float, int, threading.Lock]] = []
        self._numbers = itertools.count()
        self._passed_on = _closed()
        self._failures: list[BaseException] = []

    def clock(self) -> float:
        """Return the time."""
        return self.now

    def pause(self, seconds: float, _text: str = "") -> None:
        """Let the other threads run for that long."""
        turn = self._take_turn(self.now + seconds)
        self._passed_on.release()
        turn.acquire()

    def start(self, work: Callable[[], None], *, at: float = 0) -> None:
        """Run a function in a thread of its own, from this time on."""
        turn = self._take_turn(at)

        def run() -> None:
            turn.acquire()
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - raised again by `run`
                self._failures.append(error)
            self._passed_on.release()

        threading.Thread(target=run, daemon=True).start()

    def run(self) -> None:
        """Run until all threads have ended, and raise the first failure."""
        while self._turns:
            self.now, _, turn = heapq.heappop(self._turns)
            turn.release()
            self._passed_on.acquire()
        if self._failures:
            raise self._failures[0]

    def _take_turn(self, at: float) -> threading.Lock:
        turn = _closed()
        heapq.heappush(self._turns, (at, next(self._numbers), turn))
        return turn


def _closed() -> threading.Lock:
    """Return what a thread waits for; a semaphore would take ten times as long to change threads."""
    lock = threading.Lock()
    lock.acquire()
    return lock


class FakeOrganization:
    """
    Signa's side of the rate limit, for all clients of one organization.

    Attributes:
        admitted: Time and client of each call that was counted, oldest first.
        refused: Number of refused calls by client.
    """

    def __init__(self, simulation: Simulation, limit: int, window_s: int, earlier: Iterable[float] = ()) -> None:
        """Open the window; calls at the times `earlier` are in it."""
        self.admitted: list[tuple[float, str]] = []
        self.refused: Counter[str] = Counter()
        self._simulation = simulation
        self._limit = limit
        self._window_s = window_s
        self._window = deque(sorted(earlier))

    def call(self, client: str) -> tuple[int, dict[str, str]]:
        """Count a call, or refuse it; return the status and the headers."""
        while self._window and self._window[0] + self._window_s <= self._simulation.now:
            self._window.popleft()
        if len(self._window) == self._limit:
            self.refused[client] += 1
            return REFUSED, {**self._headers(), "Retry-After": str(self._reset_s())}
        self._window.append(self._simulation.now)
        self.admitted.append((self._simulation.now, client))
        return OK, self._headers()

    def counts(self, clients: str, *, windows: range) -> list[list[int]]:
        """Return the number of calls of each client in each of these windows."""
        made = Counter((client, int(at // self._window_s)) for at, client in self.admitted)
        return [[made[client, window] for client in clients] for window in windows]

    def start_client(
        self,
        calls: Iterable[object],
        *,
        latency: Latency,
        client: str = "we",
        workers: int = WORKERS,
        at: float = 0,
        gate: RateGate | None = None,
        max_wait_s: float = 300,
    ) -> None:
        """Start a client whose workers make one call for each item, however often it is refused."""
        simulation = self._simulation
        shared = gate or RateGate(simulation.clock)
        items = iter(calls)

        def work() -> None:
            for _ in items:
                budget = WaitBudget(max_wait_s, simulation.pause)
                status = REFUSED
                while status == REFUSED:
                    with shared.admitted(budget) as report:
                        simulation.pause(latency())
                        status, headers = self.call(client)
                        simulation.pause(latency())
                        report(status, headers)

        for _ in range(workers):
            simulation.start(work, at=at)

    def _reset_s(self) -> int:
        return max(1, math.ceil(self._window[0] + self._window_s - self._simulation.now))

    def _headers(self) -> dict[str, str]:
        return {
            "RateLimit-Policy": f"{self._limit};w={self._window_s}",
            "RateLimit": f"remaining={self._limit - len(self._window)}, reset={self._reset_s()}",
        }


def jittery(seconds: float, seed: int) -> Latency:
    """Return a latency that varies between half and one and a half of a round trip's mean."""
    draw = random.Random(seed)  # noqa: S311 - nothing secret, and the same every time
    return lambda: seconds / 2 * draw.uniform(0.5, 1.5)


def until(simulation: Simulation, end: float) -> Iterator[object]:
    """Yield items until this time: the calls of a client that always has something to send."""
    return iter(lambda: simulation.now < end, False)  # noqa: FBT003 - the sentinel of `iter`
