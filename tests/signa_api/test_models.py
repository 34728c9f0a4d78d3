"""The shapes of Signa's answers: the documented sample, and deviations from it."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_signa.lifecycle.times import moment
from pulumi_signa.signa_api.errors import ResponseFormatError
from pulumi_signa.signa_api.models import ErrorEnvelope, IssuedWebhookEndpoint, WebhookEndpoint, parse

# https://docs.signa.so/api-reference/monitoring/webhooks/create
ENDPOINT: dict[str, Any] = {
    "id": "whk_018f9b2e-9b6c-7c9c-b4f1-1234567890ab",
    "object": "webhook_endpoint",
    "url": "https://acme.example.com/signa-webhook",
    "description": "prod alerts",
    "enabled_events": ["alert.created"],
    "status": "active",
    "secret_version": 1,
    "secret": "whsec_c2VjcmV0",
    "consecutive_failures": 0,
    "last_success_at": None,
    "last_failure_at": None,
    "metadata": {},
    "created_at": "2026-06-12T09:00:00.000Z",
    "updated_at": "2026-06-12T09:00:00.000Z",
    "request_id": "req_abc123",
}


def encoded(**changes: object) -> bytes:
    """Return the sample with some members changed; `...` leaves one out."""
    return json.dumps({name: value for name, value in {**ENDPOINT, **changes}.items() if value is not ...}).encode()


def refusal(body: bytes) -> str:
    """Return the message with which a body is refused; it is one line, and quotes no value."""
    with pytest.raises(ResponseFormatError) as caught:
        parse(body, IssuedWebhookEndpoint, operation="create webhook endpoint")
    message = str(caught.value)
    assert message.startswith("Signa's answer to create webhook endpoint is not as documented: ")
    assert len(message.splitlines()) == 1
    assert "whsec" not in message
    return message


@pytest.mark.parametrize("opening", ['{"a":', "["])
@pytest.mark.parametrize("levels", [101, 900, 100_000])
def test_metadata_too_deep_to_carry_is_refused(opening: str, levels: int) -> None:
    """Python's own bound would be met later, in the middle of an operation."""
    closing = {"{": "}", "[": "]"}[opening[0]]
    metadata = '{"b":' + opening * (levels - 1) + "1" + closing * (levels - 1) + "}"

    assert refusal(encoded(metadata={"m": 1}).replace(b'{"m": 1}', metadata.encode()))


def test_metadata_of_a_hundred_levels_is_understood() -> None:
    """Nobody writes as many by hand."""
    metadata = '{"a":' * 100 + "1" + "}" * 100

    assert parse(encoded(metadata=json.loads(metadata)), WebhookEndpoint, operation="retrieve").metadata["a"]


@pytest.mark.parametrize("id_", ["", ".", "..", "whk_\n1", "\u0000", "whk_1\u007f"])
def test_id_that_cannot_be_asked_for_is_refused(id_: str) -> None:
    """The id becomes a segment of a path."""
    assert "`$.id`" in refusal(encoded(id=id_))


@pytest.mark.parametrize("day", ["2026-02-30", "2026-04-31", "2027-02-29"])
@pytest.mark.parametrize("name", ["created_at", "updated_at"])
def test_day_that_no_calendar_has_is_refused(name: str, day: str) -> None:
    """Schedules are computed from it."""
    assert "day is out of range for month" in refusal(encoded(**{name: f"{day}T09:00:00.000Z"}))


def test_documented_endpoint_is_understood() -> None:
    """Every documented field arrives, the secret with them."""
    endpoint = parse(encoded(), IssuedWebhookEndpoint, operation="create")

    found = msgspec.to_builtins(endpoint)
    assert found == {name: ENDPOINT[name] for name in ENDPOINT if name not in {"object", "request_id"}} | {
        "enabled_events": ("alert.created",)
    }


@pytest.mark.parametrize("secret", [..., None, "whsec_****"])
def test_redacted_secret_is_never_read(secret: object) -> None:
    """Signa does not document how a read redacts the secret, and the model has no field for it."""
    endpoint = parse(encoded(secret=secret), WebhookEndpoint, operation="retrieve")

    assert not hasattr(endpoint, "secret")


@pytest.mark.parametrize(
    "error", [{}, {"type": None, "detail": None, "title": None}, {"merged_into": "x", "errors": []}]
)
def test_sparse_refusal_is_understood(error: dict[str, Any]) -> None:
    """Gateways leave out members that Signa documents, or set them to null."""
    assert parse(json.dumps({"error": error}).encode(), ErrorEnvelope, operation="x").request_id is None


