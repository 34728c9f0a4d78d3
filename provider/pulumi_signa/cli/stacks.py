"""Which endpoints stacks know: what their exported states say."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from pulumi_signa.cli import hosts, pulumi_cli
from pulumi_signa.cli.errors import CommandError
from pulumi_signa.cli.files import read as content_of
from pulumi_signa.cli.screen import Screen

ENDPOINT_TYPES = (f"{hosts.DYNAMIC}WebhookEndpoint", f"{hosts.NATIVE}WebhookEndpoint")
"""An endpoint's types under the two hosts of the provider."""

Stacks = Annotated[
    list[str] | None,
    typer.Option("--stack", "-s", metavar="STACK", help="A stack that knows endpoints; may be given several times."),
]
AllStacks = Annotated[bool, typer.Option("--all-stacks", help="Every stack of the project.")]
EXPORT = "Output of `pulumi stack export`; - is stdin."


@dataclass(frozen=True, slots=True)
class StackState:
    """
    `StackState` is what a stack knows.

    Attributes:
        source: The stack's name, or the file.
        ids: The endpoints that it manages, reads, is about to change, or has yet to delete.
        names: The names of its resources.
        pending_creates: Endpoints whose creates were begun, and not recorded when the state was exported.
        is_native: Whether the native plugin serves some of its resources.
    """

    source: str
    ids: frozenset[str]
    names: frozenset[str]
    pending_creates: int
    is_native: bool


def read(
    screen: Screen, folder: Path, *, files: Iterable[Path], stacks: Iterable[str], all_stacks: bool
) -> tuple[StackState, ...]:
    """
    Return what these exports and stacks know; a stack is exported by the Pulumi CLI.

    Raises:
        CommandError: A file is no export of a stack, or a stack cannot be exported.
    """
    states = [state_in(content_of(file), source=str(file)) for file in dict.fromkeys(files)]
    named = [*stacks]
    if all_stacks:
        with screen.doing("listing the stacks of the project"):
            named += pulumi_cli.stacks(folder)
    for stack in dict.fromkeys(named):
        with screen.doing(f"exporting stack {stack}"):
            states.append(_state_of(pulumi_cli.exported(folder, stack), stack))
    return tuple(states)


def export_in(file: Path) -> Any:
    """Return the export of a stack that a file holds; raise `CommandError` where it is none."""
    content = content_of(file)
    state_in(content, source=str(file))
    return json.loads(content)


def state_in(content: bytes, source: str) -> StackState:
    """Return what an export knows, UTF-8 or UTF-16 as PowerShell writes it; raise `CommandError` where it is none."""
    try:
        return _state_of(json.loads(content), source)
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        raise CommandError(f"{source} is no output of `pulumi stack export`") from None


def _state_of(export: Any, source: str) -> StackState:
    deployment = export["deployment"] or {}
    pending = deployment.get("pending_operations") or []
    resources = [*(deployment.get("resources") or []), *(operation["resource"] for operation in pending)]
    endpoints = [resource for resource in resources if resource["type"] in ENDPOINT_TYPES]
    return StackState(
        source=source,
        ids=frozenset(id_ for endpoint in endpoints for id_ in _ids_of(endpoint)),
        names=frozenset(resource["urn"].rpartition("::")[2] for resource in resources),
        pending_creates=sum(
            operation["type"] == "creating" and operation["resource"]["type"] in ENDPOINT_TYPES for operation in pending
        ),
        is_native=hosts.of(resources).is_native,
    )


def _ids_of(resource: Mapping[str, Any]) -> Iterator[str]:
    """Yield the endpoint of a resource, and the one that it was told to adopt."""
    if resource.get("id"):
        yield resource["id"]
    adopt = (resource.get("inputs") or {}).get("adopt")
    if isinstance(adopt, Mapping) and isinstance(adopt.get("id"), str):
        yield adopt["id"]
