"""What users read when an operation fails."""

from typing import Any

import pytest

from pulumi_signa.aws.errors import AwsError
from pulumi_signa.explanations import explanation, redacted
from pulumi_signa.lifecycle.errors import InterruptedRunError, LifecycleError
from pulumi_signa.settings import SettingsError, load
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
SETTINGS = load({}, {"SIGNA_API_KEY": API_KEY})


def explained(error: Exception, **properties: Any) -> str:
    """Return what a user reads of an error, raised by a call with these properties."""
    try:
        raise error
    except type(error):
        text = explanation(error, SETTINGS, ["whk_1", properties])
    assert len(text.splitlines()) == 1
    return text


@pytest.mark.parametrize("kind", [LifecycleError, SettingsError, AwsError, SignaError])
def test_own_errors_keep_their_words(kind: type[Exception]) -> None:
    assert explained(kind("said so")) == "said so"


def test_interrupted_run_says_how_to_go_on() -> None:
    assert "run the same command again" in explained(InterruptedRunError())


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (AuthenticationError(status=401), "the key came from SIGNA_API_KEY"),
        (
            PermissionDeniedError(status=403, slug="forbidden"),
            "the key from SIGNA_API_KEY needs the scope portfolios:manage",
        ),
        (PermissionDeniedError(status=403, slug="plan_upgrade_required"), "the organization's plan"),
        (ApiError(status=402, slug="plan_upgrade_required"), "the organization's plan"),
        (RateLimitedError(status=429), "signa:maxWaitSeconds allows 300 s: run the same command again later"),
        (WaitTooLongError("used up"), "signa:maxWaitSeconds allows 300 s: run the same command again later"),
        (
            ApiError(status=503, retry_after_s=600),
            "Signa asks for a wait of 600 s, signa:maxWaitSeconds allows 300 s: run the same command again later",
        ),
        (ApiError(status=503, retry_after_s=999_999_999), "Signa asks for a wait of 999999999 s, "),
        (UnreachableError("cannot reach x", retryable=True), "is https://api.signa.so/v1 the right base URL"),
        (ResponseFormatError("odd"), "is https://api.signa.so/v1 Signa's base URL"),
    ],
)
def test_advice_follows_what_came_back(error: SignaError, advice: str) -> None:
    assert explained(error).startswith(f"{error}; {advice}")


@pytest.mark.parametrize("slug", ["", "ip_not_allowed"])
def test_refusal_for_another_reason_is_not_told_as_a_missing_scope(slug: str) -> None:
    error = PermissionDeniedError(status=403, slug=slug)

    assert explained(error) == str(error)


def test_failure_that_no_network_mends_has_its_own_advice() -> None:
    error = UnreachableError("the proxy of HTTPS_PROXY is no URL", retryable=False)

    assert explained(error) == str(error)


def test_key_of_the_stack_is_the_one_of_the_last_up() -> None:
    settings = load({"signa:apiKey": API_KEY}, {})

    assert "of the last `pulumi up`" in explanation(AuthenticationError(status=401), settings, [])


@pytest.mark.parametrize("kind", [ValueError, KeyError, RuntimeError, OSError])
def test_unforeseen_exception_names_its_place_and_quotes_nothing(kind: type[Exception]) -> None:
    text = explained(kind("quoted value\nof two lines"))

    assert text.startswith(f"unexpected {kind.__name__} at test_explanations.py:")
    assert "quoted value" not in text


# What must not show


@pytest.mark.parametrize(
    "properties",
    [
        {"secret": "s3cret"},
        {"previous_secret": "s3cret"},
        {"secret_string": "s3cret"},
        {"secret_json": {"a": ["s3cret"]}},
        {"secret": "s3c", "secret_string": "s3cret"},
        {"adopt": {"id": "whk_1", "secret": "s3cret", "rotate": True}},
    ],
)
def test_secrets_and_key_are_taken_out_whole(properties: dict[str, Any]) -> None:
    error = ApiError(status=400, detail=f"s3cret and {API_KEY} of whk_1")

    assert explained(error, **properties) == "Signa answered 400: [secret] and [secret] of whk_1"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("url", "https://example.com/hooks?token=hush"),
        ("description", "hush"),
        ("metadata", {"team": [{"token": "hush"}]}),
        ("rotate_trigger", "hush"),
        ("force_rotation_reason", "hush"),
        ("tags", {"token": "hush"}),
    ],
)
def test_text_that_may_hold_a_token_is_named_and_not_quoted(name: str, value: Any) -> None:
    quoted = value if name == "url" else "hush"

    text = explained(ApiError(status=400, detail=f"no way to {quoted}"), **{name: value})

    assert text == f"Signa answered 400: no way to [{name}]"


def test_own_advice_is_left_as_it_is() -> None:
    text = explained(UnreachableError("no way", retryable=True), secret_string="network")

    assert "the network up?" in text


def test_values_too_short_to_hide_are_left_alone() -> None:
    assert explained(AwsError("refused here"), secret_string="e") == "refused here"


def test_secret_in_words_that_nobody_marked_as_a_quote_is_taken_out_too() -> None:
    text = explained(UnreachableError("no way to s3cret-value", retryable=True), secret="s3cret-value of the network")

    assert text == "no way to [secret]; is https://api.signa.so/v1 the right base URL, and the network up?"


def test_id_that_a_server_chose_shows_no_secret() -> None:
    error = LifecycleError(f"whk_{API_KEY} has s3cret-value: take over s3cret, and s3cret-again")

    text = explained(error, secret="s3cret-value", secret_string="s3cret", url="s3cret-again")

    assert text == "whk_[secret] has [secret]: take over s3cret, and s3cret-again"


def test_log_is_redacted_alike() -> None:
    text = redacted(f"Traceback\ns3cret and {API_KEY}", SETTINGS, [{"secret": "s3cret"}])

    assert text == "Traceback\n[secret] and [secret]"
