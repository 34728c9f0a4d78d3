"""What is peculiar to the host under test: Pulumi's dynamic providers, or our native plugin."""

import os
import re
from collections.abc import Mapping
from typing import Any

HOSTS = ("dynamic", "native")

HOST = os.environ.get("SIGNA_TEST_HOST") or "dynamic"
"""The host under test; `make test HOST=native` sets the variable."""

IS_NATIVE = HOST == "native"

TYPES = {"dynamic": "pulumi-python:dynamic/signa:", "native": "signa:index:"}[HOST]
"""How the types of our resources begin."""

IDENTITY = f"{TYPES}StackIdentity"
"""The type of the resource that every stack has beside those that its program declares."""

PLUGIN_COMMAND = {"dynamic": b"\0pulumi.dynamic\0", "native": b"/pulumi-resource-signa\0"}[HOST]
"""Stands in the command line of the plugin's process."""


def program_of_host(program: str) -> str:
    """Return a program whose resources the host under test serves; the programs of the tests are those of the other."""
    return re.sub(r"\bfrom pulumi_signa import\b", "from pulumi_signa.native import", program) if IS_NATIVE else program


def by_python_names(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return properties of a state by the names that programs in Python have for them."""
    return {_snake_case(name): value for name, value in properties.items()}


def _snake_case(name: str) -> str:
    return name if name.startswith("__") else re.sub("[A-Z]", lambda match: f"_{match[0].lower()}", name)
