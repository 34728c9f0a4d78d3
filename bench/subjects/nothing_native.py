"""The resources of the native provider that does nothing: what Pulumi itself takes with a plugin."""

import pulumi


class WebhookEndpoint(pulumi.CustomResource):
    """An endpoint that is nowhere but in the state."""

    url: pulumi.Output[str]
    enabled_events: pulumi.Output[list[str]]

    def __init__(self, name: str, url: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("nothing:index:WebhookEndpoint", name, {"url": url, "enabled_events": ["alert.created"]}, opts)


class SecretsManagerSecret(pulumi.CustomResource):
    """A secret that is nowhere but in the state."""

    secret_name: pulumi.Output[str]
    secret_string: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        secret_name: str,
        secret_string: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        properties = {"secret_name": secret_name, "secret_string": secret_string}
        super().__init__("nothing:index:SecretsManagerSecret", name, properties, opts)
