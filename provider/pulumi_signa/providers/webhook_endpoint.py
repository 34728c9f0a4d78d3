"""The dynamic provider of `WebhookEndpoint`: the host's calls, led to the lifecycle."""

from __future__ import annotations

import functools
import threading
from typing import TYPE_CHECKING, Any

from pulumi import dynamic

from pulumi_signa.inputs import webhook_endpoint as inputs
from pulumi_signa.lifecycle import webhook_endpoint as lifecycle
from pulumi_signa.providers.host.errors import check_failures, explained
from pulumi_signa.providers.host.provider import Provider, warner
from pulumi_signa.providers.host.values import from_host, to_host

if TYPE_CHECKING:
    from pulumi_signa.providers.settings import Settings
    from pulumi_signa.signa_api.client import SignaClient

THING = "webhook endpoint"

_CLIENT_LOCK = threading.Lock()


class WebhookEndpointProvider(Provider):
    """Check, diff, create, read, update and delete one webhook endpoint."""

    @explained("check", THING)
    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> dynamic.CheckResult:
        """Report everything that is wrong at once, settings included, without a call to Signa."""
        declared = inputs.normalized(from_host(news))
        problems = [
            *self.settings.signa_problems,
            *inputs.problems(declared, http_allowed=not self.settings.is_production),
        ]
        if not problems:
            for warning in inputs.warnings(declared):
                warner(declared)(warning)
        return dynamic.CheckResult(to_host(declared), check_failures(problems))

    @explained("compare", THING)
    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> dynamic.DiffResult:
        """Compare field by field; nothing ever replaces."""
        return dynamic.DiffResult(changes=bool(lifecycle.changed_fields(from_host(olds), from_host(news))))

    @explained("create", THING)
    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Create the endpoint and catch its secret."""
        declared = from_host(props)
        endpoint_id, outputs = lifecycle.create(
            self._client(), declared, namespace=self.settings.namespace, warn=warner(declared)
        )
        return dynamic.CreateResult(endpoint_id, _hosted(outputs))

    @explained("read", THING)
    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """Fetch the endpoint; the host takes an empty id, with a dictionary, for "gone"."""
        found = lifecycle.read(self._client(), id_, from_host(props))
        if found is None:
            return dynamic.ReadResult("", {})
        return dynamic.ReadResult(id_, _hosted(found.outputs), to_host(found.inputs))

    @explained("update", THING)
    def update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> dynamic.UpdateResult:
        """Change what differs."""
        outputs = lifecycle.update(self._client(), id_, from_host(olds), from_host(news))
        return dynamic.UpdateResult(_hosted(outputs))

    @explained("delete", THING)
    def delete(self, id_: str, _props: dict[str, Any]) -> None:
        """Delete the endpoint."""
        lifecycle.delete(self._client(), id_)

    def _client(self) -> SignaClient:
        self.settings.require_signa()
        with _CLIENT_LOCK:
            return _client(self.settings)


def _hosted(outputs: dict[str, Any]) -> dict[str, Any]:
    return to_host(outputs, secret=lifecycle.SECRET_OUTPUTS)


@functools.cache
def _client(settings: Settings) -> SignaClient:
    """Make the one client of this process; only now are the HTTP libraries loaded."""
    from pulumi_signa.signa_api.auth import BearerAuth  # noqa: PLC0415
    from pulumi_signa.signa_api.client import SignaClient  # noqa: PLC0415
    from pulumi_signa.signa_api.retrying import RetryPolicy  # noqa: PLC0415
    from pulumi_signa.signa_api.transport import Transport  # noqa: PLC0415

    transport = Transport(settings.base_url, BearerAuth(settings.require_signa()))
    return SignaClient(transport, RetryPolicy(max_wait_s=settings.max_wait_s))
