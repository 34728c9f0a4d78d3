"""`signa`: Flask's routes of Signa's API."""

from __future__ import annotations

import json
from collections.abc import Callable

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
from signa_emulator.api.served import served
from signa_emulator.api.wire import ENDING

_EVERY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def signa() -> Blueprint:
    """Return the routes of Signa's API; every unknown path under `/v1` is `404 not_found`."""
    routes = Blueprint("signa", __name__)
    for operation in OPERATIONS:
        routes.add_url_rule(
            "/v1" + operation.path,
            endpoint=operation.name,
            methods=[operation.method],
            view_func=_view(operation),
            provide_automatic_options=False,
        )

    @routes.get("/v1/health")
    def health() -> Response:
        return _answer("health", _call({}), report_health(served()))

    @routes.get("/health/ready")
    def ready() -> Response:
        return _answer("ready", _call({}), report_readiness(served()))

    @routes.route("/v1/", defaults={"path": ""}, methods=_EVERY_METHOD)
    @routes.route("/v1/<path:path>", methods=_EVERY_METHOD)
    def unknown(path: str) -> Response:  # noqa: ARG001 - the path is read from the request
        call = _call({})
        return _answer("unknown", call, refuse_unknown(served(), call))

    return routes


def _view(operation: Operation) -> Callable[..., Response]:
    def view(**ids: str) -> Response:
        call = _call(ids)
        return _answer(operation.name, call, perform(served(), operation, call))

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


def _answer(name: str, call: Call, respond: Respond) -> Response:
    given = answer(served(), name, call, respond)
    text = given.text
    if text is None:
        text = "" if given.body is None else json.dumps(given.body)
    request.environ[ENDING] = given.ending
    response = Response(text, given.status, dict(given.headers), content_type="application/json")
    if not text:
        del response.headers["Content-Type"]
    return response
