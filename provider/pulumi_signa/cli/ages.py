"""Moments as people say them: how long ago."""

import re
from datetime import datetime, timedelta

from pulumi_signa.lifecycle.times import moment

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_SHOWN = {"s": 1, "min": 60, "h": 3600, "d": 86_400}


def age_of(text: str, now: datetime) -> timedelta:
    """Return how long ago a moment was, ISO 8601 UTC."""
    return now - moment(text)


def ago(text: str | None, now: datetime) -> str:
    """Return how long ago a moment was, in its largest unit; `never` where there is none."""
    if text is None:
        return "never"
    try:
        seconds = max(0, int(age_of(text, now).total_seconds()))
    except ValueError:  # a moment that Signa alone decides is not checked when it arrives
        return text
    unit, length = max((unit for unit in _SHOWN.items() if unit[1] <= max(seconds, 1)), key=lambda unit: unit[1])
    return f"{seconds // length} {unit} ago"


def span(length: timedelta) -> str:
    """Return how long a time is, in one or two units; its sign does not show."""
    seconds = round(abs(length).total_seconds())
    shown = []
    for unit, size in reversed(_SHOWN.items()):
        if seconds >= size:
            shown.append(f"{seconds // size} {unit}")
            seconds %= size
    return " ".join(shown[:2]) or "0 s"


def duration(text: str) -> timedelta:
    """Return the time that a text such as `90s`, `15m`, `1h`, `2d` or `0` says; raise `ValueError` for another text."""
    said = re.fullmatch(r"(\d{1,6})([smhd])|0", text, re.ASCII)
    if said is None:
        raise ValueError(f"{text!r} is no time such as 90s, 15m, 1h or 2d")
    return timedelta(seconds=int(said[1]) * _UNITS[said[2]]) if said[1] else timedelta()
