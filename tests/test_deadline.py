"""A deadline for a call."""

import threading

import pytest

from pulumi_signa.deadline import DeadlineError, within


def test_call_in_time_returns_its_result() -> None:
    assert within(60, lambda: 3) == 3


@pytest.mark.parametrize("kind", [ValueError, TimeoutError, KeyboardInterrupt])
def test_call_in_time_raises_its_error(kind: type[BaseException]) -> None:
    error = kind("said so")

    def fail() -> None:
        raise error

    with pytest.raises(kind) as caught:
        within(60, fail)

    assert caught.value is error


def test_call_that_is_late_is_left_alone() -> None:
    released, ended = threading.Event(), threading.Event()

    def late() -> None:
        released.wait()
        ended.set()

    with pytest.raises(DeadlineError, match="no whole answer"):
        within(0.05, late)
    released.set()

    assert ended.wait(60)
