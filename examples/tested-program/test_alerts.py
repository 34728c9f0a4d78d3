"""Unit tests of `alerts.py` with Pulumi's mocks, which take the place of the engine, of Signa and of AWS."""

from typing import Any

import pulumi

URL = "https://example.com/hooks/signa"
SECRET = "whsec_bm90LWEtcmVhbC1zZWNyZXQtYXQtYWxsISE="
ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:signa/test/alerts-AbCdEf"


class Mocks(pulumi.runtime.Mocks):
    """Answers with an id and outputs by type, and keeps the inputs by name."""

    def __init__(self) -> None:
        self.inputs: dict[str, dict[str, Any]] = {}

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        """Make a resource: inputs are outputs too, and these are what a provider adds."""
        self.inputs[args.name] = args.inputs
        if args.typ.endswith(":WebhookEndpoint"):
            return "whk_test", {**args.inputs, "secret": SECRET, "secret_version": 1, "secret_status": "current"}
        if args.typ.endswith(":SecretsManagerSecret"):
            return ARN, {**args.inputs, "arn": ARN}
        return f"{args.name}-id", args.inputs

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[str, Any]:
        """Call a function of a provider; these resources have none."""
        return {}


mocks = Mocks()
pulumi.runtime.set_mocks(mocks, project="tested-program", stack="test")
pulumi.runtime.set_all_config({"tested-program:url": URL})

# The program declares its resources when it is imported, and they must meet the mocks.
import alerts


@pulumi.runtime.test
def test_endpoint_leads_to_the_configured_url() -> pulumi.Output[None]:
    """What was declared is an output."""

    def check(outputs: list[Any]) -> None:
        assert outputs == [URL, {"team": "brand"}, "whk_test", 1]

    endpoint = alerts.endpoint
    return pulumi.Output.all(endpoint.url, endpoint.metadata, endpoint.id, endpoint.secret_version).apply(check)


@pulumi.runtime.test
def test_signing_secret_is_stored_as_it_is() -> pulumi.Output[None]:
    """In the inputs of a resource a secret stands in an envelope, beside the mark of a secret."""

    def check(arn: str) -> None:
        stored = mocks.inputs["alerts-signing-secret"]
        assert arn == ARN
        assert stored["secret_name"] == "signa/test/alerts"
        assert stored["secret_string"]["value"] == SECRET

    return alerts.stored.arn.apply(check)


@pulumi.runtime.test
def test_signing_secret_stays_a_secret() -> pulumi.Output[None]:
    """Pulumi encrypts it in the state, and shows it nowhere."""

    def check(is_secret: bool) -> None:
        assert is_secret

    return pulumi.Output.from_input(alerts.endpoint.secret.is_secret()).apply(check)
