"""
The shapes of Signa's answers, validated when an answer arrives.

Unknown fields are ignored, because v1 of the API promises to add fields and never to remove one. A required field that
is missing, or a field of the wrong type, is a `ResponseFormatError` that names the field.

Source: https://docs.signa.so/api-reference/monitoring/webhooks/create
"""

from datetime import date
from typing import Annotated, Any, Generic, TypeVar

import msgspec

from pulumi_signa.quotes import quoting
from pulumi_signa.signa_api.errors import ResponseFormatError

NonEmpty = Annotated[str, msgspec.Meta(min_length=1)]

SEGMENT = r"\A(?!\.{1,2}\Z)[^\x00-\x1f\x7f-\x9f]+\Z"
"""What can be one segment of a path: `.` and `..` would lead elsewhere, since HTTP clients fold them away."""

Id = Annotated[str, msgspec.Meta(pattern=SEGMENT)]

_DATE, _TIME = r"[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])", r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"

Moment = Annotated[str, msgspec.Meta(pattern=rf"\A{_DATE}T{_TIME}(\.[0-9]+)?(Z|\+00:00)\Z")]
"""ISO 8601 UTC, such as `2026-05-08T14:32:11.428Z`. Schedules are computed from it, so the form is checked."""


_DEEPEST = 100
"""Levels of metadata. Python and Protocol Buffers bound the nesting of what passes through them."""


class WebhookEndpoint(msgspec.Struct, frozen=True, kw_only=True):
    """
    `WebhookEndpoint` is an endpoint as all operations but create and rotate return it.

    The model has no field for the signing secret. Signa redacts the secret in these answers, and does not document how:
    a masked value must never be taken for the real one.

    Attributes:
        id: `whk_…`, opaque.
        enabled_events: Slugs, in Signa's order.
        status: `active`, `disabled`, or a value that Signa adds later.
        secret_version: 1 after create; each rotation adds 1.
        consecutive_failures: Failed deliveries in a row, without tests.
    """

    id: Id
    url: str
    enabled_events: tuple[str, ...]
    status: str
    secret_version: int
    created_at: Moment
    updated_at: Moment
    description: str | None = None
    metadata: dict[str, Any] = msgspec.field(default_factory=dict)
    consecutive_failures: int = 0
    last_success_at: str | None = None
    last_failure_at: str | None = None

    def __post_init__(self) -> None:
        """Refuse a day that no calendar has, and metadata that Pulumi's own libraries could not carry."""
        for moment in (self.created_at, self.updated_at):
            date.fromisoformat(moment[:10])
        if _is_deeper(self.metadata, _DEEPEST):
            raise ValueError(f"`metadata` has more than {_DEEPEST} levels")


class IssuedWebhookEndpoint(WebhookEndpoint, frozen=True, kw_only=True):
    """
    `IssuedWebhookEndpoint` is the answer to create and rotate, the only operations that return the signing secret.

    Attributes:
        secret: The signing secret in plain text, opaque to us; None if Signa left it out of a replayed answer.

    Source: https://docs.signa.so/guides/monitoring/webhook-signature-verification
    """

    secret: NonEmpty | None = None

    def __repr__(self) -> str:
        """Return the id and the version; the generated repr would show the secret."""
        return f"{type(self).__name__}(id={self.id!r}, secret_version={self.secret_version})"


class Pagination(msgspec.Struct, frozen=True, kw_only=True):
    """`Pagination` says where the next page starts; `cursor` is None on the last page."""

    cursor: str | None = None


DELIVERED, FAILED = "delivered", ("failed", "exhausted")
"""What `status` of a delivery is at its end; Signa documents the first word alone."""


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """
    `Delivery` is one attempt to deliver an event, a row of the list of deliveries.

    Signa documents no value of `status` but `delivered`, so the other fields count where the word is not known.

    Attributes:
        id: A UUID.
        delivery_attempt_id: The id that a test or a redelivery was answered with; `id` where Signa leaves it out.
        status: `delivered`, `pending`, `failed`, `exhausted`, or a value that Signa adds later.
        http_status: What the receiver answered, or None.
        response_body: What else the receiver answered, or None: text of a stranger.
        delivered_at: When the receiver accepted the event, or None.

    Source: https://docs.signa.so/api-reference/monitoring/webhooks/list-deliveries
    """

    id: Id
    status: NonEmpty
    delivery_attempt_id: Id | None = None
    http_status: int | None = None
    response_body: str | None = None
    delivered_at: Moment | None = None

    @property
    def is_delivered(self) -> bool:
        """Whether the receiver has accepted the event: a 2xx says so, unless Signa calls the attempt failed."""
        accepted = self.http_status is not None and 200 <= self.http_status < 300  # noqa: PLR2004 - any 2xx
        return self.status == DELIVERED or self.delivered_at is not None or (accepted and self.status not in FAILED)

    @property
    def is_settled(self) -> bool:
        """Whether the attempt has ended, well or not: a receiver that has answered does not answer again."""
        return self.is_delivered or self.status in FAILED or self.http_status is not None


Row = TypeVar("Row")


class Page(msgspec.Struct, Generic[Row], frozen=True, kw_only=True):
    """
    `Page` is one page of a list.

    Source: https://docs.signa.so/api-reference/pagination
    """

    data: tuple[Row, ...]
    has_more: bool = False
    pagination: Pagination = msgspec.field(default_factory=Pagination)


class QueuedDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """
    `QueuedDelivery` is the answer to a test or a redelivery; the id is that of the new attempt.

    Source: https://docs.signa.so/api-reference/monitoring/webhooks/test, …/redeliver
    """

    delivery_attempt_id: Id


class ErrorBody(msgspec.Struct, frozen=True, kw_only=True):
    """`ErrorBody` is the `error` object of a refusal. Gateways write their own, so any field may be missing or null."""

    type: str | None = None
    title: str | None = None
    detail: str | None = None
    suggestion: str | None = None
    retryable: bool | None = None
    retry_after: float | None = None


class ErrorEnvelope(msgspec.Struct, frozen=True, kw_only=True):
    """
    `ErrorEnvelope` is the body of a refusal.

    Source: https://docs.signa.so/api-reference/errors
    """

    error: ErrorBody
    request_id: str | None = None


def _is_deeper(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels < 0 or any(_is_deeper(item, levels - 1) for item in inner)


Model = TypeVar("Model", bound=msgspec.Struct)

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What `msgspec` raises for a body that is not JSON, of another shape, not UTF-8, or nested too deeply."""


def parse(body: bytes, model: type[Model], *, operation: str) -> Model:
    """
    Return the body of an answer as this model.

    Args:
        operation: What Signa answers, for the message of the error.

    Raises:
        ResponseFormatError: The body is not JSON, or not of this shape. The message names the operation and the field,
            and no value.
    """
    try:
        return msgspec.json.decode(body, type=model)
    except UNREADABLE as error:
        wrong = quoting("Signa's answer to {operation} is not as documented: {quote}", str(error), operation=operation)
        raise ResponseFormatError(*wrong) from None
