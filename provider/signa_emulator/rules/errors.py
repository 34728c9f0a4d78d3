"""
ApiError: what the API refuses, with Signa's status, slug and title.

    ApiError
    ├── ValidationError              400 validation_error
    ├── IdTypeMismatchError          400 id_type_mismatch
    ├── CursorExpiredError           400 cursor_expired
    ├── UnauthorizedError            401 unauthorized
    ├── ForbiddenError               403 forbidden
    ├── NotFoundError                404 not_found
    ├── ConflictError                409 conflict
    ├── IdempotencyProcessingError   409 idempotency_processing   (retryable)
    ├── RateLimitedError             429 rate_limited             (retryable)
    └── InjectedError                whatever a fault asks for

Source: https://docs.signa.so/api-reference/errors
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Problem(NamedTuple):
    """
    One thing that is wrong with a request.

    Attributes:
        path: The field, parameter or header, such as `enabled_events[0]`.
        message: A sentence about it.
    """

    path: str
    message: str


class ApiError(Exception):
    """
    A refusal, as it goes into the `error` object of an answer.

    Attributes:
        status: The HTTP status.
        type: The slug that clients switch on.
        title: The short text that belongs to the slug.
        suggestion: What the caller can do.
        retryable: Whether the same call may succeed later.
        detail: What is wrong with this call.
        retry_after: Seconds to wait before the next try; None when waiting does not help.
    """

    status: int
    type: str
    title: str
    suggestion: str
    retryable: bool = False

    def __init__(self, detail: str, *, retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_after = retry_after


class ValidationError(ApiError):
    """
    A parameter, header or body that breaks a rule.

    Attributes:
        problems: Every rule that is broken; `detail` is their messages in a row.
    """

    status = 400
    type = "validation_error"
    title = "Validation failed"
    suggestion = "Correct the request as the detail says, then send it again."

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(problem.message for problem in problems))
        self.problems = tuple(problems)


class IdTypeMismatchError(ApiError):
    """An ID of another type than the path asks for."""

    status = 400
    type = "id_type_mismatch"
    title = "ID type mismatch"
    suggestion = "Check that the ID belongs to the resource named in the path."


class CursorExpiredError(ApiError):
    """A pagination cursor that is more than 24 hours old."""

    status = 400
    type = "cursor_expired"
    title = "Cursor expired"
    suggestion = "Start again from the first page, without a cursor."


class UnauthorizedError(ApiError):
    """No API key, or one that is not known."""

    status = 401
    type = "unauthorized"
    title = "Authentication required"
    suggestion = "Send 'Authorization: Bearer sig_...' with a valid API key."


class ForbiddenError(ApiError):
    """A valid API key without the scope that the operation needs."""

    status = 403
    type = "forbidden"
    title = "Insufficient scope"
    suggestion = "Use an API key that has the scope named in the detail."


class NotFoundError(ApiError):
    """A resource that does not exist, was deleted, or belongs to another organization."""

    status = 404
    type = "not_found"
    title = "Resource not found"
    suggestion = "Check the ID. The resource may have been deleted."


class ConflictError(ApiError):
    """A request that the current state forbids."""

    status = 409
    type = "conflict"
    title = "Conflict"
    suggestion = "Look at the current state of the resource before you try again."


class IdempotencyProcessingError(ApiError):
    """
    The first call with this idempotency key is still running.

    Open point: the status is not documented, the slug and `retryable` are.
    """

    status = 409
    type = "idempotency_processing"
    title = "Request in progress"
    suggestion = "Send the same request with the same Idempotency-Key again after the wait."
    retryable = True


class RateLimitedError(ApiError):
    """The organization has used up its calls of the current window."""

    status = 429
    type = "rate_limited"
    title = "Rate limit exceeded"
    suggestion = "Wait for the number of seconds in Retry-After."
    retryable = True


class InjectedError(ApiError):
    """
    An error that a planned fault answers with.

    Args:
        status: The HTTP status.
        type_: The slug, or None for the usual one of the status.
        detail: The detail.
        retryable: The flag, or None for true from 500 on and for 429.
        retry_after: Seconds, or None.
    """

    suggestion = "Nothing is wrong with the request: the emulator was told to fail."

    def __init__(
        self, status: int, type_: str | None, detail: str, *, retryable: bool | None, retry_after: int | None
    ) -> None:
        super().__init__(detail, retry_after=retry_after)
        usual_type, self.title = _USUAL.get(status, ("internal_error", "Internal error"))
        self.status = status
        self.type = usual_type if type_ is None else type_
        self.retryable = (status in _RETRYABLE) if retryable is None else retryable


_USUAL = {
    **{
        error.status: (error.type, error.title)
        for error in (
            ValidationError,
            UnauthorizedError,
            ForbiddenError,
            NotFoundError,
            ConflictError,
            RateLimitedError,
        )
    },
    # Open point: Signa documents no slug for 502 and 504, and no titles for these three.
    502: ("bad_gateway", "Bad gateway"),
    503: ("service_unavailable", "Service unavailable"),
    504: ("gateway_timeout", "Gateway timeout"),
}
_RETRYABLE = {429, 500, 502, 503, 504}
