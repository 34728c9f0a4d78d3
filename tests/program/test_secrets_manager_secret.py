"""What a stack that declares a secret asks of the engine."""

from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from pulumi_signa import SecretsManagerSecret
from pulumi_signa.program.arguments import ArgumentError

SIGNATURE = "4dabf18193072939515e22adb298388d"

Run = Callable[..., Any]


@pytest.mark.parametrize(
    ("value", "sent"),
    [({"secret_string": "plain"}, "plain"), ({"secret_json": {"a": "plain"}}, {"a": "plain"})],
)
def test_value_is_a_secret_however_it_is_given(run: Run, value: dict[str, Any], sent: Any) -> None:
    engine = run(lambda: SecretsManagerSecret("stored", secret_name="a", **value).urn)

    (name,) = value
    found = engine.requests["stored"].object[name]
    assert SIGNATURE in found
    assert (dict(found["value"]) if isinstance(sent, dict) else found["value"]) == sent


def test_only_what_differs_from_the_defaults_is_declared(run: Run) -> None:
    engine = run(lambda: SecretsManagerSecret("stored", secret_name="a", secret_string="x").urn)

    inputs = engine.registered["stored"]
    assert set(inputs) == {
        "__provider",
        "__urn",
        "__stack",
        "secret_name",
        "secret_string",
    }
    assert inputs["__urn"] == "urn:pulumi:dev::p::pulumi-python:dynamic/signa:SecretsManagerSecret::stored"


def test_options_are_merged(run: Run) -> None:
    opts = pulumi.ResourceOptions(delete_before_replace=True, additional_secret_outputs=["arn"], protect=True)

    def program() -> Any:
        SecretsManagerSecret("one", secret_name="a", secret_string="x")
        return SecretsManagerSecret("two", secret_name="b", secret_string="x", opts=opts).urn

    engine = run(program)

    assert not engine.requests["one"].deleteBeforeReplace
    assert list(engine.requests["one"].additionalSecretOutputs) == ["__fingerprint"]
    assert engine.requests["two"].deleteBeforeReplace
    assert sorted(engine.requests["two"].additionalSecretOutputs) == ["__fingerprint", "arn"]
    assert engine.requests["two"].protect


def test_secret_whose_value_others_write_declares_none(run: Run) -> None:
    engine = run(lambda: SecretsManagerSecret("stored", secret_name="a", without_value=True).urn)

    assert engine.registered["stored"].keys() == {"__provider", "__urn", "__stack", "secret_name", "without_value"}


def test_whether_others_write_the_value_may_be_an_output(run: Run) -> None:
    def program() -> Any:
        (is_left,) = map(pulumi.Output.from_input, [True])
        return SecretsManagerSecret("stored", secret_name="a", without_value=is_left).urn

    engine = run(program)

    assert engine.registered["stored"]["without_value"] is True


@pytest.mark.parametrize("value", [{"secret_string": "x"}, {"secret_json": {"a": "x"}}])
def test_value_beside_without_value_is_refused(value: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match=r"^SecretsManagerSecret\('stored'\): without_value=True .*give neither"):
        SecretsManagerSecret("stored", secret_name="a", without_value=True, **value)


def test_secret_without_any_value_is_refused() -> None:
    with pytest.raises(ArgumentError, match=r"exactly one of .*, not none; or without_value=True"):
        SecretsManagerSecret("stored", secret_name="a")
