"""Which failures are tried again, when, and for how long."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import tenacity

from pulumi_signa.signa_api.errors import RateLimitedError, SignaError

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """
    Bounded attempts and bounded waiting, with full jitter; what the server asks for wins.

    Attributes:
        max_attempts: Failures of one call before it is given up, refusals by the rate limit not counted.
        base_s: Upper bound of the first wait, doubled on each further one, in seconds.
        max_backoff_s: Upper bound of any wait we choose ourselves, in seconds.
        max_wait_s: All waits of one call together, in seconds. A longer one is not begun: failing at once beats
            failing later.
        sleep: Waits that many seconds.

    Source: https://docs.signa.so/guides/resilience
    """

    max_attempts: int = 5
    base_s: float = 0.5
    max_backoff_s: float = 20.0
    max_wait_s: float = 300.0
    sleep: Callable[[float], None] = time.sleep

    def call(self, attempt: Callable[[], Result]) -> Result:
        """
        Call until it succeeds, fails for good, or a bound is reached.

        Raises:
            SignaError: The last failure, untouched.
        """
        backoff = tenacity.wait_random_exponential(multiplier=self.base_s, max=self.max_backoff_s)
        faults = 0

        def wait(state: tenacity.RetryCallState) -> float:
            asked_for = getattr(_failure(state), "retry_after_s", None)
            # "At once" is no answer to how long: without a wait of its own, a refusal that comes again never ends.
            return asked_for if asked_for is not None and asked_for > 0 else backoff(state)

        def stop(state: tenacity.RetryCallState) -> bool:
            nonlocal faults
            if not isinstance(_failure(state), RateLimitedError):
                faults += 1
            return faults >= self.max_attempts or state.idle_for + state.upcoming_sleep > self.max_wait_s

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(lambda error: isinstance(error, SignaError) and error.retryable),
            wait=wait,
            stop=stop,
            sleep=self.sleep,
            reraise=True,
        )
        return retrying(attempt)


def _failure(state: tenacity.RetryCallState) -> BaseException | None:
    return None if state.outcome is None else state.outcome.exception()
