"""The operations of Signa's webhook API, one method each."""

import json
import logging
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from pulumi_signa.signa_api.errors import BY_STATUS, NOT_FOUND, ApiError, ResponseFormatError, SignaError
from pulumi_signa.signa_api.models import (
    UNREADABLE,
    Delivery,
    ErrorEnvelope,
    IssuedWebhookEndpoint,
    Page,
    TestDelivery,
    WebhookEndpoint,
    parse,
)
from pulumi_signa.signa_api.retrying import RetryPolicy
from pulumi_signa.signa_api.transport import Answer, Transport

PAGE_SIZE = 100
"""Rows a list page may hold at most (https://docs.signa.so/api-reference/pagination)."""

LOGGER = logging.getLogger("pulumi_signa")

Model = TypeVar("Model", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Created:
    """
    What a create returned.

    Attributes:
        endpoint: The endpoint, with its secret.
        replayed: Signa had carried out this key before and repeats that answer (`Idempotent-Replayed: true`):
            the endpoint may have been changed or deleted since.
        attempts: Requests it took. A replay on the first one answers an earlier call, not this one.
    """

    endpoint: IssuedWebhookEndpoint
    replayed: bool
    attempts: int


def encode(body: Mapping[str, Any]) -> bytes:
    """Give the one canonical encoding of a request body, so that equal bodies are equal bytes."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


class SignaClient:
    """
    Signa's webhook operations, each retried as `RetryPolicy` says, with the same key and the same bytes.

    Safe to share between threads. Every method raises `SignaError`: `UnreachableError` where no answer came
    after the last attempt, `ResponseFormatError` where the answer is not as documented, `ApiError` or one of its
    children where Signa refused.

    Source: https://docs.signa.so/api-reference/monitoring/webhooks
    """

    def __init__(self, transport: Transport, retry: RetryPolicy) -> None:
        self._transport = transport
        self._retry = retry

    def create_webhook_endpoint(self, body: Mapping[str, Any], *, idempotency_key: str) -> Created:
        """
        Create an endpoint.

        Args:
            body: `url`, `enabled_events`, and optionally `description` and `metadata`.
            idempotency_key: 1 to 255 characters of `[A-Za-z0-9_-]`; valid for 24 hours.
        """
        answer = self._send("POST", "/webhooks", body=encode(body), idempotency_key=idempotency_key)
        endpoint = parse(answer.body, IssuedWebhookEndpoint, operation="create webhook endpoint")
        replayed = answer.headers.get("Idempotent-Replayed", "").lower() == "true"
        return Created(endpoint, replayed, answer.attempts)

    def get_webhook_endpoint(self, endpoint_id: str) -> WebhookEndpoint:
        """
        Fetch one endpoint, without its secret.

        Raises:
            NotFoundError: It was deleted, or is another organization's.
        """
        answer = self._send("GET", _path(endpoint_id))
        return parse(answer.body, WebhookEndpoint, operation="retrieve webhook endpoint")

    def confirm_base_url(self) -> None:
        """
        Make sure that webhook endpoints are to be found at the base URL, by asking for one row of their list.

        A wrong base URL may answer every request with 404. Before "gone" is believed, this tells the two apart.
        """
        answer = self._send("GET", "/webhooks", query={"limit": "1"})
        parse(answer.body, Page[WebhookEndpoint], operation="list webhook endpoints")

    def list_webhook_endpoints(self) -> Iterator[WebhookEndpoint]:
        """Give every endpoint of the organization, fetching a page of 100 when it is needed."""
        return self._pages("/webhooks", Page[WebhookEndpoint], operation="list webhook endpoints")

    def update_webhook_endpoint(self, endpoint_id: str, changes: Mapping[str, Any]) -> WebhookEndpoint:
        """
        Change the named fields and leave the others as they are.

        Args:
            changes: Any of `url`, `description`, `enabled_events`, `status`, `metadata`; None clears a description.

        Raises:
            NotFoundError: It was deleted, or is another organization's.
        """
        answer = self._send("PATCH", _path(endpoint_id), body=encode(changes), idempotency_key=_new_key())
        return parse(answer.body, WebhookEndpoint, operation="update webhook endpoint")

    def delete_webhook_endpoint(self, endpoint_id: str) -> None:
        """
        Delete an endpoint; whatever body the answer has does not matter.

        Raises:
            NotFoundError: It is gone already, or is another organization's.
        """
        self._send("DELETE", _path(endpoint_id), idempotency_key=_new_key())

    def rotate_secret(
        self, endpoint_id: str, *, idempotency_key: str, force_reason: str | None = None
    ) -> IssuedWebhookEndpoint:
        """
        Issue a new signing secret; the one before stays valid for 24 hours unless forced.

        Args:
            force_reason: At most 500 characters; rotates inside the 24 hours and ends the secret before at once.

        Raises:
            ApiError: With status 409, the 24 hours of an earlier rotation are not over.
            NotFoundError: It was deleted, or is another organization's.

        Source: https://docs.signa.so/api-reference/monitoring/webhooks/rotate-secret
        """
        body = {} if force_reason is None else {"force": True, "reason": force_reason}
        answer = self._send(
            "POST", _path(endpoint_id) + "/rotate-secret", body=encode(body), idempotency_key=idempotency_key
        )
        return parse(answer.body, IssuedWebhookEndpoint, operation="rotate webhook secret")

    def send_test(self, endpoint_id: str) -> TestDelivery:
        """
        Queue a `webhook.test` delivery, which never counts towards disabling the endpoint.

        Raises:
            NotFoundError: It was deleted, or is another organization's.

        Source: https://docs.signa.so/api-reference/monitoring/webhooks/test
        """
        answer = self._send("POST", _path(endpoint_id) + "/test", idempotency_key=_new_key())
        return parse(answer.body, TestDelivery, operation="test webhook endpoint")

    def list_deliveries(self, endpoint_id: str, *, since: str | None = None) -> Iterator[Delivery]:
        """
        Give the delivery attempts of an endpoint, kept by Signa for 30 days.

        Args:
            since: ISO 8601; only attempts made at that time or later.

        Raises:
            NotFoundError: It was deleted, or is another organization's.

        Source: https://docs.signa.so/api-reference/monitoring/webhooks/list-deliveries
        """
        query = {} if since is None else {"since": since}
        path = _path(endpoint_id) + "/deliveries"
        return self._pages(path, Page[Delivery], operation="list webhook deliveries", query=query)

    def _pages(
        self, path: str, page_model: type[Page[Model]], *, operation: str, query: Mapping[str, str] | None = None
    ) -> Iterator[Model]:
        cursor: str | None = None
        while True:
            at_cursor = {} if cursor is None else {"cursor": cursor}
            answer = self._send("GET", path, query={"limit": str(PAGE_SIZE), **(query or {}), **at_cursor})
            page = parse(answer.body, page_model, operation=operation)
            yield from page.data
            if not page.has_more:
                return
            if page.pagination.cursor in (None, cursor):
                raise ResponseFormatError(
                    f"Signa's answer to {operation} has more pages and no next `$.pagination.cursor`"
                )
            cursor = page.pagination.cursor

    def _send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        idempotency_key: str | None = None,
    ) -> Answer:
        headers = {} if idempotency_key is None else {"Idempotency-Key": idempotency_key}
        attempts = 0

        def attempt() -> Answer:
            nonlocal attempts
            attempts += 1
            answer = self._transport.send(method, path, query=query, body=body, headers=headers)
            LOGGER.debug("%s %s: %s", method, path, answer.status)
            if not 200 <= answer.status < 300:  # noqa: PLR2004 - any 2xx is success: Signa documents no exact ones
                raise _refusal(answer)
            return answer

        return replace(self._retry.call(attempt), attempts=attempts)


def _path(endpoint_id: str) -> str:
    # An id may come from a program's `get`: whatever is in it, it stays one segment of the path.
    return f"/webhooks/{quote(endpoint_id, safe='')}"


def _new_key() -> str:
    """
    Give a key that no other call has.

    For calls whose repetition by a later run must be carried out, not replayed: a field set to B, back to A and
    to B again within 24 hours are three updates.
    """
    return f"pulumi-{uuid.uuid4()}"


def _refusal(answer: Answer) -> SignaError:
    retry_after = answer.headers.get("Retry-After", "")
    header_s = float(retry_after) if retry_after.isdecimal() else None
    kind = BY_STATUS.get(answer.status, ApiError)
    envelope: ErrorEnvelope | None
    try:
        envelope = msgspec.json.decode(answer.body, type=ErrorEnvelope)
    except UNREADABLE:
        envelope = None
    slug = "" if envelope is None else (envelope.error.type or "").rsplit("/", 1)[-1]
    if answer.status == NOT_FOUND and slug != "not_found":
        # A gateway, or another server at a wrong base URL. "Gone" is for Signa itself to say.
        return ResponseFormatError("a 404 came back that is not Signa's own")
    if envelope is None:
        # A gateway's own page, or a redirect, says nothing in our terms.
        redirect = answer.headers.get("Location")
        detail = f"it redirects to {redirect}; set the base URL to where the API is" if redirect else ""
        return kind(status=answer.status, detail=detail, retry_after_s=header_s)
    error = envelope.error
    return kind(
        status=answer.status,
        slug=slug,
        detail=error.detail or error.title or "",
        suggestion=error.suggestion,
        request_id=envelope.request_id,
        retryable=error.retryable,
        retry_after_s=error.retry_after if header_s is None else header_s,
    )
