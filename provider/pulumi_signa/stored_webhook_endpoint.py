"""A Signa webhook endpoint together with its signing secret in AWS Secrets Manager, as a stack declares them."""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

import pulumi

from pulumi_signa.delivery_check import DeliveryCheck
from pulumi_signa.lifecycle.secrets_manager_secret.schema import DEFAULT_RECOVERY_DAYS
from pulumi_signa.lifecycle.webhook_endpoint.schema import KNOWN_EVENTS
from pulumi_signa.program.arguments import ArgumentError, account_name, required, sendable
from pulumi_signa.program.dynamic_host import DYNAMIC, DynamicHost
from pulumi_signa.secrets_manager_secret import SecretsManagerSecret
from pulumi_signa.webhook_endpoint import Adopt, SecretsManagerDestination, WebhookEndpoint, adoption

_OF_PROPERTIES = ("ignore_changes", "replace_on_changes", "additional_secret_outputs", "hide_diffs")
"""Options that name properties, which Pulumi hands on to no child; the children have different ones."""


class StoredWebhookEndpoint(pulumi.ComponentResource):
    """
    A `WebhookEndpoint` and the `SecretsManagerSecret` that receivers read its signing secret from, byte for byte.

    The rules of both hold. A rotation makes the new secret AWSCURRENT, and the one before AWSPREVIOUS.

    Attributes:
        endpoint: The `WebhookEndpoint`; it has the name of the component.
        stored: The `SecretsManagerSecret`; its name is that of the component and `-signing-secret`.
        delivery_check: The `DeliveryCheck`, with `check_delivery` alone; its name is that of the component and
            `-delivery-check`.
        endpoint_id: `whk_…`
        secret_arn: ARN of the stored secret.
        secret_version: Version of the signing secret, as Signa counts; 1 for a new endpoint.
    """

    host: ClassVar[DynamicHost] = DYNAMIC
    endpoint_class: ClassVar[type[WebhookEndpoint]] = WebhookEndpoint
    secret_class: ClassVar[type[SecretsManagerSecret]] = SecretsManagerSecret
    check_class: ClassVar[type[DeliveryCheck]] = DeliveryCheck

    endpoint: WebhookEndpoint
    stored: SecretsManagerSecret
    delivery_check: DeliveryCheck | None
    endpoint_id: pulumi.Output[str]
    secret_arn: pulumi.Output[str]
    secret_version: pulumi.Output[int]

    def __init__(  # noqa: PLR0913 - one argument a property
        self,
        name: str,
        *,
        url: pulumi.Input[str],
        secret_name: pulumi.Input[str],
        secret_in_state: bool = False,
        enabled_events: pulumi.Input[Collection[pulumi.Input[str]]] = KNOWN_EVENTS,
        description: pulumi.Input[str | None] = None,
        metadata: pulumi.Input[Mapping[str, Any] | None] = None,
        status: pulumi.Input[str] = "active",
        rotate_trigger: pulumi.Input[str | None] = None,
        rotation_period_days: pulumi.Input[int | None] = None,
        force_rotation_reason: pulumi.Input[str | None] = None,
        on_stale_secret: pulumi.Input[str] = "warn",  # noqa: S107 - no secret
        adopt: Adopt | None = None,
        account: str | None = None,
        secret_description: pulumi.Input[str | None] = "Signing secret of the Signa webhook endpoint",  # noqa: S107
        kms_key_id: pulumi.Input[str | None] = None,
        tags: pulumi.Input[Mapping[str, pulumi.Input[str]] | None] = None,
        recovery_window_in_days: pulumi.Input[int] = DEFAULT_RECOVERY_DAYS,
        region: pulumi.Input[str | None] = None,
        replica_regions: pulumi.Input[Collection[pulumi.Input[str]] | None] = None,
        adopt_existing: pulumi.Input[bool] = False,
        check_delivery: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Declare an endpoint and the secret in which its signing secret is stored.

        Args:
            url: Where Signa posts to, as for `WebhookEndpoint`.
            secret_name: Name of the secret in Secrets Manager, as for `SecretsManagerSecret`.
            secret_in_state: Whether the signing secret is in the state too, encrypted, and an output of the endpoint;
                else it is in Secrets Manager alone. Known when the program runs, as other resources are declared.
            enabled_events: 1 to 20 distinct event slugs, in any order.
            description: Of the endpoint, at most 2000 characters.
            metadata: JSON object of any depth.
            status: `active`, or `disabled` for an endpoint that gets no deliveries.
            rotate_trigger: Any string; another one rotates the secret in place.
            rotation_period_days: Rotate when so many days, 1 to 36500, have passed since the last rotation.
            force_rotation_reason: 1 to 500 characters; lets `rotate_trigger` rotate within 24 hours, which ends the
                secrets before at once.
            on_stale_secret: What to do where somebody else has rotated the secret, or where it is not known: `warn`, or
                `rotate`.
            adopt: An endpoint that exists and is to be taken over.
            account: The name of another organization at Signa, as for `WebhookEndpoint`.
            secret_description: Of the stored secret, at most 2048 characters.
            kms_key_id: Id, ARN or alias of the KMS key of the stored secret; without one, AWS's own key.
            tags: Of the stored secret, at most 50.
            recovery_window_in_days: Days from the stored secret's deletion until it is gone: 7 to 30, or 0.
            region: AWS region of the stored secret; another region is another secret.
            replica_regions: AWS regions in which AWS keeps a copy of the stored secret.
            adopt_existing: Whether to take over a secret named `secret_name` that exists.
            check_delivery: Whether a `DeliveryCheck` has Signa send a signed test once the secret is stored, and again
                when the URL or the secret changes; a receiver that does not accept it fails the run. Known
                when the program runs, as another resource is declared.
            opts: `protect`, `aliases`, `depends_on`, `transforms`, `retain_on_delete`, `deleted_with` and what says
                when to replace hold for every child. What names properties is set by a transform.

        Raises:
            ArgumentError: An argument is of a type that Pulumi cannot send, a required one is None, or an option cannot
                be carried out. Everything else is checked at preview.
        """
        resource = f"StoredWebhookEndpoint({name!r})"
        opts = self._options(resource, opts)
        required(resource, url=url, secret_name=secret_name)
        account_name(resource, account)
        for argument, choice in {"secret_in_state": secret_in_state, "check_delivery": check_delivery}.items():
            if not isinstance(choice, bool):
                raise ArgumentError(
                    f"{resource}: {argument} decides what is declared, so it must be True or False, and is of type "
                    f"{type(choice).__name__}"
                )
        of_endpoint: dict[str, Any] = {
            "url": url,
            "enabled_events": enabled_events,
            "description": description,
            "metadata": metadata,
            "status": status,
            "rotate_trigger": rotate_trigger,
            "rotation_period_days": rotation_period_days,
            "force_rotation_reason": force_rotation_reason,
            "on_stale_secret": on_stale_secret,
            "account": account,
        }
        of_stored: dict[str, Any] = {
            "secret_name": secret_name,
            "kms_key_id": kms_key_id,
            "tags": tags,
            "recovery_window_in_days": recovery_window_in_days,
            "region": region,
            "replica_regions": replica_regions,
            "adopt_existing": adopt_existing,
        }
        # The children would refuse the same, but only after the component is registered, and by names of their own.
        adopted = None if adopt is None else adoption(resource, adopt)
        sendable(resource, {**of_endpoint, **of_stored, "secret_description": secret_description, "adopt": adopted})

        super().__init__("signa:index:StoredWebhookEndpoint", name, None, opts)
        children = pulumi.ResourceOptions(
            parent=self,
            depends_on=opts.depends_on,
            delete_before_replace=opts.delete_before_replace,
            replacement_trigger=opts.replacement_trigger,
            replace_with=opts.replace_with,
        )
        of_endpoint |= {"adopt": adopt, "opts": children}
        of_stored |= {"description": secret_description, "opts": children}
        stored = f"{name}-signing-secret"
        if secret_in_state:
            self.endpoint = self.endpoint_class(name, **of_endpoint)
            self.stored = self.secret_class(stored, **of_stored, secret_string=self.endpoint.secret)
        else:
            self.stored = self.secret_class(stored, **of_stored, without_value=True)
            # The id is the ARN, and stays known in the previews of updates, as no other output does.
            destination = SecretsManagerDestination(secret_id=self.stored.id, region=region)
            self.endpoint = self.endpoint_class(name, **of_endpoint, secret_destination=destination)
        self.delivery_check = self._checked(name, account, children) if check_delivery else None
        self.endpoint_id = self.endpoint.id
        self.secret_arn = self.stored.id
        self.secret_version = self.endpoint.secret_version
        outputs = ("endpoint_id", "secret_arn", "secret_version")
        self.register_outputs({self.host.name(output): getattr(self, output) for output in outputs})

    def _checked(self, name: str, account: str | None, opts: pulumi.ResourceOptions) -> DeliveryCheck:
        """Declare a check that runs when the receiver can read the secret, and again when the URL or secret changes."""
        after = pulumi.ResourceOptions(depends_on=[self.endpoint, self.stored])
        return self.check_class(
            f"{name}-delivery-check",
            endpoint_id=self.endpoint.id,
            triggers=[self.endpoint.url, self.endpoint.secret_version],
            account=account,
            opts=pulumi.ResourceOptions.merge(opts, after),
        )

    @classmethod
    def _options(cls, resource: str, opts: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions:
        """Return the options of the component, and refuse those that would reach neither child."""
        way_out = "take over what exists: adopt=Adopt('whk_…'), adopt_existing=True"
        opts = cls.host.options(resource, opts, instead_of_import=way_out)
        if opts.import_ is not None:
            raise ArgumentError(f"{resource}: import_ imports no component; {way_out}")
        for option in _OF_PROPERTIES:
            if getattr(opts, option):
                raise ArgumentError(
                    f"{resource}: {option} names properties, and a component has none; set it on the child that is "
                    "meant, with transforms"
                )
        if opts.id is not None or opts.urn is not None:
            raise ArgumentError(f"{resource}: a component has no id to be read by; use WebhookEndpoint.get(…)")
        return opts
