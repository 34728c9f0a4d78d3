"""What a stack that declares a stored endpoint asks of the engine."""

import inspect
from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from pulumi_signa import Adopt, DeliveryCheck, SecretsManagerSecret, StoredWebhookEndpoint, WebhookEndpoint
from pulumi_signa.program.arguments import ArgumentError

URL = "https://example.com/hook"
SIGNATURE = "4dabf18193072939515e22adb298388d"
STORED, CHECK = "alerts-signing-secret", "alerts-delivery-check"

Run = Callable[..., Any]

OWN = {"secret_in_state", "check_delivery"}
WIRED = {"secret_string", "secret_json", "without_value", "secret_destination"}
"""Inputs of the children that the component sets itself."""

RENAMED = {"description": "secret_description"}
"""Inputs of the stored secret that have another name here."""


MODES = pytest.mark.parametrize("in_state", [False, True], ids=["in AWS alone", "in the state too"])


def declare(**arguments: Any) -> StoredWebhookEndpoint:
    """Declare a stored endpoint."""
    return StoredWebhookEndpoint("alerts", **{"url": URL, "secret_name": "a", **arguments})


def inputs_of(resource: type) -> dict[str, inspect.Parameter]:
    """Return the arguments of a resource."""
    return {
        name: parameter
        for name, parameter in inspect.signature(resource).parameters.items()
        if name not in {"name", "opts", *WIRED}
    }


def declared(engine: Any, name: str) -> dict[str, Any]:
    """Return the inputs with which a resource is registered, without the hidden ones."""
    return {key: value for key, value in engine.registered[name].items() if not key.startswith("__")}


def test_every_input_of_both_is_an_input() -> None:
    of_stored = {RENAMED.get(name, name): one for name, one in inputs_of(SecretsManagerSecret).items()}

    ours = inputs_of(StoredWebhookEndpoint)

    assert set(ours) == {*inputs_of(WebhookEndpoint), *of_stored, *OWN}
    assert all(one.kind is one.KEYWORD_ONLY for one in ours.values())


def test_defaults_are_those_of_both() -> None:
    theirs = {
        **{RENAMED.get(name, name): one for name, one in inputs_of(SecretsManagerSecret).items()},
        **inputs_of(WebhookEndpoint),
    }

    other = {
        name
        for name, one in inputs_of(StoredWebhookEndpoint).items()
        if name not in OWN and one.default != theirs[name].default
    }

    assert other == {"secret_description"}


@MODES
@pytest.mark.parametrize(
    ("kind", "child", "given"),
    [
        (
            WebhookEndpoint,
            "alerts",
            {
                "url": URL,
                "enabled_events": ["a", "b"],
                "description": "of the endpoint",
                "metadata": {"team": "brand"},
                "status": "disabled",
                "rotate_trigger": "1",
                "rotation_period_days": 90,
                "force_rotation_reason": "leaked",
                "on_stale_secret": "rotate",
                "adopt": Adopt("whk_1", rotate=True),
                "account": "eu",
            },
        ),
        (
            SecretsManagerSecret,
            STORED,
            {
                "secret_name": "signa/alerts",
                "description": "of the secret",
                "kms_key_id": "alias/signa",
                "tags": {"team": "brand"},
                "recovery_window_in_days": 7,
                "region": "eu-west-1",
                "replica_regions": ["eu-central-1"],
                "adopt_existing": True,
            },
        ),
    ],
)
def test_every_input_reaches_its_child(
    run: Run, kind: type, child: str, given: dict[str, Any], *, in_state: bool
) -> None:
    assert set(given) == set(inputs_of(kind)), "an input of the child is not tried here"
    renamed = RENAMED if kind is SecretsManagerSecret else {}

    arguments = {renamed.get(name, name): value for name, value in given.items()}
    engine = run(lambda: declare(**arguments, secret_in_state=in_state).urn)

    sent = {name: {"id": "whk_1", "rotate": True} if name == "adopt" else value for name, value in given.items()}
    assert {name: value for name, value in declared(engine, child).items() if name not in WIRED | {"secret"}} == sent


