"""
What can go wrong between us and Signa.

    SignaError
    ├── UnreachableError           no whole answer came back
    ├── ResponseFormatError        an answer came back, and it is not what Signa documents
    ├── WaitTooLongError           nothing was sent: the rate limit is used up for longer than the call may wait
    └── ApiError                   Signa refused
        ├── AuthenticationError    401: the caller says where the key came from
        ├── PermissionDeniedError  403: the caller says which scope the key lacks
        ├── NotFoundError          404: the object is gone, or was never this organization's
        ├── ConflictError          409: the state of the object, or another use of the key, forbids it
        └── RateLimitedError       429: tried again as soon as the rate limit permits

Every message is one line, complete by itself, and free of keys, secrets and request bodies.
"""

import re

RETRYABLE_STATUSES = frozenset({429, 500, 502, 503, 504})
"""Statuses that are tried again when the answer does not say (docs.signa.so/guides/resilience)."""

BAD_REQUEST = 400
NOT_FOUND = 404
CONFLICT = 409
TOO_MANY_REQUESTS = 429

_LONGEST_QUOTE = 400


def one_line(text: str) -> str:
    """Fold somebody else's text into one line of bounded length, without control characters."""
    folded = re.sub(r"[\s\x00-\x1f\x7f-\x9f]+", " ", text).strip()
    return folded if len(folded) <= _LONGEST_QUOTE else folded[: _LONGEST_QUOTE - 1] + "…"


class SignaError(Exception):
    """Root of everything this package raises."""

    retryable = False
    """Whether the same request may succeed if it is sent again."""

    retry_after_s: float | None = None
    """How long the server asks to wait first, in seconds; None where it did not say."""

    is_premature = False
    """Whether the request was not looked at yet, and is only to come again later; that is no fault of anybody."""

    @property
    def summary(self) -> str:
        """The failure in a few words."""
        return str(self)


class UnreachableError(SignaError):
    """
    No whole answer: refused, reset, timed out, broken off, or TLS failed.

    Whether a mutation was carried out is unknown; its idempotency key makes the repetition safe.
    """

    def __init__(self, message: str, *, retryable: bool) -> None:
        super().__init__(message)
        self.retryable = retryable


class ResponseFormatError(SignaError):
    """An answer that is not as documented: another shape, whose field the message names, or a 404 of somebody else."""


class WaitTooLongError(SignaError):
    """The call was not sent: before the rate limit permits it, it would have waited longer than it may."""


class ApiError(SignaError):
    """
    Signa refused the request.

    Attributes:
        status: HTTP status.
        slug: `error.type`, the stable word to switch on; "" where the body had none.
        detail: `error.detail`, one line, as Signa wrote it.
        suggestion: `error.suggestion`, one line, or None.
        request_id: Signa's id for this request, or None.
        retryable: `error.retryable`; where absent, decided by the status and the slug.
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
        # Which status an earlier request with the same key, still under way, is told with is not documented.
        key_in_use = slug == "idempotency_processing"
        self.is_premature = key_in_use or status == TOO_MANY_REQUESTS
        self.retryable = key_in_use or status in RETRYABLE_STATUSES if retryable is None else retryable
        self.retry_after_s = retry_after_s
        super().__init__(self._message())

    @property
    def summary(self) -> str:
        """The status alone."""
        return f"Signa answered {self.status}"

    def _message(self) -> str:
        text = self.summary
        if self.slug:
            text += f" {self.slug}"
        if self.detail:
            text += f": {self.detail}"
        if self.suggestion:
            text += f" {self.suggestion}"
        if self.request_id:
            text += f" (request {self.request_id})"
        return text


class AuthenticationError(ApiError):
    """401: the key is missing, malformed, expired or revoked."""


class PermissionDeniedError(ApiError):
    """403: the key is good and lacks the scope, or the plan lacks the feature."""


class NotFoundError(ApiError):
    """404: deleted, never there, or another organization's; Signa does not say which."""


class ConflictError(ApiError):
    """409: a rotation inside the overlap, the most endpoints there may be, or another use of the idempotency key."""

    @property
    def is_about_idempotency_key(self) -> bool:
        """Whether the key was used for another request before; Signa has no slug for that."""
        return "idempotency" in self.detail.lower()


class RateLimitedError(ApiError):
    """429: the organization's calls for this window are used up."""


BY_STATUS: dict[int, type[ApiError]] = {
    401: AuthenticationError,
    403: PermissionDeniedError,
    NOT_FOUND: NotFoundError,
    CONFLICT: ConflictError,
    TOO_MANY_REQUESTS: RateLimitedError,
}
