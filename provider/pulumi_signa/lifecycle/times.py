"""Moments as Signa writes them and a state keeps them: ISO 8601 UTC with milliseconds and a `Z`."""

from __future__ import annotations

from datetime import datetime, timezone


def moment(text: str) -> datetime:
    """Parse a moment; Python 3.10 by itself reads neither the `Z` nor every number of digits."""
    whole, _, fraction = text.removesuffix("Z").removesuffix("+00:00").partition(".")
    return datetime.fromisoformat(f"{whole}.{fraction:0<6.6}+00:00")


def text_of(time: datetime) -> str:
    """Return the text of a moment."""
    return time.astimezone(timezone.utc).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
