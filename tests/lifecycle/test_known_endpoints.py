"""What a run knows of the organization's endpoints."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from fake_transport import API_KEY, FakeTransport
from pulumi_signa.lifecycle.known_endpoints import KnownEndpoints
from pulumi_signa.signa_api.client import SignaClient
from pulumi_signa.signa_api.errors import ApiError
from pulumi_signa.signa_api.pacing.retry import RetryPolicy
from signa_emulator.server import EmulatorServer

PATIENCE_S = 30.0
"""Far longer than anything here takes."""


class WatchedCondition(threading.Condition):
    """A condition that tells when somebody waits for it, and has let go of its lock."""

    def __init__(self) -> None:
        super().__init__()
        self.is_awaited = threading.Event()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait; whoever takes the lock after the event is set comes while this waits."""
        self.is_awaited.set()
        return super().wait(timeout)


def make(client: SignaClient, key: str) -> str:
    """Make an endpoint, and give its id."""
    body = {"url": "https://example.com/", "enabled_events": ["alert.created"]}
    return client.create_webhook_endpoint(body, idempotency_key=key).endpoint.id


def test_held_is_what_was_held() -> None:
    """Each endpoint for itself, as often as it is said."""
    known = KnownEndpoints(settle_s=0)

    known.hold("whk_1")
    known.hold("whk_1")

    assert known.is_held("whk_1")
    assert not known.is_held("whk_2")


@pytest.mark.parametrize("settle_s", [0, 0.01])
def test_what_nobody_has_is_free_in_the_end(settle_s: float) -> None:
    """Whether there was something to wait for or not."""
    known = KnownEndpoints(settle_s=settle_s)
    known.hold("whk_1")

    assert not known.is_free("whk_1")
    assert known.is_free("whk_2")


def test_what_is_held_while_it_settles_is_not_free() -> None:
    """The program may declare the resource that has an endpoint after the one that asks for it."""
    known = KnownEndpoints(settle_s=PATIENCE_S)
    known._changed = condition = WatchedCondition()

    with ThreadPoolExecutor() as pool:
        is_free = pool.submit(known.is_free, "whk_1")
        is_awaited = condition.is_awaited.wait(PATIENCE_S)
        known.hold("whk_1")

        assert is_awaited
        assert not is_free.result(PATIENCE_S)


def test_another_endpoint_settles_nothing() -> None:
    """Who waits for one goes on waiting when another one is held."""
    known = KnownEndpoints(settle_s=PATIENCE_S)
    known._changed = condition = WatchedCondition()

    with ThreadPoolExecutor() as pool:
        is_free = pool.submit(known.is_free, "whk_1")
        condition.is_awaited.wait(PATIENCE_S)
        condition.is_awaited.clear()
        known.hold("whk_2")
        waits_again = condition.is_awaited.wait(PATIENCE_S)
        known.hold("whk_1")

        assert waits_again
        assert not is_free.result(PATIENCE_S)


def test_unheld_are_those_that_nobody_has(client: SignaClient) -> None:
    """Also where somebody came to have one after the list was read."""
    first, second, third = (make(client, key) for key in ("1", "2", "3"))
    known = KnownEndpoints(settle_s=0)
    known.hold(first)

    before = {endpoint.id for endpoint in known.unheld(client)}
    known.hold(second)
    after = {endpoint.id for endpoint in known.unheld(client)}

    assert (before, after) == ({second, third}, {third})


def test_list_is_read_once(client: SignaClient, sent: list[Any]) -> None:
    """Four resources at a time ask for it, and what is made meanwhile is no business of theirs."""
    id_ = make(client, "1")
    known = KnownEndpoints(settle_s=0)
    del sent[:]
    together = threading.Barrier(4)

    def ask() -> list[str]:
        together.wait(PATIENCE_S)
        return [endpoint.id for endpoint in known.unheld(client)]

    with ThreadPoolExecutor() as pool:
        answers = [future.result(PATIENCE_S) for future in [pool.submit(ask) for _ in range(4)]]
    make(client, "2")
    later = [endpoint.id for endpoint in known.unheld(client)]

    assert [*answers, later] == [[id_]] * 5
    assert [request.method for request in sent] == ["GET", "POST"]


def test_list_that_could_not_be_read_is_read_again(client: SignaClient, emulator: EmulatorServer) -> None:
    """A failure is told to who asked, and is no empty list to the next."""
    id_ = make(client, "1")
    known = KnownEndpoints(settle_s=0)
    emulator.organization.faults.add(kind="status", status=403, operation="list")

    with pytest.raises(ApiError):
        known.unheld(client)

    assert [endpoint.id for endpoint in known.unheld(client)] == [id_]


def test_unheld_are_those_of_the_client_that_asks(client: SignaClient) -> None:
    """Two accounts in one process never see each other's endpoints."""
    id_ = make(client, "1")
    known = KnownEndpoints(settle_s=0)

    with EmulatorServer([API_KEY]) as elsewhere:
        other = SignaClient(FakeTransport(elsewhere.base_url), RetryPolicy())

        assert [endpoint.id for endpoint in known.unheld(client)] == [id_]
        assert known.unheld(other) == []
