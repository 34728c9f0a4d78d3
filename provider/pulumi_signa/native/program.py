"""The resources of programs in Python, served by the native host: arguments, attributes and docstrings are the same."""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pulumi

from pulumi_signa import delivery_check, secrets_manager_secret, stored_webhook_endpoint, webhook_endpoint
from pulumi_signa.given_settings import WITH_KEYS
from pulumi_signa.hosting.hidden import STACK
from pulumi_signa.program.arguments import ArgumentError, options, sendable
from pulumi_signa.program.dynamic_host import DYNAMIC_TYPES, NATIVE_TYPES, DynamicHost
from pulumi_signa.program.stack_identity import identity_of_stack
from pulumi_signa.property_names import camel_case, in_camel_case, in_snake_case
from pulumi_signa.setting_rows import ROWS

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.schema import Row

_NAMING = ("ignore_changes", "replace_on_changes", "additional_secret_outputs", "hide_diffs")
"""The options that name properties."""

_PATH = re.compile(r"\w+")


class NativeHost(DynamicHost):
    """
    The native host, as a program sees it: it imports, and knows URNs; it is shown no `aws:` settings.

    Attributes:
        knows_identity: Whether the program registers the identity of the stack; a component in the plugin does not, and
            the plugin takes that which the provider gives.
    """

    types = NATIVE_TYPES
    types_of_other = DYNAMIC_TYPES

    knows_identity = True

    def options(
        self,
        resource: str,
        opts: pulumi.ResourceOptions | None,
        *,
        instead_of_import: str,  # noqa: ARG002 - it imports
    ) -> pulumi.ResourceOptions:
        """Return the options of a resource."""
        return options(resource, opts)

    def check_settings(self, opts: pulumi.ResourceOptions, *, is_for_aws: bool) -> None:
        """Refuse settings of `aws:` that the other host obeys and this one is not shown; the plugin checks the rest."""
        if not is_for_aws or opts.provider is not None or (opts.parent and opts.parent.get_provider(NATIVE_TYPES)):
            return
        config = pulumi.runtime.get_config
        for row in ROWS.values():
            is_in_environment = row.variable is not None and bool(os.environ.get(row.variable))
            if row.native_key and config(str(row.key)) and not config(row.native_key) and not is_in_environment:
                raise ArgumentError(
                    f"{row.key} is set, and the native plugin is shown only what stands under signa: in the stack's "
                    f"configuration; set {row.native_key} to the same value with `pulumi config set`"
                )

    def renamed(self, opts: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
        """Return options with the properties in them in camelCase."""
        opts = copy.copy(opts)
        for option in _NAMING:
            paths = getattr(opts, option, None)
            if paths:
                setattr(opts, option, [_PATH.sub(lambda head: camel_case(head[0]), path, count=1) for path in paths])
        return opts

    def name(self, name: str) -> str:
        """Return a property's name in camelCase."""
        return camel_case(name)

    def properties(self, properties: Mapping[str, Any], rows: Mapping[str, Row]) -> dict[str, Any]:
        """Return properties in camelCase."""
        return in_camel_case(properties, rows)

    def value(self, value: Any, row: Row | None) -> Any:
        """Return an output as a program in Python reads it."""
        members = None if row is None else row.members
        return value if members is None or not isinstance(value, Mapping) else in_snake_case(value, members.rows())

    def reference(self, _provider: str) -> dict[str, Any]:
        """Return nothing: the plugin goes by the type."""
        return {}

    def hidden(self, _name: str, _type_token: str, _parent: pulumi.Resource | None) -> dict[str, Any]:
        """Return the identity of the stack; the host knows the URN."""
        return {STACK: identity_of_stack(self)} if self.knows_identity else {}


NATIVE = NativeHost()


class WebhookEndpoint(
    webhook_endpoint.WebhookEndpoint, module="signa", name="WebhookEndpoint", outputs=webhook_endpoint.Outputs
):
    """A `pulumi_signa.WebhookEndpoint` that the native host serves."""

    host = NATIVE


class SecretsManagerSecret(
    secrets_manager_secret.SecretsManagerSecret,
    module="signa",
    name="SecretsManagerSecret",
    outputs=secrets_manager_secret.Outputs,
):
    """A `pulumi_signa.SecretsManagerSecret` that the native host serves."""

    host = NATIVE


class DeliveryCheck(delivery_check.DeliveryCheck, module="signa", name="DeliveryCheck", outputs=delivery_check.Outputs):
    """A `pulumi_signa.DeliveryCheck` that the native host serves."""

    host = NATIVE


class StoredWebhookEndpoint(stored_webhook_endpoint.StoredWebhookEndpoint):
    """A `pulumi_signa.StoredWebhookEndpoint` whose children the native host serves."""

    host = NATIVE
    endpoint_class = WebhookEndpoint
    secret_class = SecretsManagerSecret
    check_class = DeliveryCheck


for _class in (WebhookEndpoint, SecretsManagerSecret, DeliveryCheck, StoredWebhookEndpoint):
    _class.__doc__ = _class.__mro__[1].__doc__  # one source for both hosts


def get_webhook_endpoint(
    id: pulumi.Input[str],  # noqa: A002 - Pulumi's name for it
    *,
    account: str | None = None,
    opts: pulumi.InvokeOptions | None = None,
) -> pulumi.Output[Mapping[str, Any]]:
    """
    Return what Signa has of an endpoint `whk_…`, without its secret; a preview asks Signa too.

    Args:
        account: The name of another organization that the endpoint is in.
        opts: As for every function of Pulumi.
    """
    return _invoked("getWebhookEndpoint", {"id": id, "account": account}, opts).apply(
        lambda found: in_snake_case(found, {})
    )


def list_webhook_endpoints(
    *, account: str | None = None, opts: pulumi.InvokeOptions | None = None
) -> pulumi.Output[Sequence[Mapping[str, Any]]]:
    """Return what Signa has of every endpoint of an organization; the arguments are those for one."""
    found = _invoked("listWebhookEndpoints", {"account": account}, opts)
    return found.apply(lambda listed: [in_snake_case(each, {}) for each in listed["endpoints"]])


def _invoked(function: str, arguments: dict[str, Any], opts: pulumi.InvokeOptions | None) -> pulumi.Output[Any]:
    given = sendable(function, {name: value for name, value in arguments.items() if value is not None})
    return pulumi.runtime.invoke_output(f"{NATIVE_TYPES}{function}", given, opts)


class Provider(pulumi.ProviderResource):
    """
    An explicit provider: other settings than those of the stack, in a process of its own.

    Pass it in `ResourceOptions(provider=…)`. What an argument leaves out comes from the environment.
    """

    def __init__(  # noqa: PLR0913 - one argument a setting
        self,
        name: str,
        *,
        api_key: pulumi.Input[str] | None = None,
        base_url: pulumi.Input[str] | None = None,
        max_wait_seconds: pulumi.Input[float] | None = None,
        namespace: pulumi.Input[str] | None = None,
        aws_region: pulumi.Input[str] | None = None,
        aws_profile: pulumi.Input[str] | None = None,
        aws_allowed_account_ids: pulumi.Input[list[str]] | None = None,
        aws_forbidden_account_ids: pulumi.Input[list[str]] | None = None,
        accounts: pulumi.Input[Mapping[str, Any]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare a provider; the arguments are the settings of the same names in camelCase, under `signa:`."""
        given = {key: value for key, value in locals().items() if key not in ("self", "name", "opts", "__class__")}
        resource = f"Provider({name!r})"
        properties = sendable(resource, {camel_case(key): value for key, value in given.items() if value is not None})
        # The plugin marks them too, but the engine writes what is declared into its logs before.
        properties |= {
            key: pulumi.Output.secret(value) for key, value in properties.items() if f"signa:{key}" in WITH_KEYS
        }
        super().__init__("signa", name, properties, options(resource, opts))
