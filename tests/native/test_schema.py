"""The schema that the native plugin serves: made from the code, whole, and in words for every language."""

import json
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from tools.schema.package import FILE, text

from pulumi_signa import setting_rows
from pulumi_signa.lifecycle.schema import Record
from pulumi_signa.signa_api.models import WebhookEndpoint

SCHEMA = json.loads(FILE.read_text())
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
RESOURCES = {
    "webhook_endpoint": "WebhookEndpoint",
    "secrets_manager_secret": "SecretsManagerSecret",
    "delivery_check": "DeliveryCheck",
}
MEMBERS = {"Adoption": "Adopt", "Destination": "SecretsManagerDestination"}


def camel(name: str) -> str:
    """Return the name of a property in the schema."""
    head, *tail = name.split("_")
    return head + "".join(map(str.capitalize, tail))


def records() -> Iterator[tuple[type[Record], dict[str, Any], dict[str, Any]]]:
    """Yield each record of the lifecycles with the inputs and the outputs that the schema has for it."""
    for module, name in RESOURCES.items():
        resource = SCHEMA["resources"][f"signa:index:{name}"]
        schema = import_module(f"pulumi_signa.lifecycle.{module}.schema")
        for each in vars(schema).values():
            if not isinstance(each, type) or each.__module__ != schema.__name__ or not issubclass(each, Record):
                continue
            if each.__name__ in MEMBERS:
                yield each, SCHEMA["types"][f"signa:index:{MEMBERS[each.__name__]}"]["properties"], {}
            else:
                inputs = resource["inputProperties"] if each is schema.Declared else {}
                yield each, inputs, resource["properties"]


RECORDS = list(records())


