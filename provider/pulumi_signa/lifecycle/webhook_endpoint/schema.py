"""
The properties of a webhook endpoint, a row each.

Source: https://docs.signa.so/api-reference/monitoring/webhooks/create, …/rotate-secret
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_signa.lifecycle import places
from pulumi_signa.lifecycle.rules import (
    account,
    boolean,
    date,
    endpoint_id,
    in_order,
    json_value,
    matching,
    none_if_empty,
    one_of,
    optional,
    text,
    whole_number,
)
from pulumi_signa.lifecycle.schema import Record, row
from pulumi_signa.lifecycle.values import Properties, Unknown, is_unknown, kind_of
from pulumi_signa.lifecycle.webhook_endpoint.urls import url

FORMS = "__forms"
"""
Hidden output: names that begin with two underscores do not show in previews.

A Pulumi secret, since a form may be that of a secret which a user has put into a URL.
"""

TRIGGER_BEFORE = "__trigger_before"
"""Hidden output: the `rotate_trigger` that was taken out while no secret was held."""

STATUSES = ("active", "disabled")
SECRET_STATUSES = CURRENT, STALE, OVERWRITTEN, UNKNOWN = ("current", "stale", "overwritten", "unknown")
KNOWN_EVENTS = ("alert.created",)
TEST_EVENT = "webhook.test"
WARN, ROTATE = "warn", "rotate"

MAX_DESCRIPTION, MAX_REASON = 2000, 500
MAX_EVENTS, MAX_PERIOD_DAYS = 20, 36_500

_NOT_EMPTY = re.compile(r".+", re.DOTALL)


def _slugs(value: object) -> Iterator[str]:
    if not isinstance(value, list | tuple):
        yield f"must be a list of event slugs, not {kind_of(value)}"
    elif not all(isinstance(event, str) and event for event in value):
        yield "every event must be a non-empty string"


def _events(value: object) -> Iterator[str]:
    if isinstance(value, list | tuple) and not 1 <= len(value) <= MAX_EVENTS:
        yield f"must name 1 to {MAX_EVENTS} events, not {len(value)}"
    unusable = [*_slugs(value)]
    yield from unusable
    if unusable or not isinstance(value, list | tuple):
        return
    if len(set(value)) < len(value):
        yield "names an event twice"
    if TEST_EVENT in value:
        yield f"{TEST_EVENT} cannot be subscribed to: Signa sends it on request, whatever is subscribed"


def _metadata(value: object) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"must be an object, not {kind_of(value)}"
    yield from json_value(value)


def _period(value: object) -> Iterator[str]:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if value is not None and not (is_whole and 1 <= value <= MAX_PERIOD_DAYS):  # type: ignore[operator]
        yield f"must be a whole number of days, 1 to {MAX_PERIOD_DAYS}"


def _reason(value: object) -> Iterator[str]:
    yield from optional(text(MAX_REASON))(value)
    if value == "":
        yield f"must be 1 to {MAX_REASON} characters; leave it out where no rotation is to be forced"


def _given_secret(value: object) -> Iterator[str]:
    if value is not None and not (isinstance(value, str) and value):
        yield "must be the signing secret that receivers verify with; leave it out where nobody has it"
    elif isinstance(value, str) and value != value.strip():
        yield "must not begin or end with white space: is there a line end from the file that it was read from?"


@dataclass(frozen=True, slots=True)
class Adoption(Record):
    """Which endpoint to take over; what the program writes as `Adopt`."""

    id: str = row("`whk_…`", optional(endpoint_id), is_public=True)
    secret: str | None = row("the signing secret that receivers have", _given_secret, is_secret=True)
    rotate: bool = row("whether another secret is issued", boolean, default=False, is_public=True)


def _adopt(value: object) -> Iterator[str]:
    if value is None:
        return
    if not isinstance(value, Mapping) or value.keys() - Adoption.rows().keys():
        yield "must be an object with id, and perhaps secret and rotate"
        return
    yield from (problem.replace(":", "", 1) for problem in Adoption.problems(Adoption.normalized(value)))


def _secret_id(value: object) -> Iterator[str]:
    is_arn = isinstance(value, str) and places.region_of(value) is not None
    if not isinstance(value, str) or not (is_arn or places.NAME.fullmatch(value)):
        yield "must be the name or the ARN of a secret in Secrets Manager, such as the id of a SecretsManagerSecret"
    elif len(value) > (places.MAX_ARN if is_arn else places.MAX_NAME):
        yield f"must be at most {places.MAX_NAME} characters, or {places.MAX_ARN} for an ARN"


@dataclass(frozen=True, slots=True)
class Destination(Record):
    """Which secret in Secrets Manager holds the signing secret; what the program writes as its destination."""

    secret_id: str | None = row("name or ARN of a secret that exists", optional(_secret_id))
    region: str | None = row("an AWS region", places.region, normal=none_if_empty, is_public=True)


def _destination(value: object) -> Iterator[str]:
    if value is None or isinstance(value, Unknown):
        return
    if not isinstance(value, Mapping) or value.keys() - Destination.rows().keys():
        yield "must be an object with secret_id, and perhaps region"
        return
    normal = Destination.normalized(value)
    yield from (problem.replace(":", "", 1) for problem in Destination.problems(normal))
    secret_id, region = normal["secret_id"], normal["region"]
    in_arn = places.region_of(secret_id) if isinstance(secret_id, str) else None
    if in_arn and isinstance(region, str) and region != in_arn:
        yield "region is another one than the ARN names: leave it out"


def _without_absent(value: object) -> object:
    if not isinstance(value, Mapping):
        return value
    return {name: item for name, item in value.items() if item is not None and (name, item) != ("region", "")}


_HTTPS = "where Signa posts to: an https URL with a host, without user and fragment, at most 2048 characters"
_TRIGGER = "any string; another one rotates the secret, and so does the first"
_FORCE = "1 to 500 characters; lets `rotate_trigger` rotate within 24 hours, which ends the secrets before at once"
_TAKE_OVER = "an endpoint that exists, to be taken over: its `id`, and perhaps its `secret`, or `rotate`"
_ACCOUNT = "name of another organization; another one is another endpoint"
_WRITTEN = (
    "the secret in Secrets Manager that the signing secret is written to, instead of the state: its `secret_id`, and "
    "perhaps its `region`"
)
_HELD = optional(matching(_NOT_EMPTY, "must be a signing secret"))
_ROTATED_AT = "when that secret was issued, ISO 8601 UTC; where that was not seen, no later than this"
_STATUS = (
    "`current`; `stale` where somebody rotated it elsewhere; `overwritten` where the destination has another value; "
    "`unknown` where none is held"
)


@dataclass(frozen=True, slots=True)
class Declared(Record):
    """What a stack may declare of an endpoint."""

    url: str = row(_HTTPS, optional(url), stored=text(), is_sent=True)
    enabled_events: list[str] = row(
        "1 to 20 event slugs, in any order",
        _events,
        stored=_slugs,
        normal=in_order,
        default=list(KNOWN_EVENTS),
        is_sent=True,
    )
    description: str | None = row(
        "at most 2000 characters",
        optional(text(MAX_DESCRIPTION)),
        stored=text(),
        normal=none_if_empty,
        is_sent=True,
    )
    metadata: dict[str, Any] = row("a JSON object of any depth", _metadata, default={}, is_sent=True)
    status: str = row(
        "`active` or `disabled`", one_of(*STATUSES), stored=text(), default="active", is_sent=True, is_public=True
    )
    rotate_trigger: str | None = row(_TRIGGER, optional(text()))
    rotation_period_days: int | None = row("1 to 36500 days from one rotation to the next", _period, is_public=True)
    force_rotation_reason: str | None = row(_FORCE, _reason)
    on_stale_secret: str = row(
        "`rotate` a stale or unknown secret, or `warn`", one_of(WARN, ROTATE), default=WARN, is_public=True
    )
    secret_destination: dict[str, Any] | None = row(
        _WRITTEN, _destination, normal=_without_absent, judges_unknown=True, members=Destination
    )
    adopt: dict[str, Any] | None = row(_TAKE_OVER, _adopt, is_output=False, judges_unknown=True, members=Adoption)
    account: str | None = row(_ACCOUNT, account, is_public=True, judges_unknown=True, replaces=True)

    @property
    def adoption(self) -> Adoption | None:
        """The endpoint to take over, or None."""
        return None if self.adopt is None else Adoption.of(self.adopt)

    @property
    def destination(self) -> Destination | None:
        """The secret in Secrets Manager that holds the signing secret, or None; unknown in parts in a preview."""
        value = self.secret_destination
        return None if value is None else Destination.of({} if is_unknown(value) else value)


@dataclass(frozen=True, slots=True)
class Observed(Record):
    """What Signa alone decides. These move without anybody editing the endpoint, so they are never a difference."""

    consecutive_failures: int = row("failed deliveries in a row", whole_number, default=0)
    last_success_at: str | None = row("last delivery that arrived, ISO 8601 UTC", optional(text()))
    last_failure_at: str | None = row("last delivery that failed, ISO 8601 UTC", optional(text()))
    created_at: str = row("when Signa made the endpoint, ISO 8601 UTC", date)
    updated_at: str = row("last change of the endpoint, ISO 8601 UTC", date)


@dataclass(frozen=True, slots=True)
class Recorded(Record):
    """What a state records of the signing secret."""

    secret: str | None = row(
        "the signing secret, a Pulumi secret; absent where this stack was not told it", _HELD, is_secret=True
    )
    secret_arn: str | None = row(
        "ARN of the secret in Secrets Manager that holds it, with `secret_destination`",
        optional(matching(places.ARN, "must be the ARN of a secret in Secrets Manager")),
    )
    secret_version_id: str | None = row("id of the version there that holds it", _HELD)
    secret_fingerprint: str | None = row(
        "the first 16 hexadecimal digits of the SHA-256 of the secret that is held there", _HELD
    )
    secret_version: int = row("version of that secret; 1 for a new endpoint", whole_number, default=1)
    secret_status: str = row(_STATUS, one_of(*SECRET_STATUSES), default=CURRENT)
    secret_rotated_at: str | None = row(_ROTATED_AT, optional(date))
    previous_secret: str | None = row(
        "the secret before, a Pulumi secret, while Signa signs with it too", _HELD, is_secret=True
    )
    previous_secret_expires_at: str | None = row("end of the 24 hours in which it does, ISO 8601 UTC", optional(date))
    next_rotation_at: str | None = row("when `rotation_period_days` makes a rotation due, ISO 8601 UTC", optional(date))


SENT = Declared.names(lambda columns: columns.is_sent)
"""The inputs that Signa stores."""

MADE_WITH = tuple(name for name in SENT if name != "status")
"""The inputs that a create can set."""

KEPT = Declared.names(lambda columns: columns.is_output and not columns.is_sent)
"""The inputs that say when the secret is rotated, and in which organization; Signa knows nothing of them."""

DECIDED = (*Recorded.rows(), *Observed.rows())
"""The outputs that are not inputs."""

SECRETS = Recorded.names(lambda columns: columns.is_secret)
"""The outputs that are Pulumi secrets."""


def problems(properties: Properties, *, http_allowed: bool) -> list[str]:
    """Return everything that is wrong with properties in normal form; `http` URLs pass against a test server."""
    found = Declared.problems(properties)
    target = properties["url"]
    if not http_allowed and isinstance(target, str) and target[:5].lower() == "http:":
        found.insert(0, "url: must be https: Signa refuses http in production")
    return found


def adoption_warnings(adoption: Adoption) -> list[str]:
    """
    Return what is probably wrong with an endpoint to take over: nobody can look up its secret at Signa.

    Source: https://docs.signa.so/guides/monitoring/webhook-signature-verification
    """
    if adoption.secret is None or is_unknown(adoption.secret) or _is_key(adoption.secret):
        return []
    return ["adopt: secret is no base64 after an optional whsec_, so receivers cannot verify with it: is it whole?"]


def _is_key(secret: str) -> bool:
    # Standard Webhooks libraries take the text after the prefix for base64, and refuse an empty key.
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True) != b""
    except (binascii.Error, ValueError):
        return False


def warnings(declared: Declared) -> list[str]:
    """Return what is probably wrong, and is left to the server so that a new event needs no new release."""
    if is_unknown(declared.enabled_events):
        return []
    return [
        f"enabled_events: Signa documents only {', '.join(KNOWN_EVENTS)} so far; it may refuse {event[:80]!r}"
        for event in declared.enabled_events
        if event not in KNOWN_EVENTS
    ]
