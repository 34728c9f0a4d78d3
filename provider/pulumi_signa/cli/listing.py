"""`pulumi-signa list`: every endpoint of an organization, with its health."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pulumi_signa.accounts import Account
from pulumi_signa.cli import configuration, options
from pulumi_signa.cli.ages import ago
from pulumi_signa.cli.errors import explained
from pulumi_signa.cli.exit_codes import ExitCode
from pulumi_signa.cli.screen import Screen
from pulumi_signa.cli.tables import Cell, Column, Row, Table, Tone

if TYPE_CHECKING:
    from pulumi_signa.signa_api.models import WebhookEndpoint


class Unhealthy(str, Enum):
    """`Unhealthy` is what may be wrong with an endpoint, the worst first."""

    DISABLED = "disabled"
    """It gets no deliveries."""
    FAILING = "failing"
    """Its last delivery failed."""


OK = "ok"
_WORST_FIRST = (Unhealthy.DISABLED.value, Unhealthy.FAILING.value, OK)


@dataclass(frozen=True, slots=True)
class ListedEndpoint:
    """`ListedEndpoint` is an endpoint as Signa has it, and its health; moments are ISO 8601 UTC."""

    id: str
    url: str
    health: str
    status: str
    enabled_events: tuple[str, ...]
    secret_version: int
    consecutive_failures: int
    last_success_at: str | None
    last_failure_at: str | None
    created_at: str
    updated_at: str
    description: str | None
    metadata: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """
    `Listing` is what `list` finds.

    Attributes:
        account: The name of the organization; None for the default one.
        endpoints: The worst first, then by URL.
    """

    account: str | None
    endpoints: tuple[ListedEndpoint, ...]


def command(
    *,
    fail_on: Annotated[
        list[Unhealthy] | None,
        typer.Option(
            "--fail-on",
            metavar="disabled|failing",
            help="End with exit code 1 where an endpoint is so; may be given twice.",
        ),
    ] = None,
    account: options.Account = None,
    stack: options.Stack = None,
    folder: options.Folder = options.HERE,
    as_json: options.AsJson = False,
) -> None:
    """
    List all endpoints with their health, the worst first.

    Piped, each endpoint is a line; between its fields, which are those of --json in this order, are tabs.
    """
    screen = Screen(as_json=as_json)
    settings = configuration.load(account, stack, folder, screen.warn)
    with explained(settings):
        signa = Account(settings, screen.pause).signa()
        found = listing_of(screen.counted(signa.list_webhook_endpoints(), "reading endpoints"), account)
    screen.show(found, found.endpoints, table_of(found, settings.now()))
    if {endpoint.health for endpoint in found.endpoints} & {each.value for each in fail_on or ()}:
        raise typer.Exit(ExitCode.ATTENTION)


def listing_of(endpoints: "Iterable[WebhookEndpoint]", account: str | None) -> Listing:
    """Return the endpoints of an organization with their health."""
    listed = (
        ListedEndpoint(
            id=endpoint.id,
            url=endpoint.url,
            health=_health_of(endpoint),
            status=endpoint.status,
            enabled_events=endpoint.enabled_events,
            secret_version=endpoint.secret_version,
            consecutive_failures=endpoint.consecutive_failures,
            last_success_at=endpoint.last_success_at,
            last_failure_at=endpoint.last_failure_at,
            created_at=endpoint.created_at,
            updated_at=endpoint.updated_at,
            description=endpoint.description,
            metadata=endpoint.metadata,
        )
        for endpoint in endpoints
    )
    return Listing(
        account, tuple(sorted(listed, key=lambda each: (_WORST_FIRST.index(each.health), each.url, each.id)))
    )


def table_of(listing: Listing, now: datetime) -> Table:
    """Return what a person sees of the endpoints."""
    columns = (
        Column("Endpoint", is_flexible=True),
        Column("Health"),
        Column("Failures", is_number=True),
        Column("Delivered", is_number=True),
        Column("Failed", is_number=True),
    )
    return Table(columns, tuple(_row(endpoint, now) for endpoint in listing.endpoints), _summary(listing))


_TONES = dict(zip(_WORST_FIRST, (Tone.BAD, Tone.DOUBTFUL, Tone.GOOD), strict=True))


def _health_of(endpoint: "WebhookEndpoint") -> str:
    if endpoint.status != "active":
        return Unhealthy.DISABLED.value
    return Unhealthy.FAILING.value if endpoint.consecutive_failures else OK


def _row(endpoint: ListedEndpoint, now: datetime) -> Row:
    tone = _TONES[endpoint.health]
    about = f"{endpoint.id}, secret v{endpoint.secret_version}, {', '.join(endpoint.enabled_events)}"
    return Row(
        cells=(
            Cell(endpoint.url),
            Cell(endpoint.health, tone),
            Cell(str(endpoint.consecutive_failures), tone if endpoint.consecutive_failures else Tone.QUIET),
            Cell(ago(endpoint.last_success_at, now)),
            Cell(ago(endpoint.last_failure_at, now)),
        ),
        details=(Cell(about, Tone.QUIET), Cell(endpoint.description or "", Tone.QUIET)),
    )


def _summary(listing: Listing) -> Cell:
    of = "" if listing.account is None else f" of {listing.account}"
    total = len(listing.endpoints)
    if not total:
        return Cell(f"There is no endpoint in the organization{of}.")
    counts = Counter(endpoint.health for endpoint in listing.endpoints)
    bad = [f"{counts[health]:,} {health}" for health in _WORST_FIRST if health != OK and counts[health]]
    tone = Tone.GOOD if not bad else Tone.PLAIN
    return Cell(f"{total:,} endpoint{'s' if total > 1 else ''}{of}: {', '.join(bad) or 'all well'}.", tone)
