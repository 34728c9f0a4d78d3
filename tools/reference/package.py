"""The page of the package for programs in other languages than Python, made from the schema that Pulumi reads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tools.reference.markdown import code, plain, table
from tools.reference.page import Page
from tools.schema.package import FILE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Properties = dict[str, dict[str, Any]]


def pages() -> Iterator[Page]:
    """Yield the page of all that the schema has."""
    schema = json.loads(FILE.read_text(encoding="utf-8"))
    parts = [*_resources(schema), *_functions(schema), *_types(schema), *_provider(schema)]
    yield Page("package", "Package for other languages", "\n\n".join(part.strip() for part in parts if part))


def _resources(schema: Mapping[str, Any]) -> Iterator[str]:
    for token, resource in schema["resources"].items():
        inputs = resource["inputProperties"]
        yield f"## {_name(token)}"
        yield f"{code(token)}. {_about(resource)}"
        yield _inputs("input", inputs, resource["requiredInputs"])
        yield _outputs("output", {name: each for name, each in resource["properties"].items() if name not in inputs})


def _functions(schema: Mapping[str, Any]) -> Iterator[str]:
    for token, function in schema["functions"].items():
        yield f"## {_name(token)}"
        yield f"{code(token)}. {_about(function)}"
        yield _inputs("argument", function["inputs"]["properties"], function["inputs"]["required"])
        yield _outputs("result", function["outputs"]["properties"])


def _types(schema: Mapping[str, Any]) -> Iterator[str]:
    for token, type_ in schema["types"].items():
        yield f"## {_name(token)}"
        yield _about(type_)
        yield _inputs("member", type_["properties"], type_["required"])


def _provider(schema: Mapping[str, Any]) -> Iterator[str]:
    yield "## Provider"
    yield f"`pulumi:providers:{schema['name']}`. {_about(schema['provider'])}"
    yield _inputs("argument", schema["provider"]["inputProperties"], [])


def _name(token: str) -> str:
    return token.rpartition(":")[2]


def _about(described: Mapping[str, Any]) -> str:
    """Return a description without the examples, which the guides have."""
    return plain(described["description"].partition("{{% examples %}}")[0].strip())


def _inputs(head: str, properties: Properties, required: list[str]) -> str:
    rows = [
        (code(name), code(_type(each)), plain(each["description"]), "yes" if name in required else "")
        for name, each in properties.items()
    ]
    return table((head, "type", "what it is", "required"), rows)


def _outputs(head: str, properties: Properties) -> str:
    rows = [(code(name), code(_type(each)), plain(each["description"])) for name, each in properties.items()]
    return table((head, "type", "what it is"), rows)


def _type(described: Mapping[str, Any]) -> str:
    if "$ref" in described:
        reference = described["$ref"]
        return "any" if reference == "pulumi.json#/Any" else _name(reference)
    if described["type"] == "array":
        return f"{_type(described['items'])}[]"
    if described["type"] == "object":
        return f"map of {_type(described['additionalProperties'])}"
    return str(described["type"])
