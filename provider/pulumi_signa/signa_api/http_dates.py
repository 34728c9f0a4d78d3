"""
The dates in headers.

Source: https://www.rfc-editor.org/rfc/rfc9110#http.date
"""

from datetime import datetime, timezone
from email.utils import parsedate_to_datetime


def http_date(text: str) -> datetime | None:
    """Return the moment that a header names, `Wed, 21 Oct 2026 07:28:00 GMT`; None where the text is no date."""
    try:
        moment = parsedate_to_datetime(text)
    except (IndexError, OverflowError, TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
