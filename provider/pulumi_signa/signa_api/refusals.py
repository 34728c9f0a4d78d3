"""The error for an answer that is not a success."""

import msgspec

from pulumi_signa.quotes import quoting
from pulumi_signa.signa_api.errors import BY_STATUS, NOT_FOUND, ApiError, ResponseFormatError, SignaError
from pulumi_signa.signa_api.models import UNREADABLE, ErrorEnvelope
from pulumi_signa.signa_api.retry_after import bounded, retry_after_s
from pulumi_signa.signa_api.transport import Answer


def error_of(answer: Answer) -> SignaError:
    """
    Return the error for an answer whose status is not 2xx.

    Returns:
        The `ApiError` of the status, with what Signa's error envelope says; without an envelope, the status and the
        target of a redirect. A 404 without Signa's slug `not_found` is a `ResponseFormatError`: a gateway, or another
        server at a wrong base URL, sends it too, and only Signa's own 404 means that an endpoint is gone.

    Source: https://docs.signa.so/api-reference/errors
    """
    envelope = _envelope(answer.body)
    slug = "" if envelope is None else (envelope.error.type or "").rsplit("/", 1)[-1]
    if answer.status == NOT_FOUND and slug != "not_found":
        return ResponseFormatError("a 404 came back that is not Signa's own")
    kind = BY_STATUS.get(answer.status, ApiError)
    header_s = retry_after_s(answer.headers)
    if envelope is None:
        refusal = kind(status=answer.status, retry_after_s=header_s)
        redirect = answer.headers.get("Location")
        if redirect:
            refusal.args += quoting(": it redirects to {quote}; set the base URL to where the API is", redirect)
        return refusal
    error = envelope.error
    return kind(
        status=answer.status,
        slug=slug,
        detail=error.detail or error.title or "",
        suggestion=error.suggestion,
        request_id=envelope.request_id,
        retryable=error.retryable,
        retry_after_s=bounded(error.retry_after) if header_s is None else header_s,
    )


def _envelope(body: bytes) -> ErrorEnvelope | None:
    try:
        return msgspec.json.decode(body, type=ErrorEnvelope)
    except UNREADABLE:
        return None
