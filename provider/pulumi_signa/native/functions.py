"""The functions of the package: what an organization at Signa has, read without owning it, and without secrets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pulumi_signa.accounts import account_of
from pulumi_signa.explanations import explanation
from pulumi_signa.hosting import engine, interruption
from pulumi_signa.hosting.one_line import OneLineError
from pulumi_signa.hosting.peers import Peers
from pulumi_signa.hosting.values import ACCOUNT
from pulumi_signa.lifecycle.errors import LifecycleError
from pulumi_signa.lifecycle.rules import account as account_name
from pulumi_signa.lifecycle.rules import endpoint_id
from pulumi_signa.lifecycle.webhook_endpoint.messages import ABSENT
from pulumi_signa.lifecycle.webhook_endpoint.schema import SENT, Observed
from pulumi_signa.native.values import PACKAGE
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
    verb = f"cannot invoke {token.rpartition(':')[2]}"
    problems = [f"{name}: {problem}" for name, rule in _RULES[token].items() for problem in rule(arguments.get(name))]
    if problems:
        raise OneLineError(f"{verb}: {'; '.join(problems)}")
    settings = settings_of(arguments.get(ACCOUNT))
    try:
        account = account_of(settings, interruption.pause, Peers(engine.address()).channel)
        return function(account.signa(), arguments)
    except Exception as error:  # noqa: BLE001 - the last stop before the user
        raise OneLineError(f"{verb}: {explanation(error, settings, [arguments])}") from None


def _get(signa: Any, arguments: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return _shown(signa.get_webhook_endpoint(arguments["id"]))
    except NotFoundError:
        raise LifecycleError(ABSENT.format(id=arguments["id"])) from None


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

_RULES: dict[str, dict[str, Rule]] = {
    f"{PACKAGE}:index:getWebhookEndpoint": {"id": endpoint_id, ACCOUNT: account_name},
    f"{PACKAGE}:index:listWebhookEndpoints": {ACCOUNT: account_name},
}
"""The rules of the arguments by function: the engine compares no argument with the schema."""
