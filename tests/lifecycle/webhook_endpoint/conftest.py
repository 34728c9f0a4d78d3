"""The hosts behind which an endpoint lives, and what they share of long tests."""

from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import settings

from hosts_in_process import HOSTS, Host


@pytest.fixture(params=HOSTS)
def host(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Host:
    """Return each host in turn."""
    return HOSTS[request.param](monkeypatch)


@pytest.fixture
def pairs_for(host: Host) -> Callable[[int, int], list[tuple[int, int]]]:
    """Return what gives this host its pairs of numbers below two bounds: the hosts share the pairs, as on a board."""
    colour = [*HOSTS.values()].index(type(host))
    return lambda rows, columns: [pair for pair in product(range(rows), range(columns)) if sum(pair) % 2 == colour]


@pytest.fixture
def examples_for() -> Callable[[int], int]:
    """Return what says how many random examples each host tries of a law that has one share in so many."""
    return lambda shares: -(-settings.default.max_examples // (shares * len(HOSTS)))
