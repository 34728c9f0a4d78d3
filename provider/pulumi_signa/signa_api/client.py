"""The operations of Signa's webhook API, one method each."""

import math
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any
from urllib.parse import quote

from pulumi_signa.quotes import Quote
from pulumi_signa.signa_api.errors import (
    BAD_REQUEST,
    ApiError,
    NotFoundError,
    ResponseFormatError,
    SignaError,
)
from pulumi_signa.signa_api.exchanges import Exchange, Exchanges, Pool, encode
from pulumi_signa.signa_api.http_dates import http_date
from pulumi_signa.signa_api.models import (
    SEGMENT,
    Delivery,
    IssuedWebhookEndpoint,
    Page,
    QueuedDelivery,
    WebhookEndpoint,
    parse,
)
from pulumi_signa.signa_api.pacing.retry import RetryPolicy
from pulumi_signa.signa_api.pacing.wait_budget import Pause, sleep
from pulumi_signa.signa_api.snapshot import Snapshot
from pulumi_signa.signa_api.transport import Transport

_LIST, _LIST_DELIVERIES = "list webhook endpoints", "list webhook deliveries"

_FIRST_LOOK_S, _LONGEST_LOOK_S = 0.25, 4.0
"""Seconds between two looks at a delivery: doubled each time, up to the second number."""

_LEAST_WAIT_S = 5.0
"""What a look may wait in any case: the last one would else fail where it meets a full window or a busy server."""


@dataclass(frozen=True, slots=True)
class Issued:
    """
    `Issued` is the answer to a create or a rotation.

    Attributes:
        endpoint: The endpoint, with its secret.
        is_replay: Whether Signa repeated a stored answer (`Idempotent-Replayed: true`). The endpoint may have been
            changed, rotated or deleted since that answer was stored.
        made_earlier: Whether the stored answer belongs to an earlier call: this call sent only one request that Signa
            may have carried out, and the answer to that request was a replay.
    """

    endpoint: IssuedWebhookEndpoint
    is_replay: bool
    made_earlier: bool


@dataclass(frozen=True, slots=True)
class SentTest:
    """
    `SentTest` is the answer to a test: Signa has queued an event.

    Attributes:
        attempt_id: The id of the attempt, for the list of deliveries.
        made_earlier: Whether an earlier call with this key has queued it; see `Issued`.
        answered_at: The time on Signa's clock, or None where the answer does not say.
    """

    attempt_id: str
    made_earlier: bool
    answered_at: datetime | None


