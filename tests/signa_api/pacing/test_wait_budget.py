"""How long a call may wait; nothing here really waits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_signa.signa_api.pacing.wait_budget import WaitBudget


class InterruptedWaitError(Exception):
    """What a pause raises when the run ends."""


def test_wait_counts_down() -> None:
    """A second at a time, each with what for and how much longer."""
    pauses: list[tuple[float, str]] = []
    budget = WaitBudget(300, lambda seconds, text: pauses.append((seconds, text)))

    budget.wait(2.5, "resting")

    assert pauses == [(1, "resting, 3 s left"), (1, "resting, 2 s left"), (0.5, "resting, 1 s left")]


def test_first_second_alone_is_waited() -> None:
    """For who looks again, with the whole of it in view."""
    pauses: list[tuple[float, str]] = []
    budget = WaitBudget(300, lambda seconds, text: pauses.append((seconds, text)))

    waited = [budget.wait_step(42, "resting"), budget.wait_step(0.25, "resting")]

    assert waited == [1, 0.25]
    assert pauses == [(1, "resting, 42 s left"), (0.25, "resting, 1 s left")]


def test_no_wait_is_no_pause() -> None:
    """And nothing is shown."""
    pauses: list[float] = []

    WaitBudget(300, lambda seconds, _text: pauses.append(seconds)).wait(0, "resting")

    assert pauses == []


def test_all_waits_come_from_one_purse() -> None:
    """Up to the last second of it, which belongs to it."""
    budget = WaitBudget(10, lambda _seconds, _text: None)

    budget.wait(4, "resting")
    budget.wait_step(5, "resting")

    assert budget.left_s == 5
    assert (budget.allows(5), budget.allows(5.1)) == (True, False)


@given(st.floats(0, 1000), st.lists(st.floats(0, 1000), max_size=5))
def test_allowed_waits_stay_within_the_bound(bound_s: float, waits: list[float]) -> None:
    """Whoever asks before waiting never waits for more than the bound in all, but for what rounding adds."""
    pauses: list[float] = []
    budget = WaitBudget(bound_s, lambda seconds, _text: pauses.append(seconds))

    for wait_s in waits:
        if budget.allows(wait_s):
            budget.wait(wait_s, "resting")

    assert sum(pauses) <= bound_s + 1e-6


def test_interruption_passes_through() -> None:
    """The end of the run ends the wait."""

    def pause(_seconds: float, _text: str) -> None:
        raise InterruptedWaitError

    with pytest.raises(InterruptedWaitError):
        WaitBudget(300, pause).wait(5, "resting")
