"""A check that an endpoint's receiver accepts what Signa sends, as a stack declares it."""

from collections.abc import Sequence
from typing import Any

import pulumi

from pulumi_signa.hosting.hidden import RANDOM_KEY
from pulumi_signa.lifecycle.delivery_check.schema import DEFAULT_TIMEOUT_S, Declared
from pulumi_signa.program.arguments import ArgumentError, account_name, sendable
from pulumi_signa.program.arguments import required as _required
from pulumi_signa.program.registration import Registered


class Outputs:
    """The outputs of a check."""

    # The annotations are no strings, because the SDK would evaluate strings again for every resource.
    endpoint_id: pulumi.Output[str]
    triggers: pulumi.Output[Sequence[Any]]
    timeout_seconds: pulumi.Output[int]
    required: pulumi.Output[bool]
    account: pulumi.Output[str | None]
    delivered: pulumi.Output[bool]
    http_status: pulumi.Output[int | None]
    delivered_at: pulumi.Output[str | None]
    attempt_id: pulumi.Output[str]
    response_excerpt: pulumi.Output[str | None]


class DeliveryCheck(Outputs, Registered, module="signa", name="DeliveryCheck", outputs=Outputs):
    """
    A signed `webhook.test` that Signa sends to an endpoint, and that its receiver has to accept.

    The test is sent when the check is created, and again when `endpoint_id` or a trigger changes. A preview, a refresh,
    a destroy, and a run in which nothing changes send nothing. Every input is an output too.

    A receiver verifies with the secret that it can read, so the check has to run after the secret was stored: name the
    stored secret among what it depends on.

    Attributes:
        delivered: Whether the receiver has accepted the last test; always true where `required` is.
        http_status: What the receiver answered, if it did.
        delivered_at: When the receiver accepted the test, ISO 8601 UTC, if it did.
        attempt_id: Id of the attempt in Signa's list of deliveries.
        response_excerpt: The first 200 characters of the receiver's answer in one line, if any; what was sent, and what
            looks like a key, is left out.

    Example:
        >>> DeliveryCheck(
        ...     "alerts",
        ...     endpoint_id=endpoint.id,
        ...     triggers=[endpoint.url, endpoint.secret_version],
        ...     opts=pulumi.ResourceOptions(depends_on=[stored]),
        ... )

    Source: https://docs.signa.so/api-reference/monitoring/webhooks/test, …/list-deliveries
    """

    timeout_seconds: pulumi.Output[int]

    provider = "pulumi_signa.providers.delivery_check.DeliveryCheckProvider"
    options = pulumi.ResourceOptions(delete_before_replace=True)  # the delete tells the create that another is wanted
    rows = Declared.rows()
    secrets = ()
    anchor = "endpoint_id"

    def __init__(  # noqa: PLR0913 - one argument a property
        self,
        name: str,
        *,
        endpoint_id: pulumi.Input[str],
        triggers: pulumi.Input[Sequence[pulumi.Input[Any]]] = (),
        timeout_seconds: pulumi.Input[int] = DEFAULT_TIMEOUT_S,
        required: pulumi.Input[bool] = True,
        account: str | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Declare a check.

        Args:
            endpoint_id: `whk_…`, the `id` of a `WebhookEndpoint`.
            triggers: JSON values of any kind; a change of one sends another test.
            timeout_seconds: How long the receiver's answer is waited for, 1 to 600 seconds. A change alone sends
                nothing.
            required: Whether a test that is not delivered fails the run, so that the next run sends another. Otherwise
                there is a warning, `delivered` is false, and nothing is sent before a trigger changes.
            account: The name of another organization that the endpoint is in. Another one is another check.
            opts: As for every Pulumi resource. `delete_before_replace` is on unless set to False.

        Raises:
            ArgumentError: An argument is of a type that Pulumi cannot send, a required one is None, or an option cannot
                be carried out. Everything else is checked at preview.
        """
        resource = f"DeliveryCheck({name!r})"
        opts = self.host.options(
            resource, opts, instead_of_import="take it out, for a check has nothing at Signa to import"
        )
        if opts.id is not None:
            raise ArgumentError(f"{resource}: a check has nothing at Signa to be read by an id; take the id out")
        _required(resource, endpoint_id=endpoint_id)
        account_name(resource, account)
        properties: dict[str, Any] = {
            "endpoint_id": endpoint_id,
            "triggers": None if triggers == () else triggers,
            "timeout_seconds": None if timeout_seconds == DEFAULT_TIMEOUT_S else timeout_seconds,
            "required": None if required is True else required,
            "account": account,
        }
        if opts.delete_before_replace is False:
            properties[RANDOM_KEY] = True
        self._register(name, sendable(resource, properties), opts)
