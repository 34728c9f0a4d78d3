"""What is measured: under which conditions, by which subjects and how often."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.results import Conditions, Limit
from bench.subjects import HOSTS, SUBJECTS, Subject

# Signa's own limit is 100 calls in 60 s (https://docs.signa.so/api-reference/rate-limits); this is a tenth of the time.
TENTH_OF_A_MINUTE = Limit(calls=100, window_s=6)

AT_ONCE = tuple(Conditions(64, latency_ms=latency_ms, parallel=64) for latency_ms in (50, 1_000))
"""
Those under which the hosts differ most: a host's workers decide how many calls wait for Signa at a time.

The engine writes the whole state after each step, which takes longer than Signa where there are many more. At 50 ms two
cores are busy with the engine while the four workers of the dynamic host wait, so the second latency is a long one.
"""


@dataclass(frozen=True)
class Entry:
    """
    Rounds of the same.

    Attributes:
        conditions: None stands for the imports.
        subjects: Those that take part.
    """

    conditions: Conditions | None
    rounds: int
    subjects: Sequence[Subject] = SUBJECTS

    @property
    def part(self) -> str:
        """What `--only` calls it."""
        return self.conditions.part if self.conditions else _IMPORTS

    @property
    def title(self) -> str:
        """A heading."""
        return self.conditions.title if self.conditions else _IMPORTS


_IMPORTS = "imports"

FULL = (
    Entry(None, 9),
    Entry(Conditions(1), 5, HOSTS),
    Entry(Conditions(1, latency_ms=50), 5, HOSTS),
    Entry(Conditions(100), 5),
    Entry(Conditions(100, latency_ms=50), 5),
    *(Entry(conditions, rounds, HOSTS) for conditions, rounds in zip(AT_ONCE, (9, 3), strict=True)),
    # A quarter of an hour each round: the engine writes the whole state after each step.
    Entry(Conditions(1_000), 2, HOSTS),
    Entry(Conditions(1_000, latency_ms=50), 1, HOSTS),
    Entry(Conditions(1, secrets=True), 5),
    Entry(Conditions(5, secrets=True), 5),
    Entry(Conditions(5, latency_ms=50, secrets=True), 5),
    Entry(Conditions(250, limit=TENTH_OF_A_MINUTE), 1),
)
QUICK = (
    Entry(None, 2),
    Entry(Conditions(1), 1, HOSTS),
    Entry(Conditions(20), 2),
    Entry(Conditions(20, latency_ms=50), 2),
    Entry(Conditions(20, latency_ms=50, parallel=20), 2, HOSTS),
    Entry(Conditions(1, secrets=True), 2),
    Entry(Conditions(20, limit=Limit(calls=8, window_s=2)), 1),
)
SHOWN = (
    Conditions(1, secrets=True),
    Conditions(20),
    Conditions(100),
    Conditions(100, latency_ms=50),
    Conditions(1_000),
)
"""What the plot has a panel of, where it was measured."""


def chosen(
    plan: Sequence[Entry], parts: Sequence[str], endpoints: Sequence[int], latencies_ms: Sequence[int]
) -> Iterator[Entry]:
    """Yield what is in one of the parts, and has one of the numbers of each kind that is given."""
    for entry in plan:
        conditions = entry.conditions
        if conditions is None:
            has_number = not endpoints and not latencies_ms
        else:
            has_number = (not endpoints or conditions.endpoints in endpoints) and (
                not latencies_ms or conditions.latency_ms in latencies_ms
            )
        if entry.part in parts and has_number:
            yield entry
