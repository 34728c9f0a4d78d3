"""
The gate before a rate limit: it sends what the limit permits, and holds back what would be refused.

What the limit permits, `rate_window` reckons. Here are the waiting, in the order of coming, and the refusals: one of
them closes the gate to all, for as long as `Retry-After` says.

Source: https://docs.signa.so/guides/resilience
"""

import math
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from pulumi_signa.signa_api.errors import TOO_MANY_REQUESTS, WaitTooLongError
from pulumi_signa.signa_api.pacing.wait_budget import WaitBudget
from pulumi_signa.signa_api.pacing.window import OwnCall, RateWindow, WindowState

Report = Callable[[int, Mapping[str, str]], None]
"""Takes the status and the headers of an answer."""

_SHORTEST_CLOSURE_S = 1.0
"""For a refusal that does not say how long to wait; "at once" is no answer either."""

_LOOK_AGAIN_S = 0.1
"""While a call is under way that finds out whether the limit permits more."""

_SECONDS = re.compile(r"[0-9]{1,9}")


class RateGate:
    """
    The one way to Signa for all calls under the same limit, whatever thread they come from.

    While no limit is known, everything passes.

    Args:
        clock: Gives seconds, and never goes back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._queue: list[object] = []
        self._window = RateWindow()
        self._closed_until = -math.inf
        self._refused = False

    @contextmanager
    def admitted(self, budget: WaitBudget) -> Iterator[Report]:
        """
        Wait for admission, and send one call inside; if that raises, the call counts as made.

        Yields:
            What must be told of the answer.

        Raises:
            WaitTooLongError: Admission takes longer than the budget lasts; the rest of it is not waited for.
        """
        call = self._enter(budget)
        try:
            yield lambda status, headers: self._learn(call, status, headers)
        finally:
            with self._lock:
                if call.ended_at is None:
                    self._window.close(call, self._clock())

    def _enter(self, budget: WaitBudget) -> OwnCall:
        place = object()
        with self._lock:
            self._queue.append(place)
        try:
            while True:
                with self._lock:
                    now = self._clock()
                    wait_s = self._wait_s(self._queue.index(place), now)
                    if wait_s <= 0:
                        return self._window.open(now)
                    limit = self._limit()
                if not budget.allows(wait_s):
                    raise WaitTooLongError(f"{limit} is used up for another {math.ceil(wait_s)} s")
                budget.wait_step(wait_s, f"waiting for {limit}")
        finally:
            with self._lock:
                self._queue.remove(place)

    def _wait_s(self, ahead: int, now: float) -> float:
        """Give the seconds until a call may pass that has so many before it, or until it is worth while to ask."""
        if now < self._closed_until:
            return self._closed_until - now
        if self._refused:
            # One call goes first: the others would be refused like it.
            return _LOOK_AGAIN_S if ahead or self._window.has_call_under_way else 0
        return self._window.wait_s(ahead, now)

    def _learn(self, call: OwnCall, status: int, headers: Mapping[str, str]) -> None:
        standing = WindowState.in_headers(headers)
        with self._lock:
            now = self._clock()
            self._refused = status == TOO_MANY_REQUESTS
            if self._refused:
                self._window.strike_out(call)
                self._closed_until = max(self._closed_until, now + _closure_s(headers, standing))
            if standing is not None:
                self._window.learn(call, standing, now)
            elif 200 <= status < 300:  # noqa: PLR2004 - any 2xx is Signa's own, an error perhaps a gateway's
                self._window.forget()
            self._window.close(call, now)

    def _limit(self) -> str:
        standing = self._window.standing
        if standing is None:
            return "Signa's rate limit"
        return f"Signa's rate limit of {standing.limit} calls per {standing.window_s} s"


def _closure_s(headers: Mapping[str, str], standing: WindowState | None) -> float:
    asked_for = _SECONDS.fullmatch(headers.get("Retry-After", ""))
    if asked_for is not None:
        return max(_SHORTEST_CLOSURE_S, int(asked_for[0]))
    return _SHORTEST_CLOSURE_S if standing is None else max(_SHORTEST_CLOSURE_S, standing.reset_s)
