"""The functions of the package: what an organization at Signa has, read without owning it, and without secrets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_signa.accounts import account_of
from pulumi_signa.hosting import engine, interruption
from pulumi_signa.hosting.interruption import interruptible
from pulumi_signa.hosting.one_line import OneLineError, in_one_line
from pulumi_signa.hosting.peers import Peers
from pulumi_signa.hosting.values import ACCOUNT, Bag, sent
from pulumi_signa.lifecycle.errors import LifecycleError
from pulumi_signa.lifecycle.rules import account as account_name
from pulumi_signa.lifecycle.rules import endpoint_id
from pulumi_signa.lifecycle.webhook_endpoint.messages import ABSENT
from pulumi_signa.lifecycle.webhook_endpoint.schema import SENT, Observed
from pulumi_signa.native.values import PACKAGE
from pulumi_signa.native.wording import worded
from pulumi_signa.property_names import camel_case
from pulumi_signa.signa_api.errors import NotFoundError

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.schema import Rule
    from pulumi_signa.settings import Settings


@dataclass(frozen=True, slots=True)
class Function:
    """
    A function of the package.

    Attributes:
        thing: Its name, without the package.
        ask: Returns what Signa answers to arguments.
        rules: The rules of the arguments: the engine compares none with the schema.
    """

    thing: str
    ask: Callable[[Any, Mapping[str, Any]], dict[str, Any]]
    rules: Mapping[str, Rule]


_SHOWN = ("id", *SENT, "secret_version", *Observed.rows())


def invoke(token: str, arguments: Mapping[str, Any], settings_of: Callable[[str | None], Settings]) -> dict[str, Any]:
    """
    Return what a function of the package returns.

    Raises:
        OneLineError: Signa refuses, cannot be reached, or has no such endpoint; or the run has ended.
    """
    if token not in FUNCTIONS:
        raise OneLineError(f"there is no function {token}; the functions are {', '.join(FUNCTIONS)}")
    return _Call(FUNCTIONS[token], settings_of).invoke(Bag(arguments))


class _Call:
    """A call of one function, carried out as the calls on resources are."""

    workers = 8
    worded = staticmethod(worded)

    def __init__(self, function: Function, settings_of: Callable[[str | None], Settings]) -> None:
        self.kind = function
        self.settings_of = settings_of

    @in_one_line("invoke")
    @interruptible
    def invoke(self, arguments: Bag) -> dict[str, Any]:
        rules, given = self.kind.rules, arguments.own
        problems = [f"{name}: {problem}" for name, rule in rules.items() for problem in rule(given.get(name))]
        if problems:
            raise LifecycleError("; ".join(problems))
        account = account_of(self.settings_of(arguments.account), interruption.pause, Peers(engine.address()).channel)
        return self.kind.ask(account.signa(), given)

    def lane(self, arguments: Bag) -> tuple[str, str | None]:
        return "functions", arguments.account


def _get(signa: Any, arguments: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return _shown(signa.get_webhook_endpoint(arguments["id"]))
    except NotFoundError:
        raise LifecycleError(ABSENT.format(id=arguments["id"])) from None


def _list(signa: Any, _arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"endpoints": [_shown(endpoint) for endpoint in signa.list_webhook_endpoints()]}


def _shown(endpoint: Any) -> dict[str, Any]:
    found = {camel_case(name): sent(getattr(endpoint, name), None) for name in _SHOWN}
    return {name: value for name, value in found.items() if value is not None}


FUNCTIONS = {
    f"{PACKAGE}:index:{each.thing}": each
    for each in (
        Function("getWebhookEndpoint", _get, {"id": endpoint_id, ACCOUNT: account_name}),
        Function("listWebhookEndpoints", _list, {ACCOUNT: account_name}),
    )
}
