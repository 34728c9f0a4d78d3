"""Measure, write ratios.md, ratios.svg and the raw figures, and say which targets were met: `python -m bench`."""

import argparse
import os
import platform
import sys
import tempfile
import time
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from bench import guide, plan, plot, receiver, report, rounds, rush, sizes
from bench.engine import BenchError, pulumi_version
from bench.guide import Scale
from bench.results import Comparison, Measurement, read_json, write_json

RESULTS = Path(__file__).resolve().parent / "results"
RAW, RAW_OF_RECEIVER, RAW_OF_SCALE = "results.json", "receiver.json", "scale.json"

RECEIVER, SIZES, SCALE = "receiver", "sizes", "scale"
"""Parts beside those of the plan."""


def main() -> int:
    """Do it all."""
    options = _options()
    setting = _setting()
    out: Path = options.out
    out.mkdir(parents=True, exist_ok=True)
    try:
        comparisons = _stacks(out / RAW, setting, options)
        of_receiver = _receiver(out / RAW_OF_RECEIVER, setting, options)
        scale = _scale(out / RAW_OF_SCALE, setting, options)
    except BenchError as error:
        print(f"\nFAILED  {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped; nothing is left running", file=sys.stderr)
        return 130
    page, verdicts = report.markdown(setting, comparisons), report.verdicts(comparisons)
    for comparison in of_receiver:
        page, verdicts = f"{page}\n{receiver.section(comparison)}", [*verdicts, receiver.verdict(comparison)]
    (out / "ratios.md").write_text(page)
    plot.draw(out / "ratios.svg", comparisons, plan.SHOWN)
    if out == RESULTS:
        guide.PAGE.write_text(scale.updated(guide.PAGE.read_text()))
    print("\n" + "\n".join([*verdicts, *rush.verdicts(scale.rushes)]))
    print(f"\nwritten to {out}: ratios.md, ratios.svg, {RAW}, {RAW_OF_RECEIVER}, {RAW_OF_SCALE}")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="minutes to see that it works; the figures are poor")
    of_stacks = list(dict.fromkeys(entry.part for entry in plan.FULL))
    parts = [*of_stacks, RECEIVER, SIZES, SCALE]
    parser.add_argument("--only", choices=parts, nargs="+", help="measure these anew; the other results stay")
    parser.add_argument(
        "--n", type=int, nargs="+", default=(), help="of these parts, measure what has so many endpoints"
    )
    parser.add_argument(
        "--latency", type=int, nargs="+", default=(), help="of these parts, measure what has so many ms of latency"
    )
    parser.add_argument("--out", type=Path, help="folder for the results; default bench/results, or a new one if quick")
    options = parser.parse_args()
    options.plan = plan.QUICK if options.quick else plan.FULL
    options.kind = "quick" if options.quick else "full"
    options.is_part = bool(options.only or options.n or options.latency)
    options.only = options.only or (of_stacks if options.is_part else parts)
    if options.out is None:
        options.out = Path(tempfile.mkdtemp(prefix="pulumi-signa-bench-")) if options.quick else RESULTS
    return options


def _stacks(raw: Path, setting: str, options: argparse.Namespace) -> list[Comparison]:
    """Measure what was asked for; return what is there now, in the order of the plan."""
    measured = {one.conditions: one for one in (_earlier(raw, setting) if options.is_part else ())}
    for entry in plan.chosen(options.plan, options.only, options.n, options.latency):
        measurements: list[Measurement] = []
        for number in range(entry.rounds):
            start = time.monotonic()
            measurements += rounds.one(entry.conditions, entry.subjects, number)
            what = f"{entry.title}: round {number + 1} of {entry.rounds}"
            print(f"{what}, {time.monotonic() - start:.0f} s", flush=True)
        measured[entry.conditions] = Comparison(entry.conditions, measurements)
        # What follows may fail, or be stopped.
        write_json(raw, setting, list(measured.values()))
    return [measured[entry.conditions] for entry in options.plan if entry.conditions in measured]


def _receiver(raw: Path, setting: str, options: argparse.Namespace) -> list[Comparison]:
    """Return the comparison of the receiver, measured now or earlier, if any."""
    if RECEIVER not in options.only:
        return _earlier(raw, setting)
    comparisons = [receiver.measure(receiver.ROUNDS[options.kind])]
    write_json(raw, setting, comparisons)
    return comparisons


def _scale(raw: Path, setting: str, options: argparse.Namespace) -> Scale:
    """Return what is known of sizes, measured now or earlier; each is written at once."""
    scale = guide.read(raw) if raw.exists() and options.is_part else Scale(setting, [], [])
    _must_be(scale.setting, setting, raw)
    for number in sizes.ENDPOINTS[options.kind]:
        if _is_asked(SIZES, number, options):
            others = [one for one in scale.sizes if one.endpoints != number]
            scale = replace(scale, sizes=sorted([*others, *sizes.measure(number)], key=lambda one: one.endpoints))
            scale.write(raw)
    for number, parallel in rush.PLAN[options.kind]:
        if _is_asked(SCALE, number, options):
            rushes = [one for one in scale.rushes if (one.endpoints, one.parallel) != (number, parallel)]
            rushes.append(rush.measure(number, parallel, rush.LIMITS[options.kind]))
            scale = replace(scale, rushes=sorted(rushes, key=lambda one: (one.parallel, one.endpoints)))
            scale.write(raw)
    return scale


def _is_asked(part: str, endpoints: int, options: argparse.Namespace) -> bool:
    """Return whether a number of endpoints was asked for in a part."""
    return part in options.only and (not options.n or endpoints in options.n)


def _earlier(raw: Path, setting: str) -> list[Comparison]:
    """Return what lies in a file."""
    if not raw.exists():
        return []
    there, comparisons = read_json(raw)
    _must_be(there, setting, raw)
    return comparisons


def _must_be(there: str, setting: str, raw: Path) -> None:
    """Refuse figures that another machine or version has made."""
    if there != setting:
        raise BenchError(f"{raw} was measured on {there}; measure everything anew, or give another --out")


def _setting() -> str:
    return (
        f"Pulumi {pulumi_version()}, its Python SDK v{version('pulumi')}, Python {platform.python_version()}, "
        f"{os.cpu_count()} cores"
    )


sys.exit(main())
