"""The dynamic provider of `WebhookEndpoint`: the host's calls, led to the lifecycle."""

from typing import Any

from pulumi import dynamic

from pulumi_signa.inputs import Properties, is_unknown
from pulumi_signa.inputs import webhook_endpoint as inputs
from pulumi_signa.lifecycle import advice
from pulumi_signa.lifecycle import webhook_endpoint as lifecycle
from pulumi_signa.lifecycle.adoption import Adoptions
from pulumi_signa.lifecycle.kept import Kept
from pulumi_signa.lifecycle.known_endpoints import KnownEndpoints
from pulumi_signa.lifecycle.run import Run
from pulumi_signa.providers import connections
from pulumi_signa.providers.host.errors import explained
from pulumi_signa.providers.host.provider import Provider, checked, inform, warner
from pulumi_signa.providers.host.run import interruptible, require_engine
from pulumi_signa.providers.host.values import from_host, to_host, urn_in

THING = "webhook endpoint"

_KNOWN = KnownEndpoints()
_KEPT = Kept()
_ADOPTIONS = Adoptions()
_READ: set[str] = set()
"""Of this process, which lives for one run."""


class WebhookEndpointProvider(Provider):
    """Check, diff, create, read, update and delete one webhook endpoint."""

    @explained("check", THING)
    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> dynamic.CheckResult:
        """Report everything that is wrong at once, settings included, without a call to Signa."""
        declared = inputs.normalized(from_host(news))
        urn = urn_in([declared])
        _KEPT.declare(urn)
        problems = [
            *self.settings.signa_problems,
            *inputs.problems(declared, http_allowed=not self.settings.is_production),
        ]
        adopt = declared.get(inputs.ADOPT)
        if adopt is not None and declared.get(lifecycle.RANDOM_KEY):
            problems.append(
                "adopt: not with delete_before_replace=False: the replacement would take over what it replaces"
            )
        if adopt is not None and not problems and not from_host(olds) and not is_unknown(adopt["id"]):
            # Without old inputs the resource is to be created, and only then its `adopt` counts.
            _KNOWN.hold(adopt["id"])
            _ADOPTIONS.claim(adopt["id"], urn, _KEPT)
            inform(advice.on_adoption(adopt), declared)
        return checked(declared, problems, [] if problems else inputs.warnings(declared))

    @explained("update", THING)
    def diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> dynamic.DiffResult:
        """Compare field by field, and the clock with the schedule; nothing ever replaces."""
        old, declared = from_host(olds), from_host(news)
        urn = urn_in([declared])
        _KNOWN.hold(id_)
        _KEPT.compare(id_, urn, is_replaced=False)
        _ADOPTIONS.hold(id_, urn)
        if id_ in _READ and not _KEPT.is_declared(urn):
            # A refresh: it looks for what was changed elsewhere. What is to be done comes with the next `up`.
            return dynamic.DiffResult(changes=bool(lifecycle.changed_fields(old, declared)))
        for warning in advice.on_adopt(declared.get(inputs.ADOPT), id_):
            warner(declared)(warning)
        plan = lifecycle.plan(id_, old, declared, self.settings.now())
        if plan.rotation is not None:
            inform(str(plan.rotation), declared)
        return dynamic.DiffResult(changes=bool(plan))

    @explained("create", THING)
    @interruptible
    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Create the endpoint and catch its secret."""
        declared = from_host(props)
        endpoint_id, outputs = lifecycle.create(connections.signa(self.settings), declared, self._run(declared))
        return dynamic.CreateResult(endpoint_id, _hosted(outputs))

    @explained("read", THING)
    @interruptible
    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """Fetch the endpoint; the host takes an empty id, with a dictionary, for "gone"."""
        old = from_host(props)
        _READ.add(id_)
        found = lifecycle.read(connections.signa(self.settings), id_, old, self._run(old))
        if found is None:
            return dynamic.ReadResult("", {})
        read_inputs = None if found.inputs is None else to_host(found.inputs)
        return dynamic.ReadResult(id_, _hosted(found.outputs), read_inputs)

    @explained("update", THING)
    @interruptible
    def update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> dynamic.UpdateResult:
        """Change what differs, and rotate the secret if that is due."""
        old, declared = from_host(olds), from_host(news)
        outputs = lifecycle.update(connections.signa(self.settings), id_, old, declared, self._run(declared))
        return dynamic.UpdateResult(_hosted(outputs))

    @explained("delete", THING)
    @interruptible
    def delete(self, id_: str, props: dict[str, Any]) -> None:
        """Delete the endpoint."""
        old = from_host(props)
        _ADOPTIONS.leave(id_, urn_in([old]))
        lifecycle.delete(connections.signa(self.settings), id_, self._run(old))

    def _run(self, properties: Properties) -> Run:
        return Run(
            namespace=self.settings.namespace,
            known=_KNOWN,
            kept=_KEPT,
            now=self.settings.now(),
            warn=warner(properties),
            require_engine=require_engine,
        )


def _hosted(outputs: dict[str, Any]) -> dict[str, Any]:
    return to_host(outputs, secret=lifecycle.SECRET_OUTPUTS)
