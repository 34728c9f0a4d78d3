"""A page for each resource that `pulumi_signa` exports."""

from __future__ import annotations

import collections.abc
import inspect
import re
import types
import typing
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pulumi

import pulumi_signa
from pulumi_signa.lifecycle.schema import Record
from tools.reference import docstrings
from tools.reference.markdown import capitalized, code, literal, table
from tools.reference.page import Page

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_OPTIONS = "as for every resource"


def pages() -> Iterator[Page]:
    """Yield a page for each resource, and one that lists them."""
    exported = [getattr(pulumi_signa, name) for name in pulumi_signa.__all__]
    resources = [each for each in exported if issubclass(each, pulumi.Resource)]
    arguments = [each for each in exported if each not in resources]
    listed = []
    for resource in resources:
        name = page_name(resource)
        yield Page(name, resource.__name__, _resource(resource, arguments))
        listed.append((f"[`{resource.__name__}`]({name}.md)", docstrings.read(resource).text.split("\n\n")[0]))
    yield Page("resources", "Resources", table(("resource", "what it is"), listed))


def page_name(resource: type) -> str:
    """Return the name of a resource's page: `webhook-endpoint`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", resource.__name__).lower()


def _resource(resource: type[Any], arguments: Iterable[type]) -> str:
    inputs_of_schema, outputs_of_schema = _schema(resource)
    said = docstrings.read(resource)
    parameters = [each for each in inspect.signature(resource).parameters.values() if each.name != "name"]
    inputs = {each.name for each in parameters}
    of_inputs = docstrings.read(resource.__init__).of("Args") | inputs_of_schema
    of_outputs = {"id": "the resource's id"} | said.of("Attributes") | outputs_of_schema
    # Only a resource with a provider has an id.
    outputs = [] if issubclass(resource, pulumi.ComponentResource) else ["id"]
    outputs += [name for name in outputs_of(resource) if name not in inputs]
    parts = [
        said.text,
        "## Inputs",
        table(
            ("input", "type", "what it is", "default"),
            [
                (
                    code(each.name),
                    code(type_name(each.annotation)),
                    of_inputs.get(each.name, _OPTIONS),
                    "required" if each.default is each.empty else literal(each.default),
                )
                for each in parameters
            ],
        ),
        "## Outputs",
        table(
            ("output", "type", "what it is"),
            [(code(name), code(type_name(outputs_of(resource).get(name, str))), of_outputs[name]) for name in outputs],
        ),
    ]
    for argument in arguments:
        if argument.__module__ == resource.__module__:
            parts += [f"## {argument.__name__}", *_argument(argument)]
    if hasattr(resource, "get"):
        parts += ["## Read one that the stack does not own", *_get(resource)]
    return "\n\n".join(part.strip() for part in parts)


def _argument(argument: type) -> Iterator[str]:
    said = docstrings.read(argument)
    yield said.text
    yield table(
        ("field", "type", "what it is", "default"),
        [
            (
                code(each.name),
                code(type_name(each.annotation)),
                said.of("Attributes")[each.name],
                "required" if each.default is each.empty else literal(each.default),
            )
            for each in inspect.signature(argument).parameters.values()
        ],
    )


def _get(resource: type[Any]) -> Iterator[str]:
    said = docstrings.read(resource.get)
    yield code(f"{resource.__name__}.get{docstrings.signature(resource.get)}")
    yield said.text
    yield "".join(f"* `{name}`: {capitalized(text)}\n" for name, text in said.of("Args").items())


def outputs_of(resource: type) -> dict[str, Any]:
    """Return the annotations of the attributes that a resource has, in the order of their declaration."""
    found: dict[str, Any] = {}
    for each in reversed(resource.__mro__):
        if each.__module__.startswith("pulumi_signa."):
            own = inspect.get_annotations(each)
            found |= {name: annotation for name, annotation in own.items() if _is_output(annotation)}
    return found


def _is_output(annotation: object) -> bool:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):  # a child that is not always there
        return any(_is_output(each) for each in typing.get_args(annotation))
    is_resource = isinstance(annotation, type) and issubclass(annotation, pulumi.Resource)
    return is_resource or typing.get_origin(annotation) is pulumi.Output


def _schema(resource: type) -> tuple[dict[str, str], dict[str, str]]:
    """Return what the schema of a resource says of its inputs and of its outputs; nothing for a component."""
    module = f"pulumi_signa.lifecycle.{resource.__module__.rpartition('.')[2]}"
    if find_spec(module) is None:
        return {}, {}
    schema = import_module(f"{module}.schema")
    records = [each for each in vars(schema).values() if isinstance(each, type) and issubclass(each, Record)]
    members = {row.members for row in schema.Declared.rows().values()}
    own = [each for each in records if each.__module__ == schema.__name__ and each not in members]
    inputs = {name: row.description for name, row in schema.Declared.rows().items()}
    outputs = {name: row.description for each in own for name, row in each.rows().items()}
    return inputs, outputs


def type_name(annotation: Any) -> str:
    """Return what a program gives or gets, without Pulumi's `Input` and `Output` around it."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        plain = [each for each in arguments if not is_deferred(each)]
        return " | ".join(dict.fromkeys(type_name(each) for each in plain))
    if origin is pulumi.Output:
        return type_name(arguments[0])
    if origin is not None:
        return f"{origin.__name__}[{', '.join(type_name(each) for each in arguments)}]"
    if annotation is type(None):
        return "None"
    return getattr(annotation, "__name__", str(annotation))


def is_deferred(annotation: object) -> bool:
    """Return whether a member of `pulumi.Input` stands for a value that comes later."""
    is_reference = isinstance(annotation, typing.ForwardRef)
    return is_reference or typing.get_origin(annotation) in (collections.abc.Awaitable, pulumi.Output)
