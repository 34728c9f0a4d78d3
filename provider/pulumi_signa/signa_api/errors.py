"""
The errors of this package, as a tree.

    SignaError
    ├── UnreachableError           no complete answer came
    ├── ResponseFormatError        the answer is not what Signa documents
    ├── WaitTooLongError           the request was not sent: the rate limit is used up for longer than the call may wait
    └── ApiError                   Signa refused
        ├── AuthenticationError    401: the caller says where the API key came from
        ├── PermissionDeniedError  403: the slug says whether the key lacks the scope or the plan the feature
        ├── NotFoundError          404: the object was deleted, or belongs to another organization
        ├── ConflictError          409: the object's state, or another use of the idempotency key, forbids the request
        └── RateLimitedError       429: retried as soon as the rate limit permits

Every message is one complete line. What Signa wrote is a `Quote` in it, and may hold what was sent.
"""

from pulumi_signa import quotes
from pulumi_signa.quotes import Quote, one_line

RETRYABLE_STATUSES = frozenset({429, 500, 502, 503, 504})
"""Statuses that are retried if the answer does not say whether to (https://docs.signa.so/guides/resilience)."""

SLUGS = (
    *("validation_error", "id_type_mismatch", "cursor_expired", "unauthorized", "forbidden", "plan_upgrade_required"),
    *("not_found", "conflict", "idempotency_processing", "unprocessable_entity", "rate_limited", "internal_error"),
    "service_unavailable",
)
"""The words that Signa documents for `error.type` (https://docs.signa.so/api-reference/errors)."""

BAD_REQUEST = 400
NOT_FOUND = 404
CONFLICT = 409
TOO_MANY_REQUESTS = 429


class SignaError(quotes.QuotingError):
    """`SignaError` is the root of all errors that this package raises."""

    retryable = False
    """Whether the same request may succeed if it is sent again."""

    retry_after_s: float | None = None
    """Seconds that the server asks to wait first; None if the server did not say."""

    is_premature = False
    """Whether Signa did not process the request, and asked to send it again later (429, or the key is still in use)."""

    @property
    def summary(self) -> str:
        """The error in a few words of ours."""
        return str(self.args[0]).removesuffix(": ")


class UnreachableError(SignaError):
    """
    `UnreachableError` means that no complete answer came: refused, reset, timed out, broken off, or TLS failed.

    Whether a change was carried out is unknown; the idempotency key makes a retry safe.
    """

    def __init__(self, *parts: str, retryable: bool) -> None:
        super().__init__(*parts)
        self.retryable = retryable


class ResponseFormatError(SignaError):
    """`ResponseFormatError` means an answer of another shape (the message names the field) or another server's 404."""


class WaitTooLongError(SignaError):
    """`WaitTooLongError` means that the request was not sent, since the rate limit asks for too long a wait."""


class ApiError(SignaError):
    """
    `ApiError` is a refusal by Signa.

    Attributes:
        slug: `error.type`, a stable word; "" if the body has none.
        detail, suggestion: As Signa wrote them, each in one line.
        retryable: `error.retryable`; if absent, the status and the slug decide.
        retry_after_s: `Retry-After` or `error.retry_after`, in seconds, or None.

    Source: https://docs.signa.so/api-reference/errors
    """

    def __init__(  # noqa: PLR0913 - these are the fields of one error envelope
        self,
        *,
        status: int,
        slug: str = "",
        detail: str = "",
        suggestion: str | None = None,
        request_id: str | None = None,
        retryable: bool | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        self.status = status
        self.slug = one_line(slug)
        self.detail = one_line(detail)
        self.suggestion = one_line(suggestion) if suggestion else None
        self.request_id = one_line(request_id) if request_id else None
        # Signa does not document the status of this slug: an earlier request with the same key is still in flight.
        key_in_use = slug == "idempotency_processing"
        self.is_premature = key_in_use or status == TOO_MANY_REQUESTS
        self.retryable = key_in_use or status in RETRYABLE_STATUSES if retryable is None else retryable
        self.retry_after_s = retry_after_s
        super().__init__(self.summary)
        for before, text, after in (
            (" ", slug, ""),
            (": ", detail, ""),
            (" ", suggestion, ""),
            (" (request ", request_id, ")"),
        ):
            if text and one_line(text):
                self.args += (before, Quote(text), after)

    @property
    def summary(self) -> str:
        """The status alone."""
        return f"Signa answered {self.status}"


class AuthenticationError(ApiError):
    """401: the API key is missing, malformed, expired or revoked."""


class PermissionDeniedError(ApiError):
    """403: the API key lacks the scope, or the plan lacks the feature."""


class NotFoundError(ApiError):
    """404: the object was deleted, never existed, or belongs to another organization; Signa does not say which."""


class ConflictError(ApiError):
    """409: a rotation less than 24 hours after the last, too many endpoints, or another use of the idempotency key."""

    @property
    def is_about_idempotency_key(self) -> bool:
        """Whether the key was used for another request; Signa has no slug for it, so the text decides."""
        return "idempotency" in self.detail.lower()


class RateLimitedError(ApiError):
    """429: the organization's rate limit is used up."""


BY_STATUS: dict[int, type[ApiError]] = {
    401: AuthenticationError,
    403: PermissionDeniedError,
    NOT_FOUND: NotFoundError,
    CONFLICT: ConflictError,
    TOO_MANY_REQUESTS: RateLimitedError,
}
