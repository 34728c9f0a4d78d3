"""`Event`: what a verified delivery carries."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from signa_receiver.errors import MalformedDeliveryError
from signa_receiver.headers import DeliveryHeaders


@dataclass(frozen=True)
class Event:
    """
    A verified delivery.

    Attributes:
        id: `webhook-id`, for an alert `alt_…`. The same in every attempt and redelivery, so it is the application's
            idempotency key.
        type: Type of the event, such as `alert.created` or `webhook.test`.
        timestamp: The moment of signing, UTC, in whole seconds. Later in each attempt.
        data: The payload's `data`, empty where there is none. An alert has `alert_id`, `watch_id`, `trademark_id`,
            `event_type`, `severity` and `must_act_by`; further members are best effort.
        attempt: `webhook-attempt`: 1 for the first attempt. None where the header is missing or no number. The
            signature does not cover it, so it is for logs alone.
        payload: The whole body, parsed.

    Source: https://docs.signa.so/guides/monitoring/webhooks
    """

    id: str
    type: str
    timestamp: datetime
    data: Mapping[str, Any] = field(hash=False)
    attempt: int | None
    payload: Mapping[str, Any] = field(repr=False, hash=False, compare=False)


def parse_event(body: str, headers: DeliveryHeaders) -> Event:
    """
    Return the event of a delivery whose signature was right.

    Raises:
        MalformedDeliveryError: The body is no JSON object with a string `type` and, if any, an object `data`.
    """
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        # The error of the parser holds the body.
        raise MalformedDeliveryError("the signature is right, but the body is no JSON") from None
    if not isinstance(payload, dict):
        raise MalformedDeliveryError("the signature is right, but the body is no JSON object")
    type_, data = payload.get("type"), payload.get("data", {})
    if not isinstance(type_, str) or not isinstance(data, dict):
        raise MalformedDeliveryError("the signature is right, but `type` is no text or `data` is no object")
    signed_at = datetime.fromtimestamp(headers.timestamp, tz=timezone.utc)
    return Event(headers.id, type_, signed_at, data, headers.attempt, payload)