def test_only_what_differs_from_the_defaults_is_declared(run: Run) -> None:
    engine = run(lambda: declare(secret_in_state=True).urn)

    assert set(declared(engine, "alerts")) == {"url"}
    assert set(declared(engine, STORED)) == {"secret_name", "secret_string", "description"}
    assert declared(engine, STORED)["description"] == "Signing secret of the Signa webhook endpoint"
    assert "description" not in declared(run(lambda: declare(secret_description=None).urn), STORED)


def test_secret_in_the_state_flows_into_the_stored_one(run: Run) -> None:
    engine = run(lambda: declare(secret_in_state=True).urn)

    request = engine.requests[STORED]
    assert request.object["secret_string"][SIGNATURE]
    assert request.object["secret_string"]["value"] == "whsec_x"
    assert "secret_string" in request.propertyDependencies


@pytest.mark.parametrize("region", [None, "eu-central-1"])
def test_endpoint_keeps_its_secret_in_the_stored_one_by_default(run: Run, region: str | None) -> None:
    engine = run(lambda: declare(region=region).urn)

    assert declared(engine, STORED)["without_value"] is True
    destination = declared(engine, "alerts")["secret_destination"]
    assert (destination["secret_id"], destination.get("region")) == (f"{STORED}-id", region)
    assert engine.requests[STORED].object.keys().isdisjoint({"secret_string", "secret_json"})
    assert "secret_destination" in engine.requests["alerts"].propertyDependencies


@MODES
def test_children_are_those_of_the_component(run: Run, *, in_state: bool) -> None:
    engine = run(lambda: declare(secret_in_state=in_state).urn)

    # The mocks' parents name the stack too, which a real engine leaves out.
    parent = "urn:pulumi:dev::p::pulumi:pulumi:Stack$signa:index:StoredWebhookEndpoint::alerts"
    for name, kind in [("alerts", WebhookEndpoint), (STORED, SecretsManagerSecret)]:
        assert engine.requests[name].parent == parent
        assert engine.registered[name]["__urn"] == parent.replace(
            "::alerts", f"$pulumi-python:dynamic/signa:{kind.__name__}::{name}"
        )


@MODES
def test_outputs_are_those_of_the_children(run: Run, *, in_state: bool) -> None:
    found: list[Any] = []

    def program() -> Any:
        both = declare(secret_in_state=in_state)
        assert isinstance(both.endpoint, WebhookEndpoint)
        assert isinstance(both.stored, SecretsManagerSecret)
        outputs = pulumi.Output.all(both.endpoint_id, both.secret_arn, both.secret_version, both.endpoint.url)
        return outputs.apply(found.append)

    run(program)

    assert found == [["alerts-id", f"{STORED}-id", 1, URL]]


@MODES
def test_options_that_pulumi_does_not_hand_on_reach_both(run: Run, *, in_state: bool) -> None:
    def program() -> Any:
        first = SecretsManagerSecret("first", secret_name="b", secret_string="x")
        opts = pulumi.ResourceOptions(
            depends_on=[first], delete_before_replace=False, replacement_trigger="1", replace_with=[first], protect=True
        )
        return declare(opts=opts, secret_in_state=in_state).urn

    engine = run(program)

    for name in ("alerts", STORED):
        request = engine.requests[name]
        first = "urn:pulumi:dev::p::pulumi:pulumi:Stack$pulumi-python:dynamic/signa:SecretsManagerSecret::first"
        assert first in request.dependencies
        assert list(request.replace_with) == [first]
        assert request.replacement_trigger.string_value == "1"
        assert (request.deleteBeforeReplace, request.deleteBeforeReplaceDefined) == (False, True)
        assert request.protect
    assert engine.registered["alerts"]["__random_key"] is True


def test_delivery_is_checked_only_where_that_is_asked_for(run: Run) -> None:
    components: list[StoredWebhookEndpoint] = []

    def program() -> Any:
        components.append(declare())
        return components[0].urn

    engine = run(program)

    assert components[0].delivery_check is None
    assert CHECK not in engine.requests


