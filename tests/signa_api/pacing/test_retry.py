"""Which failures are tried again, when, and how often; nothing here really waits."""

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


class FakeBudget(WaitBudget):
    """
    WaitBudget that notes the waits.

    Attributes:
        waits: Seconds and reason of each, oldest first.
    """

    def __init__(self, left_s: float = 300) -> None:
        """Begin."""
        super().__init__(left_s, lambda _seconds, _text: None)
        self.waits: list[tuple[float, str]] = []

    @property
    def seconds(self) -> list[float]:
        """How long each took."""
        return [seconds for seconds, _ in self.waits]

    def wait(self, seconds: float, reason: str) -> None:
        """Note the wait."""
        self.waits.append((seconds, reason))
        super().wait(seconds, reason)


@pytest.fixture
def budget() -> FakeBudget:
    """Give 300 s of budget."""
    return FakeBudget()


def busy(retry_after_s: float | None = None) -> ApiError:
    """Give the answer to a key whose first call is still under way."""
    return ApiError(status=409, slug="idempotency_processing", retry_after_s=retry_after_s)


def limited(retry_after_s: float | None = None) -> RateLimitedError:
    """Give a refusal by the rate limit."""
    return RateLimitedError(status=429, retry_after_s=retry_after_s)


def test_success_waits_for_nothing(budget: FakeBudget) -> None:
    """One call, one attempt."""
    call = FakeCall()

    assert RetryPolicy().call(call, budget) == "done"
    assert (call.attempts, budget.waits) == (1, [])


@pytest.mark.parametrize(
    "failure",
    [
        UnreachableError("x", retryable=True),
        ApiError(status=500),
        ApiError(status=503),
        ApiError(status=409, retryable=True),
        busy(),
    ],
)
def test_passing_failure_is_tried_again(budget: FakeBudget, failure: SignaError) -> None:
    """What may pass gets another attempt, after a wait."""
    call = FakeCall(failure)

    assert RetryPolicy().call(call, budget) == "done"
    assert (call.attempts, len(budget.waits)) == (2, 1)


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
    """Signa's own `retryable: false` wins over the status; errors that are not ours are none of our business."""
    call = FakeCall(failure)

    with pytest.raises(type(failure)) as caught:
        RetryPolicy().call(call, budget)

    assert caught.value is failure
    assert (call.attempts, budget.waits) == (1, [])


def test_attempts_are_bounded(budget: FakeBudget) -> None:
    """The last failure is raised untouched."""
    failures = [ApiError(status=500, detail=str(number)) for number in range(9)]
    last = failures[2]
    call = FakeCall(*failures)

    with pytest.raises(ApiError) as caught:
        RetryPolicy(max_attempts=3).call(call, budget)

    assert caught.value is last
    assert (call.attempts, len(budget.waits)) == (3, 2)


@pytest.mark.parametrize("failure", [ApiError(status=400, retryable=True), UnreachableError("x", retryable=True)])
def test_default_is_five_attempts(budget: FakeBudget, failure: SignaError) -> None:
    """However long a server says that it may pass."""
    call = FakeCall(*[failure] * 9)

    with pytest.raises(type(failure)):
        RetryPolicy().call(call, budget)

    assert call.attempts == 5


def test_server_decides_how_long_to_wait(budget: FakeBudget) -> None:
    """`Retry-After` wins over our own backoff, longer than its bound too, and on any status."""
    call = FakeCall(ApiError(status=500, retry_after_s=42), ApiError(status=503, retry_after_s=30), busy(3))

    RetryPolicy(max_backoff_s=2).call(call, budget)

    assert budget.seconds == [42, 30, 3]


