"""Webhook endpoints: create, list, retrieve, update, delete, rotate-secret."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Api


def _truth(api: Api, endpoint_id: str) -> dict[str, Any]:
    """Return one endpoint as the control API shows it, secrets included."""
    endpoints = api.control("GET", "/state").json()["endpoints"]
    return next(endpoint for endpoint in endpoints if endpoint["id"] == endpoint_id)


def test_new_endpoint_is_active_and_shows_its_first_secret(api: Api) -> None:
    """The field values are those of the create page."""
    made = api.create(description="prod alerts", metadata={"team": "legal"})

    truth = _truth(api, made["id"])
    assert made["id"].startswith("whk_")
    assert made["secret"].startswith("whsec_")
    assert made["secret"] == truth["secret"]
    assert {name: made[name] for name in ("object", "status", "secret_version", "consecutive_failures")} == {
        "object": "webhook_endpoint",
        "status": "active",
        "secret_version": 1,
        "consecutive_failures": 0,
    }
    assert (made["description"], made["metadata"]) == ("prod alerts", {"team": "legal"})
    assert (made["last_success_at"], made["last_failure_at"]) == (None, None)
    assert made["created_at"] == made["updated_at"]


def test_fields_that_were_left_out_have_their_defaults(api: Api) -> None:
    """No description is null, no metadata is an empty object."""
    made = api.create()

    assert (made["description"], made["metadata"]) == (None, {})


def test_events_are_echoed_as_sent(api: Api) -> None:
    """Duplicates are accepted and kept (open point)."""
    made = api.create(enabled_events=["alert.created", "alert.created"])

    assert made["enabled_events"] == ["alert.created", "alert.created"]


def test_two_endpoints_may_share_a_url(api: Api) -> None:
    """A URL identifies nothing (open point)."""
    first, second = api.create(), api.create()

    assert first["url"] == second["url"]
    assert first["id"] != second["id"]


def test_creates_beyond_the_limit_conflict(start_emulator: Callable[..., Api], valid_body: Callable[..., Any]) -> None:
    """The setting `max_endpoints` plays a plan's limit; a deleted endpoint makes room."""
    api = start_emulator(max_endpoints=1)
    made = api.create()

    refused = api.post("/webhooks", json=valid_body())
    api.delete(f"/webhooks/{made['id']}")
    accepted = api.post("/webhooks", json=valid_body())

    assert (refused.status_code, refused.json()["error"]["type"]) == (409, "conflict")
    assert accepted.status_code == 201


@pytest.mark.parametrize("path", ["/webhooks", "/webhooks/{id}"])
def test_reads_leave_the_secret_out(api: Api, path: str) -> None:
    """Signa redacts it; the default reading is that the field is not there."""
    made = api.create()

    shown = api.get(path.format(id=made["id"])).json()

    endpoint = shown["data"][0] if "data" in shown else shown
    assert "secret" not in endpoint
    assert made["secret"] not in str(shown)
    assert endpoint["url"] == made["url"]


@pytest.mark.parametrize(("redaction", "shown"), [("null", None), ("masked", "whsec_********")])
def test_reads_can_redact_in_other_ways(start_emulator: Callable[..., Api], redaction: str, shown: str | None) -> None:
    """The setting `redaction` plays the other readings, in reads and updates alike."""
    api = start_emulator(redaction=redaction)
    made = api.create()

    answers = [api.get(f"/webhooks/{made['id']}"), api.patch(f"/webhooks/{made['id']}", json={"description": "x"})]

    assert [answer.json()["secret"] for answer in answers] == [shown, shown]


def test_list_is_newest_first(api: Api) -> None:
    """Endpoints of one millisecond keep their order too."""
    made = [api.create()["id"] for _ in range(5)]

    listed = api.get("/webhooks").json()

    assert [endpoint["id"] for endpoint in listed["data"]] == made[::-1]


