"""
Flask routes of `/_emulator`, which tests and demos steer the emulator with. They need no key and are not counted.

    GET    /_emulator/state               {"now", "endpoints": [...], "deleted": [ids], "audit_events": [...]}
    POST   /_emulator/reset               forget everything but settings and keys
    GET    /_emulator/calls               {"total", "by_operation", "by_status"}
    DELETE /_emulator/calls               set the counters to zero
    GET    /_emulator/requests            [{"at", "method", "path", "query", "status", ...}]
    GET    /_emulator/faults              [fault, ...]
    POST   /_emulator/faults              one fault, see `signa_emulator.faults.Fault`
    DELETE /_emulator/faults              plan no more faults
    GET    /_emulator/settings            {name: value}, see `signa_emulator.settings.Settings`
    PATCH  /_emulator/settings            {name: value} to change → all settings
    GET    /_emulator/clock               {"now"}
    POST   /_emulator/clock               {"advance_s": seconds} or {"set": ISO 8601} → {"now"}
    POST   /_emulator/events              {"type"?, "data"?} → {"event_id", "delivery_attempt_ids"}
    POST   /_emulator/deliveries/run      start the retries that are due → {"delivery_attempt_ids"}
    GET    /_emulator/deliveries/idle     ?timeout_s=5: wait until nothing is being sent → {"idle": true or false}

A request that makes no sense is answered with 400 and `{"error": "<what is wrong>"}`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from flask import Blueprint, Response, jsonify, request

from signa_emulator.api.representation import endpoint_with_every_secret
from signa_emulator.api.served import served
from signa_emulator.clock import from_iso, to_iso

if TYPE_CHECKING:
    from signa_emulator.organization import Organization

_IDLE_TIMEOUT_S = "5"


class _Route(NamedTuple):
    """
    One row of the table in this module's docstring.

    Attributes:
        method: The HTTP method.
        path: The path below `/_emulator`.
        run: Returns the content of the JSON answer. The organization's lock is held meanwhile.
        status: The HTTP status of the answer.
    """

    method: Literal["GET", "POST", "PATCH", "DELETE"]
    path: str
    run: Callable[[Organization], Any]
    status: int = 200


def control() -> Blueprint:
    """Return the routes of the control API."""
    blueprint = Blueprint("control", __name__, url_prefix="/_emulator")
    blueprint.register_error_handler(ValueError, _refuse)
    for route in _ROUTES:
        blueprint.add_url_rule(
            route.path,
            endpoint=f"{route.method} {route.path}",
            methods=[route.method],
            view_func=_view(route),
        )
    return blueprint


def _view(route: _Route) -> Callable[[], tuple[Response, int]]:
    def view() -> tuple[Response, int]:
        organization = served()
        with organization.lock:
            return jsonify(route.run(organization)), route.status

    return view


def _refuse(error: ValueError) -> tuple[Response, int]:
    return jsonify(error=str(error)), 400


def _state(organization: Organization) -> dict[str, Any]:
    """Return the truth that tests compare with: every endpoint with its current and previous secret."""
    now = organization.clock.now()
    return {
        "now": to_iso(now),
        "endpoints": [endpoint_with_every_secret(endpoint, now) for endpoint in organization.endpoints.newest_first()],
        "deleted": organization.endpoints.deleted,
        "audit_events": [
            {"type": event.type, "endpoint_id": event.endpoint_id, "reason": event.reason, "at": to_iso(event.at)}
            for event in organization.audit_events
        ],
    }


def _reset(organization: Organization) -> dict[str, Any]:
    organization.reset()
    return {}


def _calls(organization: Organization) -> dict[str, Any]:
    return organization.requests.calls()


def _reset_calls(organization: Organization) -> dict[str, Any]:
    organization.requests.reset_calls()
    return organization.requests.calls()


def _requests(organization: Organization) -> list[dict[str, Any]]:
    return organization.requests.entries()


def _faults(organization: Organization) -> list[dict[str, Any]]:
    return [fault.to_json() for fault in organization.faults.pending()]


def _add_fault(organization: Organization) -> dict[str, Any]:
    return organization.faults.add(**_sent_object()).to_json()


def _clear_faults(organization: Organization) -> list[dict[str, Any]]:
    organization.faults.clear()
    return []


def _settings(organization: Organization) -> dict[str, Any]:
    return organization.settings.to_json()


def _change_settings(organization: Organization) -> dict[str, Any]:
    organization.change_settings(**_sent_object())
    return organization.settings.to_json()


def _clock(organization: Organization) -> dict[str, str]:
    return {"now": to_iso(organization.clock.now())}


def _move_clock(organization: Organization) -> dict[str, str]:
    match _sent_object():
        case {"advance_s": int() | float() as seconds, **others} if not others:
            organization.advance_clock(seconds)
        case {"set": str() as moment, **others} if not others:
            organization.set_clock(from_iso(moment))
        case _:
            raise ValueError('the clock takes {"advance_s": seconds} or {"set": "ISO 8601"}')
    return _clock(organization)


def _emit(organization: Organization) -> dict[str, Any]:
    match {"type": "alert.created", "data": None, **_sent_object()}:
        case {"type": str() as event_type, "data": dict() | None as data, **others} if not others:
            event, attempts = organization.emit(event_type, data)
        case _:
            raise ValueError('an event is {"type": "alert.created", "data": {...}}; both may be left out')
    return {"event_id": event.id, "delivery_attempt_ids": [attempt.id for attempt in attempts]}


def _run_retries(organization: Organization) -> dict[str, list[str]]:
    return {"delivery_attempt_ids": [attempt.id for attempt in organization.deliveries.start_due()]}


def _wait_idle(organization: Organization) -> dict[str, bool]:
    timeout_s = float(request.args.get("timeout_s", _IDLE_TIMEOUT_S))
    # Waiting on a condition releases the organization's lock, so that senders go on.
    return {"idle": organization.deliveries.wait_idle(timeout_s)}


def _sent_object() -> dict[str, Any]:
    """Return the request's JSON object, or an empty one for an empty body."""
    content = request.get_json(force=True, silent=True) if request.get_data() else {}
    if not isinstance(content, dict):
        raise ValueError("the body must be a JSON object")  # noqa: TRY004 - the request's value is wrong
    return content


_ROUTES = (
    _Route("GET", "/state", _state),
    _Route("POST", "/reset", _reset),
    _Route("GET", "/calls", _calls),
    _Route("DELETE", "/calls", _reset_calls),
    _Route("GET", "/requests", _requests),
    _Route("GET", "/faults", _faults),
    _Route("POST", "/faults", _add_fault, 201),
    _Route("DELETE", "/faults", _clear_faults),
    _Route("GET", "/settings", _settings),
    _Route("PATCH", "/settings", _change_settings),
    _Route("GET", "/clock", _clock),
    _Route("POST", "/clock", _move_clock),
    _Route("POST", "/events", _emit),
    _Route("POST", "/deliveries/run", _run_retries),
    _Route("GET", "/deliveries/idle", _wait_idle),
)
