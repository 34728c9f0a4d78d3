"""What a program tells Pulumi's dynamic host, and what that host cannot carry out; the native host tells otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.dynamic.dynamic import PROVIDER_KEY

from pulumi_signa.hosting.hidden import STACK, URN
from pulumi_signa.program.arguments import ArgumentError, options
from pulumi_signa.program.provider_reference import reference_to
from pulumi_signa.program.stack_configuration import check_settings_of_signa, warn_of_aws_settings_not_read
from pulumi_signa.program.stack_identity import identity_of_stack
from pulumi_signa.program.urn import urn_of

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.schema import Row

DYNAMIC_TYPES = "pulumi-python:dynamic/signa:"
NATIVE_TYPES = "signa:index:"
"""How the types of our resources begin in either host. Each type has the other as alias, so a state moves both ways."""


class DynamicHost:
    """
    The dynamic host, as a program sees it; the native host is a subclass.

    Attributes:
        types: How the types of the resources begin.
        types_of_other: How they begin in the other host.
    """

    types = DYNAMIC_TYPES
    types_of_other = NATIVE_TYPES

    def alias(self, name: str) -> pulumi.Alias:
        """Return the type that a resource has in the other host as an alias."""
        return pulumi.Alias(type_=f"{self.types_of_other}{name}")

    def aliases(self, name: str, given: Iterable[object]) -> list[pulumi.Alias | str]:
        """
        Return the aliases that a program gives a resource, with the type that the resource has in the other host.

        Pulumi tries each alias by itself. A resource that is renamed and moved to the other host in one run would be a
        new one, and the old one would be deleted.
        """
        own, other = f"{self.types}{name}", f"{self.types_of_other}{name}"
        urns = [alias.replace(f"{own}::", f"{other}::") for alias in given if isinstance(alias, str)]
        parts = [vars(alias) for alias in given if isinstance(alias, pulumi.Alias)]
        return [*urns, *(pulumi.Alias(**{**each, "type_": other}) for each in parts if each["type_"] in (..., own))]

    def options(
        self, resource: str, opts: pulumi.ResourceOptions | None, *, instead_of_import: str
    ) -> pulumi.ResourceOptions:
        """Return the options of a resource; raise `ArgumentError` for one that cannot be carried out."""
        opts = options(resource, opts)
        if opts.import_ is not None:
            raise ArgumentError(f"{resource}: import_ does not work for dynamic resources; {instead_of_import}")
        if opts.replace_on_changes:
            raise ArgumentError(
                f"{resource}: replace_on_changes does not work for dynamic resources; take it out, and where a new "
                "object is wanted, give replacement_trigger or run `pulumi up --replace`"
            )
        return opts

    def check_settings(self, _opts: pulumi.ResourceOptions, *, is_for_aws: bool) -> None:
        """Refuse settings of the stack that must not be as they are, and warn of those that are not read."""
        if is_for_aws:
            warn_of_aws_settings_not_read()
        else:
            check_settings_of_signa()

    def renamed(self, opts: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
        """Return options with the properties in them by the names that the host has."""
        return opts

    def name(self, name: str) -> str:
        """Return a property's name as the host has it."""
        return name

    def properties(self, properties: Mapping[str, Any], _rows: Mapping[str, Row]) -> dict[str, Any]:
        """Return properties by the names that the host has."""
        return dict(properties)

    def value(self, value: Any, _row: Row | None) -> Any:
        """Return an output of the host as a program reads it."""
        return value

    def reference(self, provider: str) -> dict[str, Any]:
        """Return the property by which the host finds the class of a provider."""
        return {PROVIDER_KEY: reference_to(provider)}

    def hidden(self, name: str, type_token: str, parent: pulumi.Resource | None) -> dict[str, Any]:
        """Return the hidden properties of a resource that is about to be declared."""
        return {URN: urn_of(name, type_token, parent), STACK: identity_of_stack(self)}


DYNAMIC = DynamicHost()
