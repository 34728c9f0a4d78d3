"""
The gate that every call under one rate limit passes: first come, first served, and no call that would be refused.

`window` says how many calls the limit permits. The gate adds the queue, and the effect of a refusal: a 429 closes the
gate to all threads until `Retry-After` is over.

Source: https://docs.signa.so/guides/resilience
"""

import itertools
import math
import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from pulumi_signa.signa_api.errors import TOO_MANY_REQUESTS, WaitTooLongError
from pulumi_signa.signa_api.pacing.wait_budget import WaitBudget
from pulumi_signa.signa_api.pacing.window import OwnCall, RateWindow, WindowState, look_again_s
from pulumi_signa.signa_api.retry_after import retry_after_s

Report = Callable[[int, Mapping[str, str]], None]
"""Takes the status and the headers of an answer."""

_SHORTEST_CLOSURE_S = 1.0  # after a refusal that gives no time, or a time of 0 s
_FIRST_CALLS = 4  # that are sent before anything is known of the limit; one of them may get no answer
_LOOKS_PER_S = 100  # of all calls that wait for a known time; each look shows the user how long the wait still is


class RateGate:
    """
    `RateGate` holds back the calls of all threads under one rate limit. Once no limit is found, all calls pass.

    A call may wait as long as its budget says for the limit to let a call of ours through, itself or an earlier one.
    Each that gets through begins the time anew: so a long queue is no failure, and a limit that stays shut is one.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._tickets = itertools.count()
        self._queue: list[int] = []
        self._window = RateWindow()
        self._is_new = True
        self._closed_until = -math.inf
        self._was_refused = False
        self._let_through_at = -math.inf

    @contextmanager
    def admitted(self, budget: WaitBudget) -> Iterator[Report]:
        """
        Wait until one call may be sent; send the call inside, and report the answer. A call that raises counts as sent.

        Raises:
            WaitTooLongError: The wait is longer than the budget allows; it is not begun.
        """
        call = self._enter(budget)
        try:
            yield lambda status, headers: self._record(call, status, headers)
        finally:
            with self._lock:
                self._is_new = False
                if call in self._window.in_flight:
                    self._window.finish(call, self._clock())

    def _enter(self, budget: WaitBudget) -> OwnCall:
        with self._lock:
            came_at = self._clock()
            ticket = next(self._tickets)
            self._queue.append(ticket)
        try:
            while True:
                with self._lock:
                    now = self._clock()
                    ahead = bisect_left(self._queue, ticket)
                    wait_s = self._wait_s(ahead, now)
                    waited_s = now - (came_at if budget.counts_queue else max(came_at, self._let_through_at))
                    if wait_s <= 0:
                        budget.spend(waited_s)
                        return self._start(now)
                    shut_s = wait_s if budget.counts_queue else self._wait_s(0, now)
                    limit, is_known = self._limit(), not self._is_new
                    step_s = min(wait_s, max(1, len(self._queue) / _LOOKS_PER_S))
                if is_known and not budget.allows(waited_s + shut_s):
                    raise WaitTooLongError(f"{limit} is used up for another {math.ceil(shut_s)} s")
                budget.pause(step_s, f"waiting for {limit}", wait_s)
        finally:
            with self._lock:
                del self._queue[bisect_left(self._queue, ticket)]

    def _wait_s(self, ahead: int, now: float) -> float:
        """Return the seconds to wait before the call with this many ahead of it may be sent, or should look again."""
        if now < self._closed_until:
            return self._closed_until - now
        if self._is_new or self._was_refused:
            # The window may be full, so few calls go first; the others would be refused like them.
            at_once = _FIRST_CALLS if self._is_new else 1
            return 0 if ahead + len(self._window.in_flight) < at_once else look_again_s(ahead)
        return self._window.wait_s(ahead, now)

    def _start(self, now: float) -> OwnCall:
        # After a refusal only the answer shows that the call got through.
        if not self._was_refused:
            self._let_through_at = now
        return self._window.start(now)

    def _record(self, call: OwnCall, status: int, headers: Mapping[str, str]) -> None:
        state = WindowState.in_headers(headers)
        with self._lock:
            now = self._clock()
            self._was_refused = status == TOO_MANY_REQUESTS
            if self._was_refused:
                self._window.remove(call)
                self._closed_until = max(self._closed_until, now + _closure_s(headers, state))
            else:
                self._let_through_at = now
            if state is not None:
                self._window.update(call, state, now)
            elif 200 <= status < 300:  # noqa: PLR2004 - any 2xx comes from Signa, an error perhaps from a gateway
                self._window.forget()
            if not self._was_refused:
                self._window.finish(call, now)

    def _limit(self) -> str:
        state = self._window.state
        if state is None:
            return "Signa's rate limit"
        return f"Signa's rate limit of {state.limit} calls per {state.window_s} s"


def _closure_s(headers: Mapping[str, str], state: WindowState | None) -> float:
    asked_for_s = retry_after_s(headers)
    if asked_for_s is not None:
        return max(_SHORTEST_CLOSURE_S, asked_for_s)
    return _SHORTEST_CLOSURE_S if state is None else max(_SHORTEST_CLOSURE_S, state.reset_s)
