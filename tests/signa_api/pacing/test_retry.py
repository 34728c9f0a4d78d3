"""Which failures are retried, after how long, and how often; nothing here really waits."""

import doctest

import pytest

from pulumi_signa.signa_api.errors import (
    ApiError,
    ConflictError,
    NotFoundError,
    RateLimitedError,
    ResponseFormatError,
    SignaError,
    UnreachableError,
    WaitTooLongError,
)
from pulumi_signa.signa_api.pacing import retry
from pulumi_signa.signa_api.pacing.retry import RetryPolicy
from pulumi_signa.signa_api.pacing.wait_budget import WaitBudget


class FakeCall:
    """A call that raises the given failures, attempt after attempt, and then succeeds."""

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


class FakeBudget(WaitBudget):
    """
    A budget that keeps the waits.

    Attributes:
        seconds: Length of each wait, oldest first.
        reasons: Reason of each wait.
    """

    def __init__(self, left_s: float = 300) -> None:
        """Begin without a wait."""
        super().__init__(left_s, lambda _seconds, _text: None)
        self.seconds: list[float] = []
        self.reasons: list[str] = []

    def wait(self, seconds: float, reason: str) -> None:
        """Keep the wait."""
        self.seconds.append(seconds)
        self.reasons.append(reason)
        super().wait(seconds, reason)


@pytest.fixture
def budget() -> FakeBudget:
    """Return a budget of 300 s."""
    return FakeBudget()


def busy(retry_after_s: float | None = None) -> ApiError:
    """Return the answer to a key whose first request is still in flight."""
    return ApiError(status=409, slug="idempotency_processing", retry_after_s=retry_after_s)


def limited(retry_after_s: float | None = None) -> RateLimitedError:
    """Return a refusal by the rate limit."""
    return RateLimitedError(status=429, retry_after_s=retry_after_s)


def test_example_in_the_docstring_works() -> None:
    """`RetryPolicy`'s docstring shows what a call returns and raises."""
    result = doctest.testmod(retry)

    assert result.attempted > 0
    assert result.failed == 0


def test_success_waits_for_nothing(budget: FakeBudget) -> None:
    """A call that succeeds is one attempt."""
    call = FakeCall()

    assert RetryPolicy().call(call, budget) == "done"
    assert (call.attempts, budget.seconds) == (1, [])


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (UnreachableError("cannot reach a:443", retryable=True), "cannot reach a:443, trying again"),
        (ApiError(status=503, detail="Down for repair.", request_id="req_1"), "Signa answered 503, trying again"),
        (ApiError(status=409, retryable=True), "Signa answered 409, trying again"),
        (busy(), "Signa answered 409, trying again"),
    ],
)
def test_passing_failure_is_retried_after_a_wait(budget: FakeBudget, failure: SignaError, reason: str) -> None:
    """The reason fits on a resource's line."""
    call = FakeCall(failure)

    assert RetryPolicy().call(call, budget) == "done"
    assert (call.attempts, budget.reasons) == (2, [reason])


@pytest.mark.parametrize(
    "failure",
    [
        UnreachableError("x", retryable=False),
        ApiError(status=400),
        ConflictError(status=409),
        ApiError(status=504, retryable=False),
        RateLimitedError(status=429, retryable=False),
        ApiError(status=409, slug="idempotency_processing", retryable=False),
        NotFoundError(status=404),
        ResponseFormatError("x"),
        WaitTooLongError("x"),
        ValueError("x"),
    ],
)
def test_final_failure_is_raised_at_once(budget: FakeBudget, failure: Exception) -> None:
    """Signa's `retryable: false` wins over the status, and other libraries' errors pass through."""
    call = FakeCall(failure)

    with pytest.raises(type(failure)) as caught:
        RetryPolicy().call(call, budget)

    assert caught.value is failure
    assert (call.attempts, budget.seconds) == (1, [])


