"""The gate before the rate limit: how many calls pass, in which order, and how long the others wait."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_organization import OK, REFUSED, WORKERS, FakeOrganization, Simulation, jittery, until
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

BROKEN = 500


@pytest.mark.parametrize(("limit", "window_s"), [(50, 5), (100, 60)])
@pytest.mark.parametrize("latency_s", [0, 0.01, 0.05, 0.1])
def test_permitted_calls_are_used(limit: int, window_s: int, latency_s: float) -> None:
    """250 calls use at least 97 % of the permitted calls, and none is refused; the last windowful is not counted."""
    simulation = Simulation()
    organization = FakeOrganization(simulation, limit, window_s)

    organization.start_client(range(250), latency=lambda: latency_s / 2)
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
def test_only_client_is_not_refused(*, limit: int, window_s: int, latency_s: float, workers: int, seed: int) -> None:
    """Only the first calls, before any answer has shown the limit, may be too many."""
    simulation = Simulation()
    organization = FakeOrganization(simulation, limit, window_s)

    organization.start_client(range(3 * limit), latency=jittery(latency_s, seed), workers=workers)
    simulation.run()

    assert len(organization.admitted) == 3 * limit
    assert organization.refused["we"] <= max(0, workers - limit)


@pytest.mark.parametrize("latency_s", [0.05, 0.3])
@pytest.mark.parametrize("late_s", [2, 138])
def test_two_greedy_runs_use_the_whole_limit(latency_s: float, late_s: float) -> None:
    """The gate reserves nothing; the later run gets its half through the gaps that the first one's answers leave."""
    simulation = Simulation()
    organization = FakeOrganization(simulation, 100, 60)
    for number, (client, at) in enumerate([("a", 0), ("b", late_s)]):
        latency = jittery(latency_s, number)
        organization.start_client(until(simulation, 12 * 60), client=client, at=at, latency=latency)

    simulation.run()

    assert all(sum(counts) >= 97 for counts in organization.counts("ab", windows=range(1, 12)))
    totals = [sum(counts) for counts in zip(*organization.counts("ab", windows=range(6, 12)), strict=True)]
    assert all(total >= 0.4 * sum(totals) for total in totals)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("latency_s", [0.02, 0.3])
def test_client_without_a_gate_does_no_harm(latency_s: float, seed: int) -> None:
    """Another client takes half of the window at random; our calls are all made, and few are refused."""
    simulation = Simulation()
    organization = FakeOrganization(simulation, 100, 60)
    draw = random.Random(seed)  # noqa: S311 - nothing secret, and the same every time

    def meddle() -> None:
        for _ in until(simulation, 240):
            simulation.pause(draw.expovariate(50 / 60))
            organization.call("other")

    simulation.start(meddle)
    organization.start_client(range(250), latency=jittery(latency_s, seed))
    simulation.run()

    assert Counter(client for _, client in organization.admitted)["we"] == 250
    assert organization.refused["we"] <= 10


@pytest.mark.parametrize("spread_s", [1, 30, 59])
@pytest.mark.parametrize("age_s", [0, 20, 59])
def test_window_that_an_earlier_process_has_filled_is_waited_for(age_s: float, spread_s: float) -> None:
    """A new process knows nothing of the window, so each worker is refused once at most."""
    simulation = Simulation()
    earlier = [-min(age_s + spread_s * number / 100, 59.9) for number in range(100)]
    organization = FakeOrganization(simulation, 100, 60, earlier)

    organization.start_client(range(250), latency=jittery(0.05, 1))
    simulation.run()

    assert len(organization.admitted) == 250
    assert organization.refused["we"] <= WORKERS


def test_first_come_is_first_served() -> None:
    """Six callers wait for one slot, and get it in turn."""
    simulation = Simulation()
    organization = FakeOrganization(simulation, 1, 10)
    gate = RateGate(simulation.clock)
    for at, caller in enumerate("abcdefg"):
        organization.start_client([0], latency=lambda: 0, gate=gate, client=caller, workers=1, at=at)

    simulation.run()

    assert "".join(caller for _, caller in organization.admitted) == "abcdefg"
    assert organization.refused == {}


@pytest.fixture
def gate(time: FakeTime) -> RateGate:
    """Return a gate that knows no limit yet."""
    return RateGate(time.clock)


def pass_through(
    gate: RateGate, time: FakeTime, status: int = OK, headers: dict[str, str] | None = None, *, budget_s: float = 300
) -> float:
    """Make one call that is answered at once, and return the seconds that it waited before."""
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
    """Each second shows the limit and the seconds left."""
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
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:09 GMT", "Date": "Wed, 21 Oct 2026 07:28:00 GMT"}, 9),
        ({"Retry-After": "9" * 400}, 1),
    ],
)
def test_refusal_closes_the_gate(gate: RateGate, time: FakeTime, headers: dict[str, str], closed_s: float) -> None:
    """The gate stays closed for as long as Signa says, and for a second at least."""
    pass_through(gate, time, REFUSED, headers)

    assert pass_through(gate, time) == closed_s


def test_shorter_closure_does_not_undo_a_longer_one(gate: RateGate, time: FakeTime) -> None:
    """The refusals of two calls in flight may arrive in any order."""
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
    """Signa may have received and counted the call."""
    pass_through(gate, time, headers=headers_of(1, policy="2;w=60"))
    with pytest.raises(ConnectionError), gate.admitted(WaitBudget(0, time.pause)):
        raise ConnectionError

    assert pass_through(gate, time) > 0


def test_refused_call_does_not_count(gate: RateGate, time: FakeTime) -> None:
    """Signa does not count the call either, so two more may follow."""
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
def test_wait_beyond_the_budget_is_not_begun(
    *, gate: RateGate, time: FakeTime, status: int, headers: dict[str, str], expected: str
) -> None:
    """The error names the limit and the wait; a wait that uses the whole budget is begun."""
    pass_through(gate, time, status, headers)

    with pytest.raises(WaitTooLongError) as caught:
        pass_through(gate, time, budget_s=41.5)

    assert (str(caught.value), time.shown) == (expected, [])
    assert pass_through(gate, time, budget_s=42) == 42


def test_queue_goes_on_without_a_caller_that_gave_up(gate: RateGate, time: FakeTime) -> None:
    """The next call is the first in the queue."""
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
def test_no_server_makes_a_call_wait_beyond_its_budget(answers: list[tuple[int, dict[str, str], bool]]) -> None:
    """With any headers, each call is sent or given up."""
    time = FakeTime()
    gate = RateGate(time.clock)

    for status, headers, answered in answers:
        budget = WaitBudget(30, time.pause)
        with suppress(WaitTooLongError), gate.admitted(budget) as report:
            if answered:
                report(status, headers)

        assert 0 <= budget.left_s <= 30


def test_threads_share_one_gate(emulator: EmulatorServer) -> None:
    """Eight threads, a real socket and real time: at most two calls are refused."""
    emulator.organization.change_settings(rate_limit=25, rate_window_s=1)
    client = SignaClient(Transport(emulator.base_url, BearerAuth(API_KEY)), RetryPolicy())

    def create(number: int) -> str:
        body = {"url": "https://example.com/hook", "enabled_events": ["alert.created"]}
        return client.create_webhook_endpoint(body, idempotency_key=f"k{number}").endpoint.id

    with ThreadPoolExecutor(2 * WORKERS) as threads:
        made = list(threads.map(create, range(80)))

    assert len(set(made)) == 80
    statuses = Counter(entry["status"] for entry in emulator.organization.requests.entries())
    assert statuses[201] == 80
    assert statuses[REFUSED] <= 2