def test_own_waits_grow_up_to_their_bound() -> None:
    """Full jitter: each between nothing and its bound, which doubles."""
    for _ in range(20):
        budget = FakeBudget()
        call = FakeCall(*[ApiError(status=500) for _ in range(5)])

        RetryPolicy(max_attempts=9, base_s=1, max_backoff_s=4).call(call, budget)

        assert all(0 <= wait <= bound for wait, bound in zip(budget.seconds, [1, 2, 4, 4, 4], strict=True))


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (ApiError(status=503, detail="Down for repair.", request_id="req_1"), "Signa answered 503, trying again"),
        (UnreachableError("cannot reach a:443", retryable=True), "cannot reach a:443, trying again"),
    ],
)
def test_wait_says_what_for(budget: FakeBudget, failure: SignaError, reason: str) -> None:
    """In a few words: they have to fit on a resource's line."""
    RetryPolicy().call(FakeCall(failure), budget)

    assert [told for _, told in budget.waits] == [reason]


def test_gate_waits_for_the_rate_limit(budget: FakeBudget) -> None:
    """A second wait would let go by what the limit permits."""
    RetryPolicy().call(FakeCall(limited(30), limited()), budget)

    assert budget.waits == []


@pytest.mark.parametrize("too_early", [limited(1), busy(1)])
def test_what_is_premature_is_no_attempt(budget: FakeBudget, too_early: ApiError) -> None:
    """A busy organization is no fault, nor is a slow first call; a fault in between still counts."""
    call = FakeCall(*[too_early] * 20, ApiError(status=500, retry_after_s=1), *[too_early] * 20)

    assert RetryPolicy(max_attempts=2).call(call, budget) == "done"
    assert call.attempts == 42


@pytest.mark.parametrize("asked_for", [None, 0, -5])
def test_key_in_use_is_asked_about_once_a_second(budget: FakeBudget, asked_for: float | None) -> None:
    """Unless the server says when."""
    RetryPolicy().call(FakeCall(*[busy(asked_for)] * 3), budget)

    assert budget.seconds == [1, 1, 1]


@pytest.mark.parametrize("failure", [busy(), busy(0), busy(10), busy(1e9)])
def test_patience_bounds_what_comes_too_early(failure: ApiError) -> None:
    """However often the server puts us off."""
    budget = FakeBudget(35)
    call = FakeCall(*[failure] * 100)

    with pytest.raises(ApiError) as caught:
        RetryPolicy().call(call, budget)

    assert caught.value is failure
    assert call.attempts <= 36
    assert sum(budget.seconds) <= 35


def test_wait_up_to_the_bound_is_begun() -> None:
    """The bound belongs to the range."""
    budget = FakeBudget(30)

    RetryPolicy().call(FakeCall(busy(30)), budget)

    assert budget.seconds == [30]


@pytest.mark.parametrize("failure", [ApiError(status=503, retry_after_s=31), busy(31), limited(31)])
def test_wait_that_is_too_long_is_not_begun(failure: ApiError) -> None:
    """Failing at once beats failing later, and Signa's own words say more than ours."""
    budget = FakeBudget(30)
    call = FakeCall(failure)

    with pytest.raises(type(failure)) as caught:
        RetryPolicy().call(call, budget)

    assert caught.value is failure
    assert (call.attempts, budget.waits) == (1, [])


@pytest.mark.parametrize("failure", [ApiError(status=503), busy(), limited()])
def test_no_patience_means_no_second_attempt(failure: ApiError) -> None:
    """A longest wait of 0 s switches retries off."""
    call = FakeCall(failure)

    with pytest.raises(type(failure)):
        RetryPolicy().call(call, FakeBudget(0))

    assert call.attempts == 1


def test_every_call_starts_afresh(budget: FakeBudget) -> None:
    """A policy is shared by all calls, and remembers none of them."""
    shared = RetryPolicy(max_attempts=2)

    for _ in range(5):
        assert shared.call(FakeCall(ApiError(status=500)), budget) == "done"


def test_example_in_the_docstring_works() -> None:
    """`RetryPolicy`'s docstring shows what its calls return and raise."""
    result = doctest.testmod(retry)

    assert result.attempted > 0
    assert result.failed == 0
