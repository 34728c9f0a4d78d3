"""`Receiver.verify`: what is accepted, what is refused, and what is said of it."""

import json
from collections.abc import Callable
from datetime import datetime, timezone
from email.message import Message
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError
from starlette.datastructures import Headers
from werkzeug.datastructures import Headers as FlaskHeaders

from receiver.deliveries import BODY, FORGED, NEW, OLD, signed
from signa_emulator.rules.ids import new_secret
from signa_receiver import (
    Event,
    FixedSecrets,
    MalformedDeliveryError,
    MissingHeaderError,
    Receiver,
    SecretsUnavailableError,
    SignatureError,
    TimestampError,
    VerificationError,
)

RECEIVER = Receiver(FixedSecrets(OLD))
BASE64 = "A" * 43 + "="


def test_event_has_what_signa_sent() -> None:
    delivery = signed(OLD, attempt=3)

    event = RECEIVER.verify(delivery.body, delivery.headers)

    signed_at = datetime.fromtimestamp(int(delivery.headers["webhook-timestamp"]), tz=timezone.utc)
    data = {"alert_id": "alt_1"}
    payload = {"data": data, "id": "alt_1", "timestamp": "2026-05-08T14:32:11.428Z", "type": "alert.created"}
    assert event == Event("alt_1", "alert.created", signed_at, data, 3, payload)
    assert event.payload == payload
    assert len({event, event}) == 1, "an event can be a member of a set"


def multi(headers: dict[str, str]) -> Message:
    """Return headers as `http.server` gives them."""
    message = Message()
    for name, value in headers.items():
        message[name.title()] = value
    return message


@pytest.mark.parametrize(
    "form",
    [
        dict,
        lambda headers: {name.title(): value for name, value in headers.items()},
        lambda headers: {name.upper(): [value] for name, value in headers.items()},
        lambda headers: {name.encode(): value.encode() for name, value in headers.items()},
        lambda headers: {name: (f" {value} ".encode(),) for name, value in headers.items()},
        lambda headers: [(name.encode(), value.encode()) for name, value in headers.items()],
        lambda headers: iter(headers.items()),
        lambda headers: {**headers, "Cookie": None, "X-Many": ["a", "b"], 1: 2},
        lambda headers: {**headers, "webhook-timestamp": int(headers["webhook-timestamp"]), "webhook-attempt": 1},
        FlaskHeaders,
        Headers,
        multi,
    ],
    ids=[
        "dict",
        "title",
        "lists",
        "bytes",
        "padded",
        "asgi",
        "pairs",
        "others",
        "numbers",
        "flask",
        "starlette",
        "http.server",
    ],
)
def test_headers_are_taken_as_frameworks_give_them(form: Callable[[dict[str, str]], Any]) -> None:
    delivery = signed(OLD)

    assert RECEIVER.verify(delivery.body, form(delivery.headers)).id == "alt_1"


@pytest.mark.parametrize("form", [bytes, bytearray, memoryview])
def test_body_may_be_any_bytes(form: Callable[[bytes], Any]) -> None:
    delivery = signed(OLD)

    assert RECEIVER.verify(form(delivery.body), delivery.headers).id == "alt_1"


@pytest.mark.parametrize("body", [BODY.decode(), {"type": "alert.created"}, None])
def test_body_that_is_no_bytes_is_a_mistake_of_the_program(body: Any) -> None:
    with pytest.raises(TypeError, match="pass the raw bytes") as caught:
        RECEIVER.verify(body, signed(OLD).headers)

    assert type(body).__name__ in str(caught.value)
    assert "alert.created" not in str(caught.value)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
@pytest.mark.parametrize("value", ["left out", None, "", " ", [], [None]])
def test_missing_header_is_named(name: str, value: Any) -> None:
    delivery = signed(OLD)
    headers: dict[str, Any] = {**delivery.headers, name: value}
    if value == "left out":
        del headers[name]

    with pytest.raises(MissingHeaderError, match=name) as caught:
        RECEIVER.verify(delivery.body, headers)

    assert caught.value.http_status == 400


