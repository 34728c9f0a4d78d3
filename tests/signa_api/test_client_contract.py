"""
What the client relies on, checked with the emulator and with a real account.

With a real account (SIGNA_LIVE_API_KEY), every test deletes the endpoint that it creates.
"""

import contextlib
import uuid
from collections.abc import Iterator

import pytest

from pulumi_signa.signa_api.client import SignaClient
from pulumi_signa.signa_api.errors import ApiError, NotFoundError
from pulumi_signa.signa_api.models import IssuedWebhookEndpoint

BODY = {
    "url": "https://example.com/pulumi-signa-contract-test",
    "description": "pulumi-signa contract test: safe to delete",
    "enabled_events": ["alert.created"],
    "metadata": {"made_by": "pulumi-signa-tests"},
}
NOWHERE = "whk_00000000-0000-7000-8000-000000000000"


def new_key() -> str:
    """Return a random idempotency key."""
    return f"contract-{uuid.uuid4()}"


@pytest.fixture
def endpoint(account: SignaClient) -> Iterator[IssuedWebhookEndpoint]:
    """Yield an endpoint, and delete it afterwards."""
    made = account.create_webhook_endpoint(BODY, idempotency_key=new_key()).endpoint
    yield made
    with contextlib.suppress(NotFoundError):
        account.delete_webhook_endpoint(made.id)


def test_create_echoes_what_was_sent_and_shows_the_secret(endpoint: IssuedWebhookEndpoint) -> None:
    """Only create and rotate return the secret."""
    assert endpoint.id.startswith("whk_")
    assert (endpoint.url, endpoint.description) == (BODY["url"], BODY["description"])
    assert (endpoint.enabled_events, endpoint.metadata) == (("alert.created",), BODY["metadata"])
    assert (endpoint.status, endpoint.secret_version, endpoint.consecutive_failures) == ("active", 1, 0)
    assert endpoint.secret


def test_same_key_and_body_make_one_endpoint(account: SignaClient) -> None:
    """The second answer is a replay of an earlier call."""
    key = new_key()
    first = account.create_webhook_endpoint(BODY, idempotency_key=key)
    try:
        second = account.create_webhook_endpoint(BODY, idempotency_key=key)
    finally:
        account.delete_webhook_endpoint(first.endpoint.id)

    assert (first.is_replay, second.is_replay, second.made_earlier) == (False, True, True)
    assert second.endpoint.id == first.endpoint.id


def test_same_key_with_another_body_is_refused(account: SignaClient) -> None:
    """Signa answers 409, and makes no second endpoint."""
    key = new_key()
    first = account.create_webhook_endpoint(BODY, idempotency_key=key)
    try:
        with pytest.raises(ApiError) as caught:
            account.create_webhook_endpoint({**BODY, "description": "other"}, idempotency_key=key)
    finally:
        account.delete_webhook_endpoint(first.endpoint.id)

    assert (caught.value.status, caught.value.retryable) == (409, False)


def test_endpoint_is_found_by_id_and_in_the_list(account: SignaClient, endpoint: IssuedWebhookEndpoint) -> None:
    """Both return the same object."""
    found = account.get_webhook_endpoint(endpoint.id)

    assert (found.id, found.url, found.secret_version) == (endpoint.id, endpoint.url, 1)
    assert found in list(account.list_webhook_endpoints())


def test_update_changes_the_named_fields_alone(account: SignaClient, endpoint: IssuedWebhookEndpoint) -> None:
    """Null clears the description; other fields stay as they are."""
    changed = account.update_webhook_endpoint(endpoint.id, {"description": None, "status": "disabled"})

    assert (changed.description or None, changed.status) == (None, "disabled")
    assert (changed.url, changed.metadata, changed.secret_version) == (endpoint.url, endpoint.metadata, 1)


def test_refused_event_is_explained(account: SignaClient, endpoint: IssuedWebhookEndpoint) -> None:
    """The 400 has a slug, a detail and a request id."""
    with pytest.raises(ApiError) as caught:
        account.update_webhook_endpoint(endpoint.id, {"enabled_events": ["webhook.test"]})

    assert (caught.value.status, caught.value.slug) == (400, "validation_error")
    assert caught.value.detail
    assert caught.value.request_id


def test_rotation_issues_a_new_secret_once(account: SignaClient, endpoint: IssuedWebhookEndpoint) -> None:
    """A second rotation within 24 hours is refused, unless it is forced."""
    rotated = account.rotate_secret(endpoint.id, idempotency_key=new_key()).endpoint

    assert rotated.secret_version == 2
    assert rotated.secret not in (None, endpoint.secret)
    with pytest.raises(ApiError) as caught:
        account.rotate_secret(endpoint.id, idempotency_key=new_key())
    assert caught.value.status == 409
    forced = account.rotate_secret(endpoint.id, idempotency_key=new_key(), force_reason="contract test")
    assert forced.endpoint.secret_version == 3


def test_deleted_endpoint_is_not_found(account: SignaClient, endpoint: IssuedWebhookEndpoint) -> None:
    """Every operation answers 404, a second delete too."""
    account.delete_webhook_endpoint(endpoint.id)

    with pytest.raises(NotFoundError):
        account.get_webhook_endpoint(endpoint.id)
    with pytest.raises(NotFoundError):
        account.update_webhook_endpoint(endpoint.id, {"description": "x"})
    with pytest.raises(NotFoundError):
        account.delete_webhook_endpoint(endpoint.id)


def test_unknown_endpoint_is_not_found(account: SignaClient) -> None:
    """An id that never existed is answered like a deleted one."""
    with pytest.raises(NotFoundError):
        account.get_webhook_endpoint(NOWHERE)
