"""What a stack costs by its size: calls and memory of each operation, on both hosts."""

import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.engine import CREATE, DESTROY, BenchError, Stack
from bench.memory import ENGINE, PLUGIN, PROGRAM, PeakMemory
from bench.results import Conditions
from bench.signa import emulator
from bench.subjects import DYNAMIC, NATIVE, Subject

ENDPOINTS = {"full": (10, 100, 1_000), "quick": (2, 10)}

CALLS_A_MINUTE = 100
"""Signa's limit: https://docs.signa.so/api-reference/rate-limits."""

_ROTATE = "rotate"

_OPERATIONS = {
    "preview": "preview",
    CREATE: CREATE,
    "no change": "no-change up",
    "refresh": "refresh",
    _ROTATE: CREATE,
    DESTROY: DESTROY,
}
"""The life of a stack, in order: name to what `Stack.run` calls it."""

_PROGRAM = """\
{program_import}

for number in range({endpoints}):
    url = f"https://example.com/hooks/{{number}}"
    WebhookEndpoint(f"endpoint-{{number}}", url=url, rotate_trigger={trigger!r})
"""

_HEAD = """\
| endpoints | operation | calls | at {calls_a_minute} a minute | engine | program | plugin, dynamic | plugin, native |
| --: | --- | --: | --: | --: | --: | --: | --: |
"""


@dataclass(frozen=True)
class Size:
    """
    One operation on a stack of one size.

    Attributes:
        host: Name of the subject.
        calls: To Signa, as the emulator counts them.
        mebibytes: The greatest resident memory by kind of process.
    """

    host: str
    endpoints: int
    operation: str
    calls: int
    mebibytes: dict[str, float]


def measure(endpoints: Sequence[int]) -> list[Size]:
    """Measure the life of a stack of each size on each host."""
    return [one for number in endpoints for subject in (DYNAMIC, NATIVE) for one in _life(subject, number)]


def table(sizes: Sequence[Size]) -> str:
    """Write the table of both hosts; engine and program are those of the native host."""
    found = {(one.host, one.endpoints, one.operation): one for one in sizes}
    rows = [_row(found[DYNAMIC.name, one.endpoints, one.operation], one) for one in sizes if one.host == NATIVE.name]
    return _HEAD.format(calls_a_minute=CALLS_A_MINUTE) + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _life(subject: Subject, endpoints: int) -> Iterator[Size]:
    start = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="pulumi-signa-bench-") as folder,
        emulator(Conditions(endpoints)) as signa,
    ):
        stack = Stack(Path(folder) / subject.name, subject, base_url=signa.base_url)
        stack.init()
        for operation, command in _OPERATIONS.items():
            trigger = "again" if operation in (_ROTATE, DESTROY) else None
            program = _PROGRAM.format(program_import=subject.program_import, endpoints=endpoints, trigger=trigger)
            stack.write(program)
            signa.start_over()
            with PeakMemory(stack.folder) as memory:
                run = stack.run(command)
            if not run.succeeded:
                raise BenchError(f"{subject.name}: {operation} of {endpoints} failed:\n{run.output}{run.errors}")
            yield Size(subject.name, endpoints, operation, sum(signa.calls().values()), memory.mebibytes)
    print(f"sizes: {subject.name}, n = {endpoints:,}, {time.monotonic() - start:.0f} s", flush=True)


def _row(dynamic: Size, native: Size) -> tuple[str, ...]:
    calls = f"{native.calls:,}" if native.calls == dynamic.calls else f"{dynamic.calls:,}, native {native.calls:,}"
    minutes = native.calls / CALLS_A_MINUTE
    duration = "" if not native.calls else "less than 1 min" if minutes < 1 else f"{minutes:.0f} min"
    memory = [(native, ENGINE), (native, PROGRAM), (dynamic, PLUGIN), (native, PLUGIN)]
    return (
        f"{native.endpoints:,}",
        native.operation,
        calls,
        duration,
        *(f"{one.mebibytes[role]:.0f} MiB" if role in one.mebibytes else "" for one, role in memory),
    )