@pytest.mark.parametrize(("policy", "attempts"), [(RetryPolicy(), 5), (RetryPolicy(max_attempts=3), 3)])
def test_attempts_are_bounded(budget: FakeBudget, policy: RetryPolicy, attempts: int) -> None:
    """The last failure is raised unchanged."""
    failures = [ApiError(status=500, detail=str(number)) for number in range(9)]
    last = failures[attempts - 1]
    call = FakeCall(*failures)

    with pytest.raises(ApiError) as caught:
        policy.call(call, budget)

    assert caught.value is last
    assert (call.attempts, len(budget.seconds)) == (attempts, attempts - 1)


def test_server_decides_how_long_to_wait(budget: FakeBudget) -> None:
    """`Retry-After` wins over the backoff and its bound, with any status."""
    call = FakeCall(ApiError(status=500, retry_after_s=42), ApiError(status=503, retry_after_s=30), busy(3))

    RetryPolicy(max_backoff_s=2).call(call, budget)

    assert budget.seconds == [42, 30, 3]


@pytest.mark.parametrize("asked_for", [None, 0, -5])
def test_backoff_doubles_up_to_its_bound(asked_for: float | None) -> None:
    """With full jitter, each wait lies between zero and its bound; a `Retry-After` that is not positive is ignored."""
    for _ in range(20):
        budget = FakeBudget()
        call = FakeCall(*[ApiError(status=500, retry_after_s=asked_for) for _ in range(5)])

        RetryPolicy(max_attempts=9, base_s=1, max_backoff_s=4).call(call, budget)

        assert all(0 <= wait <= bound for wait, bound in zip(budget.seconds, [1, 2, 4, 4, 4], strict=True))


@pytest.mark.parametrize("asked_for", [None, 0, -5])
def test_key_in_use_is_asked_about_once_a_second(budget: FakeBudget, asked_for: float | None) -> None:
    """A wait of 1 s takes the place of a `Retry-After` that is absent or not positive."""
    RetryPolicy().call(FakeCall(*[busy(asked_for)] * 3), budget)

    assert budget.seconds == [1, 1, 1]


def test_gate_waits_for_the_rate_limit(budget: FakeBudget) -> None:
    """A wait here would come on top of the gate's."""
    RetryPolicy().call(FakeCall(limited(30), limited()), budget)

    assert budget.seconds == []


@pytest.mark.parametrize("premature", [limited(1), busy(1)])
def test_premature_requests_are_not_counted(budget: FakeBudget, premature: ApiError) -> None:
    """A failure in between is counted."""
    call = FakeCall(*[premature] * 20, ApiError(status=500, retry_after_s=1), *[premature] * 20)

    assert RetryPolicy(max_attempts=2).call(call, budget) == "done"
    assert call.attempts == 42


@pytest.mark.parametrize("failure", [busy(), busy(0), busy(10), busy(1e9)])
def test_budget_bounds_premature_requests(failure: ApiError) -> None:
    """The server may say "later" for ever."""
    budget = FakeBudget(35)
    call = FakeCall(*[failure] * 100)

    with pytest.raises(ApiError) as caught:
        RetryPolicy().call(call, budget)

    assert caught.value is failure
    assert call.attempts <= 36
    assert sum(budget.seconds) <= 35


def test_wait_up_to_the_bound_is_begun() -> None:
    """A wait that uses the whole budget fits."""
    budget = FakeBudget(30)

    RetryPolicy().call(FakeCall(busy(30)), budget)

    assert budget.seconds == [30]


@pytest.mark.parametrize("budget_s", [30, 0])
@pytest.mark.parametrize("failure", [ApiError(status=503, retry_after_s=31), busy(31), limited(31)])
def test_wait_that_is_too_long_is_not_begun(failure: ApiError, budget_s: float) -> None:
    """Signa's own error is raised at once."""
    budget = FakeBudget(budget_s)
    call = FakeCall(failure)

    with pytest.raises(type(failure)) as caught:
        RetryPolicy().call(call, budget)

    assert caught.value is failure
    assert (call.attempts, budget.seconds) == (1, [])


def test_every_call_starts_afresh(budget: FakeBudget) -> None:
    """All calls share one policy, which keeps nothing of them."""
    shared = RetryPolicy(max_attempts=2)

    for _ in range(5):
        assert shared.call(FakeCall(ApiError(status=500)), budget) == "done"
