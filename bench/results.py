"""What was measured, and under which conditions."""

import json
from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass, fields
from math import ceil
from pathlib import Path
from typing import Any

WORKERS = 4
"""How many resources Python's dynamic provider host works on at a time (pulumi/dynamic/__main__.py)."""


@dataclass(frozen=True)
class Limit:
    """Calls that the API admits in a sliding window."""

    calls: int
    window_s: int


@dataclass(frozen=True)
class Conditions:
    """
    What a stack is and what its API is like.

    Attributes:
        endpoints: How many the stack declares.
        secrets: Whether the secret of each endpoint goes to AWS Secrets Manager.
        parallel: The engine's `--parallel`, or None for the engine's own choice.
        latency_ms: By which each answer of the API is delayed.
        limit: Of the API's rate, or None for none.
    """

    endpoints: int
    latency_ms: int = 0
    limit: Limit | None = None
    secrets: bool = False
    parallel: int | None = None

    @property
    def title(self) -> str:
        """A heading."""
        limited = f", at most {self.limit.calls} calls in {self.limit.window_s} s" if self.limit else ""
        secrets = ", each with its secret in Secrets Manager" if self.secrets else ""
        parallel = f", --parallel {self.parallel}" if self.parallel else ""
        return f"n = {self.endpoints:,}{secrets}, latency {self.latency_ms} ms{parallel}{limited}"

    @property
    def part(self) -> str:
        """What `--only` calls it."""
        return "secrets" if self.secrets else "limit" if self.limit else "hosts"

    @property
    def wait_s(self) -> float:
        """What nobody on the dynamic host can avoid to wait for Signa where each endpoint takes a call."""
        latency_s = ceil(self.endpoints / WORKERS) * self.latency_ms / 1000
        full_windows = (self.endpoints - 1) // self.limit.calls if self.limit else 0
        return latency_s + (full_windows * self.limit.window_s if self.limit else 0)


@dataclass(frozen=True)
class Measurement:
    """
    One command of one subject.

    Attributes:
        round: Measurements of one round are compared with each other.
        subject: Name of the subject.
        operation: What was timed.
        seconds: How long it took.
        cpu_seconds: Of all cores, used by the engine and by what it started.
        calls: To Signa, those refused included.
        refused: Calls that were answered with 429.
        succeeded: Whether the command did what it was to do; a failed one is not compared.
        state_bytes: Size of the state afterwards.
    """

    round: int
    subject: str
    operation: str
    seconds: float
    cpu_seconds: float
    calls: int = 0
    refused: int = 0
    succeeded: bool = True
    state_bytes: int = 0


@dataclass(frozen=True)
class Comparison:
    """
    All rounds under the same conditions.

    Attributes:
        conditions: None for imports, which need neither a stack nor an API.
        measurements: Of every subject that took part in every operation, in the order in which they were made.
    """

    conditions: Conditions | None
    measurements: Sequence[Measurement]

    @property
    def operations(self) -> list[str]:
        """What was timed, in order."""
        return list(dict.fromkeys(one.operation for one in self.measurements))

    @property
    def subjects(self) -> list[str]:
        """The names of those that took part."""
        return list(dict.fromkeys(one.subject for one in self.measurements))

    @property
    def rounds(self) -> int:
        """How often."""
        return len({one.round for one in self.measurements})

    def of(self, subject: str, operation: str) -> list[Measurement]:
        """Return the measurements of one subject in one operation, by round."""
        return [one for one in self.measurements if (one.subject, one.operation) == (subject, operation)]


def write_json(path: Path, setting: str, comparisons: Sequence[Comparison]) -> None:
    """
    Write the raw figures: names of columns once, then a row for each measurement.

    Args:
        setting: What was measured on, in a few words.
    """
    columns = [column.name for column in fields(Measurement)]
    blocks = [
        f'{{"conditions": {json.dumps(comparison.conditions and asdict(comparison.conditions))}, "measurements": [\n'
        + ",\n".join(json.dumps(astuple(measurement)) for measurement in comparison.measurements)
        + "\n]}"
        for comparison in comparisons
    ]
    path.write_text(
        f'{{"setting": {json.dumps(setting)}, "columns": {json.dumps(columns)}, "comparisons": [\n'
        + ",\n".join(blocks)
        + "\n]}\n"
    )


def read_json(path: Path) -> tuple[str, list[Comparison]]:
    """Return what `write_json` wrote: the setting, and the comparisons."""
    written = json.loads(path.read_text())
    return written["setting"], [
        Comparison(_conditions(one["conditions"]), [Measurement(*row) for row in one["measurements"]])
        for one in written["comparisons"]
    ]


def _conditions(written: dict[str, Any] | None) -> Conditions | None:
    if written is None:
        return None
    return Conditions(**{**written, "limit": written["limit"] and Limit(**written["limit"])})
