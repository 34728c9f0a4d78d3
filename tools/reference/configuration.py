"""The page of the settings."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from pulumi_signa import setting_rows
from pulumi_signa.organizations import ACCOUNTS_KEY, api_key_of
from tools.reference.markdown import code, table
from tools.reference.page import Page

if TYPE_CHECKING:
    from collections.abc import Iterator

ORGANIZATIONS = f"further organizations by name, each with its own key, such as `{api_key_of('eu')}`"


def pages() -> Iterator[Page]:
    """Yield the page of all settings."""
    rows = [
        (row.description, code(row.variable or ""), _keys(row), _default(row.default))
        for row in setting_rows.ROWS.values()
    ]
    of_organizations = (ORGANIZATIONS, "`SIGNA_API_KEY_EU` and the like", code(ACCOUNTS_KEY), "")
    head = ("setting", "environment (wins)", "stack configuration", "default")
    yield Page("configuration", "Configuration", table(head, [*rows, of_organizations]))


def _keys(row: setting_rows.Row) -> str:
    """Return the key, and that for the native plugin where it is another one."""
    keys = code(row.key or "")
    return f"{keys}, native {code(row.native_key)}" if row.native_key else keys


def _default(value: object) -> str:
    if isinstance(value, timedelta):
        value = value.total_seconds()
    return code(f"{value:g}" if isinstance(value, float) else str(value or ""))
