"""What is said of the receiver's figures."""

import pytest
from bench.receiver import IMPORT, LIBRARY, OURS, VERIFY, measure, section, verdict
from bench.results import Comparison, Measurement


def compared(ours_ms: list[float], library_ms: list[float]) -> Comparison:
    """Return rounds with these CPU milliseconds of an import, twice that on the clock, and 10 and 15 µs a call."""
    return Comparison(
        None,
        [
            Measurement(number, subject, operation, 2 * cpu, cpu)
            for subject, imports, call in ((OURS, ours_ms, 15e-6), (LIBRARY, library_ms, 10e-6))
            for number, milliseconds in enumerate(imports)
            for operation, cpu in ((IMPORT, milliseconds / 1e3), (VERIFY, call))
        ],
    )


def test_difference_is_of_the_same_round() -> None:
    """A slow round is slow for both."""
    page = section(compared([60, 200, 70], [50, 180, 40]))

    assert "| import | 50 ms | 70 ms | +20 ms (+10 to +30) |" in page
    assert "| verification | 10 µs | 15 µs | 1.50× (1.50–1.50) |" in page
    assert "(3 rounds)" in page


@pytest.mark.parametrize(("ours_ms", "met"), [(150, "met"), (151, "MISSED")])
def test_target_is_the_difference(ours_ms: float, met: str) -> None:
    assert verdict(compared([ours_ms], [50])).startswith(met)


def test_both_are_measured_in_each_round() -> None:
    comparison = measure(1)

    assert {(one.subject, one.operation) for one in comparison.measurements} == {
        (subject, operation) for subject in (OURS, LIBRARY) for operation in (IMPORT, VERIFY)
    }
