"""
The gate that every call under one rate limit passes: first come, first served, and no call that would be refused.

`window` says how many calls the limit permits. The gate adds the queue, and the effect of a refusal: a 429 closes the
gate to all threads until `Retry-After` is over.

Source: https://docs.signa.so/guides/resilience
"""

import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from pulumi_signa.signa_api.errors import TOO_MANY_REQUESTS, WaitTooLongError
from pulumi_signa.signa_api.pacing.wait_budget import WaitBudget
from pulumi_signa.signa_api.pacing.window import OwnCall, RateWindow, WindowState
from pulumi_signa.signa_api.retry_after import retry_after_s

Report = Callable[[int, Mapping[str, str]], None]
"""Takes the status and the headers of an answer."""

_SHORTEST_CLOSURE_S = 1.0  # after a refusal that gives no time, or a time of 0 s
_LOOK_AGAIN_S = 0.1  # while a call in flight finds out whether the limit permits more


class RateGate:
    """`RateGate` holds back the calls of all threads under one rate limit; without a known limit, all calls pass."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._queue: list[object] = []
        self._window = RateWindow()
        self._closed_until = -math.inf
        self._was_refused = False

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
                if call.ended_at is None:
                    self._window.finish(call, self._clock())

    def _enter(self, budget: WaitBudget) -> OwnCall:
        ticket = object()
        with self._lock:
            self._queue.append(ticket)
        try:
            while True:
                with self._lock:
                    now = self._clock()
                    wait_s = self._wait_s(self._queue.index(ticket), now)
                    if wait_s <= 0:
                        return self._window.start(now)
                    limit = self._limit()
                if not budget.allows(wait_s):
                    raise WaitTooLongError(f"{limit} is used up for another {math.ceil(wait_s)} s")
                budget.wait_step(wait_s, f"waiting for {limit}")
        finally:
            with self._lock:
                self._queue.remove(ticket)

    def _wait_s(self, ahead: int, now: float) -> float:
        """Return the seconds to wait before the call with this many ahead of it may be sent, or should look again."""
        if now < self._closed_until:
            return self._closed_until - now
        if self._was_refused:
            # The window may still be full, so one call goes first; the others would be refused like it.
            return _LOOK_AGAIN_S if ahead or self._window.has_call_in_flight else 0
        return self._window.wait_s(ahead, now)

    def _record(self, call: OwnCall, status: int, headers: Mapping[str, str]) -> None:
        state = WindowState.in_headers(headers)
        with self._lock:
            now = self._clock()
            self._was_refused = status == TOO_MANY_REQUESTS
            if self._was_refused:
                self._window.remove(call)
                self._closed_until = max(self._closed_until, now + _closure_s(headers, state))
            if state is not None:
                self._window.update(call, state, now)
            elif 200 <= status < 300:  # noqa: PLR2004 - any 2xx comes from Signa, an error perhaps from a gateway
                self._window.forget()
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
