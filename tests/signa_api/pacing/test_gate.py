"""
The gate before the rate limit.

Most of it runs in simulated time: real threads, of which one runs at a time and none sleeps, before a window like
Signa's. So minutes pass in no time, and every run is the same.
"""

import heapq
import itertools
import math
import random
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_time import FakeTime
from fake_transport import API_KEY
from pulumi_signa.signa_api.auth import BearerAuth
from pulumi_signa.signa_api.client import SignaClient
from pulumi_signa.signa_api.errors import WaitTooLongError
from pulumi_signa.signa_api.pacing.gate import RateGate
from pulumi_signa.signa_api.pacing.retry import RetryPolicy
from pulumi_signa.signa_api.pacing.wait_budget import WaitBudget
from pulumi_signa.signa_api.transport import Transport
from signa_emulator.server import EmulatorServer

OK, REFUSED, BROKEN = 200, 429, 500
WORKERS = 4
"""Calls that Pulumi's host works on at a time."""

Latency = Callable[[], float]


class Simulation:
    """
    Threads on a clock that only their own pauses move on.

    Attributes:
        now: Seconds since the beginning.
    """

    def __init__(self) -> None:
        """Begin."""
        self.now = 0.0
        self._turns: list[tuple[float, int, threading.Semaphore]] = []
        self._numbers = itertools.count()
        self._passed_on = threading.Semaphore(0)
        self._failures: list[BaseException] = []

    def clock(self) -> float:
        """Give the time."""
        return self.now

    def pause(self, seconds: float, _text: str = "") -> None:
        """Let the others run for that long."""
        turn = self._take_turn(self.now + seconds)
        self._passed_on.release()
        turn.acquire()

    def start(self, work: Callable[[], None], *, at: float = 0) -> None:
        """Have something run in a thread of its own."""
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
        """Run until everything has ended, and raise what failed."""
        while self._turns:
            self.now, _, turn = heapq.heappop(self._turns)
            turn.release()
            self._passed_on.acquire()
        if self._failures:
            raise self._failures[0]

    def _take_turn(self, at: float) -> threading.Semaphore:
        turn = threading.Semaphore(0)
        heapq.heappush(self._turns, (at, next(self._numbers), turn))
        return turn


