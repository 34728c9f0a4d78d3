"""`signa`: Flask's routes of Signa's API."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from signa_emulator.api.operations import OPERATIONS, Call, Operation
from signa_emulator.api.pipeline import (
    Respond,
    answer,
    perform,
    refuse_unknown,
    report_health,
    report_readiness,
)
from signa_emulator.api.wire import ENDING

if TYPE_CHECKING:
    from signa_emulator.organization import Organization

_EVERY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def signa(organization: Organization) -> Blueprint:
    """Return the routes of Signa's API; every unknown path under `/v1` is `404 not_found`."""
    routes = Blueprint("signa", __name__)
    for operation in OPERATIONS:
        routes.add_url_rule(
            "/v1" + operation.path,
            endpoint=operation.name,
            methods=[operation.method],
            view_func=_view(organization, operation),
            provide_automatic_options=False,
        )

    @routes.get("/v1/health")
    def health() -> Response:
        return _answer(organization, "health", _call({}), report_health(organization))

    @routes.get("/health/ready")
    def ready() -> Response:
        return _answer(organization, "ready", _call({}), report_readiness(organization))

    @routes.route("/v1/", defaults={"path": ""}, methods=_EVERY_METHOD)
    @routes.route("/v1/<path:path>", methods=_EVERY_METHOD)
    def unknown(path: str) -> Response:  # noqa: ARG001 - the path is read from the request
        call = _call({})
        return _answer(organization, "unknown", call, refuse_unknown(organization, call))

    return routes


def _view(organization: Organization, operation: Operation) -> Callable[..., Response]:
    def view(**ids: str) -> Response:
        call = _call(ids)
        return _answer(organization, operation.name, call, perform(organization, operation, call))

    return view


def _call(ids: dict[str, str]) -> Call:
    return Call(
        method=request.method,
        path=request.path,
        query=request.query_string.decode("latin-1"),
        query_parameters=request.args.to_dict(),
        ids=ids,
        authorization=request.headers.get("Authorization"),
        idempotency_key=request.headers.get("Idempotency-Key"),
        body=request.get_data(),
    )


def _answer(organization: Organization, name: str, call: Call, respond: Respond) -> Response:
    given = answer(organization, name, call, respond)
    text = given.text
    if text is None:
        text = "" if given.body is None else json.dumps(given.body)
    request.environ[ENDING] = given.ending
    response = Response(text, given.status, dict(given.headers), content_type="application/json")
    if not text:
        del response.headers["Content-Type"]
    return response
