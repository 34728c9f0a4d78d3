"""What a stack that declares a check asks of the engine."""

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pytest

from pulumi_signa import DeliveryCheck
from pulumi_signa.lifecycle.delivery_check import messages
from pulumi_signa.program.arguments import ArgumentError

SIGNATURE = "4dabf18193072939515e22adb298388d"

GUIDE = (Path(__file__).resolve().parents[2] / "docs/guides/delivery-check.md").read_text(encoding="utf-8")

Run = Callable[..., Any]


def declare(**arguments: Any) -> DeliveryCheck:
    """Declare a check."""
    return DeliveryCheck("check", **{"endpoint_id": "whk_1", **arguments})


def test_only_what_differs_from_the_defaults_is_declared(run: Run) -> None:
    engine = run(lambda: declare().urn)

    inputs = engine.registered["check"]
    assert set(inputs) == {"__provider", "__urn", "__stack", "endpoint_id"}
    assert inputs["__urn"] == "urn:pulumi:dev::p::pulumi-python:dynamic/signa:DeliveryCheck::check"


def test_every_input_reaches_the_engine(run: Run) -> None:
    given = {"triggers": ["a", 1, {"b": True}], "timeout_seconds": 5, "required": False, "account": "eu"}

    inputs = run(lambda: declare(**given).urn).registered["check"]

    assert {name: inputs[name] for name in given} == given


@pytest.mark.parametrize("wrap", [lambda triggers: triggers, pulumi.Output.from_input])
def test_triggers_may_be_outputs_and_secrets(run: Run, wrap: Callable[[Any], Any]) -> None:
    def program() -> Any:
        return declare(triggers=wrap([pulumi.Output.secret("s3cret-trigger"), pulumi.Output.from_input(2)])).urn

    triggers = run(program).requests["check"].object["triggers"]

    is_whole = not isinstance(triggers, list) and SIGNATURE in triggers
    first = triggers if is_whole else triggers[0]
    assert SIGNATURE in first


def test_outputs_are_read_from_the_engine(run: Run) -> None:
    found: list[Any] = []

    def program() -> Any:
        check = declare(timeout_seconds=5)
        outputs = pulumi.Output.all(check.endpoint_id, check.timeout_seconds, check.delivered, check.attempt_id)
        return outputs.apply(found.append)

    run(program)

    assert found == [["whk_1", 5, None, None]], "the mocks know no other outputs"


def test_replacement_deletes_first_or_is_told_apart(run: Run) -> None:
    def program() -> Any:
        declare()
        opts = pulumi.ResourceOptions(delete_before_replace=False)
        return DeliveryCheck("other", endpoint_id="whk_1", opts=opts).urn

    engine = run(program)

    assert engine.requests["check"].deleteBeforeReplace
    assert "__random_key" not in engine.registered["check"]
    assert not engine.requests["other"].deleteBeforeReplace
    assert engine.registered["other"]["__random_key"] is True


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"endpoint_id": None}, "endpoint_id is required"),
        ({"triggers": [b"x"]}, "triggers: cannot be a bytes; decode it"),
        ({"triggers": [object()]}, "triggers: cannot be an object"),
        ({"account": "sig_" + "a" * 48}, "account must be the name of an organization"),
        ({"account": 1}, "account must be a string"),
        ({"opts": pulumi.ResourceOptions(id="a")}, "nothing at Signa to be read by an id"),
        ({"opts": pulumi.ResourceOptions(import_="a")}, "import_ does not work .* nothing at Signa to import"),
        ({"opts": pulumi.ResourceOptions(replace_on_changes=["triggers"])}, "replacement_trigger"),
    ],
)
def test_wrong_argument_is_refused_in_one_line(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ArgumentError, match=rf"^DeliveryCheck\('check'\): [^\n]*{words}[^\n]*$"):
        declare(**arguments)


def test_check_cannot_be_read_by_an_id() -> None:
    assert not hasattr(DeliveryCheck, "get")


@pytest.mark.parametrize(
    "program", re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL), ids=["resources", "component"]
)
def test_programs_of_the_guide_check_after_the_secret_is_stored(run: Run, program: str) -> None:
    engine = run(lambda: exec(program, {}))  # noqa: S102 - as a user would

    (check,) = (request for request in engine.requests.values() if request.type.endswith("signa:DeliveryCheck"))
    stored = {urn.rsplit("::", 1)[-1] for urn in check.dependencies if "SecretsManagerSecret" in urn}
    assert stored
    assert engine.registered[check.name]["triggers"] == ["https://example.com/hooks/signa", 1]


def test_messages_of_the_guide_are_messages_of_ours() -> None:
    ours = inspect.getsource(messages)
    rows = re.findall(r"^\| `([^`]+)`", GUIDE[GUIDE.index("## What a failure says") :], re.MULTILINE)

    beginnings = [re.split(r"[0-9]+|whk_", row)[0].strip() for row in rows]
    assert len(beginnings) == 7
    assert [beginning for beginning in beginnings if beginning not in ours] == []
