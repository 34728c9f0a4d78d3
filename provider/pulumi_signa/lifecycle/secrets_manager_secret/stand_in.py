"""
What stands among the inputs after a refresh in place of the value, which is never read.

Pulumi carries `ignore_changes` out by declaring the inputs of the last refresh again, so a refresh has to give inputs.
The stand-in names the version whose value it stands for. Declared again, it asks for the value that is stored already.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.secrets_manager_secret.schema import Declared

_TEXT = "(the value of version {version_id}, which pulumi-signa does not read)"
_PATTERN = re.compile(_TEXT.replace("(", r"\(").replace(")", r"\)").format(version_id=r"[^ ]+"))
_MEMBER = "value"


def stand_in(name: str, version_id: str | None) -> Any:
    """Return what stands for the value of a version in the input of this name."""
    text = _TEXT.format(version_id=version_id)
    return {_MEMBER: text} if name == "secret_json" else text


def stands_in(declared: Declared) -> bool:
    """Return whether a declaration has a stand-in instead of a value."""
    text = _text(declared)
    return isinstance(text, str) and _PATTERN.fullmatch(text) is not None


def stands_for(declared: Declared, version_id: str | None) -> bool:
    """Return whether a declaration has the stand-in for this very version instead of a value."""
    return _text(declared) == _TEXT.format(version_id=version_id)


def _text(declared: Declared) -> object:
    members: object = declared.secret_json  # in a preview it may be unknown
    if members is None:
        return declared.secret_string
    return members[_MEMBER] if isinstance(members, dict) and members.keys() == {_MEMBER} else None
