"""Ratios to the providers that do nothing: as Markdown, and against what was set as the target."""

import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bench.engine import CREATE, OPERATIONS
from bench.plan import AT_ONCE
from bench.results import Comparison, Conditions
from bench.subjects import DYNAMIC, NAIVE, NATIVE, NATIVE_NOTHING, NOTHING, PROPERTIES

WALL, CPU = "seconds", "cpu_seconds"


@dataclass(frozen=True)
class _Column:
    """
    A subject, as its own seconds or as a ratio.

    Attributes:
        to: The other subject of the ratio, if it is one.
    """

    heading: str
    subject: str
    to: str | None = None


_COLUMNS = (
    _Column("nothing", NOTHING.name),
    _Column("same properties", PROPERTIES.name, NOTHING.name),
    _Column("naive", NAIVE.name, NOTHING.name),
    _Column("dynamic", DYNAMIC.name, NOTHING.name),
    _Column("dynamic to naive", DYNAMIC.name, NAIVE.name),
    _Column("native nothing", NATIVE_NOTHING.name),
    _Column("native", NATIVE.name, NATIVE_NOTHING.name),
    _Column("native to dynamic", NATIVE.name, DYNAMIC.name),
)
_CALLING = (NAIVE.name, DYNAMIC.name, NATIVE.name)
_FLOORS = {DYNAMIC.name: NOTHING.name, NATIVE.name: NATIVE_NOTHING.name}

_INTRODUCTION = """\
# Beside providers that do nothing

Written by `make bench`, on {setting}.

pulumi-signa stands in two columns: `dynamic` and `native` are its two hosts. The columns `nothing` and `native nothing`
have what one Pulumi command takes with a provider that does nothing, on the one host and on the other, as the median of
all rounds. The other columns have the same command in the same round, divided by what nothing takes on the same host:
the median, and in brackets the least and the greatest. `same properties` does nothing either, and has the inputs and
outputs of pulumi-signa: what is left beside it is the work. `naive` is the documented pattern on the dynamic host: a
plain request, or one call of boto3, for each operation on each resource, and no second attempt. A column that says `to`
divides by the subject that it names. Wall is time on the clock; CPU is what the engine, the program and the plugins use
of all cores together. Calls are those to Signa in one command. The last line of a table is the size of the state, as
the engine writes it after each step, divided by the endpoints. The providers are in `bench/subjects`, the seconds in
`results.json`.

On the dynamic host nobody creates n endpoints without waiting n × latency / 4, as Pulumi's host for Python has four
workers, nor on any host faster than the rate limit admits: a further line for create adds that to what doing nothing
takes. Where a heading names `--parallel`, a line has the seconds that a host takes beyond what does nothing on it, and
the one divided by the other, of the same round. A limit in a heading is Signa's, 100 calls a minute, in less time.
Where it makes a command fail, the command is done again without it, neither timed nor counted, so that the next one
finds what it needs.
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


def beyond(comparison: Comparison, subject: str, operation: str) -> list[float]:
    """Return the seconds that a host of ours took beyond what does nothing on the same host, by round."""
    floor = {one.round: one.seconds for one in comparison.of(_FLOORS[subject], operation)}
    return [one.seconds - floor[one.round] for one in comparison.of(subject, operation)]


def native_to_dynamic_beyond(comparison: Comparison, operation: str) -> list[float]:
    """Divide what the native host took beyond doing nothing by what the dynamic one did, in the same round."""
    both = zip(*(beyond(comparison, subject, operation) for subject in (NATIVE.name, DYNAMIC.name)), strict=True)
    return [native / dynamic for native, dynamic in both]


def state_of_each(comparison: Comparison, subject: str) -> float:
    """Return the bytes of the state after the create, divided by the endpoints."""
    assert comparison.conditions is not None  # noqa: S101 - imports have no state
    sizes = [one.state_bytes for one in comparison.of(subject, CREATE)]
    return statistics.median(sizes) / comparison.conditions.endpoints


@dataclass(frozen=True)
class Target:
    """
    The greatest median ratio that the dynamic host may have.

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
        measured = statistics.median(ratios(comparison, DYNAMIC.name, self.operation, to=self.to, wait_s=wait_s))
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


AT_MOST_BEYOND = 0.25
"""What the native host may take beyond doing nothing, of what the dynamic one does: creates, many at once, far away."""


