"""The tree of errors and their messages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_signa.quotes import Quote
from pulumi_signa.signa_api import errors
from pulumi_signa.signa_api.errors import (
    BY_STATUS,
    ApiError,
    ConflictError,
    RateLimitedError,
    ResponseFormatError,
    SignaError,
    UnreachableError,
)

text_or_none = st.none() | st.text()


def test_everything_has_one_root() -> None:
    """Whoever catches SignaError catches all of them."""
    classes = [thing for thing in vars(errors).values() if isinstance(thing, type) and issubclass(thing, Exception)]

    assert len(classes) == 10
    assert all(issubclass(class_, SignaError) for class_ in classes)


def test_class_of_a_status_says_so() -> None:
    """Each docstring begins with the status."""
    assert all((class_.__doc__ or "").startswith(f"{status}:") for status, class_ in BY_STATUS.items())
    assert len(set(BY_STATUS.values())) == 5


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 409, 410, 422, 429, 500, 501, 502, 503, 504, 505])
def test_status_decides_where_the_answer_does_not(status: int) -> None:
    """The statuses that Signa documents are retried, and no others; `retryable` from Signa wins both ways."""
    assert ApiError(status=status).retryable == (status in {429, 500, 502, 503, 504})
    assert ApiError(status=status, retryable=True).retryable
    assert not ApiError(status=status, retryable=False).retryable


@pytest.mark.parametrize("status", [400, 409, 423, 425, 500])
def test_key_in_use_is_premature_with_any_status(status: int) -> None:
    """The status is not documented; Signa's `retryable: false` wins."""
    error = ApiError(status=status, slug="idempotency_processing")

    assert (error.retryable, error.is_premature) == (True, True)
    assert not ApiError(status=status, slug="idempotency_processing", retryable=False).retryable


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (RateLimitedError(status=429), True),
        (ConflictError(status=409), False),
        (ApiError(status=503), False),
        (UnreachableError("x", retryable=True), False),
        (ResponseFormatError("x"), False),
    ],
)
def test_only_what_signa_did_not_process_is_premature(error: SignaError, expected: object) -> None:
    """Any other request may have been carried out."""
    assert error.is_premature is expected


@pytest.mark.parametrize(
    ("detail", "expected"),
    [
        ("This idempotency key was used with another body.", True),
        ("Idempotency-Key reuse.", True),
        ("The secret was rotated less than 24 hours ago.", False),
        ("", False),
    ],
)
def test_conflict_says_whether_the_key_is_to_blame(detail: str, expected: object) -> None:
    """Signa has one slug for all conflicts, so the words decide."""
    assert ConflictError(status=409, detail=detail).is_about_idempotency_key is expected


def test_message_has_everything_and_the_summary_the_status() -> None:
    """The message names status, slug, detail, suggestion and request id, in this order."""
    error = ApiError(
        status=400, slug="validation_error", detail="Bad url.", suggestion="Use https.", request_id="req_abc123"
    )

    assert str(error) == "Signa answered 400 validation_error: Bad url. Use https. (request req_abc123)"
    assert error.summary == "Signa answered 400" == str(ApiError(status=400))
    assert UnreachableError("cannot reach a:443", retryable=True).summary == "cannot reach a:443"


def test_summary_quotes_nobody() -> None:
    """The summary is shown while a call waits, and what others wrote may hold what was sent."""
    assert UnreachableError("cannot reach a: ", Quote("s3cret"), retryable=True).summary == "cannot reach a"


@given(st.text(), st.text(), text_or_none, text_or_none)
def test_message_is_one_line(slug: str, detail: str, suggestion: str | None, request_id: str | None) -> None:
    """The server may write anything into any field."""
    error = ApiError(status=400, slug=slug, detail=detail, suggestion=suggestion, request_id=request_id)

    assert len(str(error).splitlines()) == 1


def test_message_is_bounded() -> None:
    """A server cannot flood the terminal."""
    flood = "x\x1b[31m" * 20_000

    error = ApiError(status=400, slug=flood, detail=flood, suggestion=flood, request_id=flood)

    assert len(str(error)) < 2000
    assert "\x1b" not in str(error)
