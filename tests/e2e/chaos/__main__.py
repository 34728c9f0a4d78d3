"""Live all lives, and print what came of them: exit 0 where nothing was wrong, else 1."""

import argparse
import multiprocessing
import random
import secrets
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed

from e2e import chaos
from e2e.chaos.life import live
from e2e.chaos.report import INTERRUPT, KILL, Report

RUNS_A_LIFE = 10


def main() -> int:
    """Live all lives, and return the exit code."""
    parser = argparse.ArgumentParser(prog="chaos", description=(chaos.__doc__ or "").strip().splitlines()[0])
    parser.add_argument("--kills", type=int, default=100, help="number of runs whose engine is killed; 100")
    parser.add_argument("--interrupts", type=int, default=100, help="number of runs in which Ctrl-C is pressed; 100")
    parser.add_argument("--seed", default=str(secrets.randbelow(10**6)), help="for the same operations again")
    parser.add_argument("--jobs", type=int, default=2, help="number of lives at a time; 2")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)

    endings = [KILL] * options.kills + [INTERRUPT] * options.interrupts
    random.Random(options.seed).shuffle(endings)  # noqa: S311 - no secret depends on chance
    lives = [endings[begin : begin + RUNS_A_LIFE] for begin in range(0, len(endings), RUNS_A_LIFE)]
    report = Report()
    # Each life has a process of its own, since moto keeps one AWS a process.
    with ProcessPoolExecutor(options.jobs, multiprocessing.get_context("spawn")) as workers:
        futures = [workers.submit(live, f"{options.seed}-{number}", life) for number, life in enumerate(lives)]
        for future in as_completed(futures):
            report.add(future.result())
            print(f"{report.runs.total()} of {len(endings)} runs", file=sys.stderr, flush=True)
    print(report)
    return 0 if report.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
