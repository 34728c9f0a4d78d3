"""The dynamic provider of `SecretsManagerSecret`: the host's calls, led to the lifecycle."""

from typing import Any

from pulumi import dynamic

from pulumi_signa.inputs import secrets_manager_secret as inputs
from pulumi_signa.lifecycle import secrets_manager_secret as lifecycle
from pulumi_signa.lifecycle.kept import Kept
from pulumi_signa.providers import connections
from pulumi_signa.providers.host.errors import explained
from pulumi_signa.providers.host.provider import Provider, checked, warner
from pulumi_signa.providers.host.run import interruptible
from pulumi_signa.providers.host.values import from_host, to_host, urn_in

THING = "Secrets Manager secret"

_KEPT = Kept()
"""Of this process, which lives for one run."""


class SecretsManagerSecretProvider(Provider):
    """Check, diff, create, read, update and delete one secret."""

    @explained("check", THING)
    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> dynamic.CheckResult:
        """Report everything that is wrong at once, without a call to AWS."""
        declared = inputs.normalized(from_host(news))
        _KEPT.declare(urn_in([declared]))
        problems = inputs.problems(declared)
        if declared["region"] is None:
            problems += self.settings.aws_problems
        return checked(declared, problems, [] if problems else inputs.warnings(declared))

    @explained("compare", THING)
    def diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> dynamic.DiffResult:
        """Compare field by field; another name or region replaces."""
        found = lifecycle.changes(from_host(olds), from_host(news))
        _KEPT.compare(id_, urn_in([news]), is_replaced=bool(found.replaces))
        return dynamic.DiffResult(
            changes=bool(found.changed), replaces=list(found.replaces), delete_before_replace=False
        )

    @explained("create", THING)
    @interruptible
    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Create the secret, or take it over."""
        declared = from_host(props)
        outputs = lifecycle.create(
            connections.secrets_manager(declared.get("region") or self.settings.aws_region),
            declared,
            namespace=self.settings.namespace,
            kept=_KEPT,
            warn=warner(declared),
        )
        return dynamic.CreateResult(outputs["arn"], _hosted(outputs))

    @explained("read", THING)
    @interruptible
    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """Describe the secret; the host takes an empty id, with a dictionary, for "gone"."""
        outputs = lifecycle.read(connections.secrets_manager(lifecycle.region_of(id_)), id_, from_host(props))
        if outputs is None:
            return dynamic.ReadResult("", {})
        return dynamic.ReadResult(id_, _hosted(outputs))

    @explained("update", THING)
    @interruptible
    def update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> dynamic.UpdateResult:
        """Change what differs."""
        outputs = lifecycle.update(
            connections.secrets_manager(lifecycle.region_of(id_)),
            id_,
            from_host(olds),
            from_host(news),
            namespace=self.settings.namespace,
        )
        return dynamic.UpdateResult(_hosted(outputs))

    @explained("delete", THING)
    @interruptible
    def delete(self, id_: str, props: dict[str, Any]) -> None:
        """Delete the secret, after its recovery window."""
        old = from_host(props)
        lifecycle.delete(connections.secrets_manager(lifecycle.region_of(id_)), id_, old, kept=_KEPT, warn=warner(old))


def _hosted(outputs: dict[str, Any]) -> dict[str, Any]:
    return to_host(outputs, secret=lifecycle.SECRET_OUTPUTS)
