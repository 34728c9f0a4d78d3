"""Which failures are tried again, when, and for how long; nothing here really waits."""

from collections.abc import Callable

import pytest

from pulumi_signa.signa_api.errors import (
    ApiError,
    NotFoundError,
    RateLimitedError,
    ResponseFormatError,
    SignaError,
    UnreachableError,
)
from pulumi_signa.signa_api.retrying import RetryPolicy


class FakeCall:
    """A call that fails as it is told, attempt after attempt, and then succeeds."""

    def __init__(self, *failures: BaseException) -> None:
        """Take the failures, in order."""
        self.failures = list(failures)
        self.attempts = 0

    def __call__(self) -> str:
        """Fail or succeed."""
        self.attempts += 1
        if self.failures:
            raise self.failures.pop(0)
        return "done"


@pytest.fixture
def policy(slept: list[float]) -> Callable[..., RetryPolicy]:
    """Give policies that only note how long they would have waited."""
    return lambda **options: RetryPolicy(sleep=slept.append, **options)


def limited(retry_after_s: float | None = None) -> RateLimitedError:
    """Give a refusal by the rate limit."""
    return RateLimitedError(status=429, retry_after_s=retry_after_s)


def test_success_waits_for_nothing(policy: Callable[..., RetryPolicy], slept: list[float]) -> None:
    """One call, one attempt."""
    call = FakeCall()

    assert policy().call(call) == "done"
    assert (call.attempts, slept) == (1, [])


@pytest.mark.parametrize(
    "failure",
    [
        UnreachableError("x", retryable=True),
        ApiError(status=500),
        ApiError(status=503),
        ApiError(status=409, slug="idempotency_processing", retryable=True),
        RateLimitedError(status=429),
    ],
)
def test_passing_failure_is_tried_again(
    policy: Callable[..., RetryPolicy], slept: list[float], failure: SignaError
) -> None:
    """What may pass gets another attempt, after a wait."""
    call = FakeCall(failure)

    assert policy().call(call) == "done"
    assert (call.attempts, len(slept)) == (2, 1)


@pytest.mark.parametrize(
    "failure",
    [
        UnreachableError("x", retryable=False),
        ApiError(status=400),
        ApiError(status=409),
        ApiError(status=504, retryable=False),
        RateLimitedError(status=429, retryable=False),
        NotFoundError(status=404),
        ResponseFormatError("x"),
        ValueError("x"),
    ],
)
def test_final_failure_is_raised_at_once(
    policy: Callable[..., RetryPolicy], slept: list[float], failure: Exception
) -> None:
    """Signa's own `retryable: false` wins over the status; errors that are not ours are none of our business."""
    call = FakeCall(failure)

    with pytest.raises(type(failure)) as caught:
        policy().call(call)

    assert caught.value is failure
    assert (call.attempts, slept) == (1, [])


def test_attempts_are_bounded(policy: Callable[..., RetryPolicy], slept: list[float]) -> None:
    """The last failure is raised untouched."""
    failures = [ApiError(status=500, detail=str(number)) for number in range(9)]
    last = failures[2]
    call = FakeCall(*failures)

    with pytest.raises(ApiError) as caught:
        policy(max_attempts=3).call(call)

    assert caught.value is last
    assert (call.attempts, len(slept)) == (3, 2)


def test_default_is_five_attempts(policy: Callable[..., RetryPolicy]) -> None:
    """As the class says."""
    call = FakeCall(*[ApiError(status=500) for _ in range(9)])

    with pytest.raises(ApiError):
        policy().call(call)

    assert call.attempts == 5


def test_server_decides_how_long_to_wait(policy: Callable[..., RetryPolicy], slept: list[float]) -> None:
    """`Retry-After` wins over our own backoff, longer than its bound too, and on any status."""
    call = FakeCall(limited(42), ApiError(status=503, retry_after_s=30), limited(1))

    policy(max_backoff_s=2).call(call)

    assert slept == [42, 30, 1]


def test_own_waits_grow_up_to_their_bound(policy: Callable[..., RetryPolicy], slept: list[float]) -> None:
    """Full jitter: each between nothing and its bound, which doubles."""
    for _ in range(20):
        del slept[:]
        call = FakeCall(*[ApiError(status=500) for _ in range(5)])

        policy(max_attempts=9, base_s=1, max_backoff_s=4).call(call)

        assert all(0 <= wait <= bound for wait, bound in zip(slept, [1, 2, 4, 4, 4], strict=True))


def test_rate_limit_does_not_use_up_attempts(policy: Callable[..., RetryPolicy], slept: list[float]) -> None:
    """A busy organization is no fault; a fault in between still counts."""
    call = FakeCall(*[limited(1)] * 20, ApiError(status=500, retry_after_s=1), *[limited(1)] * 20)

    assert policy(max_attempts=2).call(call) == "done"
    assert slept == [1] * 41


def test_waits_are_bounded_together(policy: Callable[..., RetryPolicy], slept: list[float]) -> None:
    """However patient the server asks us to be."""
    call = FakeCall(*[limited(10)] * 50)

    with pytest.raises(RateLimitedError):
        policy(max_wait_s=35).call(call)

    assert slept == [10, 10, 10]


def test_wait_up_to_the_bound_is_begun(policy: Callable[..., RetryPolicy], slept: list[float]) -> None:
    """The bound belongs to the range."""
    policy(max_wait_s=30).call(FakeCall(limited(30)))

    assert slept == [30]


def test_wait_that_is_too_long_is_not_begun(policy: Callable[..., RetryPolicy], slept: list[float]) -> None:
    """Failing at once beats failing later."""
    call = FakeCall(limited(31))

    with pytest.raises(RateLimitedError):
        policy(max_wait_s=30).call(call)

    assert (call.attempts, slept) == (1, [])


def test_no_wait_means_no_second_attempt(policy: Callable[..., RetryPolicy], slept: list[float]) -> None:
    """A longest wait of 0 s switches retries off."""
    with pytest.raises(RateLimitedError):
        policy(max_wait_s=0).call(FakeCall(limited(1)))

    assert slept == []


@pytest.mark.parametrize("asked_for", [0, -5])
def test_server_that_says_at_once_is_not_hammered(
    policy: Callable[..., RetryPolicy], slept: list[float], asked_for: float
) -> None:
    """Refused again and again with `Retry-After: 0`, we choose the waits, and the bound ends it."""
    call = FakeCall(*[limited(asked_for) for _ in range(100_000)])

    with pytest.raises(RateLimitedError):
        policy(base_s=1, max_backoff_s=4, max_wait_s=20).call(call)

    assert call.attempts < 1000
    assert all(0 <= wait <= 4 for wait in slept)
    assert sum(slept) <= 20


def test_every_call_starts_afresh(policy: Callable[..., RetryPolicy]) -> None:
    """A policy is shared by all calls, and remembers none of them."""
    shared = policy(max_attempts=2)

    for _ in range(5):
        assert shared.call(FakeCall(ApiError(status=500))) == "done"
