"""Ratios to the provider that does nothing, as an SVG that can be read on a light and on a dark page."""

import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.report import ratios
from bench.results import Comparison, Conditions
from bench.subjects import NAIVE, OURS

# Of enough contrast to white and to black alike; the page shows through everything else.
_INK = "#7a828c"
_COLORS = {NAIVE.name: "#c77d2e", OURS.name: "#3f8fd2"}

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

_BAR = 0.38


def draw(path: Path, comparisons: Sequence[Comparison], endpoints: int) -> None:
    """
    Draw times for stacks of so many endpoints, a panel for each latency, and the calls of the largest refresh.

    Args:
        endpoints: Of the stacks whose times are shown.
    """
    unlimited = [(one.conditions, one) for one in comparisons if one.conditions and one.conditions.limit is None]
    timed = [(conditions, one) for conditions, one in unlimited if conditions.endpoints == endpoints]
    largest = max(unlimited, key=lambda one: one[0].endpoints)
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(10, 3.6), layout="constrained")
        *times, calls = figure.subplots(1, len(timed) + 1, width_ratios=[3] * len(timed) + [1.5])
        for panel, (conditions, comparison) in zip(times, timed, strict=True):
            panel.sharey(times[0])
            _draw_times(panel, conditions, comparison)
            panel.label_outer()
        times[0].invert_yaxis()
        _draw_calls(calls, *largest)
        figure.legend(*times[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})


def _draw_times(panel: Axes, conditions: Conditions, comparison: Comparison) -> None:
    operations = comparison.operations
    for offset, subject in zip((-_BAR / 2, _BAR / 2), (NAIVE.name, OURS.name), strict=True):
        measured = [ratios(comparison, subject, operation) for operation in operations]
        medians = [statistics.median(one) for one in measured]
        rows = [row + offset for row in range(len(operations))]
        spread = [
            [median - min(one) for median, one in zip(medians, measured, strict=True)],
            [max(one) - median for median, one in zip(medians, measured, strict=True)],
        ]
        panel.barh(rows, medians, _BAR, xerr=spread, color=_COLORS[subject], ecolor=_INK, label=subject)
        for row, median, one in zip(rows, medians, measured, strict=True):
            panel.annotate(f"{median:.2f}×", (max(one), row), (4, 0), textcoords="offset points", va="center", size=9)
    panel.axvline(1, color=_INK, linewidth=1, linestyle=":")
    panel.set_yticks(range(len(operations)), operations)
    panel.set_title(conditions.title)
    panel.set_xlabel("time beside a provider that does nothing")
    panel.margins(x=0.15)


def _draw_calls(panel: Axes, conditions: Conditions, comparison: Comparison) -> None:
    for subject in (NAIVE.name, OURS.name):
        calls = statistics.median(one.calls for one in comparison.of(subject, "refresh"))
        bars = panel.bar(subject, calls, 0.6, color=_COLORS[subject])
        panel.bar_label(bars, fmt="{:,.0f}", size=9)
    panel.yaxis.set_visible(False)
    panel.spines.left.set_visible(False)
    panel.set_title(f"calls per refresh, n = {conditions.endpoints:,}")
