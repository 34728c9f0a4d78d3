"""Ratios to the provider that does nothing: as Markdown, and against what was set as the target."""

import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bench.engine import CREATE, OPERATIONS
from bench.results import Comparison, Conditions
from bench.subjects import NAIVE, NOTHING, OURS, PROPERTIES

_COMPARED = (PROPERTIES.name, NAIVE.name, OURS.name)
_CALLING = (NAIVE.name, OURS.name)
_COLUMNS = ("operation", NOTHING.name, *_COMPARED, "pulumi-signa to naive", *(f"calls of {name}" for name in _CALLING))

WALL, CPU = "seconds", "cpu_seconds"

_INTRODUCTION = """\
# Beside a provider that does nothing

Written by `make bench`, on {setting}.

The column `nothing` has what one Pulumi command takes with a dynamic provider that does nothing, as the median of all
rounds. The next columns have the same command in the same round, divided by that: the median, and in brackets the least
and the greatest. `same properties` does nothing either, and has the inputs and outputs of pulumi-signa: what is left
beside it is the work. `naive` is the documented pattern: a plain request, or one call of boto3, for each operation on
each resource, and no second attempt. The column after those divides pulumi-signa by naive. Wall is time on the clock;
CPU is what the engine, the program and the plugins use of all cores together. Calls are those to Signa in one command.
The last line of a table is the size of the state, as the engine writes it after each step, divided by the endpoints.
The providers are in `bench/subjects`, the seconds in `results.json`.

Nobody creates n endpoints without waiting n × latency / 4, as Pulumi's host for Python has four workers, nor faster
than the rate limit admits: a further line for create adds that to what doing nothing takes. A limit in a heading is
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


def ratios(  # noqa: PLR0913 - what is divided, and by what
    comparison: Comparison,
    subject: str,
    operation: str,
    *,
    to: str = NOTHING.name,
    figure: str = WALL,
    wait_s: float = 0.0,
) -> list[float]:
    """
    Divide by what another subject took in the same round; rounds in which either failed are left out.

    Args:
        to: The other subject.
        figure: `WALL` or `CPU`.
        wait_s: Added to what the other took, in seconds.
    """
    floor = {one.round: getattr(one, figure) for one in comparison.of(to, operation) if one.succeeded}
    return [
        getattr(one, figure) / (floor[one.round] + wait_s)
        for one in comparison.of(subject, operation)
        if one.succeeded and one.round in floor
    ]


def state_of_each(comparison: Comparison, subject: str) -> float:
    """Return the bytes of the state after the create, divided by the endpoints."""
    assert comparison.conditions is not None  # noqa: S101 - imports have no state
    sizes = [one.state_bytes for one in comparison.of(subject, CREATE)]
    return statistics.median(sizes) / comparison.conditions.endpoints


@dataclass(frozen=True)
class Target:
    """
    The greatest median ratio that ours may have.

    Attributes:
        conditions: Those of the comparison that it is about.
        to: The other subject.
        with_wait: Whether the wait that nobody can avoid is added to what the other takes.
    """

    conditions: Conditions
    operation: str
    at_most: float
    to: str = NOTHING.name
    with_wait: bool = False

    def verdict(self, comparison: Comparison) -> str:
        """Say whether it was met."""
        wait_s = self.conditions.wait_s if self.with_wait else 0.0
        measured = statistics.median(ratios(comparison, OURS.name, self.operation, to=self.to, wait_s=wait_s))
        beside = f"{self.to} + n × latency / 4" if self.with_wait else self.to
        what = f"{self.conditions.title}: {self.operation}, beside {beside}"
        return _verdict(what, measured, self.at_most)


_MANY, _MANY_FAR, _VERY_MANY = Conditions(100), Conditions(100, latency_ms=50), Conditions(1_000)

TARGETS = (
    *(Target(_MANY, operation, 1.03) for operation in ("preview", "no-change up")),
    Target(_MANY, "refresh", 1.12),
    *(Target(_MANY, operation, 1.05) for operation in (CREATE, "destroy")),
    *(Target(_MANY, operation, 1.00, to=NAIVE.name) for operation in (CREATE, "destroy")),
    *(Target(_MANY_FAR, operation, 1.05, with_wait=True) for operation in (CREATE, "destroy")),
    *(Target(_VERY_MANY, operation, 1.08) for operation in ("preview", "no-change up")),
    Target(_VERY_MANY, "refresh", 1.25),
    *(
        Target(Conditions(5, latency_ms, secrets=True), operation, 1.00, to=NAIVE.name)
        for latency_ms in (0, 50)
        for operation in OPERATIONS
    ),
)


def verdicts(comparisons: Iterable[Comparison]) -> list[str]:
    """Return a line for each target that was measured, and one for the state of each comparison."""
    measured = {comparison.conditions: comparison for comparison in comparisons if comparison.conditions}
    times = [target.verdict(measured[target.conditions]) for target in TARGETS if target.conditions in measured]
    states = [
        _verdict(f"{conditions.title}: state", _state_ratio(comparison, OURS.name), 1.00)
        for conditions, comparison in measured.items()
    ]
    return [*times, *states]


def _verdict(what: str, measured: float, at_most: float) -> str:
    met = "met" if measured <= at_most else "MISSED"
    return f"{met:6}  {what}: at most {at_most:.2f}×, measured {measured:.3f}×"


def _section(comparison: Comparison) -> str:
    title = comparison.conditions.title if comparison.conditions else "A fresh interpreter"
    rounds = "1 round" if comparison.rounds == 1 else f"{comparison.rounds} rounds"
    rows = [_COLUMNS, ("---",) * len(_COLUMNS), *_rows(comparison)]
    return "\n".join([f"## {title} ({rounds})", "", *(f"| {' | '.join(row)} |" for row in rows), ""])


def _rows(comparison: Comparison) -> Iterator[tuple[str, ...]]:
    wait_s = comparison.conditions.wait_s if comparison.conditions else 0.0
    no_calls = [""] * len(_CALLING)
    for operation in comparison.operations:
        calls = [_calls(comparison, subject, operation) for subject in _CALLING]
        yield (f"{operation}, wall", *_figures(comparison, operation, WALL), *calls)
        if operation == CREATE and wait_s:
            cells = [_ratio(comparison, subject, operation, wait_s=wait_s) for subject in _COMPARED]
            yield (f"create, wall, beside nothing + {wait_s:.2f} s", "", *cells, "", *no_calls)
        yield (f"{operation}, CPU", *_figures(comparison, operation, CPU), *no_calls)
    if comparison.conditions:
        size = f"{state_of_each(comparison, NOTHING.name):,.0f} bytes"
        states = [f"{_state_ratio(comparison, subject):.2f}×" for subject in _COMPARED]
        to_naive = f"{_state_ratio(comparison, OURS.name, to=NAIVE.name):.2f}×"
        yield ("state, by endpoint", size, *states, to_naive, *no_calls)


def _figures(comparison: Comparison, operation: str, figure: str) -> Iterator[str]:
    yield f"{statistics.median(getattr(one, figure) for one in comparison.of(NOTHING.name, operation)):.2f} s"
    for subject in _COMPARED:
        yield _ratio(comparison, subject, operation, figure=figure)
    yield _median_and_spread(ratios(comparison, OURS.name, operation, to=NAIVE.name, figure=figure))


def _state_ratio(comparison: Comparison, subject: str, *, to: str = NOTHING.name) -> float:
    return state_of_each(comparison, subject) / state_of_each(comparison, to)


def _ratio(comparison: Comparison, subject: str, operation: str, *, figure: str = WALL, wait_s: float = 0.0) -> str:
    measured = ratios(comparison, subject, operation, figure=figure, wait_s=wait_s)
    failed = [one.refused for one in comparison.of(subject, operation) if not one.succeeded]
    cells = [_median_and_spread(measured)] if measured else []
    if failed:
        rounds = f" in {len(failed)} of {comparison.rounds} rounds" if measured else ""
        cells.append(f"failed{rounds}: 429 {_span(failed)} times")
    return "; ".join(cells)


def _median_and_spread(measured: Sequence[float]) -> str:
    if not measured:
        return ""
    spread = f" ({min(measured):.2f}–{max(measured):.2f})" if len(measured) > 1 else ""
    return f"{statistics.median(measured):.2f}×{spread}"


def _calls(comparison: Comparison, subject: str, operation: str) -> str:
    measured = comparison.of(subject, operation)
    refused = [one.refused for one in measured]
    return _span([one.calls for one in measured]) + (f", {_span(refused)} of them refused" if any(refused) else "")


def _span(counts: Sequence[int]) -> str:
    least, greatest = min(counts), max(counts)
    return f"{least:,}" if least == greatest else f"{least:,}–{greatest:,}"
