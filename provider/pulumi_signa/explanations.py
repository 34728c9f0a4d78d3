"""
What users read when an operation fails: one line that says what came back and what to do, and nothing that is secret.

A message of Signa or AWS may quote what was sent. So the key, and the values of properties that are secrets or free
text, are taken out of every message.
"""

import math
import traceback
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pulumi_signa.aws.errors import AwsError
from pulumi_signa.lifecycle.errors import InterruptedRunError, LifecycleError
from pulumi_signa.lifecycle.schema import Record
from pulumi_signa.lifecycle.secrets_manager_secret import schema as secrets_manager_secret
from pulumi_signa.lifecycle.values import leaves
from pulumi_signa.lifecycle.webhook_endpoint import schema as webhook_endpoint
from pulumi_signa.settings import LOG_LEVEL_VARIABLE, Settings, SettingsError
from pulumi_signa.signa_api.errors import (
    ApiError,
    AuthenticationError,
    RateLimitedError,
    ResponseFormatError,
    SignaError,
    UnreachableError,
    WaitTooLongError,
)

_RECORDS = (webhook_endpoint.Declared, webhook_endpoint.Recorded, secrets_manager_secret.Declared)

_SHORTEST_HIDDEN = 3  # as in Pulumi's own filter: a shorter value would be found in half of all words


def explanation(error: Exception, settings: Settings, bags: Iterable[Any]) -> str:
    """Return what an error means and what to do, in one line; the values in the call's property bags must not show."""
    if isinstance(error, LifecycleError | SettingsError | InterruptedRunError):
        return str(error)
    if isinstance(error, SignaError | AwsError):
        return redacted(str(error), settings, bags) + _advice(error, settings)
    # The text of an unforeseen exception may quote a value, so the place of the defect is named instead.
    place = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"unexpected {type(error).__name__} at {Path(place.filename).name}:{place.lineno}; "
        f"please report it with the log that {LOG_LEVEL_VARIABLE}=DEBUG gives"
    )


def redacted(text: str, settings: Settings, bags: Iterable[Any]) -> str:
    """Return the text without the key, secrets, and free text that users may have made secrets."""
    replacements = {settings.api_key or "": "[secret]"}
    for bag in bags:
        if isinstance(bag, Mapping):
            for record in _RECORDS:
                replacements |= _hidden(record, bag)
    # The longest first: a value that is part of another one must not leave the rest of that one readable.
    for value in sorted(replacements, key=len, reverse=True):
        if len(value) >= _SHORTEST_HIDDEN:
            text = text.replace(value, replacements[value])
    return text


def _hidden(record: type[Record], bag: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each text of a property bag that must not show, and what is shown instead."""
    for name, row in record.rows().items():
        value = bag.get(name)
        if row.members is not None and isinstance(value, Mapping):
            yield from _hidden(row.members, value)
        elif row.is_secret or row.is_free_text:
            shown = "[secret]" if row.is_secret else f"[{name}]"
            yield from ((leaf, shown) for leaf in leaves(value) if isinstance(leaf, str))


def _advice(error: SignaError | AwsError, settings: Settings) -> str:  # noqa: PLR0911 - one a case
    if isinstance(error, AuthenticationError):
        stored = "; refresh and destroy use the one of the last `pulumi up`" if settings.api_key_is_stored else ""
        return f"; the key came from {settings.api_key_source}: check that it is whole and not revoked{stored}"
    slug = error.slug if isinstance(error, ApiError) else ""
    if slug == "plan_upgrade_required":
        return "; the organization's plan at Signa does not allow it, and no other key helps: change the plan"
    if slug == "forbidden":
        return f"; the key from {settings.api_key_source} needs the scope portfolios:manage"
    asked_s = error.retry_after_s if isinstance(error, SignaError) and error.retryable else None
    if asked_s or isinstance(error, RateLimitedError | WaitTooLongError):
        asked = f"Signa asks for a wait of {math.ceil(asked_s)} s, " if asked_s else ""
        return f"; {asked}signa:maxWaitSeconds allows {settings.max_wait_s:g} s: run `pulumi up` again later"
    if isinstance(error, UnreachableError) and error.retryable:
        return f"; is {settings.base_url} the right base URL, and the network up?"
    if isinstance(error, ResponseFormatError):
        return f"; is {settings.base_url} Signa's base URL, /v1 included?"
    return ""