def named(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Yield each description in the schema after its place, without the programs of examples."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name == "description" and isinstance(item, str):
                yield place, item.partition("{{% examples %}}")[0]
            else:
                yield from named(item, f"{place}/{name}")


def described(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what is to have a description: every resource, type, function and property, each after its place."""
    yield "provider", schema["provider"]
    yield from schema["config"]["variables"].items()
    yield from schema["provider"]["inputProperties"].items()
    for kind in ("resources", "types", "functions"):
        for name, each in schema[kind].items():
            yield name, each
            for part in (each, each.get("inputs", {}), each.get("outputs", {})):
                for properties in (part.get("properties", {}), part.get("inputProperties", {})):
                    yield from ((f"{name}.{key}", value) for key, value in properties.items())


def test_file_is_as_the_code_makes_it() -> None:
    assert FILE.read_text() == text(), "run `.venv/bin/python -m tools.schema`"


@pytest.mark.parametrize(("record", "inputs", "outputs"), RECORDS)
def test_every_row_is_in_the_schema(record: type[Record], inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
    rows = record.rows()
    is_declared = bool(inputs)

    assert [name for name in rows if is_declared and camel(name) not in inputs] == []
    assert [name for name, row in rows.items() if outputs and row.is_output != (camel(name) in outputs)] == []


@pytest.mark.parametrize(("record", "inputs", "outputs"), RECORDS)
def test_secrets_are_marked_and_nothing_else_is(
    record: type[Record], inputs: dict[str, Any], outputs: dict[str, Any]
) -> None:
    for name, row in record.rows().items():
        for properties in (inputs, outputs):
            described = properties.get(camel(name))
            assert described is None or described.get("secret", False) == row.is_secret, name


def test_no_property_is_hidden() -> None:
    assert '"__' not in FILE.read_text()


def test_stacks_of_the_dynamic_host_move_without_a_word_of_the_program() -> None:
    aliases = {name: SCHEMA["resources"][f"signa:index:{name}"]["aliases"] for name in RESOURCES.values()}

    assert aliases == {name: [{"type": f"pulumi-python:dynamic/signa:{name}"}] for name in RESOURCES.values()}


def test_required_inputs_are_those_without_a_default() -> None:
    required = {name.rpartition(":")[2]: each["requiredInputs"] for name, each in SCHEMA["resources"].items()}

    assert required == {
        "WebhookEndpoint": ["url"],
        "SecretsManagerSecret": ["secretName"],
        "DeliveryCheck": ["endpointId"],
        "StoredWebhookEndpoint": ["url", "secretName"],
    }


def test_the_plugin_alone_fills_in_defaults_and_decides_what_is_replaced() -> None:
    """What SDKs would send or force for a stack that comes from the dynamic host would show as a change there."""
    columns = set(re.findall(r'"(\w+)":', FILE.read_text()))

    assert columns & {"default", "defaultInfo", "replaceOnChanges"} == set()


def test_replacing_inputs_are_told() -> None:
    told = {
        name.rpartition(":")[2]: {
            key for key, value in each["inputProperties"].items() if "willReplaceOnChanges" in value
        }
        for name, each in SCHEMA["resources"].items()
    }

    assert told == {
        "WebhookEndpoint": {"account"},
        "SecretsManagerSecret": {"secretName", "region"},
        "DeliveryCheck": {"account"},
        "StoredWebhookEndpoint": set(),
    }


def test_component_is_a_component_whose_choices_are_known_when_a_program_runs() -> None:
    component = SCHEMA["resources"]["signa:index:StoredWebhookEndpoint"]
    plain = {name for name, each in component["inputProperties"].items() if each.get("plain")}

    assert component["isComponent"]
    assert plain == {"account", "checkDelivery", "secretInState"}
    assert set(component["properties"]) == {"endpointId", "secretArn", "secretVersion"}
    assert {"opts", "name", "secretDestination"} & set(component["inputProperties"]) == set()


def test_functions_tell_what_signa_answers_and_no_secret() -> None:
    fields = {camel(name) for name in WebhookEndpoint.__struct_fields__}
    read = SCHEMA["functions"]["signa:index:getWebhookEndpoint"]["outputs"]["properties"]

    assert set(read) == fields
    assert set(SCHEMA["types"]["signa:index:EndpointSummary"]["properties"]) == fields
    assert {"secret", "previousSecret"} & fields == set()


def test_every_setting_is_one_of_the_configuration_and_of_a_provider() -> None:
    configured, taken = SCHEMA["config"]["variables"], SCHEMA["provider"]["inputProperties"]

    assert len(configured) == len(setting_rows.STACK_KEYS)
    assert {name: each["type"] for name, each in configured.items()} == {
        name: each["type"] for name, each in taken.items()
    }
    for described in (configured, taken):
        assert {name for name, each in described.items() if each.get("secret")} == {"apiKey", "accounts"}


def test_descriptions_speak_no_language() -> None:
    of_python = re.compile(r"\b(None|True|False|dict|bool)\b|[a-z]_[a-z]|\w\(|\w=\w|>>>|pulumi_signa")

    assert [(place, said) for place, said in named(SCHEMA) if of_python.search(said)] == []


def test_everything_is_described() -> None:
    silent = [place for place, each in described(SCHEMA) if not each.get("description", "").endswith((".", "%}}"))]

    assert silent == []


@pytest.mark.parametrize(
    ("resource", "folder"), [("StoredWebhookEndpoint", "native"), ("WebhookEndpoint", "native-endpoint")]
)
def test_documented_programs_are_those_of_the_examples(resource: str, folder: str) -> None:
    described = SCHEMA["resources"][f"signa:index:{resource}"]["description"]
    programs = dict(re.findall(r"^```(\w+)\n(.*?)\n```$", described, re.MULTILINE | re.DOTALL))

    assert programs == {
        language: (EXAMPLES / folder / language / file).read_text().strip()
        for language, file in {
            "typescript": "index.ts",
            "python": "__main__.py",
            "go": "main.go",
            "yaml": "Pulumi.yaml",
        }.items()
    }
