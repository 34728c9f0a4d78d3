"""
Flask routes of `/_emulator`: what tests and demos read and steer. They need no key and are not counted.

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

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, request

from signa_emulator.api.representation import endpoint_with_every_secret
from signa_emulator.clock import from_iso, to_iso

if TYPE_CHECKING:
    from signa_emulator.organization import Organization

_IDLE_TIMEOUT_S = "5"


def control(organization: Organization) -> Blueprint:  # noqa: C901 - a list of routes, each of a few lines
    """Make the control API of an organization."""
    routes = Blueprint("control", __name__, url_prefix="/_emulator")

    @routes.errorhandler(ValueError)
    def nonsense(error: ValueError) -> tuple[Response, int]:
        return jsonify(error=str(error)), 400

    @routes.get("/state")
    def state() -> Response:
        """Tell the truth that tests compare with: every endpoint with its current and previous secret."""
        with organization.lock:
            now = organization.clock.now()
            endpoints = organization.endpoints.newest_first()
            return jsonify(
                now=to_iso(now),
                endpoints=[endpoint_with_every_secret(endpoint, now) for endpoint in endpoints],
                deleted=organization.endpoints.deleted,
                audit_events=[
                    {
                        "type": event.type,
                        "endpoint_id": event.endpoint_id,
                        "reason": event.reason,
                        "at": to_iso(event.at),
                    }
                    for event in organization.audit_events
                ],
            )

    @routes.post("/reset")
    def reset() -> Response:
        organization.reset()
        return jsonify({})

    @routes.get("/calls")
    def calls() -> Response:
        with organization.lock:
            return jsonify(organization.requests.calls())

    @routes.delete("/calls")
    def reset_calls() -> Response:
        with organization.lock:
            organization.requests.reset_calls()
            return jsonify(organization.requests.calls())

    @routes.get("/requests")
    def requests_log() -> Response:
        with organization.lock:
            return jsonify(organization.requests.entries())

    @routes.get("/faults")
    def faults() -> Response:
        with organization.lock:
            return jsonify([fault.to_json() for fault in organization.faults.pending()])

    @routes.post("/faults")
    def add_fault() -> tuple[Response, int]:
        with organization.lock:
            return jsonify(organization.faults.add(**_object()).to_json()), 201

    @routes.delete("/faults")
    def clear_faults() -> Response:
        with organization.lock:
            organization.faults.clear()
            return jsonify([])

    @routes.get("/settings")
    def settings() -> Response:
        return jsonify(organization.settings.to_json())

    @routes.patch("/settings")
    def change_settings() -> Response:
        organization.change_settings(**_object())
        return jsonify(organization.settings.to_json())

    @routes.get("/clock")
    def clock() -> Response:
        return jsonify(now=to_iso(organization.clock.now()))

    @routes.post("/clock")
    def move_clock() -> Response:
        match _object():
            case {"advance_s": int() | float() as seconds, **others} if not others:
                organization.advance_clock(seconds)
            case {"set": str() as moment, **others} if not others:
                organization.set_clock(from_iso(moment))
            case _:
                raise ValueError('the clock takes {"advance_s": seconds} or {"set": "ISO 8601"}')
        return jsonify(now=to_iso(organization.clock.now()))

    @routes.post("/events")
    def emit() -> Response:
        match {"type": "alert.created", "data": None, **_object()}:
            case {"type": str() as event_type, "data": dict() | None as data, **others} if not others:
                event, attempts = organization.emit(event_type, data)
            case _:
                raise ValueError('an event is {"type": "alert.created", "data": {...}}; both may be left out')
        return jsonify(event_id=event.id, delivery_attempt_ids=[attempt.id for attempt in attempts])

    @routes.post("/deliveries/run")
    def run_retries() -> Response:
        attempts = organization.deliveries.start_due()
        return jsonify(delivery_attempt_ids=[attempt.id for attempt in attempts])

    @routes.get("/deliveries/idle")
    def wait_idle() -> Response:
        timeout_s = float(request.args.get("timeout_s", _IDLE_TIMEOUT_S))
        return jsonify(idle=organization.deliveries.wait_idle(timeout_s))

    return routes


def _object() -> dict[str, Any]:
    """Read the request's JSON object; without a body, an empty one."""
    content = request.get_json(force=True, silent=True) if request.get_data() else {}
    if not isinstance(content, dict):
        raise ValueError("the body must be a JSON object")  # noqa: TRY004 - it is the request's value that is wrong
    return content