def test_request_without_headers_lacks_those_of_a_delivery() -> None:
    """As API Gateway sends in its own test of a route."""
    with pytest.raises(MissingHeaderError, match="webhook-id"):
        RECEIVER.verify(signed(OLD).body, None)


@pytest.mark.parametrize("secrets", [OLD, [OLD], (OLD, NEW), None])
def test_receiver_of_a_bare_secret_is_refused_and_the_secret_not_shown(secrets: Any) -> None:
    with pytest.raises(TypeError, match=r"give Receiver\(FixedSecrets\(secret\)\)") as caught:
        Receiver(secrets)

    assert OLD[6:] not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("webhook-id", value) for value in ("a b", "ä", "x" * 257, ["a", "b"])),
        *(("webhook-timestamp", value) for value in ("now", "1e9", "-1", "9" * 5000, "nan", "١٢٣٤٥٦٧٨٩٠", "0" * 11)),
        *(("webhook-signature", value) for value in ("v1", "v1,", "v1,short", BASE64, f"v2,{BASE64}", f"v1, {BASE64}")),
        ("webhook-signature", [f"v1,{BASE64}", f"v1,{BASE64}"]),
    ],
)
def test_malformed_header_is_named_and_not_quoted(name: str, value: Any) -> None:
    delivery = signed(OLD)

    with pytest.raises(MalformedDeliveryError, match=name) as caught:
        RECEIVER.verify(delivery.body, {**delivery.headers, name: value})

    assert caught.value.http_status == 400
    assert len(str(caught.value)) < 120


def test_header_that_stands_twice_in_other_cases_is_refused() -> None:
    delivery = signed(OLD)

    with pytest.raises(MalformedDeliveryError, match="more than one value"):
        RECEIVER.verify(delivery.body, {**delivery.headers, "Webhook-Id": "alt_2"})


@pytest.mark.parametrize("attempt", ["", "0", "-1", "two", "1" * 7, ["1", "2"]])
def test_odd_attempt_is_no_reason_to_refuse(attempt: Any) -> None:
    """It is not signed, so it says nothing about who sends."""
    delivery = signed(OLD)

    assert RECEIVER.verify(delivery.body, {**delivery.headers, "webhook-attempt": attempt}).attempt is None


@pytest.mark.parametrize(
    ("age_s", "said"), [(302, "30. s ago"), (86_400, "8640. s ago"), (-302, "30. s in the future")]
)
def test_stale_delivery_says_how_old_it_is(age_s: float, said: str) -> None:
    delivery = signed(OLD, age_s=age_s)

    with pytest.raises(TimestampError, match=said) as caught:
        RECEIVER.verify(delivery.body, delivery.headers)

    assert caught.value.http_status == 401
    assert abs(caught.value.age_s - age_s) < 30


@pytest.mark.parametrize("age_s", [290, -290])
def test_five_minutes_either_way_are_tolerated(age_s: float) -> None:
    delivery = signed(OLD, age_s=age_s)

    assert RECEIVER.verify(delivery.body, delivery.headers).type == "alert.created"


@pytest.mark.parametrize("change", ["body", "id", "timestamp", "secret"])
def test_whatever_is_signed_cannot_be_changed(change: str) -> None:
    delivery = signed(FORGED if change == "secret" else OLD)
    if change == "body":
        delivery.body = delivery.body.replace(b"alt_1", b"alt_2")
    elif change == "id":
        delivery.headers["webhook-id"] = "alt_2"
    elif change == "timestamp":
        delivery.headers["webhook-timestamp"] = str(int(delivery.headers["webhook-timestamp"]) - 1)

    with pytest.raises(SignatureError) as caught:
        RECEIVER.verify(delivery.body, delivery.headers)

    assert caught.value.http_status == 401


@pytest.mark.parametrize("secrets", [(OLD,), (NEW,), (NEW, OLD), (OLD, NEW), (FORGED, NEW)])
def test_one_signature_that_fits_one_of_the_secrets_is_enough(secrets: tuple[str, ...]) -> None:
    delivery = signed(*secrets)

    assert Receiver(FixedSecrets(NEW, OLD)).verify(delivery.body, delivery.headers).id == "alt_1"


