"""
Deliveries: attempt rows, retries, redelivery and auto-disable.

Source: https://docs.signa.so/guides/monitoring/webhooks, …/webhook-signature-verification and
https://docs.signa.so/api-reference/monitoring/webhooks/list-deliveries. Open points: the retry delays, the
auto-disable threshold and the timeout (all settings); the values of `status`.
"""

from __future__ import annotations

import heapq
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from signa_emulator.deliveries.sending import GONE, Outcome, send
from signa_emulator.rules.errors import IdTypeMismatchError, NotFoundError
from signa_emulator.rules.ids import is_uuid, new_uuid
from signa_emulator.signing import Event, SignedRequest, sign

if TYPE_CHECKING:
    from signa_emulator.clock import Clock
    from signa_emulator.rules.endpoints import Endpoint, Endpoints
    from signa_emulator.settings import Settings

_RETENTION = timedelta(days=30)
_WORKERS = 4


@dataclass
class Attempt:
    """
    One try to deliver one event to one endpoint.

    Attributes:
        sequence: Grows with every attempt made.
        id: A UUID without prefix.
        endpoint_id: The endpoint it goes to.
        event: The event it carries.
        attempt: The number of the try for the event and endpoint, from 1; a redelivery has a number of its own too,
            because proxies and queues in front of a receiver drop duplicates of event and number.
        created_at: When it was queued.
        signed_at: When it was signed.
        status: `pending`, `delivered`, `failed`, or `exhausted` for a failure with no retry left.
        http_status: The receiver's status, or None.
        response_body: The beginning of the receiver's body, or None.
        next_retry_at: When the next try is due after a failure, or None.
        delivered_at: When the receiver accepted it, or None.
    """

    sequence: int
    id: str
    endpoint_id: str
    event: Event
    attempt: int
    created_at: datetime
    signed_at: datetime
    status: Literal["pending", "delivered", "failed", "exhausted"] = "pending"
    http_status: int | None = None
    response_body: str | None = None
    next_retry_at: datetime | None = None
    delivered_at: datetime | None = None


