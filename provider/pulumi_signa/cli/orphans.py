"""`pulumi-signa orphans`: the endpoints of an organization that no stack knows, and their deletion."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pulumi_signa.accounts import Account
from pulumi_signa.cli import configuration, options, stacks
from pulumi_signa.cli.ages import age_of, ago, duration, span
from pulumi_signa.cli.errors import CommandError, explained
from pulumi_signa.cli.exit_codes import ExitCode
from pulumi_signa.cli.screen import Screen
from pulumi_signa.cli.tables import Cell, Column, Row, Table, Tone

if TYPE_CHECKING:
    from pulumi_signa.cli.stacks import StackState
    from pulumi_signa.signa_api.client import SignaClient
    from pulumi_signa.signa_api.models import WebhookEndpoint

_NOBODY_TO_ASK = "--delete asks before it deletes, and nobody can be asked here: add --yes"
_NO_STACKS = "name what knows the endpoints: files with the output of `pulumi stack export`, --stack, or --all-stacks"
_NONE_KNOWN = "the given stacks have no endpoint of Signa, so all would count as orphans: are these the right stacks?"
_OTHER_ORGANIZATION = (
    "no endpoint of the given stacks is in this organization, so all would count as orphans: "
    "check --account, and whose API key this is"
)


@dataclass(frozen=True, slots=True)
class Orphan:
    """
    `Orphan` is an endpoint that no stack knows; `created_at` is ISO 8601 UTC.

    Attributes:
        is_young: Whether it is younger than `--older-than`, so that a run under way may have made it.
        is_deleted: Whether this command has deleted it.
    """

    id: str
    url: str
    status: str
    created_at: str
    description: str | None
    is_young: bool
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class Orphans:
    """
    `Orphans` is what `orphans` finds.

    Attributes:
        account: The name of the organization; None for the default one.
        stacks: Where the known endpoints come from.
        endpoints: How many endpoints the organization has.
        pending_creates: How many creates of endpoints the stacks had begun and not recorded.
        orphans: The oldest first.
    """

    account: str | None
    stacks: tuple[str, ...]
    endpoints: int
    pending_creates: int
    orphans: tuple[Orphan, ...]


def command(  # noqa: PLR0913 - one argument an option
    *,
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILE", help=stacks.EXPORT)] = None,
    named: stacks.Stacks = None,
    all_stacks: stacks.AllStacks = False,
    delete: Annotated[bool, typer.Option("--delete", help="Delete the orphans, after a question.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Delete without a question.")] = False,
    older_than: Annotated[
        timedelta,
        typer.Option(
            "--older-than",
            parser=duration,
            metavar="AGE",
            help="Delete only what is as old as this, such as 30m, 2h or 0: a run under way may have made the rest.",
        ),
    ] = "1h",  # type: ignore[assignment]  # typer passes it through the parser
    account: options.Account = None,
    folder: options.Folder = options.HERE,
    as_json: options.AsJson = False,
) -> None:
    """
    Find the endpoints that no stack knows.

    Name every stack that has endpoints in the organization: those of a stack that is not named count as orphans.
    """
    screen = Screen(as_json=as_json)
    if delete and not (yes or screen.is_interactive):
        raise CommandError(_NOBODY_TO_ASK)
    if not (files or named or all_stacks):
        raise CommandError(_NO_STACKS)
    states = stacks.read(screen, folder, files=files or (), stacks=named or (), all_stacks=all_stacks)
    settings = configuration.load_beside_states(account, named or (), folder, screen.warn)
    with explained(settings):
        signa = Account(settings, screen.pause).signa()
        endpoints = list(screen.counted(signa.list_webhook_endpoints(), "reading endpoints"))
        now = settings.now()
        found = orphans_among(endpoints, states, account=account, youngest=now - older_than)
        _warn_of_stacks(screen, endpoints, states)
        if delete and found.orphans:
            found = _delete(screen, signa, found, now, is_agreed=yes)
            _warn_of_young(screen, found.orphans, older_than)
        else:
            screen.show(found, found.orphans, table_of(found, now))
    if not all(orphan.is_deleted for orphan in found.orphans):
        raise typer.Exit(ExitCode.ATTENTION)


def orphans_among(
    endpoints: "Sequence[WebhookEndpoint]", states: "Sequence[StackState]", *, account: str | None, youngest: datetime
) -> Orphans:
    """
    Return the endpoints that no stack knows.

    Args:
        endpoints: All of the organization, the oldest first.
        youngest: When the youngest one was created that no run under way can have made.

    Raises:
        CommandError: No stack knows an endpoint of this organization, so that nothing can be told.
    """
    known = frozenset().union(*(state.ids for state in states))
    if not known:
        raise CommandError(_NONE_KNOWN)
    if endpoints and known.isdisjoint(endpoint.id for endpoint in endpoints):
        raise CommandError(_OTHER_ORGANIZATION)
    return Orphans(
        account=account,
        stacks=tuple(state.source for state in states),
        endpoints=len(endpoints),
        pending_creates=sum(state.pending_creates for state in states),
        orphans=tuple(
            Orphan(
                id=endpoint.id,
                url=endpoint.url,
                status=endpoint.status,
                created_at=endpoint.created_at,
                description=endpoint.description,
                is_young=age_of(endpoint.created_at, youngest) < timedelta(),
            )
            for endpoint in endpoints
            if endpoint.id not in known
        ),
    )


def table_of(found: Orphans, now: datetime) -> Table:
    """Return what a person sees of the orphans."""
    columns = (Column("Endpoint", is_flexible=True), Column("Status"), Column("Created", is_number=True))
    return Table(columns, tuple(_row(orphan, now) for orphan in found.orphans), _summary(found))


def _warn_of_stacks(screen: Screen, endpoints: "Iterable[WebhookEndpoint]", states: "Iterable[StackState]") -> None:
    there = {endpoint.id for endpoint in endpoints}
    for state in states:
        if state.ids and state.ids.isdisjoint(there):
            screen.warn(f"no endpoint of {state.source} is in this organization")
        if state.pending_creates:
            screen.warn(
                f"{state.source} has begun {_counted(state.pending_creates, 'create')} and not recorded the end: where "
                "its program still declares the endpoints, the next `pulumi up` takes over what was made"
            )


def _warn_of_young(screen: Screen, orphans: "Sequence[Orphan]", older_than: timedelta) -> None:
    young = sum(orphan.is_young and not orphan.is_deleted for orphan in orphans)
    if young and not screen.has_tables:
        deleted = sum(orphan.is_deleted for orphan in orphans)
        screen.warn(
            f"deleted {deleted:,} of {_counted(len(orphans), 'orphan')}: "
            f"{young:,} {'are' if young > 1 else 'is'} younger than {span(older_than)}, see --older-than"
        )


def _delete(screen: Screen, signa: "SignaClient", found: Orphans, now: datetime, *, is_agreed: bool) -> Orphans:
    """Delete the orphans that are old enough, and show what was deleted, also where that ends in the middle."""
    from pulumi_signa.signa_api.errors import NotFoundError  # noqa: PLC0415

    old = [orphan for orphan in found.orphans if not orphan.is_young]
    if screen.has_tables:
        screen.show(found, found.orphans, table_of(found, now))
    if old and not is_agreed:
        is_agreed = typer.confirm(f"Delete {_counted(len(old), 'endpoint')}?", err=True)
    deleted: set[str] = set()
    try:
        for orphan in screen.counted(old if is_agreed else (), "deleting endpoints"):
            with suppress(NotFoundError):
                signa.delete_webhook_endpoint(orphan.id)
            deleted.add(orphan.id)
    finally:
        done = replace(
            found,
            orphans=tuple(replace(orphan, is_deleted=orphan.id in deleted) for orphan in found.orphans),
        )
        screen.show(done, done.orphans, Table((), (), _outcome(done)))
    return done


def _row(orphan: Orphan, now: datetime) -> Row:
    return Row(
        cells=(
            Cell(orphan.url),
            Cell(orphan.status),
            Cell(ago(orphan.created_at, now), Tone.DOUBTFUL if orphan.is_young else Tone.PLAIN),
        ),
        details=(Cell(orphan.id, Tone.QUIET), Cell(orphan.description or "", Tone.QUIET)),
    )


def _summary(found: Orphans) -> Cell:
    if not found.orphans:
        return Cell(f"No orphans: the stacks know all {_counted(found.endpoints, 'endpoint')}.", Tone.GOOD)
    are = "are" if len(found.orphans) > 1 else "is"
    of = _counted(found.endpoints, "endpoint")
    return Cell(f"{len(found.orphans):,} of {of} {are} in no given stack{_young_among(found.orphans)}.")


def _outcome(found: Orphans) -> Cell:
    left = [orphan for orphan in found.orphans if not orphan.is_deleted]
    deleted, of = len(found.orphans) - len(left), _counted(len(found.orphans), "orphan")
    return Cell(f"Deleted {deleted:,} of {of}{_young_among(left)}.", Tone.PLAIN if left else Tone.GOOD)


def _young_among(orphans: Iterable[Orphan]) -> str:
    young = sum(orphan.is_young for orphan in orphans)
    return f"; a run under way may have made {young:,}" if young else ""


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
