"""Ratios to the provider that does nothing, as an SVG that can be read on a light and on a dark page."""

import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.report import CPU, ratios, state_of_each
from bench.results import Comparison, Conditions
from bench.subjects import DYNAMIC, NAIVE, NATIVE, NATIVE_NOTHING, NOTHING

# Of enough contrast to white and to black alike; the page shows through everything else.
_INK = "#7a828c"
_COLORS = {
    NOTHING.name: _INK,
    NATIVE_NOTHING.name: _INK,
    NAIVE.name: "#c77d2e",
    DYNAMIC.name: "#3f8fd2",
    NATIVE.name: "#3d9a5f",
}
_FLOORS = {NAIVE.name: NOTHING.name, DYNAMIC.name: NOTHING.name, NATIVE.name: NATIVE_NOTHING.name}
"""Each one's bar is divided by what its host takes to do nothing."""

_STYLE: Any = {
    "axes.edgecolor": _INK,
    "axes.labelcolor": _INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": "medium",
    "font.size": 10,
    "savefig.transparent": True,
    "svg.fonttype": "none",
    "svg.hashsalt": "bench",
    "text.color": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
}

_BAR = 0.27


def draw(path: Path, comparisons: Sequence[Comparison], shown: Sequence[Conditions]) -> None:
    """
    Draw a panel of times for each of the shown conditions that were measured, then the calls and the state.

    Args:
        shown: The last one that has the plain pattern is that of the calls and the state too.
    """
    measured = {one.conditions: one for one in comparisons}
    timed = [(conditions, measured[conditions]) for conditions in shown if conditions in measured]
    if not timed:
        return
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(13, 8), layout="constrained")
        grid = figure.add_gridspec(2, 1, height_ratios=[3, 2])
        times = list(grid[0].subgridspec(1, len(timed)).subplots(squeeze=False)[0])
        for panel, (conditions, comparison) in zip(times, timed, strict=True):
            panel.sharey(times[0])
            _draw_times(panel, conditions, comparison)
            panel.label_outer()
        times[0].invert_yaxis()
        calls, state = grid[1].subgridspec(1, 2).subplots(squeeze=False)[0]
        *_, whole = [one for one in timed if NAIVE.name in one[1].subjects] or timed
        _draw_calls(calls, *whole)
        _draw_state(state, *whole)
        figure.legend(*times[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False)
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})


def _draw_times(panel: Axes, conditions: Conditions, comparison: Comparison) -> None:
    operations = comparison.operations
    for place, subject in enumerate(_FLOORS):
        if subject not in comparison.subjects:
            continue
        offset, floor = (place - 1) * _BAR, _FLOORS[subject]
        measured = [ratios(comparison, subject, operation, to=floor) for operation in operations]
        medians = [statistics.median(one) for one in measured]
        rows = [row + offset for row in range(len(operations))]
        spread = [
            [median - min(one) for median, one in zip(medians, measured, strict=True)],
            [max(one) - median for median, one in zip(medians, measured, strict=True)],
        ]
        panel.barh(rows, medians, _BAR, xerr=spread, color=_COLORS[subject], ecolor=_INK, label=subject)
        cpu = [
            statistics.median(ratios(comparison, subject, operation, to=floor, figure=CPU)) for operation in operations
        ]
        panel.scatter(cpu, rows, 16, color=_INK, marker="D", zorder=3, label="CPU" if subject == NATIVE.name else None)
        for row, median, right in zip(rows, medians, map(max, zip(map(max, measured), cpu, strict=True)), strict=True):
            panel.annotate(f"{median:.2f}×", (right, row), (4, 0), textcoords="offset points", va="center", size=9)
    panel.axvline(1, color=_INK, linewidth=1, linestyle=":")
    panel.set_yticks(range(len(operations)), operations)
    panel.set_title(_title(conditions))
    panel.set_xlabel("time beside a provider that does nothing")
    panel.margins(x=0.15)


def _draw_calls(panel: Axes, conditions: Conditions, comparison: Comparison) -> None:
    for subject in filter(comparison.subjects.__contains__, _FLOORS):
        calls = statistics.median(one.calls for one in comparison.of(subject, "refresh"))
        bars = panel.bar(subject, calls, 0.5, color=_COLORS[subject])
        panel.bar_label(bars, fmt="{:,.0f}", size=9)
    panel.yaxis.set_visible(False)
    panel.spines.left.set_visible(False)
    panel.set_title(f"calls per refresh, n = {conditions.endpoints:,}")


def _draw_state(panel: Axes, conditions: Conditions, comparison: Comparison) -> None:
    for subject in filter(comparison.subjects.__contains__, _COLORS):
        bars = panel.bar(subject, state_of_each(comparison, subject), 0.5, color=_COLORS[subject])
        panel.bar_label(bars, fmt="{:,.0f}", size=9)
    panel.yaxis.set_visible(False)
    panel.spines.left.set_visible(False)
    panel.set_title(f"bytes of state per endpoint, n = {conditions.endpoints:,}")


def _title(conditions: Conditions) -> str:
    secrets = " endpoints and secrets" if conditions.secrets else ""
    return f"n = {conditions.endpoints:,}{secrets}, latency {conditions.latency_ms} ms"
