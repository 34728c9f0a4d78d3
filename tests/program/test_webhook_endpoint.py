"""What a stack that declares an endpoint asks of the engine."""

from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from pulumi_signa import Adopt, SecretsManagerDestination, SecretsManagerSecret, WebhookEndpoint

URL = "https://example.com/hook"
SIGNATURE = "4dabf18193072939515e22adb298388d"

Run = Callable[..., Any]


def is_secret(output: Any) -> Any:
    """Return whether an output is a secret, once that is known."""
    return pulumi.Output.from_input(output.is_secret())


@pytest.mark.parametrize("preview", [False, True])
@pytest.mark.parametrize("name", ["secret", "previous_secret"])
def test_signing_secret_is_a_secret(run: Run, name: str, *, preview: bool) -> None:
    found: list[bool] = []

    def program() -> Any:
        endpoint = WebhookEndpoint("alerts", url=URL)
        return is_secret(getattr(endpoint, name)).apply(found.append)

    run(program, preview=preview)

    assert found == [True]


def test_only_what_differs_from_the_defaults_is_declared(run: Run) -> None:
    engine = run(lambda: WebhookEndpoint("alerts", url=URL).urn)

    inputs = {name: value for name, value in engine.registered["alerts"].items() if name != "__provider"}
    assert inputs == {
        "url": URL,
        "__stack": "signa-id",
        "__urn": "urn:pulumi:dev::p::pulumi-python:dynamic/signa:WebhookEndpoint::alerts",
    }


def test_secret_flows_into_our_secret(run: Run) -> None:
    def program() -> Any:
        endpoint = WebhookEndpoint("alerts", url=URL)
        return SecretsManagerSecret("stored", secret_name="a", secret_string=endpoint.secret).urn

    engine = run(program)

    assert engine.requests["stored"].object["secret_string"][SIGNATURE]
    assert engine.requests["stored"].object["secret_string"]["value"] == "whsec_x"
    assert "secret_string" in engine.requests["stored"].propertyDependencies


def test_secret_flows_into_the_secret_of_pulumi_aws(run: Run) -> None:
    aws = pytest.importorskip("pulumi_aws")

    def program() -> Any:
        endpoint = WebhookEndpoint("alerts", url=URL)
        stored = aws.secretsmanager.Secret("stored", name="a")
        return aws.secretsmanager.SecretVersion("current", secret_id=stored.id, secret_string=endpoint.secret).urn

    engine = run(program)

    sent = engine.requests["current"].object["secretString"]
    assert (bool(sent[SIGNATURE]), sent["value"]) == (True, "whsec_x")


def test_options_of_ours_are_the_default(run: Run) -> None:
    engine = run(lambda: WebhookEndpoint("alerts", url=URL).urn)

    request = engine.requests["alerts"]
    assert list(request.additionalSecretOutputs) == ["secret", "previous_secret"]
    assert (request.deleteBeforeReplace, request.deleteBeforeReplaceDefined) == (True, True)
    assert "__random_key" not in engine.registered["alerts"]


def test_options_of_the_user_are_kept(run: Run) -> None:
    opts = pulumi.ResourceOptions(
        delete_before_replace=False, additional_secret_outputs=["url"], protect=True, retain_on_delete=True
    )

    engine = run(lambda: WebhookEndpoint("alerts", url=URL, opts=opts).urn)

    request = engine.requests["alerts"]
    assert sorted(request.additionalSecretOutputs) == ["previous_secret", "secret", "url"]
    assert (request.deleteBeforeReplace, request.protect, request.retainOnDelete) == (False, True, True)
    assert engine.registered["alerts"]["__random_key"] is True
    assert opts.additional_secret_outputs == ["url"]


def test_parent_is_in_the_identity(run: Run) -> None:
    class Team(pulumi.ComponentResource):
        def __init__(self, name: str) -> None:
            super().__init__("acme:index:Team", name)
            WebhookEndpoint(f"{name}-alerts", url=URL, opts=pulumi.ResourceOptions(parent=self))

    engine = run(lambda: (Team("a"), Team("b"))[1].urn)

    # The mocks' parents name the stack too, which a real engine leaves out.
    type_ = "pulumi:pulumi:Stack$acme:index:Team$pulumi-python:dynamic/signa:WebhookEndpoint"
    for name in ("a-alerts", "b-alerts"):
        assert engine.registered[name]["__urn"] == f"urn:pulumi:dev::p::{type_}::{name}"
        assert engine.requests[name].parent


def test_value_of_another_resource_is_taken(run: Run) -> None:
    def program() -> Any:
        return WebhookEndpoint(
            "alerts",
            url=pulumi.Output.secret(URL),
            enabled_events=[pulumi.Output.from_input("alert.created")],
            metadata={"a": pulumi.Output.from_input(1)},
        ).urn

    engine = run(program)

    assert engine.requests["alerts"].object["url"]["value"] == URL
    assert engine.registered["alerts"]["metadata"] == {"a": 1}


def test_get_reads_by_id(run: Run) -> None:
    found: list[Any] = []

    def program() -> Any:
        endpoint = WebhookEndpoint.get("theirs", "whk_1", pulumi.ResourceOptions(protect=True))
        return pulumi.Output.all(endpoint.id, endpoint.secret_version, is_secret(endpoint.secret)).apply(found.append)

    engine = run(program)

    assert found == [["whk_1", 1, True]]
    assert engine.requests["theirs"].id == "whk_1"
    assert set(engine.registered["theirs"]) == {"__provider"}


