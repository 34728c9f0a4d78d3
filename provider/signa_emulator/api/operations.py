"""
The operations of the webhook API: from a request's parts to the JSON of its answer.

Each one checks, in this order: the ID's type (400), existence (404), body or parameters (400), state (409).
Open point: Signa does not document the order.

Source: https://docs.signa.so/api-reference/monitoring/webhooks/create, …/rotate-secret, …/test,
…/list-deliveries and …/redeliver. List, retrieve, update and delete follow the rules of their siblings,
https://docs.signa.so/api-reference/monitoring/watches/list, …/update and …/delete (open points).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from signa_emulator.api import representation
from signa_emulator.rules import parameters, validation
from signa_emulator.rules.pagination import paginate
from signa_emulator.signing import test_event

if TYPE_CHECKING:
    from signa_emulator.organization import Organization
    from signa_emulator.rules.rate_limit import Pool


@dataclass(frozen=True)
class Call:
    """
    A request under `/v1`, apart from HTTP.

    Attributes:
        method: The HTTP method.
        path: The path, `/v1` included.
        query: The raw query string.
        query_parameters: The query, decoded.
        ids: The IDs in the path: `endpoint_id`, `attempt_id`.
        authorization: The header `Authorization`, or None.
        idempotency_key: The header `Idempotency-Key`, or None.
        body: The bytes of the body.
    """

    method: str
    path: str
    query: str
    query_parameters: Mapping[str, str]
    ids: Mapping[str, str]
    authorization: str | None
    idempotency_key: str | None
    body: bytes


class Result(NamedTuple):
    """The answer of an operation, without its `request_id`."""

    status: int
    body: dict[str, Any] | None


@dataclass(frozen=True)
class Operation:
    """
    One row of the API's reference.

    Attributes:
        name: The name in counters and faults.
        method: The HTTP method.
        path: The path below `/v1`, in Flask's notation.
        run: Carries the operation out. The organization's lock is held meanwhile.
        query: The names of its query parameters.
        pool: The rate limit that counts the call.
    """

    name: str
    method: Literal["GET", "POST", "PATCH", "DELETE"]
    path: str
    run: Callable[[Organization, Call], Result]
    query: frozenset[str] = frozenset()
    pool: Pool = "monitoring"

    @property
    def needs_idempotency_key(self) -> bool:
        """Whether `Idempotency-Key` is required, as for everything but reads."""
        return self.method != "GET"


def _create(organization: Organization, call: Call) -> Result:
    new = validation.new_endpoint(validation.json_object(call.body), organization.settings)
    endpoint = organization.endpoints.create(new, organization.settings, organization.clock.now())
    return Result(201, representation.endpoint_with_secret(endpoint))


def _list(organization: Organization, call: Call) -> Result:
    request = parameters.page_request(call.query_parameters)
    endpoints = organization.endpoints.newest_first()
    page = paginate(endpoints, request, scope=call.path, now=organization.clock.now())
    settings = organization.settings
    return Result(
        200,
        representation.page_of(page, lambda endpoint: representation.redacted_endpoint(endpoint, settings)),
    )


def _retrieve(organization: Organization, call: Call) -> Result:
    endpoint = organization.endpoints.get(call.ids["endpoint_id"])
    return Result(200, representation.redacted_endpoint(endpoint, organization.settings))


def _update(organization: Organization, call: Call) -> Result:
    endpoint = organization.endpoints.get(call.ids["endpoint_id"])
    changes = validation.endpoint_changes(validation.json_object(call.body), organization.settings)
    endpoint.change(changes, organization.settings, organization.clock.now())
    return Result(200, representation.redacted_endpoint(endpoint, organization.settings))


def _delete(organization: Organization, call: Call) -> Result:
    endpoint = organization.endpoints.get(call.ids["endpoint_id"])
    organization.endpoints.delete(endpoint)
    status = organization.settings.delete_status
    return Result(status, representation.deleted_endpoint(endpoint) if status == 200 else None)  # noqa: PLR2004


def _rotate(organization: Organization, call: Call) -> Result:
    endpoint = organization.endpoints.get(call.ids["endpoint_id"])
    fields = validation.json_object(call.body, optional=True)
    organization.rotate(endpoint, validation.rotation(fields, call.query_parameters))
    return Result(200, representation.endpoint_with_secret(endpoint))


def _test(organization: Organization, call: Call) -> Result:
    endpoint = organization.endpoints.get(call.ids["endpoint_id"])
    # Open point: a disabled endpoint gets its test, so that a user can find out whether the receiver is back; see the
    # setting `disabled_tests`.
    is_sent = endpoint.status == "active" or organization.settings.disabled_tests == "deliver"
    attempt = organization.deliveries.enqueue(test_event(organization.clock.now()), endpoint, is_sent=is_sent)
    return Result(200, {"object": "webhook_test", "delivery_attempt_id": attempt.id})


def _list_deliveries(organization: Organization, call: Call) -> Result:
    endpoint = organization.endpoints.get(call.ids["endpoint_id"])
    request = parameters.page_request(call.query_parameters)
    since = parameters.moment(call.query_parameters, "since")
    attempts = organization.deliveries.newest_first(endpoint, since)
    scope = f"{call.path}?since={call.query_parameters.get('since', '')}"
    page = paginate(attempts, request, scope=scope, now=organization.clock.now())
    return Result(200, representation.page_of(page, representation.delivery))


def _redeliver(organization: Organization, call: Call) -> Result:
    endpoint = organization.endpoints.get(call.ids["endpoint_id"])
    attempt = organization.deliveries.redeliver(endpoint, call.ids["attempt_id"])
    return Result(200, {"object": "webhook_redelivery", "delivery_attempt_id": attempt.id})


_ENDPOINT = "/webhooks/<endpoint_id>"
_ROWS = _ENDPOINT + "/deliveries"

# Pools: https://docs.signa.so/api-reference/rate-limits
OPERATIONS = (
    Operation("create", "POST", "/webhooks", _create),
    Operation("list", "GET", "/webhooks", _list, parameters.OF_LISTS),
    Operation("retrieve", "GET", _ENDPOINT, _retrieve),
    Operation("update", "PATCH", _ENDPOINT, _update),
    Operation("delete", "DELETE", _ENDPOINT, _delete),
    Operation("rotate", "POST", _ENDPOINT + "/rotate-secret", _rotate, frozenset({"force"})),
    Operation("test", "POST", _ENDPOINT + "/test", _test, pool="utility"),
    Operation("list_deliveries", "GET", _ROWS, _list_deliveries, parameters.OF_LISTS | {"since"}, pool="utility"),
    Operation("redeliver", "POST", _ROWS + "/<attempt_id>/redeliver", _redeliver),
)
