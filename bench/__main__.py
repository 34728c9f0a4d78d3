"""Measure, write ratios.md, ratios.svg and results.json, and say which targets were met: `python -m bench`."""

import argparse
import os
import platform
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from bench import plot, receiver, report, rounds
from bench.engine import BenchError, pulumi_version
from bench.results import Comparison, Conditions, Limit, Measurement, read_json, write_json

RESULTS = Path(__file__).resolve().parent / "results"
RAW = "results.json"
RAW_OF_RECEIVER = "receiver.json"

# Signa's own limit is 100 calls in 60 s (https://docs.signa.so/api-reference/rate-limits); this is a tenth of the time.
TENTH_OF_A_MINUTE = Limit(calls=100, window_s=6)


Plan = tuple[tuple[Conditions | None, int], ...]
"""Conditions and number of rounds; None stands for the imports."""

FULL: Plan = (
    (None, 9),
    (Conditions(1, secrets=True), 5),
    (Conditions(5, secrets=True), 5),
    (Conditions(5, latency_ms=50, secrets=True), 5),
    (Conditions(100), 5),
    (Conditions(100, latency_ms=50), 5),
    (Conditions(250, limit=TENTH_OF_A_MINUTE), 1),
    # Minutes a round: the engine writes the whole state after each step.
    (Conditions(1_000), 3),
)
QUICK: Plan = (
    (None, 2),
    (Conditions(1, secrets=True), 2),
    (Conditions(20), 2),
    (Conditions(20, latency_ms=50), 2),
    (Conditions(20, limit=Limit(calls=8, window_s=2)), 1),
)
SHOWN = (
    Conditions(1, secrets=True),
    Conditions(5, secrets=True),
    Conditions(20),
    Conditions(100),
    Conditions(1_000),
)
"""What the plot has a panel of, where it was measured."""

IMPORTS, RECEIVER = "imports", "receiver"

ROUNDS_OF_RECEIVER = {"full": 31, "quick": 5}


def main() -> int:
    """Do it all."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two minutes to see that it works; the figures are poor")
    parts = dict.fromkeys(_part(conditions) for conditions, _ in FULL + QUICK)
    parser.add_argument(
        "--only", choices=[*parts, RECEIVER], nargs="+", help="measure these anew; the other results stay"
    )
    parser.add_argument("--out", type=Path, help="folder for the results; default bench/results, or a new one if quick")
    options = parser.parse_args()
    plan = QUICK if options.quick else FULL
    out = options.out or (Path(tempfile.mkdtemp(prefix="pulumi-signa-bench-")) if options.quick else RESULTS)
    out.mkdir(parents=True, exist_ok=True)
    setting = _setting()
    try:
        earlier = _earlier(out / RAW, setting) if options.only else []
        measured = {one.conditions: one for one in earlier}
        for conditions, number in plan:
            if not options.only or _part(conditions) in options.only:
                measured[conditions] = _compare(conditions, number)
        of_receiver = _receiver(out, setting, options)
    except BenchError as error:
        print(f"\nFAILED  {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped; nothing is left running", file=sys.stderr)
        return 130
    comparisons = [measured[conditions] for conditions, _ in plan if conditions in measured]
    write_json(out / RAW, setting, comparisons)
    page, verdicts = report.markdown(setting, comparisons), report.verdicts(comparisons)
    for comparison in of_receiver:
        write_json(out / RAW_OF_RECEIVER, setting, [comparison])
        page, verdicts = f"{page}\n{receiver.section(comparison)}", [*verdicts, receiver.verdict(comparison)]
    (out / "ratios.md").write_text(page)
    plot.draw(out / "ratios.svg", comparisons, SHOWN)
    print("\n" + "\n".join(verdicts))
    print(f"\nwritten to {out}: ratios.md, ratios.svg, {RAW}, {RAW_OF_RECEIVER}")
    return 0


def _part(conditions: Conditions | None) -> str:
    return conditions.part if conditions else IMPORTS


def _earlier(raw: Path, setting: str) -> list[Comparison]:
    """Return what lies in a file; raise `BenchError` where another machine or version made it."""
    if not raw.exists():
        return []
    there, comparisons = read_json(raw)
    if there != setting:
        raise BenchError(f"{raw} was measured on {there}; measure everything anew, or give another --out")
    return comparisons


def _receiver(out: Path, setting: str, options: argparse.Namespace) -> list[Comparison]:
    """Return the comparison of the receiver, measured now or earlier, if any."""
    if options.only and RECEIVER not in options.only:
        return _earlier(out / RAW_OF_RECEIVER, setting)
    start = time.monotonic()
    comparison = receiver.measure(ROUNDS_OF_RECEIVER["quick" if options.quick else "full"])
    print(f"{RECEIVER}: {comparison.rounds} rounds, {time.monotonic() - start:.0f} s", flush=True)
    return [comparison]


def _compare(conditions: Conditions | None, number_of_rounds: int) -> Comparison:
    measurements: list[Measurement] = []
    for number in range(number_of_rounds):
        start = time.monotonic()
        measurements += rounds.stacks(conditions, number) if conditions else rounds.imports(number)
        what = conditions.title if conditions else IMPORTS
        print(f"{what}: round {number + 1} of {number_of_rounds}, {time.monotonic() - start:.0f} s", flush=True)
    return Comparison(conditions, measurements)


def _setting() -> str:
    return (
        f"Pulumi {pulumi_version()}, its Python SDK v{version('pulumi')}, Python {platform.python_version()}, "
        f"{os.cpu_count()} cores"
    )


sys.exit(main())
