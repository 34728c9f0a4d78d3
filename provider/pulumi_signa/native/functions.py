"""The functions of the package: what an organization at Signa has, read without owning it, and without secrets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pulumi_signa.accounts import account_of
from pulumi_signa.explanations import explanation
from pulumi_signa.hosting import engine, interruption
from pulumi_signa.hosting.one_line import OneLineError
from pulumi_signa.hosting.peers import Peers
from pulumi_signa.lifecycle.errors import LifecycleError
from pulumi_signa.lifecycle.rules import account, endpoint_id
from pulumi_signa.lifecycle.webhook_endpoint.messages import ABSENT
from pulumi_signa.lifecycle.webhook_endpoint.schema import SENT, Observed
from pulumi_signa.native.values import PACKAGE
from pulumi_signa.organizations import ACCOUNT_NAME
from pulumi_signa.property_names import camel_case
from pulumi_signa.signa_api.errors import NotFoundError

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.schema import Rule
    from pulumi_signa.settings import Settings

_SHOWN = ("id", *SENT, "secret_version", *Observed.rows())


def invoke(token: str, arguments: Mapping[str, Any], settings_of: Callable[[str | None], Settings]) -> dict[str, Any]:
    """
    Return what a function of the package returns.

    Raises:
        OneLineError: Signa refuses, cannot be reached, or has no such endpoint.
    """
    function = FUNCTIONS.get(token)
    if function is None:
        raise OneLineError(f"there is no function {token}; the functions are {', '.join(FUNCTIONS)}")
    given = arguments.get("account")
    settings = settings_of(given if isinstance(given, str) and ACCOUNT_NAME.fullmatch(given) else None)
    try:
        _require("account", account, given)
        organization = account_of(settings, interruption.pause, Peers(engine.address()).channel)
        return function(organization.signa(), arguments)
    except Exception as error:  # noqa: BLE001 - the last stop before the user
        name = token.rpartition(":")[2]
        raise OneLineError(f"cannot invoke {name}: {explanation(error, settings, [arguments])}") from None


def _require(name: str, rule: Rule, value: object) -> None:
    for problem in rule(value):
        raise LifecycleError(f"{name}: {problem}")


def _get(signa: Any, arguments: Mapping[str, Any]) -> dict[str, Any]:
    id_ = arguments.get("id")
    _require("id", endpoint_id, id_)
    try:
        return _shown(signa.get_webhook_endpoint(id_))
    except NotFoundError:
        raise LifecycleError(ABSENT.format(id=id_)) from None


def _list(signa: Any, _arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"endpoints": [_shown(endpoint) for endpoint in signa.list_webhook_endpoints()]}


def _shown(endpoint: Any) -> dict[str, Any]:
    found = {camel_case(name): getattr(endpoint, name) for name in _SHOWN}
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in found.items() if value is not None
    }


FUNCTIONS: dict[str, Callable[[Any, Mapping[str, Any]], dict[str, Any]]] = {
    f"{PACKAGE}:index:getWebhookEndpoint": _get,
    f"{PACKAGE}:index:listWebhookEndpoints": _list,
}
