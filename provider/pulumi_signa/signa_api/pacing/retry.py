"""Which failures are retried, after how long, and how often."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from pulumi_signa.signa_api.errors import RateLimitedError, SignaError
from pulumi_signa.signa_api.pacing.wait_budget import WaitBudget

Result = TypeVar("Result")

_PREMATURE_WAIT_S = 1.0  # where the server does not say how long


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """
    `RetryPolicy` retries a call after exponential backoff with full jitter; the server's `Retry-After` wins.

    Attributes:
        max_attempts: Failures after which a call is given up. Premature requests (`SignaError.is_premature`) are not
            counted; the wait budget alone limits them.
        base_s: Upper bound of the first backoff, doubled with each further failure, in seconds.
        max_backoff_s: Upper bound of every backoff, in seconds. It does not bound `Retry-After`.

    Example:
        >>> from pulumi_signa.signa_api.errors import UnreachableError
        >>> from pulumi_signa.signa_api.pacing.wait_budget import WaitBudget, sleep
        >>> answers = ["hello"]
        >>> def greet() -> str:
        ...     if not answers:
        ...         raise UnreachableError("nobody is there", retryable=True)
        ...     return answers.pop()
        >>> RetryPolicy().call(greet, WaitBudget(30, sleep))
        'hello'
        >>> RetryPolicy(max_attempts=2, base_s=0.01).call(greet, WaitBudget(30, sleep))
        Traceback (most recent call last):
        pulumi_signa.signa_api.errors.UnreachableError: nobody is there

    Source: https://docs.signa.so/guides/resilience
    """

    max_attempts: int = 5
    base_s: float = 0.5
    max_backoff_s: float = 20.0

    def call(self, attempt: Callable[[], Result], budget: WaitBudget) -> Result:
        """
        Call `attempt` until it succeeds, and return its result.

        Args:
            attempt: Sends the request once, behind the rate gate.
            budget: Limits all waits and failed attempts together; a longer wait is not begun.

        Raises:
            SignaError: The last failure, unchanged: not retryable, or there were too many, or the wait is too long.
        """
        failures = 0
        while True:
            try:
                return attempt()
            except SignaError as error:
                failures += not error.is_premature
                wait_s = self._wait_s(error, failures)
                if not error.retryable or failures >= self.max_attempts or not budget.allows(wait_s):
                    raise
                failure = error
            # A 429 has closed the rate gate, and the next attempt waits there.
            if not isinstance(failure, RateLimitedError):
                budget.wait(wait_s, f"{failure.summary}, trying again")

    def _wait_s(self, error: SignaError, failures: int) -> float:
        # Without a wait, a server that answers `Retry-After: 0` for ever would be asked for ever.
        if error.retry_after_s is not None and error.retry_after_s > 0:
            return error.retry_after_s
        if error.is_premature:
            return _PREMATURE_WAIT_S
        backoff_s = min(self.max_backoff_s, self.base_s * 2 ** (failures - 1))
        return random.uniform(0, backoff_s)  # noqa: S311 - jitter, not a secret