def verdicts(comparisons: Iterable[Comparison]) -> list[str]:
    """Return a line for each target that was measured, and one for the state of each comparison."""
    measured = {comparison.conditions: comparison for comparison in comparisons if comparison.conditions}
    times = [target.verdict(measured[target.conditions]) for target in TARGETS if target.conditions in measured]
    hosts = [
        _verdict(
            f"{conditions.title}: {CREATE} beyond nothing, native to dynamic",
            statistics.median(native_to_dynamic_beyond(comparison, CREATE)),
            AT_MOST_BEYOND,
        )
        for conditions, comparison in measured.items()
        if conditions in AT_ONCE
    ]
    states = [
        _verdict(f"{conditions.title}: state", _state_ratio(comparison, DYNAMIC.name, to=NOTHING.name), 1.00)
        for conditions, comparison in measured.items()
    ]
    return [*times, *hosts, *states]


def _verdict(what: str, measured: float, at_most: float) -> str:
    met = "met" if measured <= at_most else "MISSED"
    return f"{met:6}  {what}: at most {at_most:.2f}×, measured {measured:.3f}×"


def _section(comparison: Comparison) -> str:
    title = comparison.conditions.title if comparison.conditions else "A fresh interpreter"
    rounds = "1 round" if comparison.rounds == 1 else f"{comparison.rounds} rounds"
    columns = [one for one in _COLUMNS if {one.subject, one.to or one.subject} <= set(comparison.subjects)]
    calling = [name for name in _CALLING if name in comparison.subjects]
    head = ("operation", *(one.heading for one in columns), *(f"calls of {name}" for name in calling))
    rows = [head, ("---",) * len(head), *_rows(comparison, columns, calling)]
    return "\n".join([f"## {title} ({rounds})", "", *(f"| {' | '.join(row)} |" for row in rows), ""])


def _rows(comparison: Comparison, columns: Sequence[_Column], calling: Sequence[str]) -> Iterator[tuple[str, ...]]:
    conditions = comparison.conditions
    wait_s = conditions.wait_s if conditions else 0.0
    no_calls = [""] * len(calling)
    for operation in comparison.operations:
        calls = [_calls(comparison, subject, operation) for subject in calling]
        yield (f"{operation}, wall", *(_figure(comparison, column, operation, WALL) for column in columns), *calls)
        if operation == CREATE and conditions and conditions.parallel:
            yield ("create, wall, beyond nothing", *(_beyond(comparison, column) for column in columns), *no_calls)
        elif operation == CREATE and wait_s:
            cells = (_beside_wait(comparison, column, wait_s) for column in columns)
            yield (f"create, wall, beside nothing + {wait_s:.2f} s", *cells, *no_calls)
        yield (f"{operation}, CPU", *(_figure(comparison, column, operation, CPU) for column in columns), *no_calls)
    if conditions:
        yield ("state, by endpoint", *(_state(comparison, column) for column in columns), *no_calls)


def _figure(comparison: Comparison, column: _Column, operation: str, figure: str) -> str:
    if column.to is None:
        return f"{statistics.median(getattr(one, figure) for one in comparison.of(column.subject, operation)):.2f} s"
    measured = ratios(comparison, column.subject, operation, to=column.to, figure=figure)
    if column.heading != column.subject:
        return _median_and_spread(measured)
    return "; ".join(filter(None, [_median_and_spread(measured), _failures(comparison, column.subject, operation)]))


def _failures(comparison: Comparison, subject: str, operation: str) -> str:
    failed = [one.refused for one in comparison.of(subject, operation) if not one.succeeded]
    rounds = "" if len(failed) == comparison.rounds else f" in {len(failed)} of {comparison.rounds} rounds"
    return f"failed{rounds}: 429 {_span(failed)} times" if failed else ""


def _beyond(comparison: Comparison, column: _Column) -> str:
    if column.subject in _FLOORS and column.to == _FLOORS[column.subject]:
        return f"{statistics.median(beyond(comparison, column.subject, CREATE)):.2f} s"
    if (column.subject, column.to) == (NATIVE.name, DYNAMIC.name):
        return _median_and_spread(native_to_dynamic_beyond(comparison, CREATE))
    return ""


def _beside_wait(comparison: Comparison, column: _Column, wait_s: float) -> str:
    if column.to != NOTHING.name:
        return ""
    measured = ratios(comparison, column.subject, CREATE, wait_s=wait_s)
    return "; ".join(filter(None, [_median_and_spread(measured), _failures(comparison, column.subject, CREATE)]))


def _state(comparison: Comparison, column: _Column) -> str:
    if column.to is None:
        return f"{state_of_each(comparison, column.subject):,.0f} bytes"
    return f"{_state_ratio(comparison, column.subject, to=column.to):.2f}×"


def _state_ratio(comparison: Comparison, subject: str, *, to: str) -> float:
    return state_of_each(comparison, subject) / state_of_each(comparison, to)


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
