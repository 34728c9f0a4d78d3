"""Webhook endpoints: create, list, retrieve, update, delete, rotate-secret."""

import base64
import uuid
from datetime import datetime
from typing import Any

import pytest

from emulator.harness import UUID, Api, StartEmulator, error_of, new_endpoint


def test_new_endpoint_is_active_and_shows_its_first_secret(api: Api) -> None:
    made = api.create(description="prod alerts", metadata={"team": "legal"})

    assert made["secret"] == api.truth(made["id"])["secret"]
    expected = {
        "object": "webhook_endpoint",
        "status": "active",
        "secret_version": 1,
        "consecutive_failures": 0,
        "description": "prod alerts",
        "metadata": {"team": "legal"},
        "last_success_at": None,
        "last_failure_at": None,
        "updated_at": made["created_at"],
    }
    assert {name: made[name] for name in expected} == expected


def test_id_is_a_uuid_of_version_7_that_carries_its_moment(api: Api) -> None:
    """Signa's guide has `alt_018f9b2e-9b6c-7c9c-b4f1-1234567890ab` as a sample."""
    made = api.create()

    prefix, _, rest = made["id"].partition("_")
    id_ = uuid.UUID(rest)
    created = datetime.fromisoformat(made["created_at"].replace("Z", "+00:00"))
    assert (prefix, str(id_), id_.version, id_.variant) == ("whk", rest, 7, uuid.RFC_4122)
    assert id_.int >> 80 == round(created.timestamp() * 1000)


def test_secret_is_32_bytes_in_base64_after_its_prefix(api: Api) -> None:
    """Standard Webhooks asks for 24 to 64 bytes behind `whsec_`."""
    prefix, _, encoded = api.create()["secret"].partition("_")

    assert (prefix, len(base64.b64decode(encoded, validate=True))) == ("whsec", 32)


def test_equal_endpoints_are_two_with_defaults_and_events_as_sent(api: Api) -> None:
    """Open points: endpoints may share a URL, and duplicate events are kept."""
    first, second = (api.create(enabled_events=["alert.created"] * 2) for _ in range(2))

    assert first["url"] == second["url"]
    assert first["id"] != second["id"]
    assert (first["description"], first["metadata"]) == (None, {})
    assert first["enabled_events"] == ["alert.created"] * 2


def test_creates_beyond_the_limit_conflict(start_emulator: StartEmulator) -> None:
    """The setting `max_endpoints` is a plan's limit; a deleted endpoint makes room."""
    api = start_emulator(max_endpoints=1)
    made = api.create()

    refused = api.post("/webhooks", json=new_endpoint())
    api.delete(f"/webhooks/{made['id']}")
    accepted = api.post("/webhooks", json=new_endpoint())

    assert error_of(refused)[:2] == (409, "conflict")
    assert accepted.status_code == 201


@pytest.mark.parametrize(
    ("redaction", "shown"), [("omit", {}), ("null", {"secret": None}), ("masked", {"secret": "whsec_********"})]
)
def test_reads_and_updates_redact_the_secret(
    start_emulator: StartEmulator, redaction: str, shown: dict[str, Any]
) -> None:
    """Open point: Signa says that reads redact the secret, and not how."""
    api = start_emulator(redaction=redaction)
    made = api.create()

    answers = [
        api.get(f"/webhooks/{made['id']}").json(),
        api.get("/webhooks").json()["data"][0],
        api.patch(f"/webhooks/{made['id']}", json={"description": "x"}).json(),
    ]

    for answer in answers:
        assert answer["url"] == made["url"]
        assert {name: value for name, value in answer.items() if name == "secret"} == shown


