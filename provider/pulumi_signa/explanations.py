"""
What users read when an operation fails: one line that says what came back and what to do, and nothing that is secret.

Signa, AWS and their libraries may quote what was sent. So every API key, and everything that the call's properties
hold, is taken out of their words; our own words stay.
"""

import json
import math
import re
import traceback
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pulumi_signa import redaction
from pulumi_signa.aws.errors import CODES, AwsError
from pulumi_signa.lifecycle.delivery_check import schema as delivery_check
from pulumi_signa.lifecycle.errors import InterruptedRunError, LifecycleError
from pulumi_signa.lifecycle.schema import Row
from pulumi_signa.lifecycle.secrets_manager_secret import schema as secrets_manager_secret
from pulumi_signa.lifecycle.values import keys, leaves
from pulumi_signa.lifecycle.webhook_endpoint import schema as webhook_endpoint
from pulumi_signa.redaction import RUN, SECRET, Hidden
from pulumi_signa.setting_rows import LOG_LEVEL_VARIABLE
from pulumi_signa.settings import Settings, SettingsError
from pulumi_signa.signa_api.errors import (
    SLUGS,
    ApiError,
    AuthenticationError,
    RateLimitedError,
    ResponseFormatError,
    SignaError,
    UnreachableError,
    WaitTooLongError,
)

_DECLARED = {
    **webhook_endpoint.Declared.rows(),
    **secrets_manager_secret.Declared.rows(),
    **delivery_check.Declared.rows(),
}
_DECIDED = {
    **webhook_endpoint.Recorded.rows(),
    **webhook_endpoint.Observed.rows(),
    **secrets_manager_secret.Recorded.rows(),
    **delivery_check.Outcome.rows(),
}

PROPERTIES = (*_DECLARED, *_DECIDED, *webhook_endpoint.Adoption.rows(), *webhook_endpoint.Destination.rows())
"""The names of all properties, and of the members of those that are objects."""

_WORDS = (
    *_DECLARED,
    *_DECIDED,
    *webhook_endpoint.STATUSES,
    *webhook_endpoint.SECRET_STATUSES,
    *webhook_endpoint.KNOWN_EVENTS,
    *(webhook_endpoint.TEST_EVENT, webhook_endpoint.WARN, webhook_endpoint.ROTATE),
    *("true", "false", "null", "id", "key", "name", "value", "type", "endpoint", "endpoints", "webhook", "webhooks"),
    *("secretsmanager", *SLUGS, *CODES),
)
_REGION = (
    r"(?:af|ap|ca|cn|eu|il|me|mx|sa|us)(?:-gov|-iso[a-z]?)?-(?:(?:north|south)?(?:east|west)|north|south|central)-\d"
)
_KEPT = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, _WORDS))}|{_REGION})(?![\w-])|https?://")
"""Words that say what is wrong, and that are no secrets whoever has sent them."""


def explanation(error: Exception, settings: Settings, bags: Iterable[Any]) -> str:
    """Return what an error means and what to do, in one line; the values in the call's property bags must not show."""
    if isinstance(error, SettingsError | InterruptedRunError):
        return str(error)
    if isinstance(error, LifecycleError):
        return without_secrets(str(error), settings, bags)
    if isinstance(error, SignaError | AwsError):
        text = error.edited(lambda quote: redacted(quote, settings, bags))
        return without_secrets(text, settings, bags) + _advice(error, settings)
    return defect(error)


def defect(error: Exception) -> str:
    """Return the place of an unforeseen exception; its text may quote a value, and is left out."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"unexpected {type(error).__name__} at {Path(place.filename).name}:{place.lineno}; "
        f"please report it with the log that {LOG_LEVEL_VARIABLE}=DEBUG gives"
    )


def redacted(text: str, settings: Settings, bags: Iterable[Any]) -> str:
    """Return a text of others without any API key and without what the call's property bags hold."""
    return redaction.without(text, _all_hidden(settings, bags), keep=_KEPT)


def without_secrets(text: str, settings: Settings, bags: Iterable[Any]) -> str:
    """Return a text of ours, which may name an id or a date that a server chose, without secrets of 8 and more."""
    secrets = [hidden for hidden in _all_hidden(settings, bags) if hidden.name == SECRET and len(hidden.value) >= RUN]
    return redaction.without(text, secrets, keep=_KEPT)


def _all_hidden(settings: Settings, bags: Iterable[Any]) -> dict[Hidden, None]:
    """Return each value that must not show once, in the order in which the values were found."""
    hidden = [Hidden(key, SECRET) for key in settings.every_api_key]
    for bag in bags:
        if isinstance(bag, Mapping):
            for name, value in bag.items():
                hidden += _hidden(name, value, _DECLARED.get(name) or _DECIDED.get(name))
    return dict.fromkeys(hidden)


def _hidden(name: str, value: object, row: Row | None) -> Iterator[Hidden]:
    """Yield everything inside a property that must not show."""
    if row is not None and row.members is not None and isinstance(value, Mapping):
        for member, item in value.items():
            yield from _hidden(member, item, row.members.rows().get(member))
        return
    is_secret = row is not None and row.is_secret
    if not is_secret and (name in _DECIDED or (row is not None and row.is_public and not [*row.rule(value)])):
        return
    shown = SECRET if is_secret else name
    if is_secret and isinstance(value, Mapping):
        # What is sent is the text of the object.
        yield Hidden(json.dumps(value, sort_keys=True, ensure_ascii=False, default=str), shown)
    yield from (Hidden(key, name) for key in keys(value))
    yield from (Hidden(text, shown) for leaf in leaves(value) for text in _texts(leaf))


def _texts(leaf: object) -> Iterator[str]:
    if isinstance(leaf, str):
        yield leaf
        yield leaf.removeprefix("whsec_")
    elif isinstance(leaf, int | float) and not isinstance(leaf, bool):
        yield json.dumps(leaf)
        if float(leaf).is_integer():
            yield f"{leaf:.0f}"


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
        return f"; {asked}signa:maxWaitSeconds allows {settings.max_wait_s:g} s: run the same command again later"
    if isinstance(error, UnreachableError) and error.retryable:
        return f"; is {settings.base_url} the right base URL, and the network up?"
    if isinstance(error, ResponseFormatError):
        return f"; is {settings.base_url} Signa's base URL, /v1 included?"
    return ""
