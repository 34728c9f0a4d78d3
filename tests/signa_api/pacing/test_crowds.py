"""A hundred or a thousand calls before one gate, as a host makes them that works on all resources at once."""

import threading
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest

from fake_organization import OK, REFUSED, FakeOrganization, Simulation, jittery, until
from pulumi_signa.signa_api.errors import WaitTooLongError
from pulumi_signa.signa_api.pacing.gate import RateGate
from pulumi_signa.signa_api.pacing.wait_budget import Pause, WaitBudget

LIMIT, WINDOW_S = 100, 60


@pytest.fixture
def simulation() -> Simulation:
    """Return a clock that nobody waits on yet."""
    return Simulation()


@pytest.fixture
def organization(simulation: Simulation) -> FakeOrganization:
    """Return an organization with Signa's own limit."""
    return FakeOrganization(simulation, LIMIT, WINDOW_S)


@pytest.fixture
def gate(simulation: Simulation) -> RateGate:
    """Return a gate that knows no limit yet."""
    return RateGate(simulation.clock)


@pytest.fixture
def fill(simulation: Simulation, organization: FakeOrganization, gate: RateGate) -> Callable[[int], None]:
    """Return what makes so many calls at 0 s, each with 300 s to wait."""

    def start(calls: int) -> None:
        organization.start_client(range(calls), latency=lambda: 0.025, workers=calls, gate=gate)

    return start


def try_to_pass(simulation: Simulation, gate: RateGate, budget: WaitBudget, ended: list[tuple[float, str]]) -> None:
    """Make a call that is answered at once; keep when it ended, and the error."""
    try:
        with gate.admitted(budget) as report:
            report(OK, {"RateLimit-Policy": f"{LIMIT};w={WINDOW_S}", "RateLimit": f"remaining=0, reset={WINDOW_S}"})
    except WaitTooLongError as error:
        ended.append((simulation.now, str(error)))
    else:
        ended.append((simulation.now, ""))


@pytest.mark.parametrize(("workers", "latency_s"), [(64, 0), (64, 0.05), (64, 1.5), (1000, 0.05)])
def test_queue_of_a_thousand_passes_though_each_call_may_wait_for_one_window_only(
    simulation: Simulation, organization: FakeOrganization, workers: int, latency_s: float
) -> None:
    organization.start_client(range(1000), latency=jittery(latency_s, 1), workers=workers, max_wait_s=70)
    simulation.run()

    at = [moment for moment, _ in organization.admitted]
    assert len(at) == 1000
    assert organization.refused == {}
    assert (1000 - LIMIT) / (LIMIT * (at[-LIMIT] - at[0]) / WINDOW_S) >= 0.97


def test_window_that_an_earlier_process_has_filled_refuses_few_of_many(simulation: Simulation) -> None:
    organization = FakeOrganization(simulation, LIMIT, WINDOW_S, [-30 + number / 10 for number in range(LIMIT)])

    organization.start_client(range(500), latency=jittery(0.05, 1), workers=500)
    simulation.run()

    assert len(organization.admitted) == 500
    assert organization.refused["we"] <= 4


@pytest.mark.parametrize("workers", [64, 500])
def test_others_take_part_of_the_limit_and_all_calls_are_made(
    simulation: Simulation, organization: FakeOrganization, workers: int
) -> None:
    def meddle() -> None:
        for _ in until(simulation, 900):
            simulation.pause(WINDOW_S / LIMIT * 2)
            organization.call("other")

    simulation.start(meddle)
    organization.start_client(range(500), latency=jittery(0.05, 1), workers=workers, max_wait_s=70)
    simulation.run()

    assert Counter(client for _, client in organization.admitted)["we"] == 500
    assert organization.refused["we"] <= 20


def test_limit_that_opens_too_late_fails_all_soon_and_nothing_is_sent(
    simulation: Simulation, organization: FakeOrganization, gate: RateGate, fill: Callable[[int], None]
) -> None:
    fill(LIMIT)
    ended: list[tuple[float, str]] = []
    for _ in range(1000):
        budget = WaitBudget(10, simulation.pause)
        simulation.start(partial(try_to_pass, simulation, gate, budget, ended), at=10)
    simulation.run()

    assert len(organization.admitted) == LIMIT
    assert {error for _, error in ended} == {
        f"Signa's rate limit of {LIMIT} calls per {WINDOW_S} s is used up for another 51 s"
    }
    assert {at for at, _ in ended} == {10}


def test_refusal_for_an_hour_fails_those_who_wait_already(
    simulation: Simulation, gate: RateGate, fill: Callable[[int], None]
) -> None:
    fill(LIMIT)
    ended: list[tuple[float, str]] = []

    def be_refused() -> None:
        with gate.admitted(WaitBudget(300, simulation.pause)) as report:
            report(REFUSED, {"Retry-After": "3600"})

    simulation.start(be_refused, at=1)
    for _ in range(1000):
        budget = WaitBudget(300, simulation.pause)
        simulation.start(partial(try_to_pass, simulation, gate, budget, ended), at=2)
    simulation.run()

    assert len(ended) == 1000
    assert all("used up for another" in error for _, error in ended)
    assert max(at for at, _ in ended) <= 60 + 11