class Organization:
    """
    Signa's side of the limit, for all users of one organization.

    Attributes:
        admitted: When each call was counted, and whose it was, oldest first.
        refused: How many calls of each user were not.
    """

    def __init__(self, simulation: Simulation, limit: int, window_s: int, earlier: Iterable[float] = ()) -> None:
        """Open; the window holds calls of the times `earlier`."""
        self.admitted: list[tuple[float, str]] = []
        self.refused: Counter[str] = Counter()
        self._simulation = simulation
        self._limit = limit
        self._window_s = window_s
        self._window = deque(sorted(earlier))

    def call(self, user: str) -> tuple[int, dict[str, str]]:
        """Count a call, or refuse it; return the status and the headers."""
        while self._window and self._window[0] + self._window_s <= self._simulation.now:
            self._window.popleft()
        if len(self._window) == self._limit:
            self.refused[user] += 1
            return REFUSED, {**self._headers(), "Retry-After": str(self._reset_s())}
        self._window.append(self._simulation.now)
        self.admitted.append((self._simulation.now, user))
        return OK, self._headers()

    def counts(self, users: str, *, windows: range) -> list[list[int]]:
        """Give how many calls each user made in each of these windows."""
        made = Counter((user, int(at // self._window_s)) for at, user in self.admitted)
        return [[made[user, window] for user in users] for window in windows]

    def _reset_s(self) -> int:
        return max(1, math.ceil(self._window[0] + self._window_s - self._simulation.now))

    def _headers(self) -> dict[str, str]:
        return {
            "RateLimit-Policy": f"{self._limit};w={self._window_s}",
            "RateLimit": f"remaining={self._limit - len(self._window)}, reset={self._reset_s()}",
        }


def start_workers(
    organization: Organization,
    simulation: Simulation,
    calls: Iterable[object],
    *,
    latency: Latency,
    user: str = "we",
    workers: int = WORKERS,
    at: float = 0,
    gate: RateGate | None = None,
) -> None:
    """Start workers that share a gate, and that make one call for each item, however often it is refused."""
    shared = gate or RateGate(simulation.clock)
    items = iter(calls)

    def work() -> None:
        for _ in items:
            budget = WaitBudget(300, simulation.pause)
            status = REFUSED
            while status == REFUSED:
                with shared.admitted(budget) as report:
                    simulation.pause(latency())
                    status, headers = organization.call(user)
                    simulation.pause(latency())
                    report(status, headers)

    for _ in range(workers):
        simulation.start(work, at=at)


def steady(seconds: float) -> Latency:
    """Give the same time for every way to and fro."""
    return lambda: seconds / 2


def jittery(seconds: float, seed: int) -> Latency:
    """Give other times for every way, half to one and a half of their mean."""
    draw = random.Random(seed)  # noqa: S311 - nothing secret, and the same every time
    return lambda: seconds / 2 * draw.uniform(0.5, 1.5)


def until(simulation: Simulation, end: float) -> Iterator[object]:
    """Give items as long as the time is not up: the calls of somebody who always has something to send."""
    return iter(lambda: simulation.now < end, False)  # noqa: FBT003 - the sentinel of `iter`


@pytest.mark.parametrize(("limit", "window_s"), [(50, 5), (100, 60)])
@pytest.mark.parametrize("latency_s", [0, 0.01, 0.05, 0.1])
def test_permitted_calls_are_used(limit: int, window_s: int, latency_s: float) -> None:
    """250 calls use at least 97 % of the permitted calls, and none is refused; the last windowful is not counted."""
    simulation = Simulation()
    organization = Organization(simulation, limit, window_s)

    start_workers(organization, simulation, range(250), latency=steady(latency_s))
    simulation.run()

    at = [moment for moment, _ in organization.admitted]
    assert len(at) == 250
    assert organization.refused == {}
    assert (250 - limit) / (limit * (at[250 - limit] - at[0]) / window_s) >= 0.97


@given(
    limit=st.integers(1, 20),
    window_s=st.integers(1, 60),
    latency_s=st.floats(0, 3),
    workers=st.integers(1, 6),
    seed=st.integers(0, 99),
)
def test_alone_nobody_is_refused(*, limit: int, window_s: int, latency_s: float, workers: int, seed: int) -> None:
    """Whatever the limit and however slow the answers, but for the first calls, before anything is known."""
    simulation = Simulation()
    organization = Organization(simulation, limit, window_s)

    start_workers(organization, simulation, range(3 * limit), latency=jittery(latency_s, seed), workers=workers)
    simulation.run()

    assert len(organization.admitted) == 3 * limit
    assert organization.refused["we"] <= max(0, workers - limit)


@pytest.mark.parametrize("latency_s", [0.05, 0.3])
@pytest.mark.parametrize("late_s", [2, 138])
def test_two_greedy_runs_use_the_whole_limit(latency_s: float, late_s: float) -> None:
    """The gate reserves nothing; the later run gets its share through the gaps that the first one's answers leave."""
    simulation = Simulation()
    organization = Organization(simulation, 100, 60)
    for number, (user, at) in enumerate([("a", 0), ("b", late_s)]):
        calls = until(simulation, 12 * 60)
        start_workers(organization, simulation, calls, user=user, at=at, latency=jittery(latency_s, number))

    simulation.run()

    assert all(sum(counts) >= 97 for counts in organization.counts("ab", windows=range(1, 12)))
    totals = [sum(counts) for counts in zip(*organization.counts("ab", windows=range(6, 12)), strict=True)]
    assert all(total >= 0.4 * sum(totals) for total in totals)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("latency_s", [0.02, 0.3])
def test_somebody_without_a_plan_does_no_harm(latency_s: float, seed: int) -> None:
    """Who takes half of the window at random and minds no refusal; ours are all made, few are refused."""
    simulation = Simulation()
    organization = Organization(simulation, 100, 60)
    draw = random.Random(seed)  # noqa: S311 - nothing secret, and the same every time

    def meddle() -> None:
        for _ in until(simulation, 240):
            simulation.pause(draw.expovariate(50 / 60))
            organization.call("other")

    simulation.start(meddle)
    start_workers(organization, simulation, range(250), latency=jittery(latency_s, seed))
    simulation.run()

    assert Counter(user for _, user in organization.admitted)["we"] == 250
    assert organization.refused["we"] <= 10


@pytest.mark.parametrize("spread_s", [1, 30, 59])
@pytest.mark.parametrize("age_s", [0, 20, 59])
def test_full_window_of_an_earlier_process_is_waited_for(age_s: float, spread_s: float) -> None:
    """Nothing is known of it, so each worker may be refused once, and no more."""
    simulation = Simulation()
    earlier = [-min(age_s + spread_s * number / 100, 59.9) for number in range(100)]
    organization = Organization(simulation, 100, 60, earlier)

    start_workers(organization, simulation, range(250), latency=jittery(0.05, 1))
    simulation.run()

    assert len(organization.admitted) == 250
    assert organization.refused["we"] <= WORKERS


def test_who_comes_first_passes_first() -> None:
    """Six callers, one place: each gets it in turn."""
    simulation = Simulation()
    organization = Organization(simulation, 1, 10)
    gate = RateGate(simulation.clock)
    start_workers(organization, simulation, [0], latency=steady(0), gate=gate, user="first", workers=1)
    for number, user in enumerate("abcdef"):
        start_workers(organization, simulation, [0], latency=steady(0), gate=gate, user=user, workers=1, at=6 - number)

    simulation.run()

    assert [user for _, user in organization.admitted] == ["first", *"fedcba"]
    assert organization.refused == {}


@pytest.fixture
def time() -> FakeTime:
    """Give the time of one thread."""
    return FakeTime()


@pytest.fixture
def gate(time: FakeTime) -> RateGate:
    """Give a gate that knows nothing yet."""
    return RateGate(time.clock)


def pass_through(
    gate: RateGate, time: FakeTime, status: int = OK, headers: dict[str, str] | None = None, *, budget_s: float = 300
) -> float:
    """Make one call that is answered at once, and give how long it waited before."""
    begun = time.now
    with gate.admitted(WaitBudget(budget_s, time.pause)) as report:
        report(status, headers or {})
    return time.now - begun


def headers_of(remaining: int, reset_s: int = 30, policy: str = "10;w=60") -> dict[str, str]:
    """Return the headers of an answer."""
    return {"RateLimit-Policy": policy, "RateLimit": f"remaining={remaining}, reset={reset_s}"}


@pytest.mark.parametrize(("status", "wait_s"), [(OK, 0), (401, 30), (404, 30), (502, 30)])
def test_only_a_success_without_headers_ends_the_limit(
    gate: RateGate, time: FakeTime, status: int, wait_s: float
) -> None:
    """The limit was switched off; an error may be a gateway's."""
    with gate.admitted(WaitBudget(0, time.pause)) as report:
        pass_through(gate, time, headers=headers_of(0))
        report(status, {})

    assert pass_through(gate, time) == wait_s


def test_wait_is_shown(gate: RateGate, time: FakeTime) -> None:
    """What for and how much longer, second by second."""
    pass_through(gate, time, headers=headers_of(0, reset_s=3, policy="100;w=60"))

    pass_through(gate, time)

    limit = "waiting for Signa's rate limit of 100 calls per 60 s"
    assert time.shown == [f"{limit}, 3 s left", f"{limit}, 2 s left", f"{limit}, 1 s left"]


@pytest.mark.parametrize(
    ("headers", "closed_s"),
    [
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "7", **headers_of(0, reset_s=3)}, 7),
        ({"Retry-After": "soon", **headers_of(0, reset_s=3)}, 3),
        ({"Retry-After": "0", **headers_of(0, reset_s=3)}, 1),
        (headers_of(0, reset_s=3), 3),
        (headers_of(0, reset_s=0), 1),
        ({}, 1),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, 1),
        ({"Retry-After": "9" * 400}, 1),
    ],
)
def test_refusal_closes_the_gate(gate: RateGate, time: FakeTime, headers: dict[str, str], closed_s: float) -> None:
    """For as long as Signa says, and for a second at least, though the window has room for all one knows."""
    pass_through(gate, time, REFUSED, headers)

    assert pass_through(gate, time) == closed_s


