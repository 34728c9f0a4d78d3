"""Servers that quote what they were sent, in whatever form: none of it is printed, and their other words stay."""

import base64
import json
import logging
import textwrap
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from werkzeug.serving import make_server

from fake_transport import API_KEY
from pulumi_signa import accounts
from pulumi_signa.aws.secrets_manager import SecretsManager
from pulumi_signa.hosting import engine
from pulumi_signa.hosting.calls import Calls
from pulumi_signa.hosting.one_line import OneLineError
from pulumi_signa.hosting.values import Bag
from pulumi_signa.lifecycle.webhook_endpoint.destination import DestinationKeeper
from pulumi_signa.lifecycle.webhook_endpoint.keeping import NotKeptError, Nowhere, SigningSecret
from pulumi_signa.providers.host.provider import Provider
from pulumi_signa.providers.secrets_manager_secret import SecretsManagerSecretProvider
from pulumi_signa.providers.webhook_endpoint import WebhookEndpointProvider
from pulumi_signa.settings import load

RUN = 8

PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj\nAgEAAoIBAQC7VJTUt9Us8cKj\n-----END"
ODD = 'x"y\\z\tpass wörd/+%=ß'


class Echo:
    """
    A server on 127.0.0.1 that answers every request alike, as Signa and AWS refuse.

    Attributes:
        status: The status of the answer.
        error: Signa's `error` object.
        message: AWS's message.
        headers: Further headers.
        members: Further members of the answer.
    """

    def __init__(self) -> None:
        self.status = 400
        self.error: dict[str, Any] = {}
        self.message = ""
        self.headers: list[tuple[str, str]] = []
        self.members: dict[str, Any] = {}
        self._server = make_server("127.0.0.1", 0, self._serve, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def quote(self, text: str, *, where: str = "detail") -> None:
        """Put a text into a member of Signa's answer, and into AWS's message."""
        self.error = {"type": "validation_error", where: text}
        self.message = text

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()

    def _serve(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        of_aws = {"__type": "ValidationException", "message": self.message}
        answer = {"error": self.error, "request_id": self.error.get("request_id"), **of_aws, **self.members}
        start_response(f"{self.status} X", self.headers)
        return [json.dumps(answer).encode()]


@pytest.fixture(scope="module")
def echo() -> Iterator[Echo]:
    """Return the server; AWS's library is led to it."""
    server = Echo()
    yield server
    server.close()


@pytest.fixture(autouse=True)
def environment(echo: Echo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lead AWS's library to the server, and begin without further headers."""
    echo.status, echo.headers, echo.members = 400, [], {}
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", echo.url)
    # The clients of a process are made once, and other tests have made theirs.
    monkeypatch.setattr(accounts, "_AWS", {})


def provider_of(echo: Echo, kind: type[Provider]) -> Provider:
    """Return a provider that is led to the server."""
    provider = kind()
    settings = load({}, {"SIGNA_API_KEY": API_KEY, "SIGNA_BASE_URL": echo.url, "AWS_REGION": "eu-west-1"})
    provider.calls = Calls(kind.kind, lambda _account: settings, workers=1)
    return provider


def said(echo: Echo, kind: type[Provider], bag: Mapping[str, Any], old: Mapping[str, Any] | None = None) -> str:
    """Return what a user reads where the create of these properties, or an update to them, is refused."""
    provider = provider_of(echo, kind)
    id_ = "whk_1" if kind is WebhookEndpointProvider else ARN
    arguments = (dict(bag),) if old is None else (id_, dict(old), dict(bag))
    with pytest.raises(OneLineError) as caught:
        (provider.create if old is None else provider.update)(*arguments)
    return str(caught.value)


NOW = "2026-11-25T05:14:26.898Z"
ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:signa/x-AbCdEf"
ENDPOINT = {"url": "https://example.com/hooks", "enabled_events": ["alert.created"], "status": "active"}
STORED = {"secret_name": "signa/x", "secret_string": "t0p-s3cret-value"}


def runs(text: str) -> set[str]:
    """Return every run of 8 characters of a text, line ends as they are and folded."""
    return {each[at : at + RUN] for each in (text, " ".join(text.split())) for at in range(len(each) - RUN + 1)}


# Any echo of any value

SECRETS = st.one_of(
    st.text(min_size=8, max_size=200),
    st.text(st.sampled_from("abcXYZ019+/=\"'\\\n\r\t %&<>é€😀"), min_size=8, max_size=2000),
    st.binary(min_size=40, max_size=400).map(
        lambda key: f"-----BEGIN KEY-----\n{base64.encodebytes(key).decode()}-----END KEY-----\n"
    ),
    st.integers(10**8, 2**53).map(str),
).filter(lambda secret: len(set("".join(secret.split()))) >= RUN and len(" ".join(secret.split())) >= RUN)

PREFIXES = st.text(st.characters(codec="ascii"), max_size=450)


FORMS: dict[str, Callable[[str], str]] = {
    "raw": str,
    "folded": lambda secret: " ".join(secret.split()),
    "wrapped": lambda secret: "\n".join(textwrap.wrap(secret, 20)),
    "upper case": lambda secret: "".join(each.upper() if each.isascii() else each for each in secret),
    "JSON": json.dumps,
    "JSON in Unicode": lambda secret: json.dumps(secret, ensure_ascii=False),
    "JSON in JSON": lambda secret: json.dumps({"SecretString": secret}, separators=(",", ":")),
    "percent": lambda secret: quote(secret, safe=""),
    "path": quote,
    "query": quote_plus,
    "lower percent": lambda secret: quote(secret, safe="").lower(),
    "hexadecimal": lambda secret: secret.encode().hex(),
}

ENDPOINT_BAGS: tuple[Callable[[str], dict[str, Any]], ...] = (
    lambda secret: {**ENDPOINT, "url": secret},
    lambda secret: {**ENDPOINT, "description": secret},
    lambda secret: {**ENDPOINT, "metadata": {"a": [{"b": secret}]}},
    lambda secret: {**ENDPOINT, "metadata": {secret: 1.0}},
    lambda secret: {**ENDPOINT, "enabled_events": [secret]},
    lambda secret: {**ENDPOINT, "rotate_trigger": secret},
    lambda secret: {**ENDPOINT, "force_rotation_reason": secret},
    lambda secret: {**ENDPOINT, "adopt": {"id": "whk_1", "secret": secret, "rotate": False}},
    lambda secret: {**ENDPOINT, "secret": secret},
    lambda secret: {**ENDPOINT, "previous_secret": f"whsec_{secret}"},
)
STORED_BAGS: tuple[Callable[[str], dict[str, Any]], ...] = (
    lambda secret: {**STORED, "secret_string": secret},
    lambda secret: {"secret_name": "signa/x", "secret_json": {"a": {"b": [secret]}}},
    lambda secret: {"secret_name": "signa/x", "secret_json": {secret: True}},
    lambda secret: {**STORED, "description": secret},
    lambda secret: {**STORED, "kms_key_id": secret},
    lambda secret: {**STORED, "tags": {"team": secret}},
    lambda secret: {**STORED, "tags": {secret: "team"}},
)
BAGS = st.one_of(
    st.tuples(st.just(WebhookEndpointProvider), st.sampled_from(ENDPOINT_BAGS)),
    st.tuples(st.just(SecretsManagerSecretProvider), st.sampled_from(STORED_BAGS)),
)


@st.composite
def in_json_or_the_like(draw: st.DrawFn) -> tuple[str, str, set[str]]:
    """Return a secret, a text of a server that quotes the secret or its beginning, and the runs that must not show."""
    secret, prefix = draw(SECRETS), draw(PREFIXES)
    echoed = draw(st.sampled_from(sorted(FORMS)).map(lambda form: FORMS[form](secret)))
    forbidden = runs(secret) | runs(echoed.removeprefix('{"SecretString":').removesuffix("}"))
    assume(not forbidden & runs(prefix))
    return secret, (prefix + echoed)[: len(prefix) + draw(st.integers(0, 2000))], forbidden


@st.composite
def in_base64(draw: st.DrawFn) -> tuple[str, str, set[str]]:
    """Return the same, where the secret stands somewhere in what is encoded, and the code may be wrapped."""
    secret, prefix = draw(SECRETS), draw(PREFIXES)
    alphabet, width = draw(st.sampled_from([b"+/", b"-_"])), draw(st.sampled_from([16, 64, 76, 10_000]))
    before, after = len(prefix.encode()), len((prefix + secret).encode())
    code = base64.b64encode((prefix + secret).encode(), alphabet).decode()
    # These characters are decided by the secret alone.
    first, end = -(-before * 8 // 6), after * 8 // 6
    echoed = code[: first + draw(st.integers(0, 3000))]
    return secret, "\n".join(textwrap.wrap(echoed, width)), runs(code[first:end])


@given(
    bags=BAGS,
    echoed=in_json_or_the_like() | in_base64(),
    where=st.sampled_from(["detail", "title", "suggestion", "request_id", "type"]),
)
def test_no_run_of_what_was_sent_is_printed(
    echo: Echo,
    bags: tuple[type[Provider], Callable[[str], dict[str, Any]]],
    echoed: tuple[str, str, set[str]],
    where: str,
) -> None:
    kind, bag = bags
    secret, text, forbidden = echoed
    echo.quote(text, where=where)

    assert not forbidden & runs(said(echo, kind, bag(secret)))


# What was seen


@pytest.mark.parametrize("value", [PEM, ODD, "whsec_t0p-s3cret"])
@pytest.mark.parametrize("form", sorted(FORMS))
def test_secret_is_named_and_not_quoted(echo: Echo, form: str, value: str) -> None:
    echo.quote(f"bad value {FORMS[form](value)} here")

    text = said(echo, SecretsManagerSecretProvider, {**STORED, "secret_string": value})

    assert "bad value " in text
    assert "[secret]" in text
    assert text.endswith(" here")


@pytest.mark.parametrize(
    ("properties", "quoted", "shown"),
    [
        ({"metadata": {"tok": "s3cr3t"}}, "s3cr3t", "[metadata]"),
        ({"metadata": {"a-secret-key": [{"pin": 98765432.0}]}}, "a-secret-key 98765432", "[metadata] [metadata]"),
        ({"url": "https://e.com/a?token=hush-hush"}, "token=hush-hush", "[url]"),
        ({"url": "https://e.com/ä?token=hush hush"}, "https%3A%2F%2Fe.com%2F%c3%a4%3Ftoken%3Dhush+hush", "[url]"),
        ({"adopt": {"id": "whk_1", "secret": "whsec_aGFsbG8="}}, "aGFsbG8= of whk_1", "[secret] of whk_1"),
        ({"previous_secret": "whsec_aGFsbG8="}, "whsec_aGFsbG8=", "[secret]"),
        ({}, API_KEY, "[secret]"),
    ],
)
def test_endpoint_s_property_is_named_and_not_quoted(
    echo: Echo, properties: dict[str, Any], quoted: str, shown: str
) -> None:
    echo.quote(f"bad: {quoted}")

    assert said(echo, WebhookEndpointProvider, {**ENDPOINT, **properties}).endswith(f" bad: {shown}")


@pytest.mark.parametrize(
    ("properties", "quoted", "shown"),
    [
        ({"secret_json": {"a": 'x"y'}}, '{"a": "x\\"y"}', "[secret]"),
        ({"secret_json": {"pin": 1234.0, "ratio": 0.125}}, "1234 and 0.125", "[secret] and [secret]"),
        ({"tags": {"a": "s3cr3t", "a-secret-key": "b"}}, "s3cr3t a-secret-key", "[tags] [tags]"),
        ({"kms_key_id": "alias/a-secret"}, "alias/a-secret", "[kms_key_id]"),
    ],
)
def test_stored_secret_s_property_is_named_and_not_quoted(
    echo: Echo, properties: dict[str, Any], quoted: str, shown: str
) -> None:
    echo.quote(f"bad: {quoted}")
    value = {} if "secret_json" in properties else STORED

    text = said(echo, SecretsManagerSecretProvider, {"secret_name": "signa/x", **value, **properties})

    assert text.endswith(f" bad: {shown}")


@pytest.mark.parametrize("before", range(350, 400, 7))
def test_key_is_not_printed_in_part_where_a_text_is_cut(echo: Echo, before: int) -> None:
    echo.quote("-" * before + f"Authorization: Bearer {API_KEY}")

    text = said(echo, WebhookEndpointProvider, ENDPOINT)

    assert "---" in text
    assert not runs(API_KEY) & runs(text)


def test_secrets_of_the_old_state_are_not_printed(echo: Echo) -> None:
    old = {**ENDPOINT, "description": "the old one", "secret": "whsec_b2xkIHNlY3JldA==", "created_at": NOW}
    echo.quote("b2xkIHNlY3JldA== of the old one")

    assert said(echo, WebhookEndpointProvider, ENDPOINT, old).endswith(": [secret] of [description]")


def test_headers_are_quotes_too(echo: Echo) -> None:
    echo.quote("no")
    echo.headers = [("x-amzn-RequestId", API_KEY), ("Location", f"https://another.example/?key={API_KEY}")]
    texts = [said(echo, SecretsManagerSecretProvider, STORED)]
    echo.status, echo.error = 302, {"type": 5}
    texts.append(said(echo, WebhookEndpointProvider, ENDPOINT))

    assert "(request [secret])" in texts[0]
    assert "redirects to https://another.example/?key=[secret]; set the base URL" in texts[1]


def test_debug_log_is_redacted_alike(echo: Echo, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="pulumi_signa")
    echo.quote(f"value {PEM}")

    said(echo, SecretsManagerSecretProvider, {**STORED, "secret_string": PEM})

    assert "Traceback" in caplog.text
    assert "value [secret]" in caplog.text
    assert not runs(PEM) & runs(caplog.text)


def test_messages_of_ours_name_no_secret_that_a_server_chose_for_an_id(
    echo: Echo, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(engine, "_log", lambda request: shown.append(request.message))
    provider = provider_of(echo, WebhookEndpointProvider)

    context = provider.calls._context(
        Bag({"secret": "whsec_bmV3IHNlY3JldA=="}), before=Bag({"secret": "whsec_b2xkIHNlY3JldA=="})
    )
    context.warn(f"took over {API_KEY} of whsec_bmV3IHNlY3JldA==")
    context.inform("b2xkIHNlY3JldA== is due")

    assert shown == ["took over [secret] of [secret]", "[secret] is due"]


ISSUED = "whsec_aXNzdWVkIGJ5IFNpZ25hLCBhbmQgaW4gbm8gYmFn"


@pytest.mark.parametrize(
    "form",
    [
        ISSUED,
        ISSUED.removeprefix("whsec_"),
        quote(ISSUED, safe=""),
        json.dumps({"SecretString": ISSUED}),
        f"value '{ISSUED[:20]}",
        f"a\n{ISSUED}\nb",
    ],
)
def test_secret_that_was_just_issued_is_not_quoted(echo: Echo, form: str) -> None:
    """AWS may quote the value that it refuses; the value is in no property bag yet."""
    provider = provider_of(echo, WebhookEndpointProvider)
    manager = SecretsManager("eu-west-1")
    keeper = DestinationKeeper(provider.calls._context(Bag(ENDPOINT)), manager, ARN)
    echo.quote(f"Value {form} failed to satisfy the constraint")

    with pytest.raises(NotKeptError) as caught:
        keeper.keep(SigningSecret("whk_1", 1, ISSUED), Nowhere())

    assert "[secret]" in caught.value.reason
    assert "failed to satisfy the constraint" in caught.value.reason
    for text in (str(caught.value), caught.value.reason, repr(caught.value)):
        assert "\n" not in text
        assert not runs(ISSUED.removeprefix("whsec_")) & runs(text)


# What stays

WORDS = (
    "status must be active or disabled, on_stale_secret warn or rotate; alert.created is true, not false, in eu-west-1 "
    "after 30 days: see https://docs.signa.so"
)


def test_words_that_say_what_is_wrong_stay(echo: Echo) -> None:
    public = {"status": "active", "on_stale_secret": "warn", "rotation_period_days": 30.0, "region": "eu-west-1"}
    free = {"url": "https://docs.example.com/", "description": "disabled", "metadata": {"status": "rotate", "n": 30.0}}
    echo.quote(WORDS)

    endpoint = said(echo, WebhookEndpointProvider, {**ENDPOINT, **public, **free, "secret_string": "alert.created"})
    stored = said(echo, SecretsManagerSecretProvider, {**STORED, **public, "secret_json": {"status": "active"}})

    assert WORDS in stored
    assert WORDS.replace("https://docs.", "[url]") in endpoint


def test_our_own_words_stay(echo: Echo) -> None:
    echo.quote("no")

    text = said(echo, SecretsManagerSecretProvider, {**STORED, "description": "ValidationException AWS answered"})

    assert "AWS answered ValidationException to DescribeSecret: no" in text


def test_reason_of_a_failed_replica_is_searched_for_what_was_sent(echo: Echo, monkeypatch: pytest.MonkeyPatch) -> None:
    warned: list[str] = []
    monkeypatch.setattr(engine, "warn", lambda message, _urn: warned.append(message))
    failed = {"Region": "eu-west-2", "Status": "Failed", "StatusMessage": "no tag\nt4g-value"}
    echo.status, echo.members = 200, {"ARN": ARN, "Name": "signa/x", "ReplicationStatus": [failed]}

    provider = provider_of(echo, SecretsManagerSecretProvider)
    provider.read(ARN, {"arn": ARN, "secret_name": "signa/x", "tags": {"a": "t4g-value"}, "replica_regions": []})

    assert "failed: no tag [tags];" in warned[0]