def test_signatures_of_other_schemes_are_passed_over() -> None:
    """Standard Webhooks has asymmetric ones, `v1a`, and may get more."""
    delivery = signed(OLD)
    delivery.headers["webhook-signature"] = f"v1a,abc junk  v2,{BASE64} {delivery.headers['webhook-signature']}"

    assert RECEIVER.verify(delivery.body, delivery.headers).id == "alt_1"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no JSON",
        b"[]",
        b'"text"',
        b"{}",
        b'{"type": 1, "data": {}}',
        b'{"type": "t", "data": []}',
        b"[" * 100_000,
    ],
)
def test_signed_body_that_is_no_event_is_malformed(body: bytes) -> None:
    delivery = signed(OLD, body=body)

    with pytest.raises(MalformedDeliveryError, match="the signature is right") as caught:
        RECEIVER.verify(delivery.body, delivery.headers)

    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None, "the parser's error has the body"


def test_body_that_is_no_utf8_is_malformed() -> None:
    delivery = signed(OLD)

    with pytest.raises(MalformedDeliveryError, match="UTF-8"):
        RECEIVER.verify(b"\xff" + delivery.body, delivery.headers)


def test_unicode_in_the_body_is_verified_as_it_came() -> None:
    delivery = signed(OLD, body='{"type":"alert.created","data":{"mark":"Käse \u2028 🧀"}}'.encode())

    assert RECEIVER.verify(delivery.body, delivery.headers).data == {"mark": "Käse \u2028 🧀"}


def test_source_without_secrets_is_unavailable() -> None:
    """A store of somebody's own may return nothing, or what is no secret; neither makes a forged delivery right."""

    class Empty:
        def get(self, *, refresh: bool = False) -> list[str]:
            return ["", "changeme"]

    delivery = signed(OLD)
    with pytest.raises(SecretsUnavailableError) as caught:
        Receiver(Empty()).verify(delivery.body, delivery.headers)

    assert caught.value.http_status == 503


def test_all_errors_are_verification_errors_and_hold_no_secret() -> None:
    delivery = signed(FORGED)
    for body, headers in [
        (delivery.body, delivery.headers),
        (delivery.body, {}),
        (b"\xff", delivery.headers),
        (delivery.body, signed(OLD, age_s=999).headers),
    ]:
        with pytest.raises(VerificationError) as caught:
            RECEIVER.verify(body, headers)
        hidden = (OLD[6:], FORGED[6:], "alert.created", "alt_1", delivery.headers["webhook-signature"])
        assert not any(one in repr(caught.value) for one in hidden)


@given(
    secret=st.builds(new_secret),
    body=st.dictionaries(st.text(), st.text()).map(lambda data: {"type": "t", "data": data}),
    prefixed=st.booleans(),
)
def test_what_the_library_signs_and_verifies_is_verified(secret: str, body: Any, prefixed: bool) -> None:  # noqa: FBT001
    """With or without `whsec_`, as the stock verifier of Standard Webhooks does."""
    secret = secret if prefixed else secret.removeprefix("whsec_")
    delivery = signed(secret, body=json.dumps(body, ensure_ascii=False).encode())

    event = Receiver(FixedSecrets(secret)).verify(delivery.body, delivery.headers)

    assert event.payload == Webhook(secret).verify(delivery.body, delivery.headers) == body


@given(signature=st.text(), timestamp=st.text(), id_=st.text(), body=st.binary())
def test_no_junk_passes_or_breaks_the_receiver(signature: str, timestamp: str, id_: str, body: bytes) -> None:
    headers = {"webhook-id": id_, "webhook-timestamp": timestamp, "webhook-signature": signature}

    with pytest.raises(VerificationError):
        RECEIVER.verify(body, headers)
    with pytest.raises((WebhookVerificationError, ValueError)):
        Webhook(OLD).verify(body, headers)
