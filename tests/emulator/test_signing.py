"""
Signed deliveries, as a receiver on a socket sees them.

Source: https://docs.signa.so/guides/monitoring/webhooks, …/webhook-signature-verification and
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import json
import re
import time
from datetime import datetime, timezone

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from emulator.harness import Api, Receiver, Sample, StartEmulator


def test_delivery_has_the_documented_headers_and_verifies(api: Api, receiver: Receiver) -> None:
    """Any library for Standard Webhooks accepts a delivery with the secret that create showed."""
    secret = api.create(url=receiver.url)["secret"]

    api.emit()

    got = receiver.received[0]
    assert got.headers["content-type"] == "application/json"
    assert re.fullmatch(r"[0-9]+", got.headers["webhook-timestamp"])
    assert re.fullmatch(r"v1,[A-Za-z0-9+/]{43}=", got.headers["webhook-signature"])
    assert got.headers["webhook-attempt"] == "1"
    assert Webhook(secret).verify(got.body, got.headers) == json.loads(got.body)


def test_payload_has_the_documented_shape(api: Api, receiver: Receiver, sample: Sample) -> None:
    api.create(url=receiver.url)

    api.emit()

    got = receiver.received[0]
    payload = json.loads(got.body)
    assert payload.keys() == sample("delivery_payload").keys()
    assert payload["type"] == "alert.created"
    assert payload["id"] == payload["data"]["alert_id"] == got.headers["webhook-id"]
    assert payload["id"].startswith("alt_")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", payload["timestamp"])


_FLAT = {"alert_id", "watch_id", "trademark_id", "event_type", "severity", "must_act_by"}
_NESTED = {"watch", "event", "trademark", "deadline", "customer_reference"}


@pytest.mark.parametrize(("rich", "fields"), [(True, _FLAT | _NESTED), (False, _FLAT)])
def test_made_up_alert_has_the_flat_fields_and_maybe_the_nested_ones(
    start_emulator: StartEmulator, receiver: Receiver, *, rich: bool, fields: set[str]
) -> None:
    """Signa guarantees the flat fields alone, so a receiver must get along with either."""
    api = start_emulator(rich_alerts=rich)
    api.create(url=receiver.url)

    api.emit()

    data = json.loads(receiver.received[0].body)["data"]
    assert data.keys() == fields
    if rich:
        assert (data["watch"]["id"], data["trademark"]["id"]) == (data["watch_id"], data["trademark_id"])
        assert data["watch"].keys() == {"id", "name", "type"}
        assert data["event"].keys() == {"summary", "diff"}
        assert "severity" in data["deadline"]


def test_body_is_canonical_json(api: Api, receiver: Receiver) -> None:
    api.create(url=receiver.url)

    api.control("POST", "/events", {"data": {"b": "Müller", "alert_id": "alt_1", "a": [1, {"d": 1, "c": 2}]}})

    api.idle()
    assert (
        receiver.received[0]
        .body.decode()
        .startswith('{"data":{"a":[1,{"c":2,"d":1}],"alert_id":"alt_1","b":"Müller"},"id":"alt_1","timestamp":"')
    )


def test_timestamp_follows_the_emulator_s_clock(api: Api, receiver: Receiver) -> None:
    secret = api.create(url=receiver.url)["secret"]
    api.control("POST", "/clock", {"advance_s": 3600})

    api.emit()

    got = receiver.received[0]
    assert int(got.headers["webhook-timestamp"]) - time.time() > 3000
    with pytest.raises(WebhookVerificationError, match="too new"):
        Webhook(secret).verify(got.body, got.headers)


def test_both_secrets_sign_during_the_overlap_the_new_one_first(api: Api, receiver: Receiver) -> None:
    made = api.create(url=receiver.url)
    rotated = api.post(f"/webhooks/{made['id']}/rotate-secret").json()

    api.emit()

    got = receiver.received[0]
    new, old = got.headers["webhook-signature"].split(" ")
    for secret, signature in ((rotated["secret"], new), (made["secret"], old)):
        Webhook(secret).verify(got.body, {**got.headers, "webhook-signature": signature})
        Webhook(secret).verify(got.body, got.headers)


@pytest.mark.parametrize("ending", ["time", "force"])
def test_old_secret_signs_no_more_when_the_overlap_is_over(api: Api, receiver: Receiver, ending: str) -> None:
    made = api.create(url=receiver.url)
    api.post(f"/webhooks/{made['id']}/rotate-secret")
    if ending == "time":
        api.control("POST", "/clock", {"advance_s": 86400})
    else:
        api.post(f"/webhooks/{made['id']}/rotate-secret?force=true")

    api.emit()

    got = receiver.received[0]
    secret = api.control("GET", "/state").json()["endpoints"][0]["secret"]
    assert " " not in got.headers["webhook-signature"]
    now = {**got.headers, "webhook-timestamp": str(int(time.time()))}
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        Webhook(made["secret"]).verify(got.body, now)
    signed = Webhook(secret).sign(got.headers["webhook-id"], _moment(got.headers), got.body.decode())
    assert signed == got.headers["webhook-signature"]


def _moment(headers: dict[str, str]) -> datetime:
    return datetime.fromtimestamp(int(headers["webhook-timestamp"]), timezone.utc)


def test_test_delivery_is_a_signed_ping(api: Api, receiver: Receiver) -> None:
    made = api.create(url=receiver.url)

    api.post(f"/webhooks/{made['id']}/test")

    api.idle()
    got = receiver.received[0]
    payload = Webhook(made["secret"]).verify(got.body, got.headers)
    assert (payload["type"], payload["data"]) == ("webhook.test", {"type": "ping"})
    assert payload["id"] == got.headers["webhook-id"]
    assert payload["id"].startswith("evt_")


def test_events_of_other_types_have_ids_of_events(api: Api) -> None:
    api.create()

    emitted = api.control("POST", "/events", {"type": "sync_run.searchable", "data": {"a": 1}}).json()

    assert emitted["event_id"].startswith("evt_")
    assert emitted["delivery_attempt_ids"] == []
