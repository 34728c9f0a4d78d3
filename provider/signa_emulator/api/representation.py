"""The JSON shapes of the API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from signa_emulator.clock import to_iso
from signa_emulator.rules.errors import ApiError, ValidationError

if TYPE_CHECKING:
    from signa_emulator.deliveries.attempts import Attempt
    from signa_emulator.rules.endpoints import Endpoint
    from signa_emulator.rules.pagination import Item, Page
    from signa_emulator.settings import Settings

_MASKED_SECRET = "whsec_********"  # noqa: S105 - a mask


def endpoint_with_secret(endpoint: Endpoint) -> dict[str, Any]:
    """
    Return the endpoint as create and rotate-secret show it, once.

    Source: https://docs.signa.so/api-reference/monitoring/webhooks/create
    """
    return {
        "id": endpoint.id,
        "object": "webhook_endpoint",
        "url": endpoint.url,
        "description": endpoint.description,
        "enabled_events": endpoint.enabled_events,
        "status": endpoint.status,
        "secret_version": endpoint.secret_version,
        "secret": endpoint.secret,
        "consecutive_failures": endpoint.consecutive_failures,
        "last_success_at": _iso_or_none(endpoint.last_success_at),
        "last_failure_at": _iso_or_none(endpoint.last_failure_at),
        "metadata": endpoint.metadata,
        "created_at": to_iso(endpoint.created_at),
        "updated_at": to_iso(endpoint.updated_at),
    }


def redacted_endpoint(endpoint: Endpoint, settings: Settings) -> dict[str, Any]:
    """
    Return the endpoint as every other operation shows it.

    Open point: Signa says that reads redact the secret, not how; see the setting `redaction`.
    """
    shown = endpoint_with_secret(endpoint)
    if settings.redaction == "omit":
        del shown["secret"]
    else:
        shown["secret"] = None if settings.redaction == "null" else _MASKED_SECRET
    return shown


def endpoint_with_every_secret(endpoint: Endpoint, now: datetime) -> dict[str, Any]:
    """Return the endpoint as the control API shows it: with both secrets and the end of the overlap."""
    previous = endpoint.live_previous_secret(now)
    return {
        **endpoint_with_secret(endpoint),
        "previous_secret": previous,
        "previous_secret_expires_at": (None if previous is None else _iso_or_none(endpoint.previous_secret_expires_at)),
    }


def deleted_endpoint(endpoint: Endpoint) -> dict[str, Any]:
    """
    Return the answer of delete.

    Open point: the shape is that of https://docs.signa.so/api-reference/monitoring/watches/delete
    """
    return {"id": endpoint.id, "object": "webhook_endpoint", "deleted": True}


def delivery(attempt: Attempt) -> dict[str, Any]:
    """
    Return one row of the delivery list.

    Source: https://docs.signa.so/api-reference/monitoring/webhooks/list-deliveries
    """
    return {
        "id": attempt.id,
        "object": "webhook_delivery",
        "endpoint_id": attempt.endpoint_id,
        "alert_id": attempt.event.alert_id,
        "event_id": attempt.event.id,
        "event_type": attempt.event.type,
        "attempt": attempt.attempt,
        "delivery_attempt_id": attempt.id,
        "status": attempt.status,
        "http_status": attempt.http_status,
        "response_body": attempt.response_body,
        "signature_timestamp": to_iso(attempt.signed_at),
        "next_retry_at": _iso_or_none(attempt.next_retry_at),
        "delivered_at": _iso_or_none(attempt.delivered_at),
        "created_at": to_iso(attempt.created_at),
    }


def page_of(page: Page[Item], show: Callable[[Item], dict[str, Any]]) -> dict[str, Any]:
    """
    Return one page of a list.

    Source: https://docs.signa.so/api-reference/pagination
    """
    pagination: dict[str, Any] = {"cursor": page.cursor}
    if page.total_count is not None:
        pagination["total_count"] = page.total_count
        pagination["total_count_approximate"] = page.total_count_approximate
    return {
        "object": "list",
        "data": [show(item) for item in page.items],
        "has_more": page.cursor is not None,
        "pagination": pagination,
    }


def refusal(error: ApiError, *, instance: str, settings: Settings) -> dict[str, Any]:
    """
    Return the body of an error answer, without its `request_id`.

    Args:
        error: What is refused and why.
        instance: The path that was called.
        settings: Decide whether validation errors carry a list.

    Source: https://docs.signa.so/api-reference/errors
    """
    shown: dict[str, Any] = {
        "type": error.type,
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "instance": instance,
        "suggestion": error.suggestion,
        "retryable": error.retryable,
        "retry_after": error.retry_after,
    }
    if isinstance(error, ValidationError) and settings.validation_errors_list:
        shown["errors"] = [problem._asdict() for problem in error.problems]
    return {"error": shown}


def _iso_or_none(moment: datetime | None) -> str | None:
    return None if moment is None else to_iso(moment)
