"""
The screen: everything that a command prints, in one of three forms.

A terminal gets a table that fits. Another program gets one line for each record, with tabs between the fields. With
`--json` stdout gets one JSON object, and nothing else. Progress and warnings go to stderr.
"""

import io
import json
import re
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from pulumi_signa.cli.errors import CommandError
from pulumi_signa.cli.tables import Cell, Row, Table, Tone

if TYPE_CHECKING:
    from rich.status import Status

Item = TypeVar("Item")

_GAP = 2
_INDENT = 2
_NARROWEST = 16
_UNPRINTABLE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]+")
"""White space, control characters, and marks that change the direction of writing: a server may have sent them."""

_ESCAPED = re.compile(r"[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""The same, as far as JSON leaves them, and halves of characters, as of a file's name that is no UTF-8."""


class Record(Protocol):
    """`Record` is any dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


class Screen:
    """`Screen` prints what one command has to say."""

    def __init__(self, *, as_json: bool = False) -> None:
        self._as_json = as_json
        if isinstance(sys.stdout, io.TextIOWrapper) and not sys.stdout.isatty():
            # Elsewhere a pipe may have an encoding that cannot write every description, nor a Python program.
            sys.stdout.reconfigure(encoding="utf-8")
        self._out = Console(highlight=False, markup=False, emoji=False)
        self._err = Console(highlight=False, markup=False, emoji=False, stderr=True)
        self._status: Status | None = None
        self._doing = ""

    @property
    def has_tables(self) -> bool:
        """Whether a person sees what is printed, rather than another program."""
        return not self._as_json and self._out.is_terminal

    @property
    def is_interactive(self) -> bool:
        """Whether a person sees what is printed, and may be asked."""
        return self.has_tables and sys.stdin.isatty() and self._err.is_terminal

    def show(self, report: Record, records: Iterable[Record], table: Table) -> None:
        """
        Print what a command has found.

        Args:
            report: What `--json` prints: its fields are the members of the object.
            records: What another program gets a line of, each: its fields are the columns.
            table: What a person sees.
        """
        if self._as_json:
            self._print_json(report)
        elif self.has_tables:
            self._show_grid(table)
        else:
            for record in records:
                self._print_lines("\t".join(_plain(_field(value)) for value in asdict(record).values()))

    def show_text(self, report: Record, text: str) -> None:
        """Print a text to stdout as it is, however wide the terminal is; with `--json` print the report."""
        if self._as_json:
            self._print_json(report)
        elif text:
            self._print_lines(text)

    def warn(self, message: str) -> None:
        """Show a line on stderr."""
        self._err.print(Text(f"pulumi-signa: {_plain(message)}"), soft_wrap=True)

    @contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """Show on stderr, while the block runs, what is being done; only on a terminal."""
        self._doing = what
        try:
            with self._err.status(Text(what)) as self._status:
                yield
        finally:
            self._status = None

    def counted(self, items: Iterable[Item], what: str) -> Iterator[Item]:
        """Yield items, and show meanwhile how many have come."""
        with self.doing(what):
            for number, item in enumerate(items, start=1):
                self._progress(f"{what}: {number:,}")
                yield item

    def pause(self, seconds: float, reason: str) -> None:
        """Wait, and show what for; this is the `pause` of a client."""
        doing = self._doing
        self._progress(reason)
        time.sleep(seconds)
        self._progress(doing)

    def _print_json(self, report: Record) -> None:
        text = json.dumps(asdict(report), indent=2, ensure_ascii=False)
        # All of these stand in strings, as JSON itself is ASCII.
        self._print_lines(_ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text))

    def _print_lines(self, text: str) -> None:
        try:
            # Rich would make spaces of tabs.
            typer.echo(text)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise CommandError(f"cannot write to stdout: {error.strerror}") from None

    def _progress(self, text: str) -> None:
        self._doing = text
        if self._status is not None:
            self._status.update(Text(text))

    def _show_grid(self, table: Table) -> None:
        widths = _widths(table, self._out.width)
        if table.rows:
            self._out.print(
                _grid(table, widths, Row(tuple(Cell(column.heading, tone=Tone.QUIET) for column in table.columns)))
            )
        for row in table.rows:
            self._out.print(_grid(table, widths, row))
            for detail in row.details:
                if detail.text:
                    self._out.print(
                        Padding(_text(detail), (0, 0, 0, _INDENT), expand=False),
                        no_wrap=not table.wraps_details,
                        overflow="fold" if table.wraps_details else "ellipsis",
                    )
        if table.rows:
            self._out.print()
        self._out.print(_text(table.summary))


def _widths(table: Table, width: int) -> list[int]:
    widths = [
        max(cell_len(_plain(text)) for text in (column.heading, *(row.cells[at].text for row in table.rows)))
        for at, column in enumerate(table.columns)
    ]
    left = width - sum(widths) - _GAP * (len(widths) - 1)
    if left < 0:
        at = max(range(len(widths)), key=lambda at: (table.columns[at].is_flexible, widths[at]))
        widths[at] = max(_NARROWEST, widths[at] + left)
    return widths


def _grid(table: Table, widths: list[int], row: Row) -> Grid:
    """Return one line of a table: lines of their own let details take the whole width below."""
    grid = Grid.grid(padding=(0, _GAP, 0, 0))
    for column, width in zip(table.columns, widths, strict=True):
        grid.add_column(width=width, no_wrap=True, overflow="ellipsis", justify="right" if column.is_number else "left")
    grid.add_row(*map(_text, row.cells))
    return grid


def _text(cell: Cell) -> Text:
    return Text(_plain(cell.text), style=cell.tone.value)


def _field(value: object) -> str:
    """Return a value as it stands in a line for another program; nothing where there is none."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ",".join(map(_field, value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _plain(text: str) -> str:
    return _UNPRINTABLE.sub(" ", text).strip()
