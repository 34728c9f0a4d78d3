"""The whole schema: resources, types, functions and settings."""

from __future__ import annotations

import inspect
import json
import typing
from importlib.metadata import metadata
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pulumi

import pulumi_signa
from pulumi_signa import setting_rows
from pulumi_signa.organizations import ACCOUNTS_KEY
from pulumi_signa.program.registration import Registered
from pulumi_signa.property_names import camel_case
from pulumi_signa.signa_api import models
from pulumi_signa.webhook_endpoint import WebhookEndpoint
from tools.reference import docstrings
from tools.reference.configuration import ORGANIZATIONS
from tools.reference.resources import outputs_of
from tools.schema.prose import neutral, sentence, with_examples
from tools.schema.types import COLUMNS, PACKAGE, array, read, reference, token

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pulumi_signa.lifecycle.schema import Row

FILE = Path(str(files(pulumi_signa))) / "schema.json"

_EXAMPLES = {"WebhookEndpoint": "native-endpoint", "StoredWebhookEndpoint": "native"}
"""The folder of the example that shows a resource."""

# Classes of the package `pulumi_signa` have the dynamic types. SDKs for Node.js and Go keep Pulumi's names for them.
_LANGUAGES = {
    "python": {"packageName": "pulumi_signa_sdk", "pyproject": {"enabled": True}, "respectSchemaVersion": True},
    "nodejs": {"respectSchemaVersion": True},
    "go": {"respectSchemaVersion": True},
}

Properties = dict[str, dict[str, Any]]


def text() -> str:
    """Return the schema as the file has it."""
    return json.dumps(package(), indent=2, ensure_ascii=False) + "\n"


def package() -> dict[str, Any]:
    """Return the schema."""
    distribution = metadata("pulumi-signa")
    exported = [getattr(pulumi_signa, name) for name in pulumi_signa.__all__]
    resources = [each for each in exported if issubclass(each, pulumi.Resource)]
    return {
        "name": PACKAGE,
        "displayName": "Signa",
        "version": distribution["Version"],
        "description": distribution["Summary"],
        "keywords": [*distribution["Keywords"].split(","), "category/monitoring", "kind/native"],
        "license": distribution["License-Expression"],
        "meta": {"supportPack": True},
        "language": _LANGUAGES,
        "config": {"variables": _settings("`{}` in the environment wins")},
        "provider": {
            "description": "What resources share: access to Signa and to AWS.",
            "inputProperties": _settings("Where it is left out, `{}` in the environment counts"),
        },
        "types": {
            **{token(each.__name__): _type(each) for each in exported if each not in resources},
            token("EndpointSummary"): {"description": "An endpoint without its secret.", **_summary()},
            token("Organization"): {
                "description": "Another organization at Signa: what it lacks but the key is as for the default one.",
                **_object({_setting(name): _described(setting_rows.ROWS[name]) for name in setting_rows.OF_AN_ACCOUNT}),
            },
        },
        "resources": {token(each.__name__): _resource(each) for each in resources},
        "functions": _functions(),
    }


def _object(properties: Properties, required: list[str] | None = None) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required or []}


def _type(argument: type[Any]) -> dict[str, Any]:
    """Return the type of an object that an endpoint takes."""
    said = docstrings.read(argument)
    taking = inspect.signature(WebhookEndpoint).parameters.items()
    (name,) = (name for name, each in taking if argument in typing.get_args(each.annotation))
    members = WebhookEndpoint.rows[name].members
    rows = {} if members is None else members.rows()
    return {"description": neutral(said.text), **_object(*_inputs(argument, said.of("Attributes"), rows))}


