"""Measure, write ratios.md, ratios.svg and results.json, and say which targets were met: `python -m bench`."""

import argparse
import os
import platform
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from bench import plot, report, rounds
from bench.engine import BenchError, pulumi_version
from bench.results import Comparison, Conditions, Limit, Measurement, write_json

RESULTS = Path(__file__).resolve().parent / "results"

# Signa's own limit is 100 calls in 60 s (https://docs.signa.so/api-reference/rate-limits); this is a tenth of the time.
TENTH_OF_A_MINUTE = Limit(calls=100, window_s=6)


@dataclass(frozen=True)
class Plan:
    """
    What is measured.

    Attributes:
        comparisons: Conditions and number of rounds; None stands for the imports.
        shown: Endpoints of the stacks that the plot and the targets are about.
    """

    comparisons: tuple[tuple[Conditions | None, int], ...]
    shown: int


FULL = Plan(
    (
        (None, 9),
        (Conditions(1), 5),
        (Conditions(1, latency_ms=50), 5),
        (Conditions(100), 7),
        (Conditions(100, latency_ms=50), 7),
        (Conditions(250, limit=TENTH_OF_A_MINUTE), 1),
        # Minutes a round: the engine writes the whole state after each step.
        (Conditions(1_000), 1),
        (Conditions(1_000, latency_ms=50), 1),
    ),
    shown=100,
)
QUICK = Plan(
    (
        (None, 2),
        (Conditions(1), 2),
        (Conditions(20), 2),
        (Conditions(20, latency_ms=50), 2),
        (Conditions(20, limit=Limit(calls=8, window_s=2)), 1),
    ),
    shown=20,
)


def main() -> int:
    """Do it all."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two minutes to see that it works; the figures are poor")
    parser.add_argument("--out", type=Path, help="folder for the results; default bench/results, or a new one if quick")
    options = parser.parse_args()
    plan = QUICK if options.quick else FULL
    out = options.out or (Path(tempfile.mkdtemp(prefix="pulumi-signa-bench-")) if options.quick else RESULTS)
    out.mkdir(parents=True, exist_ok=True)
    try:
        comparisons = [_compare(conditions, number) for conditions, number in plan.comparisons]
    except BenchError as error:
        print(f"\nFAILED  {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped; nothing is left running", file=sys.stderr)
        return 130
    setting = _setting()
    write_json(out / "results.json", setting, comparisons)
    (out / "ratios.md").write_text(report.markdown(setting, comparisons))
    plot.draw(out / "ratios.svg", comparisons, plan.shown)
    print("\n" + "\n".join(report.verdicts(comparisons, plan.shown)))
    print(f"\nwritten to {out}: ratios.md, ratios.svg, results.json")
    return 0


def _compare(conditions: Conditions | None, number_of_rounds: int) -> Comparison:
    measurements: list[Measurement] = []
    for number in range(number_of_rounds):
        start = time.monotonic()
        measurements += rounds.stacks(conditions, number) if conditions else rounds.imports(number)
        what = conditions.title if conditions else "imports"
        print(f"{what}: round {number + 1} of {number_of_rounds}, {time.monotonic() - start:.0f} s", flush=True)
    return Comparison(conditions, measurements)


def _setting() -> str:
    return (
        f"Pulumi {pulumi_version()}, its Python SDK v{version('pulumi')}, Python {platform.python_version()}, "
        f"{os.cpu_count()} cores"
    )


sys.exit(main())