@MODES
def test_delivery_is_checked_when_the_receiver_can_read_the_secret(run: Run, *, in_state: bool) -> None:
    def program() -> Any:
        first = SecretsManagerSecret("first", secret_name="b", secret_string="x")
        opts = pulumi.ResourceOptions(depends_on=[first], protect=True)
        component = declare(secret_in_state=in_state, check_delivery=True, account="eu", opts=opts)
        assert isinstance(component.delivery_check, DeliveryCheck)
        return component.urn

    engine = run(program)

    request = engine.requests[CHECK]
    names = {urn.rsplit("::", 1)[-1] for urn in request.dependencies}
    assert {"alerts", STORED, "first"} <= names
    assert declared(engine, CHECK) == {"endpoint_id": "alerts-id", "triggers": [URL, 1], "account": "eu"}
    assert request.parent == engine.requests["alerts"].parent
    assert request.protect


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"url": None}, "url is required"),
    ({"secret_name": None}, "secret_name is required"),
    ({"description": b"x"}, "description: cannot be a bytes"),
    ({"secret_description": b"x"}, "secret_description: cannot be a bytes"),
    ({"tags": {"a": object()}}, "tags: cannot be an object"),
    ({"metadata": {1: 2}}, "metadata: every key"),
    ({"adopt": "whk_1"}, r"adopt must be an Adopt\(id, …\), not a str"),
    ({"adopt": Adopt(None)}, r"adopt\.id is required"),  # type: ignore[arg-type]
    ({"adopt": Adopt("whk_1", secret=b"x")}, "adopt: cannot be"),  # type: ignore[arg-type]
    ({"secret_in_state": "false"}, "secret_in_state .* must be True or False, and is of type str"),
    ({"secret_in_state": None}, "secret_in_state .* must be True or False"),
    ({"check_delivery": 1}, "check_delivery decides what is declared, so it must be True or False, and is of type int"),
    ({"opts": {}}, r"opts must be pulumi\.ResourceOptions"),
    ({"opts": pulumi.ResourceOptions(import_="whk_1")}, "import_ does not work.*adopt="),
    ({"opts": pulumi.ResourceOptions(replace_on_changes=["url"])}, "replacement_trigger"),
    ({"opts": pulumi.ResourceOptions(ignore_changes=["tags"])}, "ignore_changes names properties.*transforms"),
    ({"opts": pulumi.ResourceOptions(additional_secret_outputs=["url"])}, "additional_secret_outputs .*transforms"),
    ({"opts": pulumi.ResourceOptions(hide_diffs=["url"])}, "hide_diffs .*transforms"),
    ({"opts": pulumi.ResourceOptions(id="whk_1")}, r"WebhookEndpoint\.get"),
    ({"opts": pulumi.ResourceOptions(urn="urn:x")}, r"WebhookEndpoint\.get"),
]


@pytest.mark.parametrize(("arguments", "words"), REFUSED)
def test_wrong_argument_is_refused_before_anything_is_registered(
    run: Run, arguments: dict[str, Any], words: str
) -> None:
    refusals: list[ArgumentError] = []

    def program() -> None:
        try:
            declare(**arguments)
        except ArgumentError as error:
            refusals.append(error)

    engine = run(program)

    (refusal,) = refusals
    assert set(engine.requests) <= {"p-dev"}, "only the mocks' own stack is registered"
    with pytest.raises(ArgumentError, match=rf"^StoredWebhookEndpoint\('alerts'\): [^\n]*{words}[^\n]*$"):
        raise refusal


def test_secret_in_state_is_known_when_the_program_runs(run: Run) -> None:
    with pytest.raises(ArgumentError, match="of type Output"):
        run(lambda: declare(secret_in_state=pulumi.Output.from_input(val=True)))


def test_timeouts_are_warned_of_once(run: Run) -> None:
    opts = pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(update="3s"))

    engine = run(lambda: declare(opts=opts).urn)

    (warning,) = engine.warnings
    assert warning.startswith("StoredWebhookEndpoint('alerts'): custom_timeouts have no effect")
