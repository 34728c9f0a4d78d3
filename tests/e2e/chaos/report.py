"""What came of runs that ended early."""

from collections import Counter
from dataclasses import dataclass, field

KILL, INTERRUPT = "kill -9", "Ctrl-C"


@dataclass
class Report:
    """
    What came of some runs.

    Attributes:
        runs: Number of runs, by ending and operation.
        hits: Number of those whose engine was still running.
        orphans: Number of endpoints and secrets that the state does not hold.
        lost: Number of endpoints whose secret is not both in the state and in Secrets Manager; where it has a
            destination, not the current value there.
        unverifiable: Number of endpoints whose deliveries a receiver that reads Secrets Manager refuses.
        faults: What else was wrong, in words.
        searches: Number of outputs and files that were searched for the API key and every secret.
        found: Where one of them stood.
    """

    runs: Counter[tuple[str, str]] = field(default_factory=Counter)
    hits: Counter[tuple[str, str]] = field(default_factory=Counter)
    orphans: int = 0
    lost: int = 0
    unverifiable: int = 0
    faults: list[str] = field(default_factory=list)
    searches: int = 0
    found: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.orphans or self.lost or self.unverifiable or self.faults or self.found)

    def add(self, other: "Report") -> None:
        """Add what came of other runs."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)

    def __str__(self) -> str:
        """Return the table and the sums, and what was wrong."""
        lines = [f"{'':<24}" + "".join(f"{ending:>9} {'hit':>5}" for ending in (KILL, INTERRUPT))]
        operations = sorted({operation for _, operation in self.runs})
        for title, summed in [*((operation, [operation]) for operation in operations), ("all", operations)]:
            cells = [
                sum(counter[ending, operation] for operation in summed)
                for ending in (KILL, INTERRUPT)
                for counter in (self.runs, self.hits)
            ]
            lines.append(f"{title:<24}" + "{:>9} {:>5}{:>9} {:>5}".format(*cells))
        lines += [
            f"{self.runs.total()} runs, {self.hits.total()} of them hit a running engine",
            f"{self.orphans} orphans, {self.lost} lost secrets, {self.unverifiable} unverifiable deliveries",
            f"{len(self.faults)} other faults",
            f"{self.searches} searches for the API key and every secret, {len(self.found)} hits",
        ]
        return "\n".join([*lines, *self.faults, *(f"in plain text in {place}" for place in self.found)])