def test_settings_of_the_rotation_are_declared(run: Run) -> None:
    def program() -> Any:
        return WebhookEndpoint(
            "alerts",
            url=URL,
            rotate_trigger=pulumi.Output.from_input("2026-11"),
            rotation_period_days=30,
            force_rotation_reason=pulumi.Output.secret("leaked"),
            on_stale_secret="rotate",
        ).urn

    engine = run(program)

    request = engine.requests["alerts"].object
    assert (request["rotate_trigger"], request["rotation_period_days"]) == ("2026-11", 30)
    assert request["force_rotation_reason"]["value"] == "leaked"
    assert request["on_stale_secret"] == "rotate"


def adopting(run: Run, adopt: Callable[[], Adopt | None]) -> Any:
    """Return the properties with which an endpoint that takes one over is registered."""
    return run(lambda: WebhookEndpoint("alerts", url=URL, adopt=adopt()).urn).requests["alerts"].object


@pytest.mark.parametrize("marked", [str, pulumi.Output.secret])
def test_secret_to_adopt_becomes_a_secret(run: Run, marked: Callable[[str], Any]) -> None:
    request = adopting(run, lambda: Adopt("whk_1", secret=marked("whsec_x")))

    assert request["adopt"]["secret"][SIGNATURE]
    assert request["adopt"]["secret"]["value"] == "whsec_x"
    assert (request["adopt"]["id"], request["adopt"]["rotate"]) == ("whk_1", False)
    assert str(request).count("whsec_x") == 1


def test_adoption_without_a_secret_says_nothing_of_one(run: Run) -> None:
    request = adopting(run, lambda: Adopt(pulumi.Output.from_input("whk_1"), rotate=pulumi.Output.from_input(val=True)))

    assert dict(request["adopt"]) == {"id": "whk_1", "rotate": True}


def test_endpoint_that_takes_over_nothing_has_no_such_property(run: Run) -> None:
    assert "adopt" not in adopting(run, lambda: None)


def test_repr_shows_no_secret_to_adopt() -> None:
    adopt = Adopt("whk_1", secret="whsec_x")

    assert repr(adopt) == "Adopt(id='whk_1', rotate=False)"
    assert "whsec_x" not in f"{[adopt]}"


@pytest.mark.parametrize("adopt", ["whk_1", {"id": "whk_1", "secret": "whsec_plain"}])
def test_adopting_by_anything_else_is_refused(run: Run, adopt: Any) -> None:
    with pytest.raises(TypeError, match=r"^WebhookEndpoint\('alerts'\): adopt must be an Adopt\(id, …\), not a \w+$"):
        run(lambda: WebhookEndpoint("alerts", url=URL, adopt=adopt).urn)


def test_account_is_registered_where_it_is_given(run: Run) -> None:
    def program() -> Any:
        endpoint = WebhookEndpoint("alerts", url=URL, account="eu")
        theirs = WebhookEndpoint.get("theirs", "whk_1", account="eu")
        return pulumi.Output.all(endpoint.urn, theirs.urn, endpoint.account)

    engine = run(program)

    assert engine.registered["alerts"]["account"] == "eu"
    assert engine.registered["theirs"]["account"] == "eu"


def stored(run: Run, destination: Callable[[], Any]) -> Any:
    """Return the properties with which an endpoint that has a destination is registered."""
    return (
        run(lambda: WebhookEndpoint("alerts", url=URL, secret_destination=destination()).urn).requests["alerts"].object
    )


@pytest.mark.parametrize(
    ("destination", "registered"),
    [
        (SecretsManagerDestination("signa/alerts"), {"secret_id": "signa/alerts"}),
        (SecretsManagerDestination("signa/alerts", None), {"secret_id": "signa/alerts"}),
        (
            SecretsManagerDestination("signa/alerts", region="eu-west-1"),
            {"secret_id": "signa/alerts", "region": "eu-west-1"},
        ),
    ],
)
def test_destination_is_registered(run: Run, destination: Any, registered: dict[str, str]) -> None:
    assert dict(stored(run, lambda: destination)["secret_destination"]) == registered


def test_id_of_another_resource_is_a_destination(run: Run) -> None:
    def program() -> Any:
        container = SecretsManagerSecret("stored", secret_name="a", secret_string="x")
        destination = SecretsManagerDestination(container.id, region=pulumi.Output.from_input("eu-west-1"))
        return WebhookEndpoint("alerts", url=URL, secret_destination=destination).urn

    engine = run(program)

    registered = engine.registered["alerts"]["secret_destination"]
    assert registered == {"secret_id": "stored-id", "region": "eu-west-1"}
    assert "secret_destination" in engine.requests["alerts"].propertyDependencies


def test_endpoint_without_a_destination_has_no_such_property(run: Run) -> None:
    assert "secret_destination" not in stored(run, lambda: None)


@pytest.mark.parametrize(
    "destination",
    ["signa/alerts", {"secret_id": "signa/alerts"}, ["signa/alerts"], SecretsManagerDestination, Adopt("a")],
)
def test_destination_of_another_type_is_refused_in_one_line(run: Run, destination: Any) -> None:
    with pytest.raises(
        TypeError,
        match=r"^WebhookEndpoint\('alerts'\): secret_destination must be a SecretsManagerDestination\(secret_id, …\), "
        r"not a \w+$",
    ):
        stored(run, lambda: destination)


def test_destination_without_an_id_is_refused(run: Run) -> None:
    with pytest.raises(TypeError, match=r"^WebhookEndpoint\('alerts'\): secret_destination\.secret_id "):
        stored(run, lambda: SecretsManagerDestination(None))  # type: ignore[arg-type]


@pytest.mark.parametrize("secret_id", [object(), b"signa/alerts"])
def test_destination_that_pulumi_cannot_send_is_refused(run: Run, secret_id: Any) -> None:
    with pytest.raises(TypeError, match=r"^WebhookEndpoint\('alerts'\): .*secret_destination"):
        stored(run, lambda: SecretsManagerDestination(secret_id))
