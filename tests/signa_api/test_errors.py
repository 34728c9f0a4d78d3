"""The tree of errors and their messages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_signa.signa_api import errors
from pulumi_signa.signa_api.errors import (
    BY_STATUS,
    ApiError,
    AuthenticationError,
    ConflictError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    ResponseFormatError,
    SignaError,
    UnreachableError,
    one_line,
)


def test_everything_has_one_root() -> None:
    """Whoever catches SignaError catches all of them."""
    classes = [thing for thing in vars(errors).values() if isinstance(thing, type) and issubclass(thing, Exception)]

    assert len(classes) == 10
    assert all(issubclass(class_, SignaError) for class_ in classes)


def test_statuses_that_callers_act_on_have_classes() -> None:
    """One class each, all of them refusals."""
    assert {
        401: AuthenticationError,
        403: PermissionDeniedError,
        404: NotFoundError,
        409: ConflictError,
        429: RateLimitedError,
    } == BY_STATUS
    assert all(issubclass(class_, ApiError) for class_ in BY_STATUS.values())


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_status_decides_where_the_answer_does_not(status: int) -> None:
    """The documented statuses are tried again."""
    assert ApiError(status=status).retryable


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 409, 410, 422, 501, 505])
def test_other_statuses_are_final(status: int) -> None:
    """Everything else is not."""
    assert not ApiError(status=status).retryable


def test_answer_wins_over_the_status() -> None:
    """`retryable` from Signa is the last word, both ways."""
    assert ApiError(status=409, retryable=True).retryable
    assert not ApiError(status=504, retryable=False).retryable


@pytest.mark.parametrize("status", [400, 409, 423, 425, 500])
def test_key_in_use_is_tried_again(status: int) -> None:
    """Whatever its status, since that is not documented; Signa's own `retryable: false` still wins."""
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
def test_only_a_refusal_to_look_is_premature(error: SignaError, expected: bool) -> None:  # noqa: FBT001 - a parameter
    """Of everything else something may have come."""
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
def test_conflict_says_whether_the_key_is_to_blame(detail: str, expected: bool) -> None:  # noqa: FBT001 - a parameter
    """By its words, since Signa has one slug for all conflicts."""
    assert ConflictError(status=409, detail=detail).is_about_idempotency_key is expected


def test_summary_is_short() -> None:
    """The status of a refusal, and the whole of what has no status."""
    refusal = ApiError(status=503, slug="service_unavailable", detail="Down for repair.", request_id="req_1")

    assert refusal.summary == "Signa answered 503"
    assert UnreachableError("cannot reach a:443", retryable=True).summary == "cannot reach a:443"


def test_message_says_everything_there_is() -> None:
    """Status, slug, detail, suggestion and request id, in that order."""
    error = ApiError(
        status=400, slug="validation_error", detail="Bad url.", suggestion="Use https.", request_id="req_abc123"
    )

    assert str(error) == "Signa answered 400 validation_error: Bad url. Use https. (request req_abc123)"


def test_message_without_a_body_names_the_status() -> None:
    """A gateway's bare refusal is still a sentence."""
    assert str(ApiError(status=502)) == "Signa answered 502"


@given(st.text(), st.text(), st.one_of(st.none(), st.text()), st.one_of(st.none(), st.text()))
def test_message_is_one_line(slug: str, detail: str, suggestion: str | None, request_id: str | None) -> None:
    """Whatever the server writes, and wherever."""
    error = ApiError(status=400, slug=slug, detail=detail, suggestion=suggestion, request_id=request_id)

    assert len(str(error).splitlines()) == 1


def test_message_is_bounded() -> None:
    """A server cannot flood the terminal."""
    flood = "x" * 100_000

    error = ApiError(status=400, slug=flood, detail=flood, suggestion=flood, request_id=flood)

    assert len(str(error)) < 2000


@given(st.text(max_size=2000))
def test_folding_gives_one_line_of_bounded_length(text: str) -> None:
    """No line break, no control character, at most 400 characters."""
    folded = one_line(text)

    assert len(folded) <= 400
    assert len(folded.splitlines()) <= 1
    assert not any(character < " " or "\x7f" <= character <= "\x9f" for character in folded)


def test_unreachable_says_whether_another_attempt_may_help() -> None:
    """Only the transport knows."""
    assert UnreachableError("x", retryable=True).retryable
    assert not UnreachableError("x", retryable=False).retryable
    assert not ResponseFormatError("x").retryable
