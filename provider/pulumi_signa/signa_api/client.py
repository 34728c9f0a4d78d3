"""The operations of Signa's webhook API, one method each."""

import json
import logging
import re
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from pulumi_signa.signa_api.errors import (
    BAD_REQUEST,
    ApiError,
    NotFoundError,
    ResponseFormatError,
)
from pulumi_signa.signa_api.models import (
    Delivery,
    IssuedWebhookEndpoint,
    Page,
    TestDelivery,
    WebhookEndpoint,
    parse,
)
from pulumi_signa.signa_api.pacing.gate import RateGate
from pulumi_signa.signa_api.pacing.retry import RetryPolicy
from pulumi_signa.signa_api.pacing.wait_budget import Pause, WaitBudget, sleep
from pulumi_signa.signa_api.refusals import error_of
from pulumi_signa.signa_api.snapshot import Snapshot
from pulumi_signa.signa_api.transport import Answer, Transport

PAGE_SIZE = 100
"""Rows a list page may hold at most (https://docs.signa.so/api-reference/pagination)."""

LOGGER = logging.getLogger("pulumi_signa")

_UTILITY_PATH = re.compile(r"/webhooks/[^/]+/(test|deliveries)")
"""Paths with a limit of their own; all others share one (https://docs.signa.so/api-reference/rate-limits)."""