def test_unknown_fields_are_ignored() -> None:
    """Version 1 of the API may add fields."""
    endpoint = parse(encoded(livemode=True, disabled_reason={"a": 1}), WebhookEndpoint, operation="retrieve")

    assert endpoint.id == ENDPOINT["id"]


@pytest.mark.parametrize(
    "left_out", ["description", "metadata", "consecutive_failures", "last_success_at", "last_failure_at", "secret"]
)
def test_optional_field_may_be_missing(left_out: str) -> None:
    """A default takes its place."""
    parse(encoded(**{left_out: ...}), IssuedWebhookEndpoint, operation="create")


@pytest.mark.parametrize(
    "left_out", ["id", "url", "enabled_events", "status", "secret_version", "created_at", "updated_at"]
)
def test_missing_field_is_named(left_out: str) -> None:
    """The package relies on these fields."""
    assert f"`{left_out}`" in refusal(encoded(**{left_out: ...}))


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"id": 5}, "$.id"),
        ({"id": ""}, "$.id"),
        ({"url": None}, "$.url"),
        ({"enabled_events": "alert.created"}, "$.enabled_events"),
        ({"enabled_events": ["a", 1]}, "$.enabled_events[1]"),
        ({"secret_version": "1"}, "$.secret_version"),
        ({"secret_version": 1.5}, "$.secret_version"),
        ({"secret": {"value": "whsec_x"}}, "$.secret"),
        ({"secret": ""}, "$.secret"),
        ({"metadata": []}, "$.metadata"),
        ({"status": True}, "$.status"),
    ],
)
def test_field_of_a_wrong_type_is_named(change: dict[str, Any], place: str) -> None:
    """The message has the path of the field."""
    assert f"`{place}`" in refusal(encoded(**change))


@pytest.mark.parametrize("name", ["created_at", "updated_at"])
@pytest.mark.parametrize(
    "text", ["2026-06-12T09:00:00.000Z", "2026-06-12T09:00:00Z", "2026-06-12T09:00:00.123456789+00:00"]
)
def test_moment_in_utc_is_understood(name: str, text: str) -> None:
    """The schedule of the rotations can be computed from it."""
    endpoint = parse(encoded(**{name: text}), WebhookEndpoint, operation="retrieve")

    assert getattr(endpoint, name) == text
    assert moment(text).year == 2026


@pytest.mark.parametrize("name", ["created_at", "updated_at"])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-06-12",
        "2026-06-12 09:00:00Z",
        "2026-06-12T09:00:00",
        "2026-06-12T09:00:00.Z",
        "2026-06-12T11:00:00+02:00",
        " 2026-06-12T09:00:00Z",
        "2026-06-12T09:00:00Z\n",
        "2026-13-12T09:00:00Z",
        "2026-06-12T24:00:00Z",
        "2026-06-12T09:00:60Z",
        1781254800,
        None,
    ],
)
def test_malformed_moment_is_named(name: str, text: object) -> None:
    """The error comes when the answer arrives, and not when a schedule is computed."""
    assert f"`$.{name}`" in refusal(encoded(**{name: text}))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>whsec_x</html>",
        b"[]",
        b"null",
        b'"whsec_x"',
        encoded()[:-20],
        encoded()[:-1] + b',"metadata":{"a":"\xff"}}',
        encoded()[:-1] + b',"metadata":{"a":' + b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_body_of_another_shape_is_refused_in_one_line(body: bytes) -> None:
    """The body is no JSON, other JSON, half of the JSON, no UTF-8, or nested too deeply."""
    refusal(body)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_cleanly(body: bytes) -> None:
    """Parsing raises ResponseFormatError alone."""
    with pytest.raises(ResponseFormatError):
        parse(body, WebhookEndpoint, operation="x")


def test_repr_does_not_show_the_secret() -> None:
    """The repr has the id, also inside a list."""
    endpoint = parse(encoded(), IssuedWebhookEndpoint, operation="create")

    assert "whsec" not in f"{endpoint} {[endpoint]}"
    assert ENDPOINT["id"] in repr(endpoint)


def test_model_is_immutable() -> None:
    """An answer cannot be changed after it was parsed."""
    endpoint = parse(encoded(), WebhookEndpoint, operation="retrieve")

    with pytest.raises(AttributeError):
        endpoint.url = "x"  # type: ignore[misc]  # the point of the test