def test_shorter_closure_does_not_undo_a_longer_one(gate: RateGate, time: FakeTime) -> None:
    """Refusals that cross each other."""
    with gate.admitted(WaitBudget(0, time.pause)) as report:
        pass_through(gate, time, REFUSED, {"Retry-After": "20"})
        report(REFUSED, {"Retry-After": "2"})

    assert pass_through(gate, time) == 20


def test_after_a_refusal_one_call_goes_first() -> None:
    """Each worker is refused once, and then one of them a second."""
    simulation = Simulation()
    gate = RateGate(simulation.clock)
    refusals = 0

    def work() -> None:
        nonlocal refusals
        status = REFUSED
        while status == REFUSED:
            with gate.admitted(WaitBudget(300, simulation.pause)) as report:
                simulation.pause(0.05)
                status = REFUSED if simulation.now < 10 else OK
                refusals += status == REFUSED
                report(status, {"Retry-After": "1"} if status == REFUSED else headers_of(50))

    for _ in range(WORKERS):
        simulation.start(work)
    simulation.run()

    assert refusals <= WORKERS + 10


def test_call_that_fails_counts_as_made(gate: RateGate, time: FakeTime) -> None:
    """It may have reached Signa, and Signa may have counted it."""
    pass_through(gate, time, headers=headers_of(1, policy="2;w=60"))
    with pytest.raises(ConnectionError), gate.admitted(WaitBudget(0, time.pause)):
        raise ConnectionError

    assert pass_through(gate, time) > 0


