"""The dynamic provider of `WebhookEndpoint`: the host's calls, led to the lifecycle."""

from typing import Any

from pulumi import dynamic

from pulumi_signa.inputs import webhook_endpoint as inputs
from pulumi_signa.lifecycle import webhook_endpoint as lifecycle
from pulumi_signa.lifecycle.kept import Kept
from pulumi_signa.lifecycle.known_endpoints import KnownEndpoints
from pulumi_signa.providers import connections
from pulumi_signa.providers.host.errors import explained
from pulumi_signa.providers.host.provider import Provider, checked, warner
from pulumi_signa.providers.host.run import interruptible, require_engine
from pulumi_signa.providers.host.values import from_host, to_host, urn_in

THING = "webhook endpoint"

_KNOWN = KnownEndpoints()
_KEPT = Kept()
"""Of this process, which lives for one run."""


class WebhookEndpointProvider(Provider):
    """Check, diff, create, read, update and delete one webhook endpoint."""

    @explained("check", THING)
    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> dynamic.CheckResult:
        """Report everything that is wrong at once, settings included, without a call to Signa."""
        declared = inputs.normalized(from_host(news))
        _KEPT.declare(urn_in([declared]))
        problems = [
            *self.settings.signa_problems,
            *inputs.problems(declared, http_allowed=not self.settings.is_production),
        ]
        return checked(declared, problems, [] if problems else inputs.warnings(declared))

    @explained("compare", THING)
    def diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> dynamic.DiffResult:
        """Compare field by field; nothing ever replaces."""
        _KNOWN.hold(id_)
        _KEPT.compare(id_, urn_in([news]), is_replaced=False)
        return dynamic.DiffResult(changes=bool(lifecycle.changed_fields(from_host(olds), from_host(news))))

    @explained("create", THING)
    @interruptible
    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Create the endpoint and catch its secret."""
        declared = from_host(props)
        endpoint_id, outputs = lifecycle.create(
            connections.signa(self.settings),
            declared,
            namespace=self.settings.namespace,
            known=_KNOWN,
            kept=_KEPT,
            warn=warner(declared),
            require_engine=require_engine,
        )
        return dynamic.CreateResult(endpoint_id, _hosted(outputs))

    @explained("read", THING)
    @interruptible
    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """Fetch the endpoint; the host takes an empty id, with a dictionary, for "gone"."""
        old = from_host(props)
        found = lifecycle.read(connections.signa(self.settings), id_, old, known=_KNOWN, warn=warner(old))
        if found is None:
            return dynamic.ReadResult("", {})
        read_inputs = None if found.inputs is None else to_host(found.inputs)
        return dynamic.ReadResult(id_, _hosted(found.outputs), read_inputs)

    @explained("update", THING)
    @interruptible
    def update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> dynamic.UpdateResult:
        """Change what differs."""
        outputs = lifecycle.update(connections.signa(self.settings), id_, from_host(olds), from_host(news))
        return dynamic.UpdateResult(_hosted(outputs))

    @explained("delete", THING)
    @interruptible
    def delete(self, id_: str, props: dict[str, Any]) -> None:
        """Delete the endpoint."""
        lifecycle.delete(connections.signa(self.settings), id_, kept=_KEPT, warn=warner(from_host(props)))


def _hosted(outputs: dict[str, Any]) -> dict[str, Any]:
    return to_host(outputs, secret=lifecycle.SECRET_OUTPUTS)
