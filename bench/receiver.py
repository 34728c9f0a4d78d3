"""`signa_receiver` beside the library that it stands on: the import in a fresh interpreter, and one verification."""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timezone

from standardwebhooks import Webhook

from bench.engine import cpu_of_ended_children
from bench.results import Comparison, Measurement
from signa_receiver import FixedSecrets, Receiver

LIBRARY, OURS = "standardwebhooks", "signa_receiver"

IMPORT, VERIFY = "import", "verify"

ROUNDS = {"full": 31, "quick": 5}

AT_MOST_MS = 100.0
"""What the import may take beyond the library's own: an instance of AWS Lambda pays for each at its start."""

_CALLS = 2_000
_SECRET = f"whsec_{'A' * 43}="

_HEADING = """\
## The receiver ({rounds} rounds)

`signa_receiver` beside `standardwebhooks` alone, in the same round: the import in a fresh interpreter, Python's own
start included, and one verification of an alert of {size:,} bytes with the secret in memory. All of it is CPU: neither
waits for anything but a busy machine. The median, and in brackets the least and the greatest. The seconds, those on the
clock too, are in `receiver.json`.

| | standardwebhooks | signa_receiver | signa_receiver beside it |
| --- | --- | --- | --- |
"""


def measure(number_of_rounds: int) -> Comparison:
    """Measure both subjects in turn; the other one begins in each round."""
    for subject in (LIBRARY, OURS):
        # The first time compiles.
        _import(subject)
    return Comparison(None, [one for number in range(number_of_rounds) for one in _round(number)])


def section(comparison: Comparison) -> str:
    """Write the part of the page."""
    heading = _HEADING.format(rounds=comparison.rounds, size=len(_body()))
    return heading + _import_row(comparison) + _verify_row(comparison)


def verdict(comparison: Comparison) -> str:
    """Say whether the target was met."""
    measured = statistics.median(_more_ms(comparison))
    met = "met" if measured <= AT_MOST_MS else "MISSED"
    return f"{met:6}  receiver: import, CPU, at most {AT_MOST_MS:.0f} ms beyond {LIBRARY}, measured {measured:.1f} ms"


def _import_row(comparison: Comparison) -> str:
    library, ours = (1e3 * _median(comparison, subject, IMPORT) for subject in (LIBRARY, OURS))
    more = _more_ms(comparison)
    beside = f"{statistics.median(more):+.0f} ms ({min(more):+.0f} to {max(more):+.0f})"
    return f"| import | {library:.0f} ms | {ours:.0f} ms | {beside} |\n"


def _verify_row(comparison: Comparison) -> str:
    library, ours = (1e6 * _median(comparison, subject, VERIFY) for subject in (LIBRARY, OURS))
    ratios = [ours / library for ours, library in _pairs(comparison, VERIFY)]
    beside = f"{statistics.median(ratios):.2f}× ({min(ratios):.2f}–{max(ratios):.2f})"
    return f"| verification | {library:.0f} µs | {ours:.0f} µs | {beside} |\n"


def _round(number: int) -> Iterator[Measurement]:
    subjects = (LIBRARY, OURS) if number % 2 else (OURS, LIBRARY)
    verifications = _verifications()
    for subject in subjects:
        start, cpu_before = time.monotonic(), cpu_of_ended_children()
        _import(subject)
        seconds, cpu_seconds = time.monotonic() - start, cpu_of_ended_children() - cpu_before
        yield Measurement(number, subject, IMPORT, seconds, cpu_seconds)
    for subject in subjects:
        start, cpu_before = time.monotonic(), time.process_time()
        verifications[subject]()
        seconds, cpu_seconds = time.monotonic() - start, time.process_time() - cpu_before
        yield Measurement(number, subject, VERIFY, seconds / _CALLS, cpu_seconds / _CALLS)


def _import(subject: str) -> None:
    subprocess.run([sys.executable, "-c", f"import {subject}"], check=True)


def _verifications() -> dict[str, Callable[[], None]]:
    """Return what verifies one fresh delivery `_CALLS` times, by subject."""
    body, now = _body(), datetime.now(timezone.utc)
    webhook, receiver = Webhook(_SECRET), Receiver(FixedSecrets(_SECRET))
    headers = {
        "webhook-id": "alt_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": webhook.sign("alt_1", now, body.decode()),
    }

    def library() -> None:
        for _ in range(_CALLS):
            webhook.verify(body, headers)

    def ours() -> None:
        for _ in range(_CALLS):
            receiver.verify(body, headers)

    return {LIBRARY: library, OURS: ours}


def _body() -> bytes:
    data = {"alert_id": "alt_1", "severity": "high", "event": {"summary": "A mark similar to ACME was filed. " * 20}}
    return json.dumps({"type": "alert.created", "id": "alt_1", "data": data}).encode()


def _median(comparison: Comparison, subject: str, operation: str) -> float:
    return statistics.median(one.cpu_seconds for one in comparison.of(subject, operation))


def _pairs(comparison: Comparison, operation: str) -> list[tuple[float, float]]:
    """Return what ours and the library took, by round."""
    both = zip(comparison.of(OURS, operation), comparison.of(LIBRARY, operation), strict=True)
    return [(ours.cpu_seconds, library.cpu_seconds) for ours, library in both]


def _more_ms(comparison: Comparison) -> list[float]:
    return [1e3 * (ours - library) for ours, library in _pairs(comparison, IMPORT)]
