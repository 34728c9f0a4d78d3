"""Organization: everything that the emulator remembers, under one lock."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TextIO

from signa_emulator.clock import Clock
from signa_emulator.deliveries.attempts import Attempt, Deliveries
from signa_emulator.faults import Faults
from signa_emulator.request_log import RequestLog
from signa_emulator.rules.endpoints import Endpoint, Endpoints
from signa_emulator.rules.errors import ForbiddenError, UnauthorizedError
from signa_emulator.rules.idempotency import IdempotencyKeys
from signa_emulator.rules.rate_limit import RateLimits
from signa_emulator.settings import Settings
from signa_emulator.signing import Event, new_event

if TYPE_CHECKING:
    from signa_emulator.rules.validation import Rotation

_KEY_PREFIX = "sig_"


@dataclass(frozen=True)
class AuditEvent:
    """
    A record of a forced rotation, which Signa keeps in its audit log.

    Attributes:
        type: `webhook.secret.force_rotated`.
        endpoint_id: The endpoint.
        reason: The caller's words, or None.
        at: When it happened.

    Source: https://docs.signa.so/api-reference/monitoring/webhooks/rotate-secret
    """

    type: str
    endpoint_id: str
    reason: str | None
    at: datetime


class Organization:
    """
    The state behind one emulator, for its routes and for tests in the same process.

    Code that reads or changes several things of one moment holds `lock`, which is re-entrant.

    Args:
        api_keys: Valid keys with the scope `portfolios:manage`.
        api_keys_without_scope: Valid keys without it: every call with one is 403.
        settings: The switches; None for the defaults.
        requests_log: Gets a line of JSON for every call of Signa's API.

    Raises:
        ValueError: A key does not begin with `sig_`, so that Signa would refuse it unseen.
    """

    def __init__(
        self,
        api_keys: Iterable[str] = (),
        api_keys_without_scope: Iterable[str] = (),
        settings: Settings | None = None,
        requests_log: TextIO | None = None,
    ) -> None:
        self.lock = threading.RLock()
        self.clock = Clock()
        self.settings = settings if settings is not None else Settings()
        self.endpoints = Endpoints()
        self.deliveries = Deliveries(self.lock, self.clock, self.endpoints, lambda: self.settings)
        self.idempotency = IdempotencyKeys()
        self.rate_limits = RateLimits()
        self.faults = Faults()
        self.requests = RequestLog(requests_log)
        self.audit_events: list[AuditEvent] = []
        self._stopped = threading.Event()
        self._has_scope = {**dict.fromkeys(api_keys_without_scope, False), **dict.fromkeys(api_keys, True)}
        for key in self._has_scope:
            if not key.startswith(_KEY_PREFIX):
                raise ValueError(f"an API key begins with {_KEY_PREFIX}")

    def start(self) -> None:
        """Begin to send deliveries."""
        self.deliveries.start()

    def stop(self) -> None:
        """Stop sending deliveries, and end every pause."""
        self._stopped.set()
        self.deliveries.stop()

    def pause(self, seconds: float) -> None:
        """Wait in real time; less when the emulator stops."""
        if seconds > 0:
            self._stopped.wait(seconds)

    def authorize(self, authorization: str | None) -> None:
        """
        Check the value of the header `Authorization`.

        Raises:
            UnauthorizedError: It is missing, malformed, or holds an unknown key.
            ForbiddenError: The key lacks the scope `portfolios:manage`.

        Source: https://docs.signa.so/api-reference/errors
        """
        if authorization is None:
            raise UnauthorizedError("Missing Authorization header.")
        scheme, _, key = authorization.partition(" ")
        if scheme.lower() != "bearer" or key not in self._has_scope:
            raise UnauthorizedError("Invalid API key.")
        if not self._has_scope[key]:
            raise ForbiddenError("This API key lacks the scope portfolios:manage.")

    def rotate(self, endpoint: Endpoint, rotation: Rotation) -> None:
        """
        Rotate an endpoint's secret; a forced rotation leaves an audit event.

        Raises:
            ConflictError: See `Endpoint.rotate`.
        """
        now = self.clock.now()
        endpoint.rotate(rotation, now)
        if rotation.force:
            event = AuditEvent("webhook.secret.force_rotated", endpoint.id, rotation.reason, now)
            self.audit_events.append(event)

    def emit(
        self, event_type: str = "alert.created", data: dict[str, Any] | None = None
    ) -> tuple[Event, list[Attempt]]:
        """
        Deliver an event to every active endpoint that is subscribed to its type.

        Args:
            event_type: The event type.
            data: The payload's data; None for made-up data.

        Returns:
            The event, and the first attempt for each endpoint.
        """
        with self.lock:
            event = new_event(event_type, data, self.clock.now(), rich=self.settings.rich_alerts)
            subscribers = [
                endpoint
                for endpoint in self.endpoints.newest_first()
                if endpoint.status == "active" and event.type in endpoint.enabled_events
            ]
            return event, [self.deliveries.enqueue(event, endpoint) for endpoint in subscribers]

    def advance_clock(self, seconds: float) -> None:
        """
        Move time forward, and start the retries that are due then.

        Raises:
            ValueError: See `Clock.advance`.
        """
        with self.lock:
            self.clock.advance(seconds)
            self.deliveries.start_due()

    def set_clock(self, moment: datetime) -> None:
        """Set the clock to `moment`, and start the retries that are due then."""
        with self.lock:
            self.clock.set(moment)
            self.deliveries.start_due()

    def change_settings(self, /, **changes: Any) -> None:
        """
        Change some settings, effective at once.

        Raises:
            SettingError: See `Settings.changed`.
        """
        with self.lock:
            self.settings = self.settings.changed(changes)

    def reset(self) -> None:
        """Forget everything but the settings and the keys."""
        with self.lock:
            self.clock.follow_real_time()
            self.endpoints.forget()
            self.deliveries.forget()
            self.idempotency.forget()
            self.rate_limits.forget()
            self.faults.clear()
            self.requests.forget()
            self.audit_events.clear()
