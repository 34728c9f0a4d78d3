"""Fixtures: a Secrets Manager with the old secret, a Signa, and a clock to put forward."""

from collections.abc import Iterator

import pytest

from emulator.harness import API_KEY, Api
from receiver.deliveries import OLD, Clock, CountedSecretsManager
from signa_emulator.server import EmulatorServer
from signa_receiver import cache, replays


@pytest.fixture
def secrets_manager() -> Iterator[CountedSecretsManager]:
    """Yield a Secrets Manager that has the old secret."""
    stand_in = CountedSecretsManager()
    stand_in.store(OLD)
    yield stand_in
    stand_in.goes_on.set()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Return the clock that caches and replays go by."""
    clock = Clock()
    for module in (cache, replays):
        monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture
def signa() -> Iterator[Api]:
    """Yield a Signa of our own."""
    with EmulatorServer([API_KEY]) as emulator:
        api = Api(emulator.base_url, emulator)
        yield api
        api.close()
