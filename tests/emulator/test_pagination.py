"""Cursor pagination: https://docs.signa.so/api-reference/pagination."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signa_emulator.rules.pagination import PageRequest, paginate

if TYPE_CHECKING:
    from conftest import Api

_NOW = datetime(2026, 5, 8, tzinfo=timezone.utc)


def _walk(api: Api, path: str) -> Iterator[dict[str, Any]]:
    """Yield each page of a list; `path` has its query already."""
    page = api.get(path).json()
    yield page
    while page["has_more"]:
        page = api.get(f"{path}&cursor={page['pagination']['cursor']}").json()
        yield page


def test_pages_together_are_the_whole_list(api: Api) -> None:
    """Every item comes once, and the last page has no cursor."""
    made = [api.create()["id"] for _ in range(7)]

    pages = list(_walk(api, "/webhooks?limit=3"))

    assert [len(page["data"]) for page in pages] == [3, 3, 1]
    assert [endpoint["id"] for page in pages for endpoint in page["data"]] == made[::-1]
    assert [page["has_more"] for page in pages] == [True, True, False]
    assert pages[-1]["pagination"] == {"cursor": None}


@pytest.mark.parametrize(("sort", "step"), [("created_at", 1), ("-created_at", -1)])
def test_list_is_sorted_on_request(api: Api, sort: str, step: int) -> None:
    """By age, either way, over all pages."""
    made = [api.create()["id"] for _ in range(5)]

    pages = list(_walk(api, f"/webhooks?limit=2&sort={sort}"))

    assert [endpoint["id"] for page in pages for endpoint in page["data"]] == made[::step]


@pytest.mark.parametrize("sort", ["", "-", "url", "--created_at", "created_at,url"])
def test_list_cannot_be_sorted_by_anything_else(api: Api, sort: str) -> None:
    """The parameter is named."""
    answer = api.get(f"/webhooks?sort={sort}")

    assert answer.status_code == 400
    assert "'sort'" in answer.json()["error"]["detail"]


def test_cursor_belongs_to_its_order(api: Api) -> None:
    """Turned round in the middle, a list would show some twice."""
    for _ in range(2):
        api.create()
    cursor = api.get("/webhooks?limit=1&sort=created_at").json()["pagination"]["cursor"]

    answer = api.get(f"/webhooks?limit=1&cursor={cursor}")

    assert answer.status_code == 400


def test_full_last_page_has_no_cursor(api: Api) -> None:
    """There is no empty page behind it."""
    for _ in range(2):
        api.create()

    page = api.get("/webhooks?limit=2").json()

    assert (page["has_more"], page["pagination"]["cursor"]) == (False, None)


def test_page_has_20_items_by_default(api: Api) -> None:
    """The default of `limit` is documented."""
    for _ in range(21):
        api.create()

    page = api.get("/webhooks").json()

    assert (len(page["data"]), page["has_more"]) == (20, True)


def test_empty_list_is_a_page(api: Api) -> None:
    """No endpoints is no error."""
    page = api.get("/webhooks").json()

    assert (page["object"], page["data"], page["has_more"]) == ("list", [], False)


def test_total_is_counted_on_request(api: Api) -> None:
    """It is the size of the whole list, on every page."""
    for _ in range(3):
        api.create()

    pages = list(_walk(api, "/webhooks?limit=2&include_total=true"))

    assert [page["pagination"]["total_count"] for page in pages] == [3, 3]
    assert [page["pagination"]["total_count_approximate"] for page in pages] == [False, False]


@pytest.mark.parametrize(("size", "count", "approximate"), [(10_000, 10_000, False), (10_001, 10_000, True)])
def test_counting_stops_at_10000(size: int, count: int, approximate: bool) -> None:  # noqa: FBT001
    """From there on the total is approximate."""
    items = [SimpleNamespace(sequence=number) for number in range(size, 0, -1)]

    page = paginate(items, PageRequest(include_total=True), scope="list", now=_NOW)

    assert (page.total_count, page.total_count_approximate) == (count, approximate)


def test_new_items_do_not_appear_on_later_pages(api: Api) -> None:
    """A cursor names a position; what is created meanwhile belongs to the next walk."""
    made = [api.create()["id"] for _ in range(3)]
    first = api.get("/webhooks?limit=2").json()
    api.create()

    second = api.get(f"/webhooks?limit=2&cursor={first['pagination']['cursor']}").json()

    assert [endpoint["id"] for endpoint in second["data"]] == made[:1]


def test_deleted_items_are_skipped(api: Api) -> None:
    """Even when the page ended with the deleted one."""
    made = [api.create()["id"] for _ in range(4)]
    first = api.get("/webhooks?limit=2").json()
    api.delete(f"/webhooks/{made[2]}")
    api.delete(f"/webhooks/{made[1]}")

    second = api.get(f"/webhooks?limit=2&cursor={first['pagination']['cursor']}").json()

    assert [endpoint["id"] for endpoint in second["data"]] == made[:1]


def test_cursor_expires_after_24_hours(api: Api) -> None:
    """`cursor_expired` is a 400 of its own."""
    for _ in range(2):
        api.create()
    cursor = api.get("/webhooks?limit=1").json()["pagination"]["cursor"]
    api.control("POST", "/clock", {"advance_s": 86400 - 60})
    young = api.get(f"/webhooks?cursor={cursor}")
    api.control("POST", "/clock", {"advance_s": 60})

    old = api.get(f"/webhooks?cursor={cursor}")

    assert young.status_code == 200
    assert (old.status_code, old.json()["error"]["type"]) == (400, "cursor_expired")


def test_cursor_belongs_to_its_list_and_filter(api: Api) -> None:
    """Neither another endpoint nor another `since` accepts it."""
    one, other = api.create(), api.create()
    for _ in range(2):
        api.post(f"/webhooks/{one['id']}/test")
    cursor = api.get(f"/webhooks/{one['id']}/deliveries?limit=1").json()["pagination"]["cursor"]

    answers = [
        api.get(f"/webhooks/{one['id']}/deliveries?cursor={cursor}"),
        api.get(f"/webhooks?cursor={cursor}"),
        api.get(f"/webhooks/{other['id']}/deliveries?cursor={cursor}"),
        api.get(f"/webhooks/{one['id']}/deliveries?cursor={cursor}&since=2026-05-01"),
    ]

    assert [answer.status_code for answer in answers] == [200, 400, 400, 400]
    assert {answer.json()["error"]["type"] for answer in answers[1:]} == {"validation_error"}


@pytest.mark.parametrize("content", [None, b"", b"[]", b'{"after": "x"}', b'{"after": 1, "scope": "", "issued": 1e99}'])
def test_made_up_cursor_is_refused(api: Api, content: bytes | None) -> None:
    """Cursors are opaque: nobody else can make one."""
    cursor = "%%" if content is None else base64.urlsafe_b64encode(content).decode()

    answer = api.get("/webhooks", params={"cursor": cursor})

    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "validation_error")


def test_items_of_a_page_fit_any_numbered_list() -> None:
    """The rule knows nothing of endpoints."""
    items = [SimpleNamespace(sequence=number) for number in (3, 2, 1)]
    first = paginate(items, PageRequest(limit=2), scope="list", now=_NOW)

    second = paginate(items, PageRequest(limit=2, cursor=first.cursor), scope="list", now=_NOW + timedelta(hours=23))

    assert ([item.sequence for item in first.items], [item.sequence for item in second.items]) == ([3, 2], [1])


@settings(deadline=None)
@given(sequences=st.sets(st.integers(0, 10**6)), limit=st.integers(1, 100), oldest_first=st.booleans())
def test_walk_visits_every_item_once_in_order(*, sequences: set[int], limit: int, oldest_first: bool) -> None:
    """Whatever the size of the list and of its pages, full or not, in either order."""
    items = [SimpleNamespace(sequence=number) for number in sorted(sequences, reverse=True)]
    pages = [paginate(items, PageRequest(limit, oldest_first=oldest_first), scope="list", now=_NOW)]
    while pages[-1].cursor is not None:
        request = PageRequest(limit, pages[-1].cursor, oldest_first=oldest_first)
        pages.append(paginate(items, request, scope="list", now=_NOW))

    visited = [item for page in pages for item in page.items]

    assert visited == sorted(items, key=lambda item: item.sequence, reverse=not oldest_first)
    assert all(len(page.items) == limit for page in pages[:-1])