def test_update_changes_what_was_sent_and_nothing_else(api: Api) -> None:
    made = api.create(description="old", metadata={"team": "legal"})
    api.control("POST", "/clock", {"advance_s": 60})

    answer = api.patch(f"/webhooks/{made['id']}", json={"url": "https://acme.example.com/new", "description": None})

    changed = answer.json()
    assert answer.status_code == 200
    assert (changed["url"], changed["description"]) == ("https://acme.example.com/new", None)
    assert changed["updated_at"] > made["updated_at"]
    unchanged = made.keys() - {"url", "description", "updated_at", "secret", "request_id"}
    assert {name: changed[name] for name in unchanged} == {name: made[name] for name in unchanged}
    assert api.truth(made["id"])["secret"] == made["secret"]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"url": "https://EXAMPLE.com"}, {"url": "https://example.com/"}),
        ({"url": "HTTPS://example.com:443/a/../b?C=d#E"}, {"url": "https://example.com/b?C=d#E"}),
        ({"url": "http://example.com:80"}, {"url": "http://example.com/"}),
        ({"url": "https://example.com:8443/A"}, {"url": "https://example.com:8443/A"}),
        ({"url": "https://bücher.example/ä"}, {"url": "https://xn--bcher-kva.example/%C3%A4"}),
        ({"description": "  two words\n"}, {"description": "two words"}),
        ({"description": None}, {"description": None}),
    ],
)
def test_server_may_normalize_what_it_stores(start_emulator: StartEmulator, sent: Any, kept: Any) -> None:
    """Open point: the setting `normalize` makes create and update answer, and reads show, the normal form."""
    api = start_emulator(normalize=True)
    other = api.create()

    made = api.create(**sent)
    changed = api.patch(f"/webhooks/{other['id']}", json=sent).json()

    answers = [made, changed, *api.get("/webhooks").json()["data"]]
    assert [{name: answer[name] for name in sent} for answer in answers] == [kept] * 4


def test_server_that_normalizes_refuses_a_host_without_a_normal_form(start_emulator: StartEmulator) -> None:
    answer = start_emulator(normalize=True).post("/webhooks", json=new_endpoint(url="https://-é.example/"))

    assert error_of(answer) == (400, "validation_error", "Field 'url' must be a valid URL.")


def test_what_was_sent_is_stored_as_it_is(api: Api) -> None:
    sent = {"url": "https://EXAMPLE.com:443", "description": " x "}

    made = api.create(**sent)

    assert {name: api.get(f"/webhooks/{made['id']}").json()[name] for name in sent} == sent


@pytest.mark.parametrize(
    ("setting", "after"),
    [("merge", {"kept": 1, "changed": 2, "null": None}), ("replace", {"changed": 2, "removed": None})],
)
def test_metadata_is_merged_or_replaced(start_emulator: StartEmulator, setting: str, after: dict[str, Any]) -> None:
    """With `metadata_merge`="merge" null removes a key."""
    api = start_emulator(metadata_merge=setting)
    made = api.create(metadata={"kept": 1, "changed": 1, "removed": 1, "null": None})

    changed = api.patch(f"/webhooks/{made['id']}", json={"metadata": {"changed": 2, "removed": None}}).json()

    assert changed["metadata"] == after


@pytest.mark.parametrize(("resets", "failures"), [(True, 0), (False, 3)])
def test_enabling_again_may_reset_the_failures(start_emulator: StartEmulator, *, resets: bool, failures: int) -> None:
    api = start_emulator(reenable_resets_failures=resets)
    made = api.create()
    api.patch(f"/webhooks/{made['id']}", json={"status": "disabled"})
    api.organization.endpoints.get(made["id"]).consecutive_failures = 3

    changed = api.patch(f"/webhooks/{made['id']}", json={"status": "active"}).json()

    assert (changed["status"], changed["consecutive_failures"]) == ("active", failures)


def test_deleted_endpoint_is_gone_everywhere(api: Api) -> None:
    path = f"/webhooks/{api.create()['id']}"

    deleted = api.delete(path)

    after = [
        api.get(path),
        api.patch(path, json={"description": "x"}),
        api.delete(path),
        api.post(f"{path}/rotate-secret"),
        api.post(f"{path}/test"),
        api.get(f"{path}/deliveries"),
        api.post(f"{path}/deliveries/{UUID}/redeliver"),
    ]
    assert deleted.status_code == 200
    assert [error_of(answer)[:2] for answer in after] == [(404, "not_found")] * 7
    assert api.get("/webhooks").json()["data"] == []


