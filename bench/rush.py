"""Creates by the thousand on the native host, many or all at once: their calls wait for the rate limit."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from bench.engine import CREATE, Stack
from bench.memory import ENGINE, PLUGIN, PROGRAM, PeakMemory
from bench.results import Conditions, Limit
from bench.signa import emulator
from bench.subjects import NATIVE

# Signa's own limit is 100 calls in 60 s (https://docs.signa.so/api-reference/rate-limits); this is a fifth of the time.
FIFTH_OF_A_MINUTE = Limit(calls=100, window_s=12)

LIMITS = {"full": FIFTH_OF_A_MINUTE, "quick": Limit(calls=10, window_s=2)}

PLAN = {
    "full": ((500, 64), (1_000, 64), (500, 1_000), (1_000, 1_000), (2_000, 1_000)),
    "quick": ((20, 4), (40, 4), (40, 40)),
}
"""Endpoints and the engine's `--parallel`, in the order of the table."""

_LEAST_SHARE, _MOST_REFUSED = 0.97, 2

_HEAD = """\
| creates | `--parallel` | errors | refused calls | share of the permitted calls | engine | program | plugin | state |
| --: | --: | --: | --: | --: | --: | --: | --: | --: |
"""


@dataclass(frozen=True)
class Rush:
    """
    What came of it.

    Attributes:
        endpoints: How many the program declared.
        parallel: The engine's `--parallel`.
        seconds: What the command took.
        made: How many endpoints are at Signa.
        errors: Lines of errors that the engine showed.
        refused: Calls that were answered with 429.
        share: Of the calls that the limit permitted until the last windowful began, those that were made.
        state_bytes: The size of the state in the end.
        mebibytes: The greatest resident memory by kind of process.
    """

    endpoints: int
    parallel: int
    seconds: float
    made: int
    errors: int
    refused: int
    share: float
    state_bytes: int
    mebibytes: dict[str, float]


def measure(endpoints: int, parallel: int, limit: Limit) -> Rush:
    """Create all, so many at once; what fails is counted."""
    with (
        tempfile.TemporaryDirectory(prefix="pulumi-signa-bench-") as folder,
        emulator(Conditions(endpoints, limit=limit)) as signa,
    ):
        stack = Stack(Path(folder) / NATIVE.name, NATIVE, endpoints=endpoints, base_url=signa.base_url)
        # Where nobody sets it, the longest wait is five windows too.
        stack.environment["SIGNA_MAX_WAIT_S"] = str(5 * limit.window_s)
        stack.init()
        with PeakMemory(stack.folder) as memory:
            run = stack.run(CREATE, parallel=parallel)
        rush = Rush(
            endpoints,
            parallel,
            run.seconds,
            signa.endpoints(),
            sum(line.strip().startswith("error:") for line in f"{run.output}\n{run.errors}".splitlines()),
            signa.refused(),
            _share(signa.admitted(), limit),
            stack.state_bytes(),
            memory.mebibytes,
        )
    print(f"scale: n = {endpoints:,}, --parallel {parallel:,}: {run.seconds:.0f} s", flush=True)
    return rush


def table(rushes: Sequence[Rush]) -> str:
    """Write a row for each."""
    return _HEAD + "".join(f"| {' | '.join(_row(rush))} |\n" for rush in rushes)


def verdicts(rushes: Sequence[Rush]) -> Iterator[str]:
    """Say of each whether all was made, and how much more memory the plugin takes for more with as many at once."""
    for rush in rushes:
        is_met = rush.made == rush.endpoints and not rush.errors and rush.refused <= _MOST_REFUSED
        yield (
            f"{'met' if is_met and rush.share >= _LEAST_SHARE else 'MISSED':6}  {_title(rush)}: "
            f"{rush.made:,} made, {rush.errors} errors, {rush.refused} refused, {rush.share:.1%} of the permitted calls"
        )
    for fewer, more in pairwise(rushes):
        # Fewer endpoints than may be in work at once leave the plugin with fewer threads.
        if fewer.parallel == more.parallel < fewer.endpoints:
            number = more.endpoints - fewer.endpoints
            growth = (more.mebibytes[PLUGIN] - fewer.mebibytes[PLUGIN]) * 1024 / number
            state = (more.state_bytes - fewer.state_bytes) / 1024 / number
            yield (
                f"{'met' if growth <= state else 'MISSED':6}  {_title(more)}, memory of the plugin for each of the "
                f"last {number:,}: at most {state:.1f} KiB, as the state has, measured {growth:.1f} KiB"
            )


def _title(rush: Rush) -> str:
    return f"{rush.endpoints:,} creates, --parallel {rush.parallel:,}"


def _share(at: Sequence[float], limit: Limit) -> float:
    """Return the share of the permitted calls that were made before the last windowful began."""
    before_last = len(at) - limit.calls
    if before_last <= 0:
        return 0.0
    return before_last / (limit.calls * (at[before_last] - at[0]) / limit.window_s)


def _row(rush: Rush) -> tuple[str, ...]:
    return (
        f"{rush.endpoints:,}",
        f"{rush.parallel:,}",
        f"{rush.errors:,}",
        f"{rush.refused:,}",
        f"{rush.share:.1%}",
        *(f"{rush.mebibytes.get(role, 0.0):.0f} MiB" for role in (ENGINE, PROGRAM, PLUGIN)),
        f"{rush.state_bytes / 1024**2:.1f} MiB",
    )
