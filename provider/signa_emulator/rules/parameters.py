"""
The rules for query parameters.

Source: https://docs.signa.so/api-reference/introduction and …/pagination
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from signa_emulator.clock import from_iso
from signa_emulator.rules.errors import Problem, ValidationError
from signa_emulator.rules.pagination import PageRequest

_PAGE = 100
_OLDEST_FIRST, _NEWEST_FIRST = "created_at", "-created_at"


def page_request(query: Mapping[str, str]) -> PageRequest:
    """
    Read `limit`, `cursor`, `sort` and `include_total`.

    Raises:
        ValidationError: `limit` is not an integer from 1 to 100, `sort` neither `created_at` nor `-created_at`, or
            `include_total` not a boolean.

    Source: https://docs.signa.so/api-reference/pagination
    """
    text = query.get("limit", "20")
    limit = int(text) if text.isascii() and text.isdigit() else 0
    if not 1 <= limit <= _PAGE:
        raise ValidationError([Problem("limit", "Parameter 'limit' must be between 1 and 100.")])
    # Open point: which fields a list can be sorted by is documented for none.
    sort = query.get("sort", _NEWEST_FIRST)
    if sort not in (_OLDEST_FIRST, _NEWEST_FIRST):
        raise ValidationError([Problem("sort", f"Parameter 'sort' must be {_OLDEST_FIRST} or {_NEWEST_FIRST}.")])
    return PageRequest(limit, query.get("cursor"), boolean(query, "include_total"), sort == _OLDEST_FIRST)


def check_names(query: Mapping[str, str]) -> None:
    """
    Refuse bracketed query keys such as `ids[]`; keys that Signa does not know are ignored (open point).

    Raises:
        ValidationError: There is such a key.

    Source: https://docs.signa.so/api-reference/introduction
    """
    bracketed = [Problem(name, f"Parameter '{name}' must not have brackets.") for name in query if "[" in name]
    if bracketed:
        raise ValidationError(bracketed)


def boolean(query: Mapping[str, str], name: str) -> bool:
    """
    Read a query parameter that is `true` or `false`; without it, false.

    Raises:
        ValidationError: It has any other value.
    """
    value = query.get(name, "false")
    if value not in {"true", "false"}:
        raise ValidationError([Problem(name, f"Parameter '{name}' must be true or false.")])
    return value == "true"


def moment(query: Mapping[str, str], name: str) -> datetime | None:
    """
    Read a query parameter that is an ISO 8601 timestamp; without it, None.

    Raises:
        ValidationError: It is not a timestamp.
    """
    text = query.get(name)
    if text is None:
        return None
    try:
        return from_iso(text)
    except ValueError as error:
        message = f"Parameter '{name}' must be an ISO 8601 timestamp."
        raise ValidationError([Problem(name, message)]) from error