Model = TypeVar("Model", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Issued:
    """
    What a create or a rotation returned.

    Attributes:
        endpoint: The endpoint, with its secret.
        replayed: Signa had carried out this key before and repeats that answer (`Idempotent-Replayed: true`):
            the endpoint may have been changed, rotated or deleted since.
        attempts: Requests that may have been carried out; those that only came too early are not counted. A replay on
            the first one answers an earlier call, not this one.
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

    def __init__(
        self,
        transport: Transport,
        retry: RetryPolicy,
        *,
        max_wait_s: float = 300.0,
        pause: Pause = sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """
        Make a client; it connects when it is used.

        Args:
            max_wait_s: All waits of one call together, in seconds. A longer one is not begun: failing at once beats
                failing later.
            pause: Does the waiting, and shows what for; whatever it raises ends the call.
            clock: Gives seconds, and goes on while `pause` waits.
        """
        self._transport = transport
        self._retry = retry
        self._max_wait_s = max_wait_s
        self._pause = pause
        self._snapshot = Snapshot(self._endpoint_pages)
        self._monitoring_gate = RateGate(clock)
        self._utility_gate = RateGate(clock)

    def create_webhook_endpoint(self, body: Mapping[str, Any], *, idempotency_key: str) -> Issued:
        """
        Create an endpoint.

        Args:
            body: `url`, `enabled_events`, and optionally `description` and `metadata`.
            idempotency_key: 1 to 255 characters of `[A-Za-z0-9_-]`; valid for 24 hours.
        """
        answer = self._send("POST", "/webhooks", body=encode(body), idempotency_key=idempotency_key)
        return _issued(answer, operation="create webhook endpoint")

    def get_webhook_endpoint(self, endpoint_id: str) -> WebhookEndpoint:
        """
        Fetch one endpoint, without its secret.

        Raises:
            NotFoundError: It was deleted, or is another organization's.
        """
        answer = self._send("GET", _path(endpoint_id))
        return parse(answer.body, WebhookEndpoint, operation="retrieve webhook endpoint")

    def find_webhook_endpoint(self, endpoint_id: str) -> WebhookEndpoint:
        """
        Give one endpoint, from the list if it is there: for many endpoints, one call a hundred.

        What the list told is forgotten with the next change that this client makes.

        Raises:
            NotFoundError: It was deleted, or is another organization's; Signa said so of this very endpoint.
        """
        listed = self._snapshot.find(endpoint_id)
        if listed is not None:
            return listed
        try:
            return self.get_webhook_endpoint(endpoint_id)
        except NotFoundError:
            if not self._snapshot.was_read:
                self.confirm_base_url()
            raise

    def listed_with_url(self, url: str) -> list[WebhookEndpoint]:
        """Give the endpoints with this URL that `find_webhook_endpoint` came across, without a call."""
        return self._snapshot.with_url(url)

    def confirm_base_url(self) -> None:
        """
        Make sure that webhook endpoints are to be found at the base URL, by asking for one row of their list.

        A wrong base URL may answer every request with 404. Before "gone" is believed, this tells the two apart.

        Raises:
            ResponseFormatError: They are not.
        """
        try:
            answer = self._send("GET", "/webhooks", query={"limit": "1"})
        except NotFoundError as error:
            raise ResponseFormatError(f"there is no list of webhook endpoints: {error}") from None
        parse(answer.body, Page[WebhookEndpoint], operation="list webhook endpoints")

    def list_webhook_endpoints(self) -> Iterator[WebhookEndpoint]:
        """Give every endpoint of the organization, fetching a page of 100 when it is needed."""
        return chain.from_iterable(self._endpoint_pages())

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

    def rotate_secret(self, endpoint_id: str, *, idempotency_key: str, force_reason: str | None = None) -> Issued:
        """
        Issue a new signing secret; the one before stays valid for 24 hours unless forced.

        Args:
            force_reason: At most 500 characters; rotates inside the 24 hours and ends the secret before at once.

        Raises:
            ConflictError: The 24 hours of an earlier rotation are not over, or the key was used with another body.
            NotFoundError: It was deleted, or is another organization's.

        Source: https://docs.signa.so/api-reference/monitoring/webhooks/rotate-secret
        """
        body = {} if force_reason is None else {"force": True, "reason": force_reason}
        answer = self._send(
            "POST", _path(endpoint_id) + "/rotate-secret", body=encode(body), idempotency_key=idempotency_key
        )
        return _issued(answer, operation="rotate webhook secret")

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
        pages = self._pages(path, Page[Delivery], operation="list webhook deliveries", query=query)
        return chain.from_iterable(pages)

    def _endpoint_pages(self) -> Iterator[tuple[WebhookEndpoint, ...]]:
        """
        Read the list with the oldest first, as the resources of a stack are: then each page holds the next ones.

        Signa documents the parameter for lists in general; a server that refuses it is asked without.
        """
        operation = "list webhook endpoints"
        pages = self._pages("/webhooks", Page[WebhookEndpoint], operation=operation, query={"sort": "created_at"})
        try:
            first = next(pages)
        except ApiError as refusal:
            if refusal.status != BAD_REQUEST:
                raise
            pages = self._pages("/webhooks", Page[WebhookEndpoint], operation=operation)
        else:
            yield first
        yield from pages

    def _pages(
        self, path: str, page_model: type[Page[Model]], *, operation: str, query: Mapping[str, str] | None = None
    ) -> Iterator[tuple[Model, ...]]:
        cursor: str | None = None
        while True:
            at_cursor = {} if cursor is None else {"cursor": cursor}
            answer = self._send("GET", path, query={"limit": str(PAGE_SIZE), **(query or {}), **at_cursor})
            page = parse(answer.body, page_model, operation=operation)
            yield page.data
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
        gate = self._utility_gate if _UTILITY_PATH.fullmatch(path) else self._monitoring_gate
        budget = WaitBudget(self._max_wait_s, self._pause)
        attempts = 0

        def attempt() -> Answer:
            nonlocal attempts
            with gate.admitted(budget) as report:
                attempts += 1
                answer = self._transport.send(method, path, query=query, body=body, headers=headers)
                report(answer.status, answer.headers)
            LOGGER.debug("%s %s: %s", method, path, answer.status)
            if not 200 <= answer.status < 300:  # noqa: PLR2004 - any 2xx is success: Signa documents no exact ones
                refusal = error_of(answer)
                # Nothing came of it: a replay after it answers an earlier call all the same.
                attempts -= refusal.is_premature
                raise refusal
            return answer

        try:
            return replace(self._retry.call(attempt, budget), attempts=attempts)
        finally:
            if method != "GET":
                self._snapshot.drop()


def _issued(answer: Answer, *, operation: str) -> Issued:
    endpoint = parse(answer.body, IssuedWebhookEndpoint, operation=operation)
    replayed = answer.headers.get("Idempotent-Replayed", "").lower() == "true"
    return Issued(endpoint, replayed, answer.attempts)


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