def test_update_changes_what_was_sent_and_nothing_else(api: Api) -> None:
    """Omitted fields stay; the answer is the whole object."""
    made = api.create(description="old", metadata={"team": "legal"})
    api.control("POST", "/clock", {"advance_s": 60})

    answer = api.patch(f"/webhooks/{made['id']}", json={"url": "https://acme.example.com/new"})

    changed = answer.json()
    assert answer.status_code == 200
    assert changed["url"] == "https://acme.example.com/new"
    assert changed["updated_at"] > made["updated_at"]
    unchanged = made.keys() - {"url", "updated_at", "secret", "request_id"}
    assert {name: changed[name] for name in unchanged} == {name: made[name] for name in unchanged}
    assert _truth(api, made["id"])["secret"] == made["secret"]


def test_null_clears_the_description(api: Api) -> None:
    """As elsewhere in Signa's API (open point)."""
    made = api.create(description="old")

    changed = api.patch(f"/webhooks/{made['id']}", json={"description": None}).json()

    assert changed["description"] is None


def test_metadata_is_merged_and_null_removes_a_key(api: Api) -> None:
    """The default reading follows Signa's API keys."""
    made = api.create(metadata={"kept": 1, "changed": 1, "removed": 1, "null": None})

    changed = api.patch(f"/webhooks/{made['id']}", json={"metadata": {"changed": 2, "removed": None}}).json()

    assert changed["metadata"] == {"kept": 1, "changed": 2, "null": None}


def test_metadata_can_be_replaced(start_emulator: Callable[..., Api]) -> None:
    """The setting `metadata_merge` plays the other reading."""
    api = start_emulator(metadata_merge="replace")
    made = api.create(metadata={"kept": 1, "changed": 1})

    changed = api.patch(f"/webhooks/{made['id']}", json={"metadata": {"changed": 2, "null": None}}).json()

    assert changed["metadata"] == {"changed": 2, "null": None}


@pytest.mark.parametrize(("resets", "failures"), [(True, 0), (False, 3)])
def test_enabling_again_may_reset_the_failures(
    start_emulator: Callable[..., Api],
    resets: bool,  # noqa: FBT001
    failures: int,
) -> None:
    """The setting `reenable_resets_failures` decides."""
    api = start_emulator(reenable_resets_failures=resets)
    made = api.create()
    api.patch(f"/webhooks/{made['id']}", json={"status": "disabled"})
    api.emulator.organization.endpoints.get(made["id"]).consecutive_failures = 3

    changed = api.patch(f"/webhooks/{made['id']}", json={"status": "active"}).json()

    assert (changed["status"], changed["consecutive_failures"]) == ("active", failures)


def test_deleted_endpoint_is_gone_everywhere(api: Api) -> None:
    """Every operation on it is 404, and the list does not show it."""
    path = f"/webhooks/{api.create()['id']}"

    deleted = api.delete(path)

    after = [
        api.get(path),
        api.patch(path, json={"description": "x"}),
        api.delete(path),
        api.post(f"{path}/rotate-secret"),
        api.post(f"{path}/test"),
        api.get(f"{path}/deliveries"),
        api.post(f"{path}/deliveries/018f9b2e-9b6c-7c9c-b4f1-1234567890ab/redeliver"),
    ]
    assert deleted.status_code == 200
    assert [(answer.status_code, answer.json()["error"]["type"]) for answer in after] == [(404, "not_found")] * 7
    assert api.get("/webhooks").json()["data"] == []


def test_delete_can_answer_without_a_body(start_emulator: Callable[..., Api]) -> None:
    """The setting `delete_status` plays the other reading, replay included."""
    api = start_emulator(delete_status=204)
    path = f"/webhooks/{api.create()['id']}"

    first, replayed = api.delete(path, key="k"), api.delete(path, key="k")

    assert [(answer.status_code, answer.content) for answer in (first, replayed)] == [(204, b""), (204, b"")]
    assert api.get(path).status_code == 404


