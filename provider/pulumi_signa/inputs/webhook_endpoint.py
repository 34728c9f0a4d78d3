"""
What a stack may declare of a webhook endpoint.

| property         | rule                                                                     | default             |
| ---------------- | ------------------------------------------------------------------------ | ------------------- |
| `url`            | absolute, https, a host, no user or password, at most 2048 characters    | required            |
| `enabled_events` | 1 to 20 distinct event slugs, in any order; never `webhook.test`         | `["alert.created"]` |
| `description`    | at most 2000 characters                                                  | none                |
| `metadata`       | a JSON object                                                            | `{}`                |
| `status`         | `active` or `disabled`                                                   | `active`            |
| `rotate_trigger` | a string; another one rotates the secret                                 | none                |
| `rotation_period_days` | 1 to 36500 whole days from one rotation to the next                | none                |
| `force_rotation_reason` | 1 to 500 characters                                               | none                |
| `on_stale_secret` | `warn` or `rotate`                                                      | `warn`              |
| `adopt`          | an object: `id` of an endpoint, `secret` or none, `rotate` true or false | none                |

Source: https://docs.signa.so/api-reference/monitoring/webhooks/create, …/rotate-secret
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from pulumi_signa.inputs import Properties, is_unknown, kind_of
from pulumi_signa.inputs.rules import Rule, broken, json_value, one_of, optional_text

FIELDS = ("url", "enabled_events", "description", "metadata", "status")
"""The properties that Signa stores."""

ROTATION_FIELDS = ("rotate_trigger", "rotation_period_days", "force_rotation_reason", "on_stale_secret")
"""The properties that say when the secret is rotated; Signa knows nothing of them."""

ADOPT = "adopt"
"""The property that names an endpoint to take over: it counts at create, and is no output, for it may hold a secret."""

STATUSES = ("active", "disabled")
KNOWN_EVENTS = ("alert.created",)
TEST_EVENT = "webhook.test"

MAX_URL = 2048
MAX_DESCRIPTION = 2000
MAX_EVENTS = 20
MAX_PERIOD_DAYS = 36_500
MAX_REASON = 500

ON_STALE_SECRET = ("warn", "rotate")

_ID = re.compile(r"whk_[A-Za-z0-9_-]{1,100}", re.ASCII)


def normalized(properties: Properties) -> dict[str, Any]:
    """
    Fill in the defaults and give every field the one form in which it is compared, sent and stored.

    Events are a set to Signa, so they are sorted; an empty description is no description.
    """
    filled = dict(properties)
    if filled.get("enabled_events") is None:
        filled["enabled_events"] = list(KNOWN_EVENTS)
    if filled.get("metadata") is None:
        filled["metadata"] = {}
    if filled.get("status") is None:
        filled["status"] = "active"
    if filled.get("on_stale_secret") is None:
        filled["on_stale_secret"] = "warn"  # noqa: S105 - no secret
    if filled.get("description") in (None, ""):
        filled["description"] = None
    events = filled["enabled_events"]
    if isinstance(events, list | tuple) and not is_unknown(events) and all(isinstance(event, str) for event in events):
        filled["enabled_events"] = sorted(events)
    return filled


def problems(properties: Properties, *, http_allowed: bool) -> list[str]:
    """
    Give everything that is wrong, one line each; empty where nothing is.

    Args:
        properties: Normalized.
        http_allowed: Whether `http` URLs pass: not on Signa's production host.
    """
    found = broken({"url": lambda value: _url_problems(value, http_allowed=http_allowed), **_RULES}, properties)
    # Not among the rules, which skip a value with anything unknown in it: the rest of it can be judged.
    return [*found, *(f"{ADOPT}: {problem}" for problem in _adopt_problems(properties.get(ADOPT)))]


def warnings(properties: Properties) -> list[str]:
    """Give what is probably wrong, and is left to the server so that a new event needs no new release."""
    events = properties["enabled_events"]
    if is_unknown(events):
        return []
    unheard_of = [event for event in events if event not in KNOWN_EVENTS]
    return [
        f"enabled_events: Signa documents only {', '.join(KNOWN_EVENTS)} so far; it may refuse {event[:80]!r}"
        for event in unheard_of
    ]


def _url_problems(value: object, *, http_allowed: bool) -> Iterator[str]:
    if value is None:
        yield "is required: the https URL that Signa posts alerts to"
        return
    if not isinstance(value, str):
        yield f"must be a string, not {kind_of(value)}"
        return
    if len(value) > MAX_URL:
        yield f"must be at most {MAX_URL} characters, not {len(value)}"
        return
    if any(character.isspace() or not character.isprintable() for character in value):
        yield "must not contain spaces or control characters"
        return
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        yield "is not a URL: check the host and the port"
        return
    if parts.scheme == "http" and not http_allowed:
        yield "must be https: Signa refuses http in production"
    elif parts.scheme not in ("http", "https"):
        yield "must be an absolute https URL, such as https://example.com/hooks/signa"
        return
    if not host:
        yield "must name a host, such as https://example.com/hooks/signa"
    if parts.username is not None or parts.password is not None:
        yield "must not contain a user or password: deliveries are signed, verify them instead"


def _event_problems(value: object) -> Iterator[str]:
    if not isinstance(value, list | tuple):
        yield f"must be a list of event slugs, not {kind_of(value)}"
        return
    if not 1 <= len(value) <= MAX_EVENTS:
        yield f"must name 1 to {MAX_EVENTS} events, not {len(value)}"
    if not all(isinstance(event, str) and event for event in value):
        yield "every event must be a non-empty string"
        return
    if len(set(value)) < len(value):
        yield "names an event twice"
    if TEST_EVENT in value:
        yield f"{TEST_EVENT} cannot be subscribed to: Signa sends it on request, whatever is subscribed"


def _metadata_problems(value: object) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"must be an object, not {kind_of(value)}"
    yield from json_value(value)


def _trigger_problems(value: object) -> Iterator[str]:
    if value is not None and not isinstance(value, str):
        yield f"must be a string, not {kind_of(value)}"


def _period_problems(value: object) -> Iterator[str]:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if value is not None and not (is_whole and 1 <= value <= MAX_PERIOD_DAYS):  # type: ignore[operator]
        yield f"must be a whole number of days, 1 to {MAX_PERIOD_DAYS}"


def _reason_problems(value: object) -> Iterator[str]:
    yield from optional_text(MAX_REASON)(value)
    if value == "":
        yield f"must be 1 to {MAX_REASON} characters; leave it out where no rotation is to be forced"


def _adopt_problems(value: object) -> Iterator[str]:
    if value is None:
        return
    if not isinstance(value, Mapping) or value.keys() - {"id", "secret", "rotate"}:
        yield "must be an Adopt(id, secret=…, rotate=…)"
        return
    id_, secret, rotate = value.get("id"), value.get("secret"), value.get("rotate", False)
    if not is_unknown(id_) and not (isinstance(id_, str) and _ID.fullmatch(id_)):
        yield "id must be that of a webhook endpoint, such as whk_0190c2f4"
    if secret is not None and not is_unknown(secret) and not (isinstance(secret, str) and secret):
        yield "secret must be the signing secret that receivers verify with; leave it out where nobody has it"
    elif isinstance(secret, str) and secret != secret.strip():
        yield "secret must not begin or end with white space: is there a line end from the file that it was read from?"
    if not is_unknown(rotate) and not isinstance(rotate, bool):
        yield f"rotate must be true or false, not {kind_of(rotate)}"


_RULES: dict[str, Rule] = {
    "enabled_events": _event_problems,
    "description": optional_text(MAX_DESCRIPTION),
    "metadata": _metadata_problems,
    "status": one_of(*STATUSES),
    "rotate_trigger": _trigger_problems,
    "rotation_period_days": _period_problems,
    "force_rotation_reason": _reason_problems,
    "on_stale_secret": one_of(*ON_STALE_SECRET),
}
