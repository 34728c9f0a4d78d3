"""The rules for bodies and queries: https://docs.signa.so/api-reference/monitoring/webhooks/create and its siblings."""

from typing import Any

import pytest

from emulator.harness import Api, StartEmulator, error_of, new_endpoint

_LONGEST_URL = "https://acme.example.com/" + "x" * (2048 - len("https://acme.example.com/"))


@pytest.mark.parametrize(
    "fields",
    [
        {"url": _LONGEST_URL},
        {"url": "https://acme.example.com:8443/a?b=c#d"},
        {"description": "x" * 2000},
        {"description": None},
        {"enabled_events": ["alert.created"] * 20},
        {"metadata": {"team": "legal", "nested": {"n": [1, 2.5, None, True]}}},
    ],
)
def test_create_accepts_what_the_rules_allow(api: Api, fields: Any) -> None:
    answer = api.post("/webhooks", json=new_endpoint(**fields))

    assert answer.status_code == 201
    assert {name: answer.json()[name] for name in fields} == fields


@pytest.mark.parametrize(
    ("fields", "detail"),
    [
        ({"url": None}, "Field 'url' must be a string."),
        ({"url": _LONGEST_URL + "x"}, "Field 'url' must be at most 2048 characters."),
        ({"url": "https://acme.example.com/a b"}, "Field 'url' must not contain spaces or control characters."),
        ({"url": "https://acme.example.com/\n"}, "Field 'url' must not contain spaces or control characters."),
        ({"url": "https://[::1/"}, "Field 'url' must be a valid URL."),
        ({"url": "https://acme.example.com:99999/"}, "Field 'url' must be a valid URL."),
        ({"url": "ftp://acme.example.com/"}, "Field 'url' must be an https URL with a host."),
        ({"url": "acme.example.com/hook"}, "Field 'url' must be an https URL with a host."),
        ({"url": "https:///hook"}, "Field 'url' must be an https URL with a host."),
        ({"url": "https://me:pw@acme.example.com/"}, "Field 'url' must not contain a user name or password."),
        ({"description": "x" * 2001}, "Field 'description' must be null or a string of at most 2000 characters."),
        ({"description": 1}, "Field 'description' must be null or a string of at most 2000 characters."),
        ({"enabled_events": []}, "Field 'enabled_events' must be an array of 1 to 20 event types."),
        ({"enabled_events": ["alert.created"] * 21}, "Field 'enabled_events' must be an array of 1 to 20 event types."),
        ({"enabled_events": "alert.created"}, "Field 'enabled_events' must be an array of 1 to 20 event types."),
        (
            {"enabled_events": ["alert.created", "webhook.test"]},
            "Field 'enabled_events' contains, at index 1, an event type other than 'alert.created'.",
        ),
        (
            {"enabled_events": [{}]},
            "Field 'enabled_events' contains, at index 0, an event type other than 'alert.created'.",
        ),
        ({"metadata": None}, "Field 'metadata' must be an object."),
        ({"metadata": ["a"]}, "Field 'metadata' must be an object."),
        ({"status": "active"}, "Field 'status' is not known."),
        ({"secret": "whsec_mine"}, "Field 'secret' is read-only."),
        ({"colour": "red"}, "Field 'colour' is not known."),
    ],
)
def test_create_refuses_what_breaks_a_rule(api: Api, fields: Any, detail: str) -> None:
    answer = api.post("/webhooks", json=new_endpoint(**fields))

    assert error_of(answer) == (400, "validation_error", detail)
    assert api.control("GET", "/state").json()["endpoints"] == []


@pytest.mark.parametrize("listed", [False, True])
def test_create_names_every_problem_at_once(start_emulator: StartEmulator, *, listed: bool) -> None:
    """With `validation_errors_list` every problem is also an item of a list."""
    api = start_emulator(validation_errors_list=listed)

    answer = api.post("/webhooks", json={"url": "https://acme.example.com/", "metadata": 1})

    problems = {
        "enabled_events": "Field 'enabled_events' is required.",
        "metadata": "Field 'metadata' must be an object.",
    }
    assert error_of(answer)[2] == " ".join(problems.values())
    errors = [{"path": path, "message": message} for path, message in problems.items()]
    assert answer.json()["error"].get("errors") == (errors if listed else None)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"url": NaN}', b"[]", b'"text"', b"null"])
def test_body_that_is_no_json_object_is_refused(api: Api, body: bytes) -> None:
    answer = api.post("/webhooks", data=body)

    assert error_of(answer)[:2] == (400, "validation_error")


_PRIVATE = "Field 'url' must not point to a loopback, private or link-local address."


@pytest.mark.parametrize(
    ("settings", "url", "detail"),
    [
        ({}, "http://127.0.0.1:8000/hook", None),
        ({"non_production": False}, "http://acme.example.com/hook", "Field 'url' must be an https URL."),
        *(
            ({"block_private_urls": True}, f"https://{host}/", _PRIVATE)
            for host in ("localhost", "a.localhost", "127.0.0.1", "10.1.2.3", "169.254.1.1", "[::1]")
        ),
        *(({"block_private_urls": True}, f"https://{host}/", None) for host in ("example.com", "8.8.8.8")),
    ],
)
def test_settings_decide_where_a_url_may_lead(
    start_emulator: StartEmulator, settings: dict[str, bool], url: str, detail: str | None
) -> None:
    """Open point: Signa documents https alone as a rule for hosts."""
    answer = start_emulator(**settings).post("/webhooks", json=new_endpoint(url=url))

    assert answer.status_code == (400 if detail else 201)
    assert detail is None or error_of(answer)[2] == detail


