"""A Signa client whose requests are seen, what the lifecycles warn of, and values of every kind."""

from collections.abc import Callable

import pytest
from hypothesis import strategies as st

from fake_time import FakeTime
from fake_transport import FakeTransport
from pulumi_signa.lifecycle.values import UNKNOWN
from pulumi_signa.signa_api.client import SignaClient
from pulumi_signa.signa_api.pacing.retry import RetryPolicy


@pytest.fixture
def client(fake_transport: FakeTransport) -> SignaClient:
    """Return a client of the emulator that does not sleep between attempts."""
    time = FakeTime()
    return SignaClient(fake_transport, RetryPolicy(), pause=time.pause, clock=time.clock)


@pytest.fixture
def warned() -> list[str]:
    """Return the warnings that were shown."""
    return []


@pytest.fixture
def warn(warned: list[str]) -> Callable[[str], None]:
    """Return what shows a warning."""
    return warned.append


_SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=20), st.just(UNKNOWN)
)


@pytest.fixture(scope="session")
def anything() -> st.SearchStrategy[object]:
    """Return a strategy for any JSON-like value; UNKNOWN may stand anywhere in it."""
    return st.recursive(
        _SCALARS,
        lambda inner: st.one_of(
            st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4), st.just(UNKNOWN)
        ),
        max_leaves=10,
    )
