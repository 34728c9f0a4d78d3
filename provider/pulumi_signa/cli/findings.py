"""`Finding`: what a command that looks at something has found, and the table of findings that a person sees."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from pulumi_signa.cli.tables import Cell, Column, Row, Table, Tone
from pulumi_signa.quotes import one_line

Verdict = Literal["problem", "warning", "ok", "skipped"]
"""`problem`: something does not work. `warning`: it works, and may not for long. `skipped`: it was not looked at."""

_NOTABLE: tuple[Verdict, ...] = get_args(Verdict)[:2]

_LONGEST_CELL = 52
"""Characters that a cell shows of 80; what is longer stands below, in as many lines as it takes."""

_TONES: dict[Verdict, Tone] = {
    "problem": Tone.BAD,
    "warning": Tone.DOUBTFUL,
    "ok": Tone.GOOD,
    "skipped": Tone.QUIET,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """
    `Finding` is one thing that was looked at.

    Attributes:
        subject: What was looked at, in one or two words.
        found: What was found, in one line of at most 400 characters.
        remedy: What to do, in one line; empty where there is nothing to do.
    """

    subject: str
    verdict: Verdict
    found: str
    remedy: str = ""


def ok(subject: str, found: str) -> Finding:
    """Return a finding that asks for nothing."""
    return Finding(subject, "ok", one_line(found))


def warning(subject: str, found: str, remedy: str) -> Finding:
    """Return a finding about what works today, and may not tomorrow."""
    return Finding(subject, "warning", one_line(found), remedy)


def problem(subject: str, found: str, remedy: str) -> Finding:
    """Return a finding about what does not work."""
    return Finding(subject, "problem", one_line(found), remedy)


def skipped(subject: str, why: str, remedy: str = "") -> Finding:
    """Return a finding about what could not be looked at."""
    return Finding(subject, "skipped", one_line(why), remedy)


def has_problem(findings: Iterable[Finding]) -> bool:
    """Return whether any of the findings is a problem."""
    return any(finding.verdict == "problem" for finding in findings)


def halves(text: str) -> tuple[str, str]:
    """Return a message of this package as what was found and what to do: the latter stands after `; ` or `: `."""
    for mark in ("; ", ": "):
        found, _, remedy = text.partition(mark)
        if remedy:
            return found, remedy
    return text, ""


def table_of(findings: Iterable[Finding], all_well: Cell) -> Table:
    """
    Return what a person sees of findings.

    Args:
        all_well: The sentence below the table where there is neither a problem nor a warning.
    """
    findings = tuple(findings)
    columns = (Column("Looked at"), Column("Verdict"), Column("Found", is_flexible=True))
    counts = Counter(finding.verdict for finding in findings)
    bad = [f"{counts[verdict]} {verdict}{'s' * (counts[verdict] > 1)}" for verdict in _NOTABLE if counts[verdict]]
    summary = Cell(f"{' and '.join(bad)}.") if bad else all_well
    return Table(columns, tuple(map(_row, findings)), summary, wraps_details=True)


def _row(finding: Finding) -> Row:
    tone = Tone.QUIET if finding.verdict == "skipped" else Tone.PLAIN
    found = Cell(finding.found, tone)
    fits = len(finding.found) <= _LONGEST_CELL
    remedy = Cell(f"-> {finding.remedy}" if finding.remedy else "", tone)
    cells = (Cell(finding.subject), Cell(finding.verdict, _TONES[finding.verdict]), found if fits else Cell(""))
    return Row(cells, (remedy,) if fits else (found, remedy))
