"""Ratios to the provider that does nothing: as Markdown, and against what was set as the target."""

import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bench.results import Comparison, Conditions
from bench.subjects import NAIVE, NOTHING, OURS, PROPERTIES

_TIMED = (PROPERTIES.name, NAIVE.name, OURS.name)
_CALLING = (NAIVE.name, OURS.name)

_INTRODUCTION = """\
# Beside a provider that does nothing

Written by `make bench`, on {setting}.

Each time is that of one Pulumi command, divided by the time of the same command in the same round with a dynamic
provider that does nothing: the median of all rounds, and in brackets the least and the greatest. `same properties` does
nothing either, and has the inputs and outputs of pulumi-signa: what is left beside it is the work. `naive` is the
documented pattern: a plain request for each operation on each endpoint, and no second attempt. Calls are those to Signa
in one command. The providers are in `bench/subjects`, the seconds in `results.json`.

Nobody creates n endpoints without waiting n × latency / 4, as Pulumi's host for Python has four workers, nor faster
than the rate limit admits: a second line for create adds that to what doing nothing takes. A limit in a heading is
Signa's, 100 calls a minute, in less time. Where it makes a command fail, the command is done again without it, neither
timed nor counted, so that the next one finds what it needs.
"""


def markdown(setting: str, comparisons: Sequence[Comparison]) -> str:
    """
    Write the page.

    Args:
        setting: What was measured on, in a few words.
    """
    return "\n".join([_INTRODUCTION.format(setting=setting), *map(_section, comparisons)])


def ratios(comparison: Comparison, subject: str, operation: str, *, wait_s: float = 0.0) -> list[float]:
    """
    Divide by what doing nothing took in the same round; rounds in which the subject failed are left out.

    Args:
        wait_s: Added to what doing nothing took, in seconds.
    """
    floor = {one.round: one.seconds for one in comparison.of(NOTHING.name, operation)}
    return [one.seconds / (floor[one.round] + wait_s) for one in comparison.of(subject, operation) if one.succeeded]


@dataclass(frozen=True)
class Target:
    """
    The greatest median ratio that ours may have.

    Attributes:
        latency_ms: Of the comparison that it is about.
        with_wait: Whether the wait that nobody can avoid is added to what doing nothing takes.
    """

    operation: str
    latency_ms: int
    at_most: float
    with_wait: bool = False

    def verdict(self, comparison: Comparison) -> str:
        """Say whether it was met."""
        conditions = comparison.conditions
        wait_s = conditions.wait_s if conditions and self.with_wait else 0.0
        measured = statistics.median(ratios(comparison, OURS.name, self.operation, wait_s=wait_s))
        met = "met" if measured <= self.at_most else "MISSED"
        floor = "nothing + n × latency / 4" if self.with_wait else "nothing"
        what = f"{self.operation} at {self.latency_ms} ms, beside {floor}"
        return f"{met:6}  {what}: at most {self.at_most:.2f}×, measured {measured:.3f}×"


TARGETS = (
    *(Target("preview", latency_ms, 1.03) for latency_ms in (0, 50)),
    *(Target("no-change up", latency_ms, 1.03) for latency_ms in (0, 50)),
    *(Target("refresh", latency_ms, 1.10) for latency_ms in (0, 50)),
    Target("create", 0, 1.00),
    Target("create", 50, 1.05, with_wait=True),
)


def verdicts(comparisons: Iterable[Comparison], endpoints: int) -> list[str]:
    """Return a line for each target that was measured, on stacks of so many endpoints."""
    measured = {comparison.conditions: comparison for comparison in comparisons}
    return [
        target.verdict(measured[conditions])
        for target in TARGETS
        if (conditions := Conditions(endpoints, target.latency_ms)) in measured
    ]


def _section(comparison: Comparison) -> str:
    title = comparison.conditions.title if comparison.conditions else "A fresh interpreter"
    rounds = "1 round" if comparison.rounds == 1 else f"{comparison.rounds} rounds"
    rows = [
        ("operation", *_TIMED, *(f"calls of {subject}" for subject in _CALLING)),
        ("---",) * (1 + len(_TIMED) + len(_CALLING)),
        *_rows(comparison),
    ]
    return "\n".join([f"## {title} ({rounds})", "", *(f"| {' | '.join(row)} |" for row in rows), ""])


def _rows(comparison: Comparison) -> Iterator[tuple[str, ...]]:
    for operation in comparison.operations:
        times = [_time(comparison, subject, operation) for subject in _TIMED]
        calls = [_calls(comparison, subject, operation) for subject in _CALLING]
        yield (operation, *times, *calls)
        wait_s = comparison.conditions.wait_s if comparison.conditions else 0.0
        if operation == "create" and wait_s:
            times = [_time(comparison, subject, operation, wait_s) for subject in _TIMED]
            yield (f"create, beside nothing + {wait_s:.2f} s", *times, *[""] * len(_CALLING))


def _time(comparison: Comparison, subject: str, operation: str, wait_s: float = 0.0) -> str:
    measured = ratios(comparison, subject, operation, wait_s=wait_s)
    failed = [one.refused for one in comparison.of(subject, operation) if not one.succeeded]
    cells = []
    if measured:
        spread = f" ({min(measured):.2f}–{max(measured):.2f})" if len(measured) > 1 else ""
        cells.append(f"{statistics.median(measured):.2f}×{spread}")
    if failed:
        rounds = f" in {len(failed)} of {comparison.rounds} rounds" if measured else ""
        cells.append(f"failed{rounds}: 429 {_span(failed)} times")
    return "; ".join(cells)


def _calls(comparison: Comparison, subject: str, operation: str) -> str:
    measured = comparison.of(subject, operation)
    refused = [one.refused for one in measured]
    return _span([one.calls for one in measured]) + (f", {_span(refused)} of them refused" if any(refused) else "")


def _span(counts: Sequence[int]) -> str:
    least, greatest = min(counts), max(counts)
    return f"{least:,}" if least == greatest else f"{least:,}–{greatest:,}"
