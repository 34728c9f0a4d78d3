"""What is peculiar to the host under test: Pulumi's dynamic providers, or our native plugin."""

import importlib
import os
import re
from collections.abc import Mapping
from typing import Any

import pytest

from pulumi_signa.explanations import PROPERTIES
from pulumi_signa.property_names import camel_case, snake_case

HOSTS = ("dynamic", "native")

HOST = os.environ.get("SIGNA_TEST_HOST") or "dynamic"
"""The host under test; `make test HOST=native` sets the variable."""

IS_NATIVE = HOST == "native"

TYPES = {"dynamic": "pulumi-python:dynamic/signa:", "native": "signa:index:"}[HOST]
"""How the types of our resources begin."""

TYPES_IN_KEYS = "pulumi-python:dynamic/signa:"
"""How they begin in the URNs that keys derive from, on both hosts."""

IDENTITY = f"{TYPES}StackIdentity"
"""The type of the resource that every stack has beside those that its program declares."""

_BY_NAME = ("signa:index:WebhookEndpoint", "signa:index:SecretsManagerSecret", "signa:index:DeliveryCheck")
"""What a program may declare of the native host by its name, whichever host is under test."""

PLUGIN_COMMAND = {"dynamic": b"\0pulumi.dynamic\0", "native": b"/pulumi-resource-signa\0"}[HOST]
"""Stands in the command line of the plugin's process."""

IN_PREVIEWS = {"dynamic": "update", "native": "same"}[HOST]
"""What a preview shows for a resource whose inputs are outputs of one that is edited; the native host knows them."""

WITH_A_STATE_OF_PYTHON = {"dynamic": "same", "native": "update"}[HOST]
"""What is done about a state with the names of Python: the native host writes the state anew, once."""

MARKED = {"dynamic": "[metadata]", "native": "[secret]"}[HOST]
"""What a message shows in place of a member of the metadata that the program marked; only a plugin is shown marks."""

VALUE_IN_DIFFS = {"dynamic": "", "native": "secret_string,"}[HOST]
"""How the value of a stored secret shows among the properties that differ: as no output, only by our own diff."""

AWS_REGION = {"dynamic": "aws:region", "native": "signa:awsRegion"}[HOST]
"""The key of the stack's configuration that names the region; a plugin is shown no keys of other packages."""

only = pytest.mark.only
"""`only("dynamic")` marks a story of what one host alone does; with the other host pytest does not play it."""

resources: Any = importlib.import_module("pulumi_signa.native" if IS_NATIVE else "pulumi_signa")
"""The resources that the host under test serves, for programs in the process of the tests."""

_CAMEL_CASE = re.compile(rf"\b(?:{'|'.join(camel_case(name) for name in PROPERTIES if '_' in name[1:])})\b")


def program_of_host(program: str) -> str:
    """Return a program whose resources the host under test serves; the programs of the tests are those of the other."""
    return re.sub(r"\bfrom pulumi_signa import\b", "from pulumi_signa.native import", program) if IS_NATIVE else program


def is_declared(type_: str) -> bool:
    """Return whether a type is one of ours that a program declares."""
    return type_ in _BY_NAME or (type_.startswith(TYPES) and type_ != IDENTITY)


def name_in_states(name: str) -> str:
    """Return how the host under test writes the name that a property has in Python."""
    return camel_case(name) if IS_NATIVE else name


def problem_in(error: str) -> str:
    """Return what is wrong with which input; of a number or boolean, the native host has the engine name the input."""
    named, problem = error.split(" has a problem: ")
    by_engine = re.search(r": property (\w+) value \{", named)
    return f"{snake_case(by_engine[1])}: {problem}" if by_engine else problem


def in_python(text: str) -> str:
    """Return what the engine prints with the names that properties have in Python."""
    return _CAMEL_CASE.sub(lambda name: snake_case(name[0]), text) if IS_NATIVE else text


def code_in(resource: Mapping[str, Any]) -> str:
    """Return what of our code stands in the state of a resource: the native host stores none."""
    code = resource["inputs"].get("__provider", "")
    assert isinstance(code, str)
    assert bool(code) != IS_NATIVE
    return code


def by_python_names(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return properties of a state by the names that programs in Python have for them."""
    return {snake_case(name): value for name, value in properties.items()}
