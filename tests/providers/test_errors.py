"""What the user reads when something fails."""

import logging
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from pulumi_signa.aws.errors import AwsError
from pulumi_signa.lifecycle import LifecycleError
from pulumi_signa.providers.host.errors import OneLineError, check_failures, explained, show_own_errors_in_one_line
from pulumi_signa.providers.settings import Settings, load
from pulumi_signa.signa_api.errors import (
    ApiError,
    AuthenticationError,
    PermissionDeniedError,
    RateLimitedError,
    ResponseFormatError,
    SignaError,
    UnreachableError,
    WaitTooLongError,
)

API_KEY = "sig_" + "5e" * 24


class FakeProvider:
    """A provider whose method fails as it is told."""

    def __init__(self, settings: Settings, error: BaseException) -> None:
        """Take the settings and the failure."""
        self.settings = settings
        self.error = error

    @explained("create", "thing")
    def create(self, _properties: dict[str, Any]) -> None:
        """Fail."""
        raise self.error


@pytest.fixture
def message() -> Callable[..., str]:
    """Give what explains an error, with properties that may hold secrets."""
    settings = load({}, {"SIGNA_API_KEY": API_KEY})

    def explain(error: BaseException, properties: dict[str, Any] | None = None) -> str:
        with pytest.raises(OneLineError) as caught:
            FakeProvider(settings, error).create(properties or {})
        assert len(str(caught.value).splitlines()) == 1
        assert caught.value.__suppress_context__
        return str(caught.value)

    return explain


@pytest.mark.parametrize("kind", [LifecycleError, AwsError, SignaError])
def test_own_errors_keep_their_words(message: Callable[..., str], kind: type[Exception]) -> None:
    """After what was tried."""
    assert message(kind("said so")) == "cannot create thing: said so"


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (AuthenticationError(status=401), "the key came from SIGNA_API_KEY"),
        (PermissionDeniedError(status=403), "the key from SIGNA_API_KEY needs the scope portfolios:manage"),
        (RateLimitedError(status=429), "signa:maxWaitSeconds allows 300 s: run `pulumi up` again later"),
        (WaitTooLongError("used up"), "signa:maxWaitSeconds allows 300 s: run `pulumi up` again later"),
        (
            ApiError(status=503, retry_after_s=600),
            "Signa asks for a wait of 600 s, signa:maxWaitSeconds allows 300 s: run `pulumi up` again later",
        ),
        (UnreachableError("cannot reach x", retryable=True), "is https://api.signa.so/v1 the right base URL"),
        (ResponseFormatError("odd"), "is https://api.signa.so/v1 Signa's base URL"),
    ],
)
def test_advice_follows_what_came_back(message: Callable[..., str], error: SignaError, advice: str) -> None:
    """Which setting, which scope, which address."""
    assert f"{error}; {advice}" in message(error)


@pytest.mark.parametrize("kind", [ValueError, KeyError, RuntimeError, OSError])
def test_unforeseen_exception_names_its_place(message: Callable[..., str], kind: type[Exception]) -> None:
    """And not its text, which may quote anything."""
    text = message(kind("quoted value\nof two lines"))

    assert text.startswith(f"cannot create thing: unexpected {kind.__name__} at test_errors.py:")
    assert "quoted value" not in text


@pytest.mark.parametrize(
    "properties",
    [
        {"secret": "s3cret"},
        {"secret_string": "s3cret"},
        {"secret_json": {"a": "s3cret"}},
        {"secret": "s3c", "secret_string": "s3cret"},
        {"previous_secret": "s3cret"},
        {"adopt": {"id": "whk_1", "secret": "s3cret", "rotate": True}},
    ],
)
def test_secrets_and_key_are_taken_out(message: Callable[..., str], properties: dict[str, Any]) -> None:
    """Whole, even where one is part of the other."""
    error = ApiError(status=400, detail=f"s3cret and {API_KEY}")

    assert message(error, properties) == "cannot create thing: Signa answered 400: [secret] and [secret]"


def test_log_has_the_traceback_without_the_secrets(
    message: Callable[..., str], caplog: pytest.LogCaptureFixture
) -> None:
    """For whoever asked for it."""
    caplog.set_level(logging.DEBUG, logger="pulumi_signa")

    message(ValueError(f"s3cret and {API_KEY}"), {"secret": "s3cret"})

    assert "Traceback" in caplog.text
    assert "[secret] and [secret]" in caplog.text


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_end_of_the_process_is_no_failure(stop: type[BaseException]) -> None:
    """It passes untouched."""
    with pytest.raises(stop):
        FakeProvider(load({}, {}), stop()).create({})


def test_problems_are_reported_under_no_name() -> None:
    """Under its own, the engine would print the value."""
    found = check_failures(["url: is wrong", "status: too"])

    assert [(failure.property, failure.reason) for failure in found] == [("", "url: is wrong"), ("", "status: too")]


def formatting_of(error: Exception) -> str:
    """Give what the host would print of an error."""
    try:
        FakeProvider.create.__wrapped__(FakeProvider(load({}, {}), error), {})  # type: ignore[attr-defined]
    except type(error):
        return traceback.format_exc()
    return ""


def test_traceback_is_left_away_for_our_own_errors_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other providers in the process keep theirs, and asking twice changes nothing."""
    monkeypatch.setattr(traceback, "format_exc", traceback.format_exc)
    show_own_errors_in_one_line()
    installed = traceback.format_exc
    show_own_errors_in_one_line()

    formatted = [formatting_of(OneLineError("ours")), formatting_of(ValueError("theirs"))]

    assert traceback.format_exc is installed
    assert formatted[0] == "ours"
    assert formatted[1].startswith("Traceback (most recent call last):")
    assert formatted[1].endswith("ValueError: theirs\n")


def test_text_that_may_hold_a_token_is_named_and_not_quoted(message: Callable[..., str]) -> None:
    """A user may have made the URL a secret, and a server may quote it; our own advice is left as it is."""
    properties = {"url": "https://example.com/hooks?token=hush", "secret_string": "network"}

    text = message(UnreachableError("no way to https://example.com/hooks?token=hush", retryable=True), properties)

    assert "no way to [url]" in text
    assert "hush" not in text
    assert "the network up?" in text


def test_reason_of_a_rotation_is_named_and_not_quoted(message: Callable[..., str]) -> None:
    """It may tell of an incident that is nobody's business."""
    error = ApiError(status=400, detail="not a reason: leaked by the intern")

    text = message(error, {"force_rotation_reason": "leaked by the intern"})

    assert text == "cannot create thing: Signa answered 400: not a reason: [force_rotation_reason]"


def test_values_too_short_to_hide_are_left_alone(message: Callable[..., str]) -> None:
    """Replacing every `e` would make a message unreadable, and give the value away."""
    assert message(AwsError("refused here"), {"secret_string": "e"}) == "cannot create thing: refused here"
