"""Cursor pagination: https://docs.signa.so/api-reference/pagination."""

import base64
from collections.abc import Iterator
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.harness import Api, error_of
from signa_emulator.rules.pagination import PageRequest, paginate

_NOW = datetime(2026, 5, 8, tzinfo=timezone.utc)


def _walk(api: Api, path: str) -> Iterator[dict[str, Any]]:
    """Yield each page of a list; `path` has its query already."""
    page = api.get(path).json()
    yield page
    while page["has_more"]:
        page = api.get(f"{path}&cursor={page['pagination']['cursor']}").json()
        yield page


@pytest.mark.parametrize(("sort", "step"), [("", -1), ("&sort=created_at", 1), ("&sort=-created_at", -1)])
def test_pages_together_are_the_whole_list_in_order(api: Api, sort: str, step: int) -> None:
    made = [api.create()["id"] for _ in range(7)]

    pages = list(_walk(api, f"/webhooks?limit=3{sort}"))

    assert [len(page["data"]) for page in pages] == [3, 3, 1]
    assert [endpoint["id"] for page in pages for endpoint in page["data"]] == made[::step]
    assert [page["has_more"] for page in pages] == [True, True, False]
    assert pages[-1]["pagination"] == {"cursor": None}


@pytest.mark.parametrize(
    ("made", "query", "shown", "has_more"), [(0, "", 0, False), (2, "?limit=2", 2, False), (21, "", 20, True)]
)
def test_page_has_20_items_by_default(api: Api, *, made: int, query: str, shown: int, has_more: bool) -> None:
    """The default of `limit` is documented; a full last page has no cursor."""
    for _ in range(made):
        api.create()

    page = api.get(f"/webhooks{query}").json()

    assert (page["object"], len(page["data"]), page["has_more"]) == ("list", shown, has_more)
    assert (page["pagination"]["cursor"] is not None) == has_more


def test_total_is_counted_on_request(api: Api) -> None:
    for _ in range(3):
        api.create()

    pages = list(_walk(api, "/webhooks?limit=2&include_total=true"))

    assert [page["pagination"]["total_count"] for page in pages] == [3, 3]
    assert [page["pagination"]["total_count_approximate"] for page in pages] == [False, False]


@pytest.mark.parametrize(("size", "count", "approximate"), [(10_000, 10_000, False), (10_001, 10_000, True)])
def test_counting_stops_at_10000(size: int, count: int, approximate: bool) -> None:  # noqa: FBT001
    items = [SimpleNamespace(sequence=number) for number in range(size, 0, -1)]

    page = paginate(items, PageRequest(include_total=True), scope="list", now=_NOW)

    assert (page.total_count, page.total_count_approximate) == (count, approximate)


def test_later_pages_have_no_new_and_no_deleted_items(api: Api) -> None:
    made = [api.create()["id"] for _ in range(4)]
    first = api.get("/webhooks?limit=2").json()
    api.create()
    api.delete(f"/webhooks/{made[2]}")
    api.delete(f"/webhooks/{made[1]}")

    second = api.get(f"/webhooks?limit=2&cursor={first['pagination']['cursor']}").json()

    assert [endpoint["id"] for endpoint in second["data"]] == made[:1]


def test_cursor_expires_after_24_hours(api: Api) -> None:
    for _ in range(2):
        api.create()
    cursor = api.get("/webhooks?limit=1").json()["pagination"]["cursor"]
    api.control("POST", "/clock", {"advance_s": 86400 - 60})
    young = api.get(f"/webhooks?cursor={cursor}")
    api.control("POST", "/clock", {"advance_s": 60})

    old = api.get(f"/webhooks?cursor={cursor}")

    assert young.status_code == 200
    assert error_of(old)[:2] == (400, "cursor_expired")


def test_cursor_belongs_to_its_list_filter_and_order(api: Api) -> None:
    one, other = api.create(), api.create()
    for _ in range(2):
        api.post(f"/webhooks/{one['id']}/test")
    cursor = api.get(f"/webhooks/{one['id']}/deliveries?limit=1").json()["pagination"]["cursor"]

    answers = [
        api.get(f"{path}cursor={cursor}")
        for path in (
            f"/webhooks/{one['id']}/deliveries?",
            "/webhooks?",
            f"/webhooks/{other['id']}/deliveries?",
            f"/webhooks/{one['id']}/deliveries?since=2026-05-01&",
            f"/webhooks/{one['id']}/deliveries?sort=created_at&",
        )
    ]

    assert answers[0].status_code == 200
    assert [error_of(answer)[:2] for answer in answers[1:]] == [(400, "validation_error")] * 4


@pytest.mark.parametrize("content", [None, b"", b"[]", b'{"after": "x"}', b'{"after": 1, "scope": "", "issued": 1e99}'])
def test_made_up_cursor_is_refused(api: Api, content: bytes | None) -> None:
    cursor = "%%" if content is None else base64.urlsafe_b64encode(content).decode()

    answer = api.get("/webhooks", params={"cursor": cursor})

    assert error_of(answer)[:2] == (400, "validation_error")


@settings(deadline=None)
@given(sequences=st.sets(st.integers(0, 10**6)), limit=st.integers(1, 100), oldest_first=st.booleans())
def test_walk_visits_every_item_once_in_order(*, sequences: set[int], limit: int, oldest_first: bool) -> None:
    items = [SimpleNamespace(sequence=number) for number in sorted(sequences, reverse=True)]
    pages = [paginate(items, PageRequest(limit, oldest_first=oldest_first), scope="list", now=_NOW)]
    while pages[-1].cursor is not None:
        request = PageRequest(limit, pages[-1].cursor, oldest_first=oldest_first)
        pages.append(paginate(items, request, scope="list", now=_NOW))

    visited = [item for page in pages for item in page.items]

    assert visited == sorted(items, key=lambda item: item.sequence, reverse=not oldest_first)
    assert all(len(page.items) == limit for page in pages[:-1])