def test_server_that_only_refuses_is_given_up_by_all_at_once(simulation: Simulation, gate: RateGate) -> None:
    """None begins its time anew because others were refused."""
    given_up: list[float] = []
    refused = 0

    def insist(budget: WaitBudget) -> None:
        nonlocal refused
        try:
            while True:
                with gate.admitted(budget) as report:
                    simulation.pause(0.05)
                    refused += 1
                    report(REFUSED, {"Retry-After": "1"})
        except WaitTooLongError:
            given_up.append(simulation.now)

    for _ in range(300):
        budget = WaitBudget(60, simulation.pause)
        simulation.start(partial(insist, budget))
    simulation.run()

    assert len(given_up) == 300
    assert max(given_up) <= 60 + 12
    assert refused <= 4 + 72


def test_queue_counts_where_the_caller_has_a_deadline(
    simulation: Simulation, gate: RateGate, fill: Callable[[int], None]
) -> None:
    """A call behind 400 others is given up at once, where it cannot be sent in time."""
    fill(500)
    ended: list[tuple[float, str]] = []
    for seconds in (299, 300):
        budget = WaitBudget(seconds, simulation.pause, counts_queue=True)
        simulation.start(partial(try_to_pass, simulation, gate, budget, ended), at=1)
    simulation.run()

    (refused_at, error), (sent_at, _) = ended
    assert (refused_at, error) == (
        1,
        f"Signa's rate limit of {LIMIT} calls per {WINDOW_S} s is used up for another 300 s",
    )
    assert 300 <= sent_at <= 301


def test_those_deep_in_the_queue_read_when_their_turn_comes(
    simulation: Simulation, gate: RateGate, fill: Callable[[int], None]
) -> None:
    """By the present pace, and less often than each second, since 351 wait."""
    told: list[tuple[float, str]] = []
    fill(450)

    def pause(seconds: float, text: str) -> None:
        told.append((simulation.now, text))
        simulation.pause(seconds)

    ended: list[tuple[float, str]] = []
    budget = WaitBudget(70, pause)
    simulation.start(lambda: try_to_pass(simulation, gate, budget, ended), at=1)
    simulation.run()

    ((passed_at, _),) = ended
    texts = [
        (at, text.removeprefix("waiting for Signa's rate limit of 100 calls per 60 s, ")) for at, text in told if text
    ]
    left = [(at, int(text.removesuffix(" s left"))) for at, text in texts]
    assert left[0] == (1, 240)
    assert all(abs(at + seconds - passed_at) <= 2 for at, seconds in left)
    assert left[1][0] - left[0][0] == pytest.approx(3.51)


def test_nobody_passes_a_window_before_those_who_came_earlier(
    simulation: Simulation, organization: FakeOrganization, gate: RateGate
) -> None:
    for number in range(500):
        organization.start_client([0], latency=lambda: 0, gate=gate, client=f"{number}", workers=1, at=number / 1000)
    simulation.run()

    windows = [(int(client) // LIMIT, round(at) // WINDOW_S) for at, client in organization.admitted]
    assert all(place == window for place, window in windows)


def test_nothing_is_kept_of_a_call_that_has_passed(
    simulation: Simulation, gate: RateGate, organization: FakeOrganization
) -> None:
    """But the times of those that the window may still hold."""
    organization.start_client(range(600), latency=lambda: 0.025, workers=300, gate=gate)
    simulation.run()

    assert (gate._queue, gate._window.in_flight) == ([], set())
    assert len(gate._window._ended) <= 2 * LIMIT


def test_end_of_the_run_ends_all_waits() -> None:
    """In threads that really wait."""
    gate, ended, waiting = RateGate(), threading.Event(), threading.Semaphore(0)
    with gate.admitted(WaitBudget(300, lambda _seconds, _text: None)) as report:
        report(REFUSED, {"Retry-After": "200"})
    outcomes: list[str] = []

    def pause(seconds: float, _text: str) -> None:
        waiting.release()
        if ended.wait(seconds):
            raise InterruptedError

    def work(pause: Pause) -> None:
        try:
            with gate.admitted(WaitBudget(300, pause)):
                outcomes.append("sent")
        except InterruptedError:
            outcomes.append("interrupted")

    threads = [threading.Thread(target=work, args=[pause], daemon=True) for _ in range(500)]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert waiting.acquire(timeout=60)
    ended.set()
    for thread in threads:
        thread.join(60)

    assert outcomes == ["interrupted"] * 500
    assert gate._queue == []
