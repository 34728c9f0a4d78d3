"""Ratios, and what is said about them."""

import pytest
from bench.report import markdown, ratios, verdicts
from bench.results import Comparison, Conditions, Limit, Measurement
from bench.subjects import NAIVE, NOTHING, OURS, PROPERTIES

AT_50_MS = Conditions(100, latency_ms=50)
LIMITED = Conditions(250, limit=Limit(calls=100, window_s=6))


def compared(conditions: Conditions, operation: str, **seconds: list[float]) -> Comparison:
    """Return a comparison of one operation, with a list of seconds for each subject, one a round."""
    subjects = {"nothing": NOTHING, "properties": PROPERTIES, "naive": NAIVE, "ours": OURS}
    return Comparison(
        conditions,
        [
            Measurement(number, subjects[name].name, operation, one, calls=7)
            for name, measured in seconds.items()
            for number, one in enumerate(measured)
        ],
    )


def cells(page: str, operation: str) -> list[str]:
    """Return a row of the last table of a page."""
    (row,) = [line for line in page.splitlines() if line.startswith(f"| {operation} |")]
    return [cell.strip() for cell in row.strip("|").split("|")][1:]


def test_ratio_is_of_the_same_round() -> None:
    """A slow round is slow for all, in whatever order they took their turns."""
    comparison = compared(AT_50_MS, "preview", ours=[2.0, 6.0], nothing=[1.0, 4.0])

    assert ratios(comparison, OURS.name, "preview") == [2.0, 1.5]


def test_ratio_can_count_a_wait_with_nothing() -> None:
    """The wait goes to what doing nothing took."""
    comparison = compared(AT_50_MS, "create", nothing=[1.0], ours=[3.0])

    assert ratios(comparison, OURS.name, "create", wait_s=0.5) == [2.0]


@pytest.mark.parametrize(
    ("conditions", "wait_s"),
    [
        (Conditions(100), 0.0),
        (AT_50_MS, 1.25),
        (Conditions(1, latency_ms=50), 0.05),
        (LIMITED, 12.0),
        (Conditions(100, limit=Limit(calls=100, window_s=6)), 0.0),
        (Conditions(101, limit=Limit(calls=100, window_s=6)), 6.0),
    ],
)
def test_wait_is_what_four_workers_and_the_limit_make_of_it(conditions: Conditions, wait_s: float) -> None:
    """Calls go out four at a time, and a full window has to pass before the next one opens."""
    assert conditions.wait_s == wait_s


def test_table_has_median_and_spread() -> None:
    """The median of the rounds comes first, then the least and the greatest."""
    preview = compared(
        AT_50_MS, "preview", nothing=[1, 1, 1], properties=[0.5, 0.5, 1], naive=[2, 9, 3], ours=[1, 1, 1]
    )

    page = markdown("a machine", [preview])

    assert cells(page, "preview") == ["0.50× (0.50–1.00)", "3.00× (2.00–9.00)", "1.00× (1.00–1.00)", "7", "7"]
    assert "## n = 100, latency 50 ms (3 rounds)" in page


def test_table_has_create_beside_the_wait_too() -> None:
    """Under a latency the row of create is followed by one that allows for it."""
    create = compared(AT_50_MS, "create", nothing=[1.0], properties=[1.125], naive=[4.5], ours=[2.25])

    page = markdown("a machine", [create])

    assert cells(page, "create, beside nothing + 1.25 s") == ["0.50×", "2.00×", "1.00×", "", ""]


def test_table_says_what_failed() -> None:
    """A command that the rate limit broke has no time, and says how often it was refused."""
    failed = [Measurement(number, NAIVE.name, "refresh", 1.0, 120, 20 + number, succeeded=False) for number in (0, 1)]
    others = compared(LIMITED, "refresh", nothing=[1.0, 1.0], properties=[1.0, 1.0], ours=[2.0, 2.0])
    comparison = Comparison(LIMITED, [*others.measurements, *failed])

    page = markdown("a machine", [comparison])

    assert cells(page, "refresh") == [
        "1.00× (1.00–1.00)",
        "failed: 429 20–21 times",
        "2.00× (2.00–2.00)",
        "120, 20–21 of them refused",
        "7",
    ]


@pytest.mark.parametrize(("seconds", "verdict"), [(1.03, "met"), (1.04, "MISSED")])
def test_target_is_met_up_to_its_value(seconds: float, verdict: str) -> None:
    """The target itself is still good enough."""
    comparison = compared(Conditions(100), "preview", nothing=[1.0], ours=[seconds])
    others = [
        compared(Conditions(100), operation, nothing=[1.0], ours=[1.0])
        for operation in ("no-change up", "refresh", "create")
    ]
    whole = Comparison(Conditions(100), [one for part in (comparison, *others) for one in part.measurements])

    first, *_ = verdicts([whole], 100)

    assert first.split() == [
        verdict,
        *f"preview at 0 ms, beside nothing: at most 1.03×, measured {seconds:.3f}×".split(),
    ]


def test_target_of_create_allows_for_the_latency() -> None:
    """At 50 ms, create is held against doing nothing and the wait."""
    operations = ("preview", "no-change up", "refresh", "create")
    parts = [compared(AT_50_MS, operation, nothing=[1.0], ours=[2.25]) for operation in operations]
    whole = Comparison(AT_50_MS, [one for part in parts for one in part.measurements])

    *_, last = verdicts([whole], 100)

    assert last.startswith("met")
    assert last.endswith("beside nothing + n × latency / 4: at most 1.05×, measured 1.000×")


def test_only_what_was_measured_has_a_verdict() -> None:
    """Stacks of another size say nothing about the targets."""
    assert verdicts([compared(Conditions(20), "preview", nothing=[1.0], ours=[1.0])], 100) == []
