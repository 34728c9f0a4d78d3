"""
Events, and the signed requests that carry them to a receiver.

Source: https://docs.signa.so/guides/monitoring/webhooks, …/webhook-signature-verification and
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from standardwebhooks import Webhook

from signa_emulator.clock import to_iso
from signa_emulator.rules.ids import new_id

if TYPE_CHECKING:
    from signa_emulator.rules.endpoints import Endpoint

TEST_EVENT = "webhook.test"
ALERT_EVENT = "alert.created"

_OPPOSITION_PERIOD = timedelta(days=30)


@dataclass(frozen=True)
class Event:
    """
    Something that happened at Signa, and that subscribed endpoints receive.

    Attributes:
        id: The value of `webhook-id`: an alert's ID, or `evt_` and a UUID. Stable over attempts and
            redeliveries.
        type: The event type, such as `alert.created`.
        data: The payload's `data`.
    """

    id: str
    type: str
    data: dict[str, Any]

    @property
    def is_test(self) -> bool:
        """Whether the event comes from the test operation, which is never retried and never counted."""
        return self.type == TEST_EVENT

    @property
    def alert_id(self) -> str | None:
        """The alert that the event is about, if any."""
        return self.id if self.type == ALERT_EVENT else None


def test_event(now: datetime) -> Event:
    """
    Make the synthetic event of the test operation.

    Source: https://docs.signa.so/api-reference/monitoring/webhooks/test
    """
    return Event(new_id("evt", now), TEST_EVENT, {"type": "ping"})


def new_event(event_type: str, data: dict[str, Any] | None, now: datetime, *, rich: bool = True) -> Event:
    """
    Make an event.

    Args:
        event_type: The event type; only `alert.created` has subscribers.
        data: The payload's data, or None for a made-up alert.
        now: The current moment.
        rich: Whether a made-up alert has the nested fields, and not only the flat ones.
    """
    if event_type != ALERT_EVENT:
        return Event(new_id("evt", now), event_type, data or {})
    if data is None:
        data = _made_up_alert(now, rich=rich)
    alert_id = data.get("alert_id")
    return Event(alert_id if isinstance(alert_id, str) else new_id("alt", now), event_type, data)


def _made_up_alert(now: datetime, *, rich: bool) -> dict[str, Any]:
    """
    Return the data of an alert: the flat fields, which are always there, and the nested ones, which may be missing.

    Open point: the members of `event.diff` and, beyond the ID and the severity, of `trademark` and `deadline`.

    Source: https://github.com/signa-so/skills/blob/main/skills/signa/references/monitoring.md and
    https://docs.signa.so/guides/monitoring/slack-via-webhook
    """
    flat = {
        "alert_id": new_id("alt", now),
        "watch_id": new_id("wat", now),
        "trademark_id": new_id("tm", now),
        "event_type": "trademark.created",
        "severity": "high",
        "must_act_by": to_iso(now + _OPPOSITION_PERIOD),
    }
    nested = {
        "watch": {"id": flat["watch_id"], "name": "Marks similar to ACME", "type": "similarity"},
        "event": {"summary": "A mark similar to ACME was filed.", "diff": {}},
        "trademark": {"id": flat["trademark_id"], "object": "trademark"},
        "deadline": {"severity": flat["severity"]},
        "customer_reference": None,
    }
    return {**flat, **nested} if rich else dict(flat)


@dataclass(frozen=True)
class SignedRequest:
    """One attempt, ready to be sent."""

    url: str
    headers: dict[str, str]
    body: bytes


def sign(event: Event, endpoint: Endpoint, *, attempt: int, now: datetime) -> SignedRequest:
    """
    Return an event as canonical JSON, signed with every secret that is valid now, the newest first.

    The payload's `timestamp` is taken at signing, so the bytes differ between attempts. The signature does not cover
    `webhook-attempt`.

    Args:
        event: The event to deliver.
        endpoint: The receiver's URL and secrets.
        attempt: The number of the attempt, from 1.
        now: The moment of signing.
    """
    payload = {"type": event.type, "id": event.id, "timestamp": to_iso(now), "data": event.data}
    body = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    live = [endpoint.secret, endpoint.live_previous_secret(now)]
    signatures = [Webhook(secret).sign(event.id, now, body) for secret in live if secret is not None]
    headers = {
        "content-type": "application/json",
        "user-agent": "signa-emulator",
        "webhook-id": event.id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
        "webhook-attempt": str(attempt),
    }
    return SignedRequest(endpoint.url, headers, body.encode())
