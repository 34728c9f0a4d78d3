"""`pulumi-signa adopt`: Python that takes over endpoints that exist, ready to paste, on the host of the stack."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import unquote, urlsplit

import typer

from pulumi_signa.accounts import Account
from pulumi_signa.cli import configuration, options, projects, stacks
from pulumi_signa.cli.errors import CommandError, explained
from pulumi_signa.cli.exit_codes import ExitCode
from pulumi_signa.cli.python_source import Call, source
from pulumi_signa.cli.screen import Screen
from pulumi_signa.lifecycle.values import LARGEST_EXACT, is_same, leaves
from pulumi_signa.lifecycle.webhook_endpoint import schema
from pulumi_signa.lifecycle.webhook_endpoint.state import as_declared

if TYPE_CHECKING:
    from pulumi_signa.cli.stacks import StackState
    from pulumi_signa.settings import Settings
    from pulumi_signa.signa_api.models import WebhookEndpoint

_LONGEST_NAME = 60

_WITHOUT_SECRETS = "# Receivers keep their secrets. The stack gets one by secret= or rotate=True in Adopt."
_ROTATING = "# Each endpoint gets a new secret; the one that receivers have stays valid for 24 hours."
_CHANGED = "# Pulumi carries no null and no integer beyond 2**53, so this metadata will change."

_IMPORT = "# Or, without this statement: pulumi import signa:index:WebhookEndpoint {name} {id}"

_NO_STACK = "no stack was named, so endpoints that one has already are not skipped: see --all-stacks and --export"
_OTHER_STACKS = (
    "only what {named} knows was skipped: an endpoint of another stack would get two owners; see --all-stacks"
)


@dataclass(frozen=True, slots=True)
class Adoptable:
    """
    `Adoptable` is an endpoint that is to be taken over.

    Attributes:
        name: The name of its resource.
        problems: Why a stack cannot declare it; where there are some, the program leaves the endpoint out.
    """

    id: str
    url: str
    name: str
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Adoption:
    """
    `Adoption` is what `adopt` finds.

    Attributes:
        account: The name of the organization; None for the default one.
        endpoints: The oldest first.
        program: The source of a Python program.
    """

    account: str | None
    endpoints: tuple[Adoptable, ...]
    program: str


@dataclass(frozen=True, slots=True)
class Style:
    """
    `Style` is how the program takes endpoints over.

    Attributes:
        is_stored: As `StoredWebhookEndpoint`s.
        rotate: With new secrets.
        is_native: By the native host.
    """

    is_stored: bool
    rotate: bool
    account: str | None
    is_native: bool = False


def command(  # noqa: PLR0913 - one argument an option
    *,
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID", help="Endpoints; all by default.")] = None,
    url: Annotated[str, typer.Option("--url", metavar="GLOB", help="Only endpoints whose URL matches.")] = "*",
    files: Annotated[
        list[Path] | None,
        typer.Option("--export", metavar="FILE", help=f"{stacks.EXPORT} Its endpoints are skipped."),
    ] = None,
    named: Annotated[
        list[str] | None,
        typer.Option("--stack", "-s", metavar="STACK", help="Skip what this stack has; may be given several times."),
    ] = None,
    all_stacks: Annotated[bool, typer.Option("--all-stacks", help="Skip what any stack of the project has.")] = False,
    stored: Annotated[bool, typer.Option("--stored", help="Print StoredWebhookEndpoints.")] = False,
    rotate: Annotated[bool, typer.Option("--rotate", help="Have a new secret issued for each endpoint.")] = False,
    account: options.Account = None,
    folder: options.Folder = options.HERE,
    as_json: options.AsJson = False,
) -> None:
    """
    Print Python that takes over existing endpoints.

    Name every stack that has endpoints in the organization: those of a stack that is not named would get two owners,
    which no preview sees.
    """
    screen = Screen(as_json=as_json)
    states = stacks.read(screen, folder, files=files or (), stacks=named or (), all_stacks=all_stacks)
    settings = configuration.load_beside_states(account, named or (), folder, screen.warn)
    with explained(settings):
        signa = Account(settings, screen.pause).signa()
        endpoints = list(screen.counted(signa.list_webhook_endpoints(), "reading endpoints"))
        wanted = _wanted(endpoints, ids or (), url)
        known = frozenset().union(*(state.ids for state in states))
        new = [endpoint for endpoint in endpoints if endpoint.id not in known]
        names = names_of(new, taken=frozenset().union(*(state.names for state in states)))
        named_endpoints = [(names[endpoint.id], endpoint) for endpoint in wanted if endpoint.id in names]
        style = Style(stored, rotate, account, _is_native(states, folder))
        found = adoption_of(named_endpoints, settings, style)
    _warn(screen, found, skipped=sum(each.id in known for each in wanted))
    if found.endpoints and not all_stacks:
        screen.warn(_OTHER_STACKS.format(named=", ".join(state.source for state in states)) if states else _NO_STACK)
    screen.show_text(found, found.program)
    if any(each.problems for each in found.endpoints):
        raise typer.Exit(ExitCode.ATTENTION)


def names_of(endpoints: "Iterable[WebhookEndpoint]", taken: Collection[str] = ()) -> dict[str, str]:
    """
    Return a name for each endpoint by its id, made of host and path of its URL.

    Args:
        endpoints: The oldest first, so that a name does not change when other endpoints are created later.
        taken: Names of other resources.
    """
    used = {*taken}
    names: dict[str, str] = {}
    for endpoint in endpoints:
        stem = _stem(endpoint.url)
        candidates = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
        names[endpoint.id] = next(name for name in candidates if name not in used)
        used.add(names[endpoint.id])
    return names


def adoption_of(named: "Sequence[tuple[str, WebhookEndpoint]]", settings: "Settings", style: Style) -> Adoption:
    """Return the program that takes over these endpoints, each with the name of its resource."""
    endpoints = []
    statements = []
    for name, endpoint in named:
        problems = _problems(endpoint, settings)
        endpoints.append(Adoptable(endpoint.id, endpoint.url, name, problems))
        if problems:
            statements.append("\n".join([f"# Left out: {endpoint.id}", *(f"# {problem}" for problem in problems)]))
        else:
            statements.append(
                "\n".join([*_comments(name, endpoint, style), source(_declaration(name, endpoint, style))])
            )
    program = "\n\n".join([*_beginning(style), *statements]) if statements else ""
    return Adoption(style.account, tuple(endpoints), program)


def _is_native(states: "Iterable[StackState]", folder: Path) -> bool:
    project = projects.known(folder)
    return any(state.is_native for state in states) or (project is not None and project.runtime != projects.PYTHON)


def _comments(name: str, endpoint: "WebhookEndpoint", style: Style) -> Iterator[str]:
    if not _is_carried(endpoint.metadata):
        yield _CHANGED
    # An import neither stores a secret nor issues one.
    if style.is_native and not style.is_stored and not style.rotate:
        account = "" if style.account is None else f"{style.account}/"
        yield _IMPORT.format(name=name, id=f"{account}{endpoint.id}")


def _wanted(endpoints: "Iterable[WebhookEndpoint]", ids: Collection[str], url: str) -> "list[WebhookEndpoint]":
    """Return the endpoints that the command was asked for; raise `CommandError` where one of the ids is unknown."""
    by_id = {endpoint.id: endpoint for endpoint in endpoints}
    if not all(id_.startswith("whk_") for id_ in ids):
        raise CommandError("the id of an endpoint begins with whk_; `pulumi-signa list` shows the ids")
    missing = [id_ for id_ in ids if id_ not in by_id]
    if missing:
        raise CommandError(f"not in this organization: {', '.join(missing)}; `pulumi-signa list` shows what is")
    return [each for each in by_id.values() if (not ids or each.id in ids) and fnmatchcase(each.url, url)]


def _stem(url: str) -> str:
    try:
        parts = urlsplit(url)
        place = f"{parts.netloc}{parts.path}"
    except ValueError:  # Signa may hold what Python takes for no URL
        place = url
    stem = ""
    for word in re.findall("[a-z0-9]+", unquote(place).lower()):
        longer = f"{stem}-{word}" if stem else word[:_LONGEST_NAME]
        if len(longer) > _LONGEST_NAME:
            break
        stem = longer
    return stem or "endpoint"


def _problems(endpoint: "WebhookEndpoint", settings: "Settings") -> tuple[str, ...]:
    declared = schema.Declared.normalized({**_sent(endpoint), "adopt": {"id": endpoint.id}})
    return tuple(schema.problems(declared, http_allowed=not settings.is_production))


def _is_carried(metadata: dict[str, Any]) -> bool:
    """Return whether Pulumi carries metadata to the plugin as they are."""
    return not any(leaf is None or (isinstance(leaf, int) and abs(leaf) > LARGEST_EXACT) for leaf in leaves(metadata))


def _sent(endpoint: "WebhookEndpoint") -> dict[str, Any]:
    declared = as_declared(endpoint)
    return {name: getattr(declared, name) for name in schema.SENT}


def _declaration(name: str, endpoint: "WebhookEndpoint", style: Style) -> Call:
    defaults = schema.Declared.normalized({})
    declared = {key: value for key, value in _sent(endpoint).items() if not is_same(value, defaults[key])}
    adopt = Call("Adopt", {"": endpoint.id, **({"rotate": True} if style.rotate else {})})
    return Call(
        "StoredWebhookEndpoint" if style.is_stored else "WebhookEndpoint",
        {
            "": name,
            **declared,
            **({"secret_name": f"signa/{name}"} if style.is_stored else {}),
            "adopt": adopt,
            **({} if style.account is None else {"account": style.account}),
        },
        is_long=True,
    )


def _beginning(style: Style) -> Iterator[str]:
    module = "pulumi_signa.native" if style.is_native else "pulumi_signa"
    yield f"from {module} import Adopt, {'StoredWebhookEndpoint' if style.is_stored else 'WebhookEndpoint'}"
    yield _ROTATING if style.rotate else _WITHOUT_SECRETS


def _warn(screen: Screen, found: Adoption, *, skipped: int) -> None:
    if skipped:
        screen.warn(f"skipped {skipped:,} that the given stacks know")
    if not found.endpoints:
        screen.warn("there is no endpoint to take over")
    for each in found.endpoints:
        if each.problems:
            screen.warn(f"{each.id} is left out: {'; '.join(each.problems)}")
