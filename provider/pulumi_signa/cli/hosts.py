"""`Hosts`: what serves a stack, the dynamic providers, the native plugin or both; and which settings each reads."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pulumi_signa.setting_rows import ROWS, Row
from pulumi_signa.settings import has_aws_credentials

DYNAMIC, NATIVE = "pulumi-python:dynamic/signa:", "signa:index:"
"""How the types of our resources begin."""

_PROVIDER = "pulumi:providers:signa"
_IDENTITY = f"{NATIVE}StackIdentity"
"""The default provider serves it, whatever the program gives the other resources."""


@dataclass(frozen=True, slots=True)
class Hosts:
    """`Hosts` is what serves a stack: neither, one, or both while it moves."""

    is_dynamic: bool = False
    is_native: bool = False


def of(resources: Iterable[Mapping[str, Any]]) -> Hosts:
    """Return what serves the resources of a state. Components count as nothing: both hosts have the same ones."""
    types = [resource["type"] for resource in resources if resource.get("custom")]
    return Hosts(any(each.startswith(DYNAMIC) for each in types), any(each.startswith(NATIVE) for each in types))


def provider_of_program(resources: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the provider with arguments of its own that serves what a stack has; None where the default one does."""
    providers = {resource["urn"]: resource for resource in resources if resource["type"] == _PROVIDER}
    ours = (each for each in resources if each["type"].startswith(NATIVE) and each["type"] != _IDENTITY)
    serving = {str(each.get("provider")).rpartition("::")[0] for each in ours if each.get("custom")} & providers.keys()
    is_default = any(urn.rpartition("::")[2].startswith("default") for urn in serving)
    return None if is_default or not serving else providers[min(serving)]


def has_native_keys(configuration: Mapping[str, object]) -> bool:
    """Return whether a stack's configuration has settings that the native plugin alone reads."""
    return any(row.native_key in configuration for row in ROWS.values() if row.native_key is not None)


def unread_by_one(configuration: Mapping[str, object], serving: Hosts) -> Iterator[tuple[str, str]]:
    """Yield which settings a host of the stack does not read where they stand, and what to do."""
    for name, row in ROWS.items():
        if row.native_key is None or row.key is None or _is_decided(name, row):
            continue
        if serving.is_native and row.key in configuration and row.native_key not in configuration:
            yield f"the native plugin does not read {row.key}", f"set {row.native_key} as well"
        if serving.is_dynamic and row.native_key in configuration and row.key not in configuration:
            yield f"the stack's dynamic resources do not read {row.native_key}", f"set {row.key} as well"


def _is_decided(name: str, row: Row) -> bool:
    """Return whether the environment decides, so that neither key counts."""
    return has_aws_credentials() if name == "aws_profile" else bool(row.variable and os.environ.get(row.variable))
