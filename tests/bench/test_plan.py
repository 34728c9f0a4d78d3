"""What is measured when only a part is asked for."""

import pytest
from bench.plan import FULL, chosen
from bench.results import Conditions

PARTS = ("imports", "hosts", "secrets", "limit")


def titles(*parts: str, n: tuple[int, ...] = (), latency: tuple[int, ...] = ()) -> list[str]:
    """Return the titles of what is chosen."""
    return [entry.title for entry in chosen(FULL, parts or PARTS, n, latency)]


def test_everything_is_chosen_where_nothing_is_given() -> None:
    assert titles() == [entry.title for entry in FULL]


@pytest.mark.parametrize("part", PARTS)
def test_part_has_its_own(part: str) -> None:
    assert titles(part)
    assert not {*titles(part)} & {*titles(*(other for other in PARTS if other != part))}


def test_numbers_choose_within_a_part() -> None:
    assert titles("hosts", n=(1, 100), latency=(50,)) == [
        Conditions(1, latency_ms=50).title,
        Conditions(100, latency_ms=50).title,
    ]


def test_imports_have_no_number() -> None:
    assert "imports" not in titles(n=(1,))
    assert "imports" not in titles(latency=(0,))
