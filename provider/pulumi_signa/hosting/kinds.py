"""The kinds of resources that both hosts serve, one value each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_signa.lifecycle.delivery_check import life as delivery_check
from pulumi_signa.lifecycle.delivery_check.schema import Declared as DeclaredCheck
from pulumi_signa.lifecycle.delivery_check.state import State as CheckState
from pulumi_signa.lifecycle.secrets_manager_secret import life as secrets_manager_secret
from pulumi_signa.lifecycle.secrets_manager_secret.schema import SECRETS as SECRETS_OF_SECRET
from pulumi_signa.lifecycle.secrets_manager_secret.schema import Declared as DeclaredSecret
from pulumi_signa.lifecycle.secrets_manager_secret.state import State as SecretState
from pulumi_signa.lifecycle.webhook_endpoint import life as webhook_endpoint
from pulumi_signa.lifecycle.webhook_endpoint.planning import is_settled
from pulumi_signa.lifecycle.webhook_endpoint.schema import FORMS
from pulumi_signa.lifecycle.webhook_endpoint.schema import SECRETS as SECRETS_OF_ENDPOINT
from pulumi_signa.lifecycle.webhook_endpoint.schema import Declared as DeclaredEndpoint
from pulumi_signa.lifecycle.webhook_endpoint.state import State as EndpointState

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.context import Context
    from pulumi_signa.lifecycle.schema import Record
    from pulumi_signa.lifecycle.values import Properties


def _only_plan_tells(_context: Context, _id: str, _outputs: Properties, _inputs: Properties) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Kind:
    """
    One kind of resource.

    Attributes:
        name: The last part of its type.
        thing: What a message calls it.
        life: The module with its six verbs.
        declared: The type of its inputs.
        state: The type of its state.
        secrets: The outputs that are secrets, hidden ones included.
        deletes_first: Whether a replacement begins with the delete, unless the program says otherwise.
        is_settled: Returns whether a look shows that there is nothing to do; False where only the life's `plan` can
            tell.
    """

    name: str
    thing: str
    life: Any
    declared: type[Record]
    state: Any
    secrets: tuple[str, ...]
    deletes_first: bool
    is_settled: Callable[[Context, str, Properties, Properties], bool] = _only_plan_tells


WEBHOOK_ENDPOINT = Kind(
    "WebhookEndpoint",
    "webhook endpoint",
    webhook_endpoint,
    DeclaredEndpoint,
    EndpointState,
    (*SECRETS_OF_ENDPOINT, FORMS),
    deletes_first=True,
    is_settled=is_settled,
)
SECRETS_MANAGER_SECRET = Kind(
    "SecretsManagerSecret",
    "Secrets Manager secret",
    secrets_manager_secret,
    DeclaredSecret,
    SecretState,
    SECRETS_OF_SECRET,
    deletes_first=False,
)
DELIVERY_CHECK = Kind(
    "DeliveryCheck", "delivery check", delivery_check, DeclaredCheck, CheckState, (), deletes_first=True
)

KINDS = (WEBHOOK_ENDPOINT, SECRETS_MANAGER_SECRET, DELIVERY_CHECK)