def test_rotation_shows_a_new_secret_and_keeps_the_old_one_for_24_hours(api: Api) -> None:
    """The version goes up, and the overlap is open for exactly a day."""
    made = api.create()

    rotated = api.post(f"/webhooks/{made['id']}/rotate-secret").json()

    truth = _truth(api, made["id"])
    assert rotated["secret"] not in {made["secret"], None}
    assert rotated["secret_version"] == 2
    assert (truth["secret"], truth["previous_secret"]) == (rotated["secret"], made["secret"])
    api.control("POST", "/clock", {"set": truth["previous_secret_expires_at"]})
    expired = _truth(api, made["id"])
    assert (expired["previous_secret"], expired["previous_secret_expires_at"]) == (None, None)


def test_second_rotation_inside_the_overlap_conflicts(api: Api) -> None:
    """Only force gets past the open overlap; the refused call changes nothing."""
    made = api.create()
    rotated = api.post(f"/webhooks/{made['id']}/rotate-secret").json()

    refused = api.post(f"/webhooks/{made['id']}/rotate-secret")

    truth = _truth(api, made["id"])
    assert (refused.status_code, refused.json()["error"]["type"]) == (409, "conflict")
    assert truth["previous_secret_expires_at"] in refused.json()["error"]["detail"]
    assert (truth["secret"], truth["secret_version"]) == (rotated["secret"], 2)


def test_rotation_is_possible_again_after_the_overlap(api: Api) -> None:
    """A day later the first secret is history."""
    made = api.create()
    rotated = api.post(f"/webhooks/{made['id']}/rotate-secret").json()
    api.control("POST", "/clock", {"advance_s": 86400})

    again = api.post(f"/webhooks/{made['id']}/rotate-secret")

    assert (again.status_code, again.json()["secret_version"]) == (200, 3)
    assert _truth(api, made["id"])["previous_secret"] == rotated["secret"]


@pytest.mark.parametrize(
    ("query", "body"), [("?force=true", None), ("", {"force": True}), ("?force=false", {"force": True})]
)
def test_forced_rotation_drops_every_older_secret(api: Api, query: str, body: Any) -> None:
    """Body and query say the same; the newest secret alone is valid afterwards."""
    made = api.create()
    api.post(f"/webhooks/{made['id']}/rotate-secret")

    forced = api.post(f"/webhooks/{made['id']}/rotate-secret{query}", json=body)

    truth = _truth(api, made["id"])
    assert (forced.status_code, forced.json()["secret_version"]) == (200, 3)
    assert (truth["secret"], truth["previous_secret"]) == (forced.json()["secret"], None)


def test_forced_rotation_opens_no_overlap(api: Api) -> None:
    """So an ordinary rotation may follow at once."""
    made = api.create()
    api.post(f"/webhooks/{made['id']}/rotate-secret?force=true")

    ordinary = api.post(f"/webhooks/{made['id']}/rotate-secret")

    assert (ordinary.status_code, ordinary.json()["secret_version"]) == (200, 3)


def test_only_a_forced_rotation_records_its_reason(api: Api) -> None:
    """The audit event `webhook.secret.force_rotated` carries it; otherwise the reason is ignored."""
    made = api.create()

    api.post(f"/webhooks/{made['id']}/rotate-secret", json={"reason": "routine"})
    api.post(f"/webhooks/{made['id']}/rotate-secret", json={"reason": "leaked", "force": True})

    events = api.control("GET", "/state").json()["audit_events"]
    assert [(event["type"], event["endpoint_id"], event["reason"]) for event in events] == [
        ("webhook.secret.force_rotated", made["id"], "leaked")
    ]


@pytest.mark.parametrize("endpoint_id", ["wat_018f9b2e-9b6c-7c9c-b4f1-1234567890ab", "123"])
def test_id_of_another_type_is_refused(api: Api, endpoint_id: str) -> None:
    """It is a 400 of its own, not a 404."""
    answer = api.get(f"/webhooks/{endpoint_id}")

    error = answer.json()["error"]
    assert (answer.status_code, error["type"]) == (400, "id_type_mismatch")
    assert error["detail"] == f"Expected a webhook endpoint ID (whk_*) but received {endpoint_id}."
