"""
The rules for query parameters.

Source: https://docs.signa.so/api-reference/introduction and …/pagination
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from signa_emulator.clock import from_iso
from signa_emulator.rules.errors import Problem, ValidationError
from signa_emulator.rules.pagination import PageRequest

if TYPE_CHECKING:
    from signa_emulator.settings import Settings

_GENERAL = frozenset({"sort", "include_total"})
OF_LISTS = frozenset({"limit", "cursor"}) | _GENERAL

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


def known(query: Mapping[str, str], names: frozenset[str], settings: Settings) -> dict[str, str]:
    """
    Return the query parameters that an operation has.

    Open points: whether Signa refuses or ignores others, and whether its lists have those of lists in general; both
    are settings.

    Args:
        query: The parameters that were sent.
        names: The names that the operation has.
        settings: The switches.

    Raises:
        ValidationError: A name has brackets, as in `ids[]`, or is unknown where unknown ones are refused.

    Source: https://docs.signa.so/api-reference/introduction and
    https://github.com/signa-so/skills/blob/main/skills/signa/SKILL.md
    """
    if not settings.general_list_parameters:
        names -= _GENERAL
    problems = [Problem(name, f"Parameter '{name}' must not have brackets.") for name in query if "[" in name]
    if settings.unknown_query == "refuse":
        unknown = [name for name in query if name not in names and "[" not in name]
        problems += [Problem(name, f"Parameter '{name}' is not known.") for name in unknown]
    if problems:
        raise ValidationError(problems)
    return {name: value for name, value in query.items() if name in names}


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
