"""Values of every kind that JSON has, and the unknown one among them, for laws that must always hold."""

import pytest
from hypothesis import strategies as st

from pulumi_signa.inputs import UNKNOWN

_SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=20), st.just(UNKNOWN)
)


@pytest.fixture(scope="session")
def anything() -> st.SearchStrategy[object]:
    """Give a strategy for any JSON-like value; UNKNOWN may stand anywhere in it."""
    return st.recursive(
        _SCALARS,
        lambda inner: st.one_of(
            st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4), st.just(UNKNOWN)
        ),
        max_leaves=10,
    )
