"""Which failures are tried again, when, and how often."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, cast

import tenacity

from pulumi_signa.signa_api.errors import RateLimitedError, SignaError
from pulumi_signa.signa_api.pacing.wait_budget import WaitBudget

Result = TypeVar("Result")

_COME_AGAIN_S = 1.0
"""After an answer that asks to come again later and does not say when."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """
    Bounded attempts, with full jitter between them; what the server asks for wins.

    Attributes:
        max_attempts: Failures of one call before it is given up. Those that only ask to come again later do not
            count: budget alone bounds them.
        base_s: Upper bound of the first wait, doubled on each further one, in seconds.
        max_backoff_s: Upper bound of any wait we choose ourselves, in seconds.

    Source: https://docs.signa.so/guides/resilience
    """

    max_attempts: int = 5
    base_s: float = 0.5
    max_backoff_s: float = 20.0

    def call(self, attempt: Callable[[], Result], budget: WaitBudget) -> Result:
        """
        Call until it succeeds, fails for good, or a bound is reached.

        Args:
            attempt: Makes one; it passes the gate of the rate limit, which does the waiting for that.
            budget: Bounds all waits together; a wait beyond it is not begun.

        Raises:
            SignaError: The last failure, untouched.
        """
        backoff = tenacity.wait_random_exponential(multiplier=self.base_s, max=self.max_backoff_s)
        faults = 0

        def wait(state: tenacity.RetryCallState) -> float:
            failure = _failure(state)
            # "At once" is no answer to how long: without a wait, a failure that comes again never ends.
            if failure.retry_after_s is not None and failure.retry_after_s > 0:
                return failure.retry_after_s
            return _COME_AGAIN_S if failure.is_premature else backoff(state)

        def stop(state: tenacity.RetryCallState) -> bool:
            nonlocal faults
            faults += not _failure(state).is_premature
            return faults >= self.max_attempts or not budget.allows(state.upcoming_sleep)

        def pause(state: tenacity.RetryCallState) -> None:
            failure = _failure(state)
            # After a refusal by the rate limit, the gate before the next attempt makes it wait.
            if not isinstance(failure, RateLimitedError):
                budget.wait(state.upcoming_sleep, f"{failure.summary}, trying again")

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(lambda error: isinstance(error, SignaError) and error.retryable),
            wait=wait,
            stop=stop,
            # `sleep` is not told of the failure.
            before_sleep=pause,
            sleep=lambda _seconds: None,
            reraise=True,
        )
        return retrying(attempt)


def _failure(state: tenacity.RetryCallState) -> SignaError:
    """Give the failure that is to be tried again, which is one of ours."""
    return cast("SignaError", state.outcome and state.outcome.exception())
