"""What a person sees of what a command has found, as plain values; `screen` makes a picture of them."""

from dataclasses import dataclass
from enum import Enum


class Tone(Enum):
    """`Tone` is what a text says of the state of things; a terminal with colours shows each in another one."""

    PLAIN = "none"
    GOOD = "green"
    DOUBTFUL = "yellow"
    BAD = "bold red"
    QUIET = "dim"


@dataclass(frozen=True, slots=True)
class Cell:
    """`Cell` is one value as a person reads it."""

    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Row:
    """
    `Row` is one thing: a line of a table.

    Attributes:
        cells: One for each column.
        details: What stands below the line, a line each; an empty one makes no line.
    """

    cells: tuple[Cell, ...]
    details: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """
    `Column` is the heading of a column, and how its cells stand.

    Attributes:
        is_flexible: Whether its cells are cut where the terminal is too narrow; where no column is, the widest one is.
        is_number: Whether its cells stand at the right.
    """

    heading: str
    is_flexible: bool = False
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """
    `Table` is what a command shows.

    Attributes:
        summary: The sentence below the table.
        wraps_details: Whether long details take several lines, rather than being cut.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    summary: Cell
    wraps_details: bool = False
