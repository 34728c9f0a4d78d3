"""
What a receiver answered, as far as it may be shown: one line of at most 200 characters.

The text is a stranger's. It may quote what was sent to the receiver, and a receiver that is ill-made may even write the
secret that it verifies with. A delivery check does not know that secret. So besides everything that the call knows,
whatever looks like a key is left out: the excerpt then needs no encryption in the state, and can be read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.context import Context

LONGEST = 200

_KEPT = 4000  # characters that are looked at; an attempt's row may hold far more

_LETTER = r"(?:[A-Za-z0-9+/=_%\\-]|&#?[A-Za-z0-9]{1,6};)"
_LIST = r"(?<![A-Za-z0-9])(?:[A-Za-z0-9]{1,4}[^A-Za-z0-9]{1,3}){15,}[A-Za-z0-9]{0,4}"
_RUN = re.compile(rf"whsec_{_LETTER}*|{_LETTER}{{24,}}|{_LETTER}{{8,}}\Z|{_LIST}")
"""
A run of the letters of base64, base64url, hexadecimal digits and their escapes; at the end it may be cut short. Or a
list of 16 or more numbers or letters, as languages print bytes.
"""

_ID = re.compile(r"(?:whk|evt|alt|wat|tm|req)_[0-9A-Za-z-]{1,36}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
"""Signa's ids, and the UUIDs by which receivers name a request."""

_KEYLIKE = re.compile(r"whsec_.*|(?=.*[0-9])(?=.*[A-Za-z]).*|[^A-Za-z]{24,}", re.DOTALL)


def excerpt(context: Context, body: str | None) -> str | None:
    """Return what may be shown of a receiver's answer; None where nothing is left."""
    text = context.quoted(_RUN.sub(_shown, (body or "")[:_KEPT]))
    return (text if len(text) <= LONGEST else text[: LONGEST - 1] + "…") or None


def _shown(run: re.Match[str]) -> str:
    is_key = _KEYLIKE.fullmatch(run[0]) and not _ID.fullmatch(run[0])
    return "[…]" if is_key else run[0]