@pytest.mark.parametrize(
    ("fields", "detail"),
    [
        ({"status": "paused"}, "Field 'status' must be 'active' or 'disabled'."),
        ({"status": ["active"]}, "Field 'status' must be 'active' or 'disabled'."),
        ({"url": "nowhere"}, "Field 'url' must be an https URL with a host."),
        ({"secret_version": 7}, "Field 'secret_version' is read-only."),
        ({"enabled_events": ["sync_run.searchable"]}, None),
        ({}, "The request body must change at least one field."),
    ],
)
def test_update_refuses_what_breaks_a_rule(api: Api, fields: Any, detail: str | None) -> None:
    endpoint = api.create()

    answer = api.patch(f"/webhooks/{endpoint['id']}", json=fields)

    assert error_of(answer)[:2] == (400, "validation_error")
    assert detail in (None, error_of(answer)[2])


def test_empty_update_can_be_accepted(start_emulator: StartEmulator) -> None:
    api = start_emulator(empty_patch="accept")
    endpoint = api.create()

    answer = api.patch(f"/webhooks/{endpoint['id']}", json={})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"force": "yes"}, "Field 'force' must be true or false."),
        ({"force": True, "reason": "x" * 501}, "Field 'reason' must be a string of at most 500 characters."),
        ({"force": True, "reason": None}, "Field 'reason' must be a string of at most 500 characters."),
        ({"overlap": 3600}, "Field 'overlap' is not known."),
    ],
)
def test_rotation_refuses_what_breaks_a_rule(api: Api, body: Any, detail: str) -> None:
    endpoint = api.create()

    answer = api.post(f"/webhooks/{endpoint['id']}/rotate-secret", json=body)

    assert error_of(answer) == (400, "validation_error", detail)


_LIMIT = "Parameter 'limit' must be between 1 and 100."
_TOTAL = "Parameter 'include_total' must be true or false."
_SORT = "Parameter 'sort' must be created_at or -created_at."


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        *((f"limit={limit}", _LIMIT) for limit in ("0", "101", "-1", "ten", "1.5", "", "%C2%B2")),
        *((f"include_total={total}", _TOTAL) for total in ("True", "1", "yes", "")),
        *((f"sort={sort}", _SORT) for sort in ("", "-", "url", "--created_at", "created_at,url")),
        ("ids[]=1", "Parameter 'ids[]' must not have brackets."),
        ("since=yesterday", "Parameter 'since' must be an ISO 8601 timestamp."),
    ],
)
def test_query_that_breaks_a_rule_is_refused(api: Api, query: str, detail: str) -> None:
    """Signa's Errors page has the sentence about `limit`."""
    answer = api.get(f"/webhooks/{api.create()['id']}/deliveries?{query}")

    assert error_of(answer) == (400, "validation_error", detail)


@pytest.mark.parametrize("query", ["limit=1", "limit=100", "include_total=true", "sort=created_at"])
def test_query_within_the_rules_is_accepted(api: Api, query: str) -> None:
    assert api.get(f"/webhooks?{query}").status_code == 200


_UNKNOWN = [
    *(("GET", "/webhooks", name) for name in ("colour", "since", "status")),
    *(("GET", "/webhooks/{id}", name) for name in ("limit", "force")),
    *(("GET", "/webhooks/{id}/deliveries", name) for name in ("status", "event_type")),
    *(("POST", "/webhooks/{id}/rotate-secret", name) for name in ("reason", "limit")),
    *((method, "/webhooks/{id}", "force") for method in ("PATCH", "DELETE")),
    ("POST", "/webhooks/{id}/test", "force"),
]


@pytest.mark.parametrize(("method", "path", "name"), _UNKNOWN)
def test_query_parameter_that_an_operation_does_not_have_is_refused(
    api: Api, method: str, path: str, name: str
) -> None:
    """Open point: Signa calls invented names the first cause of `validation_error`, and no page says where."""
    answer = api.call(method, path.format(id=api.create()["id"]), params={name: "1"}, json={"description": "new"})

    assert error_of(answer) == (400, "validation_error", f"Parameter '{name}' is not known.")


@pytest.mark.parametrize(("method", "path", "name"), [case for case in _UNKNOWN if case[0] == "GET"])
def test_query_parameter_that_an_operation_does_not_have_can_be_ignored(
    start_emulator: StartEmulator, method: str, path: str, name: str
) -> None:
    api = start_emulator(unknown_query="ignore")

    assert api.call(method, path.format(id=api.create()["id"]), params={name: "1"}).status_code == 200


@pytest.mark.parametrize(("unknown_query", "status"), [("refuse", 400), ("ignore", 200)])
def test_lists_may_lack_the_parameters_of_lists_in_general(
    start_emulator: StartEmulator, unknown_query: str, status: int
) -> None:
    """Open point: neither list's own page has `sort` and `include_total`; ignored, they leave the newest item first."""
    api = start_emulator(general_list_parameters=False, unknown_query=unknown_query)
    made = [api.create()["id"] for _ in range(2)]

    answer = api.get("/webhooks?limit=2&sort=created_at&include_total=true")

    assert answer.status_code == status
    if status == 200:
        assert [endpoint["id"] for endpoint in answer.json()["data"]] == made[::-1]
        assert answer.json()["pagination"] == {"cursor": None}
    assert api.get("/webhooks?limit=2").status_code == 200
