"""
How long an answer asks to wait.

Source: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
"""

import re
from collections.abc import Mapping
from datetime import datetime, timezone

from pulumi_signa.signa_api.http_dates import http_date

_LONGEST_S = 999_999_999

_SECONDS = re.compile(r"[0-9]{1,9}")


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """
    Return the seconds of `Retry-After`: a number, or a date, seen from the `Date` of the answer or else from our clock.

    Returns:
        At least 0; None where the header is absent or malformed.
    """
    text = headers.get("Retry-After", "").strip()
    if _SECONDS.fullmatch(text):
        return int(text)
    until = http_date(text)
    if until is None:
        return None
    now = http_date(headers.get("Date", "")) or datetime.now(timezone.utc)
    return bounded(max(0, (until - now).total_seconds()))


def bounded(seconds: float | None) -> float | None:
    """Return seconds that can be waited; None for a negative or endless time."""
    return seconds if seconds is not None and 0 <= seconds <= _LONGEST_S else None
