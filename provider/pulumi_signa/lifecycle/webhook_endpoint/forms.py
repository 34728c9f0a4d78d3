"""
The form in which Signa keeps a field, where the form differs from what was sent.

Signa may write a field in its own way: a URL in lower case, a text without white space at its ends, a further key in
metadata. Signa's answer to the call that sent the field shows the form. A state records the form beside the declared
value, so a refresh can tell the form from an edit without knowing the rules of Signa.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pulumi_signa.lifecycle.schema import differing
from pulumi_signa.lifecycle.webhook_endpoint.schema import SENT, Declared

Forms = Mapping[str, Any]
"""Signa's form of each field that Signa keeps otherwise than declared, by the name of the field."""


def forms_in(answer: Declared, declared: Declared, names: Iterable[str]) -> dict[str, Any]:
    """Return the forms of the named fields, which were sent as declared and which Signa's answer shows."""
    return {name: getattr(answer, name) for name in differing(names, declared, answer)}


def stored(text: object) -> Forms:
    """Return the forms that a state records; a state of earlier code, or a damaged one, records none."""
    try:
        forms = json.loads(text)  # type: ignore[arg-type]
        sound = Declared.stored(forms)
    except (AttributeError, RecursionError, TypeError, ValueError):
        return {}
    return {name: getattr(sound, name) for name in SENT if name in forms}


def text_of(forms: Forms) -> str:
    """Return the record of forms: JSON text, because the engine drops members of an output that are null."""
    return json.dumps(forms, sort_keys=True)
