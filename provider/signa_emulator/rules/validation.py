"""
The rules for request bodies.

Source: https://docs.signa.so/api-reference/monitoring/webhooks/create and …/rotate-secret. Open points: the
fields that PATCH accepts (here: those of create, and `status`), unknown fields (here: refused), and how
several problems are reported (here: all of them, in one `detail`).
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NoReturn, TypedDict, cast
from urllib.parse import SplitResult, urlsplit

from urllib3.util import parse_url

from signa_emulator.rules import parameters
from signa_emulator.rules.errors import Problem, ValidationError

if TYPE_CHECKING:
    from signa_emulator.settings import Settings

_SUBSCRIBABLE_EVENTS = frozenset({"alert.created"})

_URL_CHARACTERS = 2048
_DESCRIPTION_CHARACTERS = 2000
_REASON_CHARACTERS = 500
_EVENTS = 20

_DEFAULT_PORTS = {"https": 443, "http": 80}

_READ_ONLY = frozenset(
    {
        "id",
        "object",
        "secret",
        "secret_version",
        "consecutive_failures",
        "last_success_at",
        "last_failure_at",
        "created_at",
        "updated_at",
    }
)

Status = Literal["active", "disabled"]


@dataclass(frozen=True)
class NewEndpoint:
    """A valid body of create."""

    url: str
    description: str | None
    enabled_events: list[str]
    metadata: dict[str, Any]


class EndpointChanges(TypedDict, total=False):
    """A valid body of update: only the fields that were sent."""

    url: str
    description: str | None
    enabled_events: list[str]
    metadata: dict[str, Any]
    status: Status


@dataclass(frozen=True)
class Rotation:
    """
    A valid body and query of rotate-secret.

    Attributes:
        force: Invalidate the previous secret at once, even inside an overlap.
        reason: Why, for the audit event of a forced rotation; else None.
    """

    force: bool
    reason: str | None


def json_object(body: bytes, *, optional: bool = False) -> dict[str, Any]:
    """
    Read a request body that must be a JSON object.

    Args:
        body: The bytes as they were sent.
        optional: Whether an empty body means an empty object.

    Raises:
        ValidationError: It is not JSON (which knows no NaN and no Infinity), or not an object.
    """
    if optional and not body.strip():
        return {}
    try:
        content = json.loads(body, parse_constant=_refuse_constant)
    except ValueError as error:
        raise ValidationError([Problem("body", "The request body is not valid JSON.")]) from error
    if not isinstance(content, dict):
        raise ValidationError([Problem("body", "The request body must be a JSON object.")])
    return content


def new_endpoint(fields: Mapping[str, Any], settings: Settings) -> NewEndpoint:
    """
    Check the body of create.

    Raises:
        ValidationError: With every rule that the body breaks.
    """
    checks = _endpoint_checks(settings)
    del checks["status"]
    problems = [
        Problem(name, f"Field '{name}' is required.") for name in ("url", "enabled_events") if name not in fields
    ]
    _check(fields, checks, problems)
    fields = _stored(fields, settings)
    return NewEndpoint(
        url=fields["url"],
        description=fields.get("description"),
        enabled_events=fields["enabled_events"],
        metadata=fields.get("metadata", {}),
    )


def endpoint_changes(fields: Mapping[str, Any], settings: Settings) -> EndpointChanges:
    """
    Check the body of update.

    Raises:
        ValidationError: With every rule that the body breaks.
    """
    problems = []
    if not fields and settings.empty_patch == "refuse":
        problems.append(Problem("body", "The request body must change at least one field."))
    _check(fields, _endpoint_checks(settings), problems)
    # _check has refused every other name and type.
    return cast("EndpointChanges", _stored(fields, settings))


def rotation(fields: Mapping[str, Any], query: Mapping[str, str]) -> Rotation:
    """
    Check the body and the query of rotate-secret; `?force=true` equals `{"force": true}`.

    Without force a `reason` is ignored, whatever it is.

    Raises:
        ValidationError: With every rule that they break.

    Source: https://docs.signa.so/api-reference/monitoring/webhooks/rotate-secret
    """
    force = parameters.boolean(query, "force") or fields.get("force") is True
    reason_problem = _reason_problem if force else _no_problem
    _check(fields, {"force": _force_problem, "reason": reason_problem}, [])
    return Rotation(force=force, reason=fields.get("reason") if force else None)


_FieldCheck = Callable[[Any], "str | None"]


def _endpoint_checks(settings: Settings) -> dict[str, _FieldCheck]:
    return {
        "url": lambda value: _url_problem(value, settings),
        "description": _description_problem,
        "enabled_events": _events_problem,
        "metadata": _metadata_problem,
        "status": _status_problem,
    }


def _check(fields: Mapping[str, Any], checks: Mapping[str, _FieldCheck], problems: list[Problem]) -> None:
    for name, value in fields.items():
        check = checks.get(name)
        if check is not None:
            message = check(value)
        elif name in _READ_ONLY:
            message = "is read-only."
        else:
            message = "is not known."
        if message is not None:
            problems.append(Problem(name, f"Field '{name}' {message}"))
    if problems:
        raise ValidationError(problems)


def _stored(fields: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """
    Return valid fields as they are stored, which the setting `normalize` decides.

    Open point: whether Signa stores a URL and a text as they were sent.
    """
    stored = dict(fields)
    if settings.normalize:
        if "url" in stored:
            url = parse_url(stored["url"])
            port = None if url.port == _DEFAULT_PORTS[url.scheme or ""] else url.port
            stored["url"] = url._replace(path=url.path or "/", port=port).url
        if stored.get("description") is not None:
            stored["description"] = stored["description"].strip()
    return stored


def _url_problem(value: object, settings: Settings) -> str | None:
    if not isinstance(value, str):
        return "must be a string."
    if len(value) > _URL_CHARACTERS:
        return f"must be at most {_URL_CHARACTERS} characters."
    if not value.isprintable() or " " in value:
        return "must not contain spaces or control characters."
    try:
        parts = urlsplit(value)
        # urlsplit checks a port only when it is read.
        host, _ = parts.hostname, parts.port
        if settings.normalize:
            parse_url(value)
    except ValueError:
        return "must be a valid URL."
    if not host or parts.scheme not in {"https", "http"}:
        return "must be an https URL with a host."
    return _destination_problem(parts, host, settings)


def _destination_problem(url: SplitResult, host: str, settings: Settings) -> str | None:
    """
    Return what is wrong with the host of a URL, or None.

    Open point: which hosts and URL parts Signa refuses. Only the scheme is documented.
    """
    if url.scheme == "http" and not settings.non_production:
        return "must be an https URL."
    if "@" in url.netloc:
        return "must not contain a user name or password."
    if settings.block_private_urls and _is_private(host):
        return "must not point to a loopback, private or link-local address."
    return None


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        # The answer must not depend on the machine's DNS, so names are not resolved.
        return host == "localhost" or host.endswith(".localhost")


def _description_problem(value: object) -> str | None:
    if value is not None and (not isinstance(value, str) or len(value) > _DESCRIPTION_CHARACTERS):
        return f"must be null or a string of at most {_DESCRIPTION_CHARACTERS} characters."
    return None


def _events_problem(value: object) -> str | None:
    if not isinstance(value, list) or not 1 <= len(value) <= _EVENTS:
        return f"must be an array of 1 to {_EVENTS} event types."
    for index, event in enumerate(value):
        if not isinstance(event, str) or event not in _SUBSCRIBABLE_EVENTS:
            return f"contains, at index {index}, an event type other than 'alert.created'."
    return None


def _metadata_problem(value: object) -> str | None:
    return None if isinstance(value, dict) else "must be an object."


def _status_problem(value: object) -> str | None:
    return None if value in ("active", "disabled") else "must be 'active' or 'disabled'."


def _force_problem(value: object) -> str | None:
    return None if isinstance(value, bool) else "must be true or false."


def _reason_problem(value: object) -> str | None:
    if not isinstance(value, str) or len(value) > _REASON_CHARACTERS:
        return f"must be a string of at most {_REASON_CHARACTERS} characters."
    return None


def _no_problem(_: object) -> None:
    return None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