class SignaClient:
    """
    `SignaClient` calls Signa's webhook API. Every retry sends the same idempotency key and the same bytes.

    The client may be shared between threads. Every method raises `SignaError`: `UnreachableError` if no answer came
    after the last attempt, `ResponseFormatError` if the answer is not as documented, `ApiError` or a child of it if
    Signa refused, `WaitTooLongError` if the rate limit is used up for longer than `max_wait_s`. `NotFoundError` means
    that the endpoint was deleted, or belongs to another organization.

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
        Make a client. It connects when the first operation is called.

        Args:
            max_wait_s: The longest that one call may wait in all, in seconds; a longer wait is not begun. An attempt
                counts with the time it takes, so that a slow server is not tried again and again. The queue of our own
                calls does not count, as long as the rate limit lets them through.
            pause: Waits, and shows the user what for; an exception that it raises ends the call.
            clock: Returns seconds, and goes on while `pause` waits.
        """
        self._exchanges = Exchanges(transport, retry, max_wait_s=max_wait_s, pause=pause, clock=clock)
        self._pause = pause
        self._clock = clock
        self._snapshot = Snapshot(self._endpoint_pages)
        self._may_sort = True
        self._list_lock = threading.Lock()
        self._listed: tuple[WebhookEndpoint, ...] | None = None

    def create_webhook_endpoint(self, body: Mapping[str, Any], *, idempotency_key: str) -> Issued:
        """
        Create an endpoint.

        Args:
            body: `url`, `enabled_events`, and optionally `description` and `metadata`.
            idempotency_key: 1 to 255 characters of `[A-Za-z0-9_-]`; Signa remembers it for 24 hours.

        Raises:
            ConflictError: The key was used with another body, or the organization has the most endpoints it may have.
        """
        exchange = self._write("POST", "/webhooks", body=body, idempotency_key=idempotency_key)
        return _issued(exchange, operation="create webhook endpoint")

    def get_webhook_endpoint(self, endpoint_id: str) -> WebhookEndpoint:
        """Fetch one endpoint, without its secret."""
        answer = self._exchanges.send("GET", _path(endpoint_id)).answer
        return parse(answer.body, WebhookEndpoint, operation="retrieve webhook endpoint")

    def find_webhook_endpoint(self, endpoint_id: str) -> WebhookEndpoint:
        """
        Return one endpoint, from the list where possible: a hundred endpoints then cost one call.

        The pages read so far are forgotten with the next change that this client makes. `NotFoundError` is always
        Signa's answer for this very endpoint.
        """
        _segment(endpoint_id)  # raises before a page is read for what is no id
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
        """Return the endpoints with this URL on the pages that `find_webhook_endpoint` has read, without a call."""
        return self._snapshot.with_url(url)

    def confirm_base_url(self) -> None:
        """
        Check that there is a list of endpoints at the base URL; raise `ResponseFormatError` if not.

        A wrong base URL may answer every request with 404, which must not be taken for a deleted endpoint.
        """
        try:
            answer = self._exchanges.send("GET", "/webhooks", query={"limit": "1"}).answer
        except NotFoundError as error:
            raise ResponseFormatError("there is no list of webhook endpoints: ", *error.args) from None
        parse(answer.body, Page[WebhookEndpoint], operation=_LIST)

    def list_webhook_endpoints(self) -> Iterator[WebhookEndpoint]:
        """Yield every endpoint of the organization, the oldest first; each page of 100 is fetched when needed."""
        return chain.from_iterable(self._endpoint_pages())

    def endpoints_listed_once(self) -> list[WebhookEndpoint]:
        """Return the organization's endpoints as they were when this was first asked; later ones are not in it."""
        with self._list_lock:
            if self._listed is None:
                self._listed = tuple(self.list_webhook_endpoints())
            return list(self._listed)

    def update_webhook_endpoint(
        self, endpoint_id: str, changes: Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> WebhookEndpoint:
        """
        Change the named fields; the others stay as they are.

        Args:
            changes: Any of `url`, `description`, `enabled_events`, `status`, `metadata`; None clears a description.
            idempotency_key: By default a new one for each call.

        Raises:
            ConflictError: The key was used with other changes.
        """
        key = idempotency_key or _new_key()
        answer = self._write("PATCH", _path(endpoint_id), body=changes, idempotency_key=key).answer
        return parse(answer.body, WebhookEndpoint, operation="update webhook endpoint")

    def delete_webhook_endpoint(self, endpoint_id: str) -> None:
        """Delete an endpoint; the body of the answer is not read."""
        self._write("DELETE", _path(endpoint_id), idempotency_key=_new_key())

    def rotate_secret(self, endpoint_id: str, *, idempotency_key: str, force_reason: str | None = None) -> Issued:
        """
        Issue a new signing secret. The previous one stays valid for 24 hours, unless the rotation is forced.

        Args:
            idempotency_key: 1 to 255 characters of `[A-Za-z0-9_-]`; Signa remembers it for 24 hours.
            force_reason: At most 500 characters. With a reason, the rotation is forced: Signa rotates although the 24
                hours of an earlier rotation are not over, and the previous secret ends at once.

        Raises:
            ConflictError: The 24 hours of an earlier rotation are not over, or the key was used with another body.

        Source: https://docs.signa.so/api-reference/monitoring/webhooks/rotate-secret
        """
        body = {} if force_reason is None else {"force": True, "reason": force_reason}
        path = _path(endpoint_id, "rotate-secret")
        exchange = self._write("POST", path, body=body, idempotency_key=idempotency_key)
        return _issued(exchange, operation="rotate webhook secret")

    def redeliver_webhook(self, endpoint_id: str, attempt_id: str) -> str:
        """
        Deliver an event once more, and return the id of the new attempt; the receiver gets the same `webhook-id`.

        Args:
            attempt_id: The attempt that first delivered the event, a UUID.

        Raises:
            NotFoundError: The endpoint has no such attempt.

        Source: https://docs.signa.so/api-reference/monitoring/webhooks/redeliver
        """
        path = _path(endpoint_id, "deliveries", _segment(attempt_id), "redeliver")
        answer = self._write("POST", path, idempotency_key=_new_key()).answer
        return parse(answer.body, QueuedDelivery, operation="redeliver webhook").delivery_attempt_id

    def send_test_webhook(self, endpoint_id: str, *, idempotency_key: str) -> SentTest:
        """
        Have a signed `webhook.test` sent to an endpoint's URL; the answer does not wait for the receiver.

        Args:
            idempotency_key: 1 to 255 characters of `[A-Za-z0-9_-]`; Signa remembers it for 24 hours.

        Source: https://docs.signa.so/api-reference/monitoring/webhooks/test
        """
        exchange = self._write("POST", _path(endpoint_id, "test"), idempotency_key=idempotency_key, pool="utility")
        queued = parse(exchange.answer.body, QueuedDelivery, operation="test webhook")
        return SentTest(
            queued.delivery_attempt_id, exchange.made_earlier, http_date(exchange.answer.headers.get("Date", ""))
        )

    def list_deliveries(
        self, endpoint_id: str, *, since: str | None = None, max_wait_s: float | None = None
    ) -> Iterator[Delivery]:
        """
        Yield the attempts to deliver something to an endpoint, in Signa's order; each page of 100 when needed.

        Args:
            since: ISO 8601 UTC; leaves out attempts that were made before.
            max_wait_s: Bounds the waits of each page's call, the queue included, where less than the client's bound is
                wanted.

        Source: https://docs.signa.so/api-reference/monitoring/webhooks/list-deliveries
        """
        query = {} if since is None else {"since": since}
        path, model = _path(endpoint_id, "deliveries"), Page[Delivery]
        return chain.from_iterable(
            self._exchanges.pages(path, model, _LIST_DELIVERIES, pool="utility", max_wait_s=max_wait_s, **query)
        )

    def wait_for_delivery(
        self, endpoint_id: str, attempt_id: str, *, since: str | None = None, timeout_s: float
    ) -> Delivery | None:
        """
        Return an attempt once it has ended, or as it is after `timeout_s` seconds; None where it is not listed.

        Args:
            since: As for `list_deliveries`.
            timeout_s: The last look comes when so many seconds have passed; 0 looks once.

        Raises:
            WaitTooLongError: The rate limit is used up for longer than that, and longer than a few seconds.
        """
        ends_at = self._clock() + timeout_s
        look_after_s = _FIRST_LOOK_S
        while True:
            longest_s = max(_LEAST_WAIT_S, ends_at - self._clock())
            found = None
            try:
                rows = self.list_deliveries(endpoint_id, since=since, max_wait_s=longest_s)
                found = next((row for row in rows if attempt_id in (row.delivery_attempt_id, row.id)), None)
            except SignaError as failure:
                # A server that fails for a while fails one look, and there is another.
                if not failure.retryable or self._clock() >= ends_at:
                    raise
            left_s = ends_at - self._clock()
            if (found is not None and found.is_settled) or left_s <= 0:
                return found
            self._pause(
                min(look_after_s, left_s),
                f"waiting for the receiver's answer to webhook.test, {math.ceil(left_s)} s left",
            )
            look_after_s = min(2 * look_after_s, _LONGEST_LOOK_S)

    def _endpoint_pages(self) -> Iterator[tuple[WebhookEndpoint, ...]]:
        """Yield the pages with the oldest endpoints first, in which the endpoints of one stack stand together."""
        if self._may_sort:
            pages = self._exchanges.pages("/webhooks", Page[WebhookEndpoint], _LIST, sort="created_at")
            try:
                yield next(pages)
            except ApiError as refusal:
                # Signa documents `sort` for lists in general, and not for this one.
                if refusal.status != BAD_REQUEST:
                    raise
                self._may_sort = False
            else:
                yield from pages
                return
        yield from self._exchanges.pages("/webhooks", Page[WebhookEndpoint], _LIST)

    def _write(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        idempotency_key: str,
        pool: Pool = "monitoring",
    ) -> Exchange:
        """Send what may change an endpoint; the pages that were read are out of date then, whatever the answer."""
        data = None if body is None else encode(body)
        try:
            return self._exchanges.send(method, path, body=data, idempotency_key=idempotency_key, pool=pool)
        finally:
            self._snapshot.drop()


def _issued(exchange: Exchange, *, operation: str) -> Issued:
    endpoint = parse(exchange.answer.body, IssuedWebhookEndpoint, operation=operation)
    return Issued(endpoint, exchange.is_replay, exchange.made_earlier)


def _path(endpoint_id: str, *rest: str) -> str:
    return "/".join(["/webhooks", _segment(endpoint_id), *rest])


def _segment(id_: str) -> str:
    # A program's `get` passes any string as an id, and `..`, `/` or `?` in it would call another operation.
    if not re.fullmatch(SEGMENT, id_):
        raise SignaError(Quote(repr(id_)), " cannot be an id at Signa")
    return quote(id_, safe="")


def _new_key() -> str:
    # Setting a field to B, back to A and to B again within 24 hours are three updates. With a derived key, Signa would
    # replay the first of them for the third.
    return f"pulumi-{uuid.uuid4()}"