class Deliveries:
    """
    The queue of attempts, the threads that send them, and a row of each attempt.

    Every public method takes the organization's lock itself. Nothing is sent while the lock is held.
    """

    def __init__(
        self, lock: threading.RLock, clock: Clock, endpoints: Endpoints, settings: Callable[[], Settings]
    ) -> None:
        self._clock = clock
        self._endpoints = endpoints
        self._settings = settings
        self._changed = threading.Condition(lock)
        self._rows: dict[str, list[Attempt]] = {}
        self._made = 0
        self._retries: list[tuple[datetime, int, Attempt]] = []
        self._jobs: queue.SimpleQueue[tuple[Attempt, SignedRequest] | None] = queue.SimpleQueue()
        self._in_flight = 0
        self._stopped = False

    def start(self) -> None:
        """
        Start the threads that send and retry.

        The threads are daemons, so that a receiver that hangs does not keep the process alive.
        """
        for _ in range(_WORKERS):
            threading.Thread(target=self._send_jobs, name="signa-emulator-sender", daemon=True).start()
        threading.Thread(target=self._retry_when_due, name="signa-emulator-retries", daemon=True).start()

    def stop(self) -> None:
        """End the threads after their present attempt; queued attempts are not sent."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        for _ in range(_WORKERS):
            self._jobs.put(None)

    def enqueue(self, event: Event, endpoint: Endpoint, *, is_sent: bool = True) -> Attempt:
        """Sign an event for an endpoint now, and send the request as soon as a thread is free, or never."""
        with self._changed:
            now = self._clock.now()
            rows = self._rows.setdefault(endpoint.id, [])
            number = 1 + sum(row.event.id == event.id for row in rows)
            self._made += 1
            row = Attempt(self._made, new_uuid(now), endpoint.id, event, number, now, now)
            rows.append(row)
            if is_sent:
                self._in_flight += 1
                self._jobs.put((row, sign(event, endpoint, attempt=number, now=now)))
            return row

    def newest_first(self, endpoint: Endpoint, since: datetime | None = None) -> list[Attempt]:
        """
        Return an endpoint's attempts of the last 30 days, or since a later moment, `since` included.

        Open point: what an earlier `since` gives; see the setting `old_since`.

        Source: https://docs.signa.so/api-reference/monitoring/webhooks/list-deliveries
        """
        with self._changed:
            oldest = self._clock.now() - _RETENTION
            if since is not None and since < oldest and self._settings().old_since == "empty":
                return []
            rows = self._rows.get(endpoint.id, [])
            kept = [row for row in rows if row.created_at >= oldest and (since is None or row.created_at >= since)]
            return kept[::-1]

    def redeliver(self, endpoint: Endpoint, attempt_id: str) -> Attempt:
        """
        Send the event of an earlier attempt again, delivered or not, with the next attempt number.

        Raises:
            IdTypeMismatchError: The ID is not a UUID without prefix.
            NotFoundError: The endpoint has no such attempt in the last 30 days.

        Source: https://docs.signa.so/api-reference/monitoring/webhooks/redeliver. Open point: a disabled
        endpoint gets the redelivery that somebody asked for.
        """
        if not is_uuid(attempt_id):
            raise IdTypeMismatchError(f"Expected a delivery attempt ID (a UUID) but received {attempt_id}.")
        with self._changed:
            for row in self.newest_first(endpoint):
                if row.id == attempt_id.lower():
                    return self.enqueue(row.event, endpoint)
        raise NotFoundError(f"Delivery attempt {attempt_id} does not exist.")

    def start_due(self) -> list[Attempt]:
        """
        Start every retry that is due, and return the new attempts.

        A retry is dropped when its endpoint has been deleted or disabled. Open point: Signa does not say whether such
        retries are queued instead.
        """
        started = []
        with self._changed:
            while self._retries and self._retries[0][0] <= self._clock.now():
                _, _, failed = heapq.heappop(self._retries)
                failed.next_retry_at = None
                endpoint = self._endpoints.find(failed.endpoint_id)
                if endpoint is not None and endpoint.status == "active":
                    started.append(self.enqueue(failed.event, endpoint))
            # The clock may have moved, so the thread that waits for the next retry must look again.
            self._changed.notify_all()
        return started

    def wait_idle(self, timeout_s: float) -> bool:
        """
        Wait until nothing is queued or in flight; retries that are not due yet do not count.

        Returns:
            False when something is still in flight after `timeout_s` seconds of real time.
        """
        with self._changed:
            return self._changed.wait_for(lambda: self._in_flight == 0, timeout_s)

    def forget(self) -> None:
        """Forget every row and every retry; attempts in flight leave no row."""
        with self._changed:
            self._rows.clear()
            self._retries.clear()
            self._changed.notify_all()

    def _send_jobs(self) -> None:
        while (job := self._jobs.get()) is not None:
            if self._stopped:
                continue
            row, request = job
            outcome = send(request, timeout_s=self._settings().delivery_timeout_s)
            with self._changed:
                self._settle(row, outcome)
                self.start_due()
                # Retries with no delay are in flight by now, so wait_idle sees no idle moment in between.
                self._in_flight -= 1
                self._changed.notify_all()

    def _settle(self, row: Attempt, outcome: Outcome) -> None:
        now = self._clock.now()
        row.http_status, row.response_body = outcome.http_status, outcome.response_body
        row.status = "delivered" if outcome.delivered else "failed"
        row.delivered_at = now if outcome.delivered else None
        endpoint = self._endpoints.find(row.endpoint_id)
        if endpoint is None or row.event.is_test:
            return
        if outcome.delivered:
            endpoint.record_success(now)
            return
        endpoint.record_failure(now)
        settings = self._settings()
        limit = settings.auto_disable_after
        if outcome.http_status == GONE or (limit is not None and endpoint.consecutive_failures >= limit):
            endpoint.disable(now)
        if row.attempt > len(settings.retry_delays_s):
            row.status = "exhausted"
        elif endpoint.status == "active":
            delay = timedelta(seconds=settings.retry_delays_s[row.attempt - 1] * settings.retry_scale)
            row.next_retry_at = now + delay
            heapq.heappush(self._retries, (row.next_retry_at, row.sequence, row))

    def _retry_when_due(self) -> None:
        with self._changed:
            while not self._stopped:
                self.start_due()
                wait_s = None
                if self._retries:
                    wait_s = max(0.0, (self._retries[0][0] - self._clock.now()).total_seconds())
                    wait_s = min(wait_s, threading.TIMEOUT_MAX)
                self._changed.wait(wait_s)
