"""Ratios, and what is said about them."""

from pathlib import Path

import pytest
from bench.engine import OPERATIONS
from bench.report import CPU, markdown, ratios, verdicts
from bench.results import Comparison, Conditions, Limit, Measurement, read_json, write_json
from bench.subjects import DYNAMIC, NAIVE, NATIVE, NATIVE_NOTHING, NOTHING, PROPERTIES

AT_50_MS = Conditions(100, latency_ms=50)
AT_ONCE = Conditions(64, latency_ms=50, parallel=64)
SUBJECTS = {
    "nothing": NOTHING,
    "properties": PROPERTIES,
    "naive": NAIVE,
    "ours": DYNAMIC,
    "native_nothing": NATIVE_NOTHING,
    "native": NATIVE,
}
STATES = {
    "nothing": 200_000,
    "properties": 300_000,
    "naive": 400_000,
    "ours": 100_000,
    "native_nothing": 100_000,
    "native": 150_000,
}
LIMITED = Conditions(250, limit=Limit(calls=100, window_s=6))


def compared(conditions: Conditions, operation: str, **seconds: list[float]) -> Comparison:
    """Return a comparison of one operation, with a list of seconds for each subject, one a round."""
    return Comparison(
        conditions,
        [
            Measurement(number, SUBJECTS[name].name, operation, one, 2 * one, calls=7, state_bytes=STATES[name])
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

    assert ratios(comparison, DYNAMIC.name, "preview") == [2.0, 1.5]


def test_ratio_can_be_of_another_figure_and_to_another_subject() -> None:
    """CPU seconds are divided as seconds are."""
    measurements = [Measurement(0, NAIVE.name, "preview", 1.0, 4.0), Measurement(0, DYNAMIC.name, "preview", 1.0, 3.0)]

    assert ratios(Comparison(AT_50_MS, measurements), DYNAMIC.name, "preview", to=NAIVE.name, figure=CPU) == [0.75]


def test_ratio_leaves_out_a_round_in_which_the_other_failed() -> None:
    """A time up to a failure is the time of nothing."""
    failed = Measurement(0, NAIVE.name, "preview", 1.0, 1.0, succeeded=False)
    ours = Measurement(0, DYNAMIC.name, "preview", 1.0, 1.0)

    assert ratios(Comparison(AT_50_MS, [failed, ours]), DYNAMIC.name, "preview", to=NAIVE.name) == []


def test_ratio_can_count_a_wait_with_nothing() -> None:
    """The wait goes to what doing nothing took."""
    comparison = compared(AT_50_MS, "create", nothing=[1.0], ours=[3.0])

    assert ratios(comparison, DYNAMIC.name, "create", wait_s=0.5) == [2.0]


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
    """The median of the rounds comes first, then the least and the greatest; CPU seconds follow."""
    preview = compared(
        AT_50_MS, "preview", nothing=[1, 1, 1], properties=[0.5, 0.5, 1], naive=[2, 9, 3], ours=[1, 1, 1]
    )
    create = compared(AT_50_MS, "create", nothing=[1], properties=[1], naive=[1], ours=[1])

    page = markdown("a machine", [Comparison(AT_50_MS, [*preview.measurements, *create.measurements])])

    others = ["0.50× (0.50–1.00)", "3.00× (2.00–9.00)", "1.00× (1.00–1.00)", "0.33× (0.11–0.50)"]
    assert cells(page, "preview, wall") == ["1.00 s", *others, "7", "7"]
    assert cells(page, "preview, CPU") == ["2.00 s", *others, "", ""]
    assert "## n = 100, latency 50 ms (3 rounds)" in page


def test_table_has_create_beside_the_wait_too() -> None:
    """Under a latency the row of create is followed by one that allows for it."""
    create = compared(AT_50_MS, "create", nothing=[1.0], properties=[1.125], naive=[4.5], ours=[2.25])

    page = markdown("a machine", [create])

    assert cells(page, "create, wall, beside nothing + 1.25 s") == ["", "0.50×", "2.00×", "1.00×", "", "", ""]


def test_table_has_the_state_of_an_endpoint() -> None:
    """The state after the create is divided by the endpoints."""
    create = compared(AT_50_MS, "create", nothing=[1.0], properties=[1.0], naive=[1.0], ours=[1.0])

    page = markdown("a machine", [create])

    assert cells(page, "state, by endpoint") == ["2,000 bytes", "1.50×", "2.00×", "0.50×", "0.25×", "", ""]


def test_table_says_what_failed() -> None:
    """A command that the rate limit broke has no time, and says how often it was refused."""
    failed = [
        Measurement(number, NAIVE.name, "create", 1, 1, 120, 20 + number, succeeded=False, state_bytes=9)
        for number in (0, 1)
    ]
    others = compared(LIMITED, "create", nothing=[1.0, 1.0], properties=[1.0, 1.0], ours=[2.0, 2.0])
    comparison = Comparison(LIMITED, [*others.measurements, *failed])

    page = markdown("a machine", [comparison])

    assert cells(page, "create, wall") == [
        "1.00 s",
        "1.00× (1.00–1.00)",
        "failed: 429 20–21 times",
        "2.00× (2.00–2.00)",
        "",
        "120, 20–21 of them refused",
        "7",
    ]


def whole(conditions: Conditions, **seconds: list[float]) -> Comparison:
    """Return a comparison of all operations, each with the same seconds."""
    parts = [compared(conditions, operation, **seconds) for operation in OPERATIONS]
    return Comparison(conditions, [one for part in parts for one in part.measurements])


@pytest.mark.parametrize(("seconds", "verdict"), [(1.03, "met"), (1.04, "MISSED")])
def test_target_is_met_up_to_its_value(seconds: float, verdict: str) -> None:
    """The target itself is still good enough."""
    first, *_ = verdicts([whole(Conditions(100), nothing=[1.0], naive=[1.0], ours=[seconds])])

    assert first.split()[0] == verdict
    assert first.endswith(f"preview, beside nothing: at most 1.03×, measured {seconds:.3f}×")


def test_target_of_create_allows_for_the_latency() -> None:
    """At 50 ms, create is held against doing nothing and the wait."""
    first, *_ = verdicts([whole(AT_50_MS, nothing=[1.0], ours=[2.25])])

    assert first.startswith("met")
    assert first.endswith("create, beside nothing + n × latency / 4: at most 1.05×, measured 1.000×")


def test_target_can_be_beside_naive() -> None:
    """With both resources, every operation is held against the plain pattern."""
    *times, _ = verdicts([whole(Conditions(5, secrets=True), nothing=[1.0], naive=[4.0], ours=[3.0])])

    assert len(times) == len(OPERATIONS)
    assert all(line.startswith("met") and line.endswith("naive: at most 1.00×, measured 0.750×") for line in times)


def test_state_has_a_target_whatever_was_measured() -> None:
    """An endpoint's state is held against that of the provider that does nothing."""
    last = verdicts([whole(Conditions(20), nothing=[1.0], ours=[1.0])])

    assert last == ["met     n = 20, latency 0 ms: state: at most 1.00×, measured 0.500×"]


def test_results_can_be_read_again(tmp_path: Path) -> None:
    """A part that is measured anew goes beside the others."""
    comparisons = [compared(LIMITED, "create", nothing=[1.0]), Comparison(None, [Measurement(0, "naive", "x", 1, 2)])]

    write_json(tmp_path / "results.json", "a machine", comparisons)

    assert read_json(tmp_path / "results.json") == ("a machine", comparisons)


def test_each_host_is_beside_what_does_nothing_on_it() -> None:
    """The native host has a floor of its own; the column after it divides the hosts."""
    page = markdown(
        "a machine",
        [compared(Conditions(100), "create", nothing=[1.0], ours=[2.0], native_nothing=[0.5], native=[1.5])],
    )

    assert cells(page, "create, wall") == ["1.00 s", "2.00×", "0.50 s", "3.00×", "0.75×", "7", "7"]


def test_table_has_what_the_hosts_take_beyond_nothing() -> None:
    """Where many calls wait at once, the seconds beyond the floor are compared, of the same round."""
    page = markdown("a machine", [many_at_once(native=[1.25, 5.0, 1.5])])

    assert cells(page, "create, wall, beyond nothing") == ["", "2.00 s", "", "0.50 s", "0.25× (0.12–0.50)", "", ""]


@pytest.mark.parametrize(("seconds", "met"), [(1.5, "met"), (1.52, "MISSED")])
def test_target_of_many_at_once_is_beyond_nothing(seconds: float, met: str) -> None:
    """A quarter of what the dynamic host takes is still good enough."""
    (line,) = [one for one in verdicts([many_at_once(native=[1.25, 5.0, seconds])]) if "beyond nothing" in one]

    assert line.startswith(met)
    assert "--parallel 64: create beyond nothing, native to dynamic: at most 0.25×" in line


def many_at_once(*, native: list[float]) -> Comparison:
    """Return three rounds in which the dynamic host takes two seconds beyond doing nothing, in a slow one eight."""
    return compared(AT_ONCE, "create", nothing=[1, 1, 1], ours=[3, 9, 3], native_nothing=[1, 1, 1], native=native)
