"""The keys that every run derives alike."""

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_signa.lifecycle.journal import page, pages

_IDENTITIES = st.lists(st.one_of(st.none(), st.integers(), st.text(max_size=5)), max_size=3).map(tuple)


@given(_IDENTITIES)
def test_every_run_derives_the_same_pages_and_no_page_comes_twice(identity: tuple[str | int | None, ...]) -> None:
    first, again = (list(pages(*identity, limit=20)) for _ in range(2))

    assert first == again
    assert len(set(first)) == 20


@given(_IDENTITIES, _IDENTITIES)
def test_other_identities_have_other_pages(
    one: tuple[str | int | None, ...], other: tuple[str | int | None, ...]
) -> None:
    assert (page(*one) == page(*other)) == (one == other)


@given(st.integers(0, 10))
def test_chain_goes_on_from_any_page(number: int) -> None:
    chain = list(pages("a", limit=12))
    before = chain[number - 1] if number else None

    assert list(islice(pages("a", limit=12, after=before), 12 - number)) == chain[number:]


@pytest.mark.parametrize("limit", [0, 1, 1000])
def test_chain_ends(limit: int) -> None:
    assert len(list(pages("a", limit=limit))) == limit


def test_page_is_hexadecimal_and_reveals_nothing() -> None:
    key = page("urn:ü", "x" * 500)

    assert len(key) == 64
    assert set(key) <= set("0123456789abcdef")
