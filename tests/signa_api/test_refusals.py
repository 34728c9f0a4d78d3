"""The error for an answer that is not a success."""

import json
import time
from email.utils import formatdate

import pytest

from pulumi_signa.signa_api.errors import ApiError, NotFoundError, RateLimitedError, ResponseFormatError, SignaError
from pulumi_signa.signa_api.refusals import error_of
from pulumi_signa.signa_api.transport import Answer


def refused(status: int, body: bytes, **headers: str) -> SignaError:
    """Return the error for an answer; underscores in the names of the headers stand for hyphens."""
    return error_of(Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, body))


def test_envelope_is_read() -> None:
    """Every documented member arrives."""
    members = {"type": "rate_limited", "detail": "Too many.", "suggestion": "Wait.", "retryable": True}
    body = json.dumps({"error": {**members, "retry_after": 30}, "request_id": "req_1"}).encode()

    error = refused(429, body)

    assert isinstance(error, RateLimitedError)
    assert str(error) == "Signa answered 429 rate_limited: Too many. Wait. (request req_1)"
    assert (error.retryable, error.retry_after_s) == (True, 30)


def test_header_wins_over_the_body_for_the_wait() -> None:
    """A gateway in between writes the header alone."""
    assert refused(429, b'{"error": {"retry_after": 30}}', Retry_After="7").retry_after_s == 7


@pytest.mark.parametrize("header", ["", "soon", "1.5", "-1", "9" * 500, "Wed, 21 Oct 99999 07:28:00 GMT"])
def test_wait_that_is_no_number_of_seconds_is_ignored(header: str) -> None:
    """The client's own backoff takes its place."""
    assert refused(503, b"", Retry_After=header).retry_after_s is None


@pytest.mark.parametrize("number", ["-5", "1e999", "1e300", "9" * 300])
def test_wait_in_the_body_that_cannot_be_waited_is_ignored(number: str) -> None:
    """Nobody waits for an endless time, or a negative one."""
    assert refused(503, b'{"error": {"type": "x", "retry_after": %b}}' % number.encode()).retry_after_s is None


@pytest.mark.parametrize(("until", "seconds"), [("07:30:00", 120), ("07:28:00", 0), ("07:27:00", 0)])
def test_wait_until_a_date_is_seen_from_the_date_of_the_answer(until: str, seconds: int) -> None:
    """The clocks of the two machines may differ."""
    day = "Wed, 21 Oct 2026 "

    error = refused(503, b"", Retry_After=f"{day}{until} GMT", Date=f"{day}07:28:00 GMT")

    assert error.retry_after_s == seconds


def test_wait_until_a_date_is_seen_from_our_clock_otherwise() -> None:
    """A gateway may leave its date out."""
    error = refused(503, b"", Retry_After=formatdate(time.time() + 3600, usegmt=True))

    assert error.retry_after_s is not None
    assert 0 < error.retry_after_s <= 3600


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><h1>403 Forbidden</h1></html>",
        b"null",
        b'"forbidden"',
        b'{"error": "forbidden"}',
        b'{"error": null}',
        b'{"message": "Forbidden"}',
        b"\xff\xfe",
        b'{"error": {"x": ' + b"[" * 50_000,
    ],
)
def test_refusal_without_an_envelope_names_the_status(body: bytes) -> None:
    """A gateway's page is not quoted."""
    assert str(refused(403, body)) == "Signa answered 403"


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"error": {"type": "route_not_found"}}'])
def test_404_of_another_server_is_not_gone(body: bytes) -> None:
    """Only Signa's slug `not_found` means that an endpoint is gone."""
    assert isinstance(refused(404, body), ResponseFormatError)


def test_old_error_type_is_cut_to_its_slug() -> None:
    """The type was a URI in an earlier API."""
    error = refused(404, b'{"error": {"type": "https://api.signa.so/errors/not_found", "title": "Not found"}}')

    assert isinstance(error, NotFoundError)
    assert str(error) == "Signa answered 404 not_found: Not found"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirect_says_where_to(status: int) -> None:
    """A redirect is an error, and the base URL is what to change."""
    error = refused(status, b"", Location="https://elsewhere.example/v1")

    assert isinstance(error, ApiError)
    assert "redirects to https://elsewhere.example/v1; set the base URL" in str(error)
