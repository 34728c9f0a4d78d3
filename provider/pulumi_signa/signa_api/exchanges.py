"""Requests and their answers: sent at the pace of the rate limit, retried, and read page by page."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

from pulumi_signa.signa_api.errors import ResponseFormatError
from pulumi_signa.signa_api.models import Page, Row, parse
from pulumi_signa.signa_api.pacing.gate import RateGate
from pulumi_signa.signa_api.pacing.retry import RetryPolicy
from pulumi_signa.signa_api.pacing.wait_budget import Pause, WaitBudget
from pulumi_signa.signa_api.refusals import error_of
from pulumi_signa.signa_api.transport import Answer, Transport

PAGE_SIZE = 100
"""The most rows that a page may hold (https://docs.signa.so/api-reference/pagination)."""

MAX_PAGES = 100
"""Pages after which a list is taken for endless."""

LOGGER = logging.getLogger("pulumi_signa")

Pool = Literal["monitoring", "utility"]
"""
What a rate limit is counted for: tests and lists of deliveries are in another pool than all other calls here.

Source: https://docs.signa.so/api-reference/rate-limits
"""


class Exchange(NamedTuple):
    """`Exchange` is a successful answer, and how many requests, premature ones aside, led to it."""

    answer: Answer
    requests: int

    @property
    def is_replay(self) -> bool:
        """Whether Signa has repeated a stored answer."""
        return self.answer.headers.get("Idempotent-Replayed", "").lower() == "true"

    @property
    def made_earlier(self) -> bool:
        """Whether the stored answer is that to an earlier call."""
        return self.is_replay and self.requests == 1


def encode(body: Mapping[str, Any]) -> bytes:
    """Return the canonical JSON of a request body, so that equal bodies are equal bytes."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


class Exchanges:
    """`Exchanges` sends requests; threads share it, and the gate of each pool. The arguments are the client's."""

    def __init__(
        self,
        transport: Transport,
        retry: RetryPolicy,
        *,
        max_wait_s: float,
        pause: Pause,
        clock: Callable[[], float],
    ) -> None:
        self._transport = transport
        self._retry = retry
        self._max_wait_s = max_wait_s
        self._pause = pause
        self._clock = clock
        self._gates: dict[Pool, RateGate] = {"monitoring": RateGate(clock), "utility": RateGate(clock)}

    def send(  # noqa: PLR0913 - a request, and under which limits it is sent
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        idempotency_key: str | None = None,
        pool: Pool = "monitoring",
        max_wait_s: float | None = None,
    ) -> Exchange:
        """
        Send a request until an answer comes that ends the matter, with the same key and the same bytes each time.

        Args:
            max_wait_s: Bounds the waits, where less than the client's bound is wanted; the queue counts then.

        Raises:
            SignaError: As for every method of the client.
        """
        headers = {} if idempotency_key is None else {"Idempotency-Key": idempotency_key}
        longest_s = self._max_wait_s if max_wait_s is None else min(max_wait_s, self._max_wait_s)
        budget = WaitBudget(longest_s, self._pause, counts_queue=max_wait_s is not None)
        requests = 0

        def attempt() -> Answer:
            nonlocal requests
            with self._gates[pool].admitted(budget) as report:
                requests += 1
                sent_at = self._clock()
                try:
                    answer = self._transport.send(method, path, query=query, body=body, headers=headers)
                finally:
                    budget.spend(self._clock() - sent_at)
                report(answer.status, answer.headers)
            LOGGER.debug("%s %s: %s", method, path, answer.status)
            if not 200 <= answer.status < 300:  # noqa: PLR2004 - any 2xx is success: Signa documents no exact ones
                error = error_of(answer)
                requests -= error.is_premature
                raise error
            return answer

        answer = self._retry.call(attempt, budget)
        return Exchange(answer, requests)

    def pages(
        self,
        path: str,
        model: type[Page[Row]],
        operation: str,
        *,
        pool: Pool = "monitoring",
        max_wait_s: float | None = None,
        **query: str,
    ) -> Iterator[tuple[Row, ...]]:
        """Yield the rows of each page of a list; raise `ResponseFormatError` for a list that does not end."""
        query["limit"] = str(PAGE_SIZE)
        seen: set[str] = set()
        for _ in range(MAX_PAGES):
            answer = self.send("GET", path, query=query, pool=pool, max_wait_s=max_wait_s).answer
            page = parse(answer.body, model, operation=operation)
            yield page.data
            if not page.has_more:
                return
            cursor = page.pagination.cursor
            if cursor is None or cursor in seen:
                raise ResponseFormatError(
                    f"Signa's answer to {operation} has more pages and no new `$.pagination.cursor`"
                )
            seen.add(cursor)
            query["cursor"] = cursor
        raise ResponseFormatError(f"Signa's answer to {operation} does not end after {MAX_PAGES} pages")