def test_delete_can_answer_without_a_body(start_emulator: StartEmulator) -> None:
    """With `delete_status`=204 the replay has no body either."""
    api = start_emulator(delete_status=204)
    path = f"/webhooks/{api.create()['id']}"

    first, replayed = api.delete(path, key="k"), api.delete(path, key="k")

    assert [(answer.status_code, answer.content) for answer in (first, replayed)] == [(204, b""), (204, b"")]
    assert api.get(path).status_code == 404


def test_rotation_shows_a_new_secret_and_keeps_the_old_one_for_24_hours(api: Api) -> None:
    made = api.create()
    path = f"/webhooks/{made['id']}/rotate-secret"

    rotated = api.post(path).json()
    inside = api.truth(made["id"])
    api.control("POST", "/clock", {"set": inside["previous_secret_expires_at"]})
    expired = api.truth(made["id"])
    again = api.post(path).json()

    assert rotated["secret"] not in {made["secret"], None}
    assert rotated["secret_version"] == 2
    assert (inside["secret"], inside["previous_secret"]) == (rotated["secret"], made["secret"])
    assert (expired["previous_secret"], expired["previous_secret_expires_at"]) == (None, None)
    assert again["secret_version"] == 3
    assert api.truth(made["id"])["previous_secret"] == rotated["secret"]


def test_second_rotation_inside_the_overlap_conflicts(api: Api) -> None:
    made = api.create()
    rotated = api.post(f"/webhooks/{made['id']}/rotate-secret").json()

    refused = api.post(f"/webhooks/{made['id']}/rotate-secret")

    truth = api.truth(made["id"])
    status, slug, detail = error_of(refused)
    assert (status, slug) == (409, "conflict")
    assert truth["previous_secret_expires_at"] in detail
    assert (truth["secret"], truth["secret_version"]) == (rotated["secret"], 2)


@pytest.mark.parametrize(
    ("query", "body"), [("?force=true", None), ("", {"force": True}), ("?force=false", {"force": True})]
)
def test_forced_rotation_drops_every_older_secret_and_opens_no_overlap(api: Api, query: str, body: Any) -> None:
    made = api.create()
    path = f"/webhooks/{made['id']}/rotate-secret"
    api.post(path)

    forced = api.post(f"{path}{query}", json=body)
    truth = api.truth(made["id"])
    ordinary = api.post(path)

    assert (forced.status_code, forced.json()["secret_version"]) == (200, 3)
    assert (truth["secret"], truth["previous_secret"]) == (forced.json()["secret"], None)
    assert (ordinary.status_code, ordinary.json()["secret_version"]) == (200, 4)


@pytest.mark.parametrize("reason", ["routine", "x" * 501, None])
def test_only_a_forced_rotation_heeds_its_reason(api: Api, reason: str | None) -> None:
    made = api.create()

    ordinary = api.post(f"/webhooks/{made['id']}/rotate-secret", json={"reason": reason})
    api.post(f"/webhooks/{made['id']}/rotate-secret", json={"reason": "leaked", "force": True})

    assert ordinary.status_code == 200
    events = api.control("GET", "/state").json()["audit_events"]
    assert [(event["type"], event["endpoint_id"], event["reason"]) for event in events] == [
        ("webhook.secret.force_rotated", made["id"], "leaked")
    ]


@pytest.mark.parametrize("endpoint_id", [f"wat_{UUID}", "123"])
def test_id_of_another_type_is_refused(api: Api, endpoint_id: str) -> None:
    assert error_of(api.get(f"/webhooks/{endpoint_id}")) == (
        400,
        "id_type_mismatch",
        f"Expected a webhook endpoint ID (whk_*) but received {endpoint_id}.",
    )