def test_refused_call_does_not_count(gate: RateGate, time: FakeTime) -> None:
    """Signa does not count it either, so there is room for two after it."""
    pass_through(gate, time, headers=headers_of(2, policy="3;w=60"))
    pass_through(gate, time, REFUSED, {"Retry-After": "1"})

    waits = [pass_through(gate, time, headers=headers_of(left, policy="3;w=60")) for left in (1, 0)]

    assert waits == [1, 0]


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (OK, headers_of(0, reset_s=42), "Signa's rate limit of 10 calls per 60 s is used up for another 42 s"),
        (REFUSED, {"Retry-After": "42"}, "Signa's rate limit is used up for another 42 s"),
    ],
)
def test_wait_beyond_patience_is_not_begun(
    *, gate: RateGate, time: FakeTime, status: int, headers: dict[str, str], expected: str
) -> None:
    """Failing at once beats failing later; up to the bound it is waited for."""
    pass_through(gate, time, status, headers)

    with pytest.raises(WaitTooLongError) as caught:
        pass_through(gate, time, budget_s=41.5)

    assert (str(caught.value), time.shown) == (expected, [])
    assert pass_through(gate, time, budget_s=42) == 42


def test_who_gave_up_is_not_waited_for(gate: RateGate, time: FakeTime) -> None:
    """The queue goes on without it."""
    pass_through(gate, time, REFUSED, {"Retry-After": "42"})
    with pytest.raises(WaitTooLongError):
        pass_through(gate, time, budget_s=1)

    assert pass_through(gate, time) == 42


headers_of_any_kind = st.fixed_dictionaries(
    {},
    optional={
        "RateLimit-Policy": st.text() | st.from_regex(r"[0-9]{1,3};w=[0-9]{1,3}", fullmatch=True),
        "RateLimit": st.text() | st.from_regex(r"remaining=[0-9]{1,3}, reset=[0-9]{1,3}", fullmatch=True),
        "Retry-After": st.text() | st.integers(-10, 1000).map(str),
    },
)


@given(
    answers=st.lists(st.tuples(st.sampled_from([OK, REFUSED, BROKEN]), headers_of_any_kind, st.booleans()), max_size=20)
)
def test_no_server_makes_a_call_wait_beyond_its_patience(answers: list[tuple[int, dict[str, str], bool]]) -> None:
    """Whatever it answers, or fails to; each call ends, as made or as given up."""
    time = FakeTime()
    gate = RateGate(time.clock)

    for status, headers, answered in answers:
        budget = WaitBudget(30, time.pause)
        with suppress(WaitTooLongError), gate.admitted(budget) as report:
            if answered:
                report(status, headers)

        assert 0 <= budget.left_s <= 30


@given(policy=st.text(), left=st.text())
def test_malformed_headers_hold_nothing_back(policy: str, left: str) -> None:
    """They are as good as none."""
    time = FakeTime()
    gate = RateGate(time.clock)

    waits = [pass_through(gate, time, headers={"RateLimit-Policy": policy, "RateLimit": left}) for _ in range(20)]

    assert waits == [0] * 20


def test_threads_share_one_gate(emulator: EmulatorServer) -> None:
    """Real ones, before a real socket, in real time."""
    emulator.organization.change_settings(rate_limit=25, rate_window_s=1)
    client = SignaClient(Transport(emulator.base_url, BearerAuth(API_KEY)), RetryPolicy())

    def create(number: int) -> Any:
        body = {"url": "https://example.com/hook", "enabled_events": ["alert.created"]}
        return client.create_webhook_endpoint(body, idempotency_key=f"k{number}").endpoint.id

    with ThreadPoolExecutor(2 * WORKERS) as threads:
        made = list(threads.map(create, range(80)))

    assert len(set(made)) == 80
    statuses = Counter(entry["status"] for entry in emulator.organization.requests.entries())
    assert statuses[201] == 80
    assert statuses[REFUSED] <= 2
