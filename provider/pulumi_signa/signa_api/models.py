"""
What Signa answers, validated once at the edge.

Unknown fields are ignored, because v1 of the API promises to add and never to remove. A field of the wrong
type, or a missing one that we rely on, is a `ResponseFormatError` that names it.

Source: https://docs.signa.so/api-reference/monitoring/webhooks/create
"""

from typing import Annotated, Any, TypeVar

import msgspec

from pulumi_signa.signa_api.errors import ResponseFormatError

NonEmpty = Annotated[str, msgspec.Meta(min_length=1)]

_DATE, _TIME = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])", r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"

Moment = Annotated[str, msgspec.Meta(pattern=rf"\A{_DATE}T{_TIME}(\.[0-9]+)?(Z|\+00:00)\Z")]
"""ISO 8601 UTC, such as `2026-05-08T14:32:11.428Z`: one that is computed with."""


class WebhookEndpoint(msgspec.Struct, frozen=True, kw_only=True):
    """
    A webhook endpoint as every operation but create and rotate shows it.

    Reads redact the signing secret in a way that is not documented (left out, null or masked), so this model
    has no field for it: a masked value can then never be taken for the real one.

    Attributes:
        id: `whk_…`, opaque.
        url: Where deliveries go.
        description: Free text, or None.
        enabled_events: Slugs of the subscribed events, in the server's order.
        status: `active` or `disabled`; an open enumeration.
        secret_version: 1 on create, one more on each rotation.
        metadata: JSON object.
        consecutive_failures: Failed deliveries in a row, tests not counted.
        last_success_at, last_failure_at: ISO 8601 UTC, or None.
        created_at, updated_at: ISO 8601 UTC.
    """

    id: NonEmpty
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


class IssuedWebhookEndpoint(WebhookEndpoint, frozen=True, kw_only=True):
    """
    The answer to create and rotate: the only two that carry the signing secret.

    Attributes:
        secret: The signing secret in plain text; None where a replayed answer was stripped of it.
    """

    secret: NonEmpty | None = None

    def __repr__(self) -> str:
        """Name the endpoint only: a generated repr would print the secret."""
        return f"{type(self).__name__}(id={self.id!r}, secret_version={self.secret_version})"


class Pagination(msgspec.Struct, frozen=True, kw_only=True):
    """Where the next page starts."""

    cursor: str | None = None


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """
    One page of a list.

    Source: https://docs.signa.so/api-reference/pagination
    """

    data: tuple[WebhookEndpoint, ...]
    has_more: bool = False
    pagination: Pagination = msgspec.field(default_factory=Pagination)


class ErrorBody(msgspec.Struct, frozen=True, kw_only=True):
    """The `error` object of a refusal; every field may be missing or null, since gateways write their own."""

    type: str | None = None
    title: str | None = None
    detail: str | None = None
    suggestion: str | None = None
    retryable: bool | None = None
    retry_after: float | None = None


class ErrorEnvelope(msgspec.Struct, frozen=True, kw_only=True):
    """
    A refusal.

    Source: https://docs.signa.so/api-reference/errors
    """

    error: ErrorBody
    request_id: str | None = None


Model = TypeVar("Model", bound=msgspec.Struct)

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What `msgspec` raises at a body that is not JSON, not of the wanted shape, not UTF-8, or nested without end."""


def parse(body: bytes, model: type[Model], *, operation: str) -> Model:
    """
    Decode an answer.

    Raises:
        ResponseFormatError: Not JSON, or not of this shape; names the operation and the field, never a value.
    """
    try:
        return msgspec.json.decode(body, type=model)
    except UNREADABLE as error:
        raise ResponseFormatError(f"Signa's answer to {operation} is not as documented: {error}") from None