def _resource(resource: type[Any]) -> dict[str, Any]:
    said, of_inputs = docstrings.read(resource), docstrings.read(resource.__init__).of("Args")
    inputs, required = _inputs(resource, of_inputs, getattr(resource, "rows", {}))
    properties, always = {}, []
    for name, annotation in outputs_of(resource).items():
        if typing.get_origin(annotation) is not pulumi.Output:
            continue  # a component's children are for Python alone
        output, given = read(annotation), inputs.get(camel_case(name))
        properties[camel_case(name)] = {
            # As an input a destination has members of its own; in Python its output is any object.
            **({column: each for column, each in given.items() if column in COLUMNS} if given else output.type),
            "description": sentence(said.of("Attributes").get(name) or of_inputs[name]),
            **({"secret": True} if name in getattr(resource, "secrets", ()) else {}),
        }
        if not output.is_optional:
            always.append(camel_case(name))
    example = _EXAMPLES.get(resource.__name__)
    return {
        "description": with_examples(said.text, example) if example else neutral(said.text),
        "properties": properties,
        "required": always,
        "inputProperties": inputs,
        "requiredInputs": required,
        **({"aliases": [{"type": resource.type_token}]} if issubclass(resource, Registered) else {"isComponent": True}),
    }


def _inputs(
    called: Callable[..., Any], said: Mapping[str, str], rows: Mapping[str, Row]
) -> tuple[Properties, list[str]]:
    """Return the properties that arguments are, and which of them are required."""
    properties, required = {}, []
    for each in inspect.signature(called).parameters.values():
        if each.name in ("name", "opts"):
            continue  # every resource has them, in every language in its own way
        annotated, row = read(each.annotation), rows.get(each.name)
        is_required = each.default is each.empty
        properties[camel_case(each.name)] = {
            **annotated.type,
            "description": sentence(said[each.name], None if is_required else each.default),
            **({"plain": True} if annotated.is_plain else {}),
            **({"secret": True} if row and row.is_secret else {}),
            # `replaceOnChanges` would make the engine replace where the plugin knows that the place is the same.
            **({"willReplaceOnChanges": True} if row and row.replaces else {}),
        }
        if is_required:
            required.append(camel_case(each.name))
    return properties, required


def _summary() -> dict[str, Any]:
    """Return an endpoint as Signa answers it."""
    said = docstrings.read(WebhookEndpoint.__init__).of("Args") | docstrings.read(WebhookEndpoint).of("Attributes")
    fields = {name: read(each) for name, each in typing.get_type_hints(models.WebhookEndpoint).items()}
    return _object(
        {camel_case(name): {**each.type, "description": sentence(said[name])} for name, each in fields.items()},
        [camel_case(name) for name, each in fields.items() if not each.is_optional],
    )


def _functions() -> dict[str, Any]:
    of_id = _summary()["properties"]["id"]
    account = {"type": "string", "description": sentence("the name of another organization to look in")}
    in_order = "Every endpoint, in the order in which Signa has them."
    listed = {**array(reference("EndpointSummary")), "description": in_order}
    return {
        token("getWebhookEndpoint"): {
            "description": "Reads an endpoint that exists, without its secret, and leaves it as it is.",
            "inputs": _object({"id": of_id, "account": account}, ["id"]),
            "outputs": _summary(),
        },
        token("listWebhookEndpoints"): {
            "description": "Reads the endpoints that an organization at Signa has, without their secrets.",
            "inputs": _object({"account": account}),
            "outputs": _object({"endpoints": listed}, ["endpoints"]),
        },
    }


def _settings(of_environment: str) -> Properties:
    """Return the settings that stand beside the environment, and what is said of the variable there."""
    described = {}
    for name, row in setting_rows.ROWS.items():
        if row.key is not None:
            place = f". {of_environment.format(row.variable)}" if row.variable else ""
            said = sentence(row.description + place, row.default)
            described[_setting(name)] = {**_described(row), "description": said}
    # SDKs send an object of a provider as one text, so marks on its members would be lost.
    organizations = {"type": "object", "additionalProperties": reference("Organization"), "secret": True}
    described[ACCOUNTS_KEY.partition(":")[2]] = {**organizations, "description": sentence(ORGANIZATIONS)}
    return described


def _described(row: setting_rows.Row) -> dict[str, Any]:
    kind = {float: {"type": "number"}, tuple: array({"type": "string"})}.get(type(row.default), {"type": "string"})
    is_secret = row is setting_rows.ROWS["api_key"]
    return {**kind, "description": sentence(row.description), **({"secret": True} if is_secret else {})}


def _setting(name: str) -> str:
    """Return the name of a setting: its key in the native host, without the namespace."""
    row = setting_rows.ROWS[name]
    return str(row.native_key or row.key).rpartition(":")[2]
