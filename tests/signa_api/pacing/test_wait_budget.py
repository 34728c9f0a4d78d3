"""How long a call may wait; nothing here really waits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_signa.signa_api.pacing.wait_budget import WaitBudget

Pauses = list[tuple[float, str]]


class InterruptedWaitError(Exception):
    """The end of the run, as a pause raises it."""


def budget_of(left_s: float, pauses: Pauses) -> WaitBudget:
    """Return a budget whose pauses are kept."""
    return WaitBudget(left_s, lambda seconds, text: pauses.append((seconds, text)))


def test_wait_counts_down() -> None:
    """Each pause is at most a second, and shows the reason and the seconds left."""
    pauses: Pauses = []

    budget_of(300, pauses).wait(2.5, "resting")

    assert pauses == [(1, "resting, 3 s left"), (1, "resting, 2 s left"), (0.5, "resting, 1 s left")]


def test_step_is_a_part_of_a_wait_that_does_not_count() -> None:
    """The text shows the whole wait."""
    pauses: Pauses = []
    budget = budget_of(300, pauses)

    budget.pause(1, "resting", 42)
    budget.pause(0.25, "resting", 0.25)

    assert pauses == [(1, "resting, 42 s left"), (0.25, "resting, 1 s left")]
    assert budget.left_s == 300


def test_short_steps_are_told_of_once_a_second() -> None:
    """A wait that is over in less shows nothing."""
    pauses: Pauses = []
    budget = budget_of(300, pauses)

    for _ in range(12):
        budget.pause(0.25, "resting", 0.25)

    assert [bool(text) for _, text in pauses] == [False] * 4 + [True] + [False] * 3 + [True] + [False] * 3


def test_no_wait_is_no_pause() -> None:
    """A wait of 0 s shows nothing."""
    pauses: Pauses = []

    budget_of(300, pauses).wait(0, "resting")

    assert pauses == []


def test_all_waits_use_one_budget() -> None:
    """A wait fits up to the last second."""
    budget = budget_of(10, [])

    budget.wait(4, "resting")
    budget.spend(1)

    assert budget.left_s == 5
    assert (budget.allows(5), budget.allows(5.1)) == (True, False)


@given(st.floats(0, 1000), st.lists(st.floats(0, 1000), max_size=5))
def test_allowed_waits_stay_within_the_bound(bound_s: float, waits: list[float]) -> None:
    """Rounding may add a little."""
    pauses: Pauses = []
    budget = budget_of(bound_s, pauses)

    for wait_s in waits:
        if budget.allows(wait_s):
            budget.wait(wait_s, "resting")

    assert sum(seconds for seconds, _ in pauses) <= bound_s + 1e-6


def test_interruption_passes_through() -> None:
    """The end of the run ends the wait."""

    def pause(_seconds: float, _text: str) -> None:
        raise InterruptedWaitError

    with pytest.raises(InterruptedWaitError):
        WaitBudget(300, pause).wait(5, "resting")
