"""
Cursor pagination of lists that run from the newest item to the oldest, or the other way.

Source: https://docs.signa.so/api-reference/pagination
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Generic, Protocol, TypeVar

from signa_emulator.rules.errors import CursorExpiredError, Problem, ValidationError

_CURSOR_LIFETIME = timedelta(hours=24)
_COUNTED_AT_MOST = 10_000


class Numbered(Protocol):
    """An item with its place in the order of creation."""

    @property
    def sequence(self) -> int:
        """A number that grows with every item made."""


Item = TypeVar("Item", bound=Numbered)


@dataclass(frozen=True)
class PageRequest:
    """
    The query parameters of a list.

    Attributes:
        limit: Items on the page, 1 to 100.
        cursor: Position where the previous page ended, or None for the first page.
        include_total: Whether to count all items.
        oldest_first: Whether the order is from the oldest item to the newest.
    """

    limit: int = 20
    cursor: str | None = None
    include_total: bool = False
    oldest_first: bool = False


@dataclass(frozen=True)
class Page(Generic[Item]):
    """
    One page of a list.

    Attributes:
        items: At most `limit` items.
        cursor: Opaque; asks for the next page. None on the last page.
        total_count: Items in the whole list, counted up to 10,000; None when not asked for.
        total_count_approximate: Whether the counting stopped early; None when not asked for.
    """

    items: Sequence[Item]
    cursor: str | None
    total_count: int | None
    total_count_approximate: bool | None


def paginate(items: Sequence[Item], request: PageRequest, *, scope: str, now: datetime) -> Page[Item]:
    """
    Return one page of a list.

    An item made after the first page was read does not appear on later pages, and a deleted one is skipped:
    the cursor names a position, not an offset.

    Args:
        items: The whole list, newest first.
        request: The query parameters.
        scope: The path and filters of the list; a cursor works only where it was issued.
        now: The current moment.

    Raises:
        ValidationError: The cursor was not issued for this list.
        CursorExpiredError: The cursor is older than 24 hours.
    """
    rest = list(items)
    if request.oldest_first:
        rest.reverse()
        scope += "?sort=created_at"
    if request.cursor is not None:
        position = _read_cursor(request.cursor, scope, now)
        sign = 1 if request.oldest_first else -1
        rest = [item for item in rest if sign * item.sequence > sign * position]
    page = rest[: request.limit]
    has_more = len(rest) > request.limit
    return Page(
        items=page,
        cursor=_write_cursor(page[-1].sequence, scope, now) if has_more else None,
        total_count=min(len(items), _COUNTED_AT_MOST) if request.include_total else None,
        total_count_approximate=len(items) > _COUNTED_AT_MOST if request.include_total else None,
    )


def _write_cursor(position: int, scope: str, now: datetime) -> str:
    content = json.dumps({"after": position, "scope": scope, "issued": now.timestamp()})
    return base64.urlsafe_b64encode(content.encode()).decode("ascii")


def _read_cursor(cursor: str, scope: str, now: datetime) -> int:
    try:
        content = json.loads(base64.b64decode(cursor, altchars=b"-_", validate=True))
        position, issued_for = int(content["after"]), content["scope"]
        issued_at = datetime.fromtimestamp(content["issued"], timezone.utc)
    except (binascii.Error, ValueError, TypeError, KeyError, OverflowError) as error:
        raise ValidationError([Problem("cursor", "Parameter 'cursor' is not a cursor of this API.")]) from error
    if issued_for != scope:
        raise ValidationError([Problem("cursor", "Parameter 'cursor' belongs to a different list or filter.")])
    if now >= issued_at + _CURSOR_LIFETIME:
        raise CursorExpiredError("The cursor is older than 24 hours.")
    return position
