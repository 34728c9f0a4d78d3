"""Calls that wait for one organization, and those that do not have to wait for them."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count
from queue import SimpleQueue
from typing import Any

import grpc
import pytest

from fake_transport import API_KEY
from providers.conftest import Plugin
from pulumi_signa.hosting import lanes
from pulumi_signa.hosting.hidden import URN
from pulumi_signa.providers.host.provider import WORKERS
from signa_emulator.server import EmulatorServer

LONG_S = 60.0
"""Far longer than anything here takes."""

EU_KEY = API_KEY.replace("0123", "e0e0")
DECLARED: dict[str, Any] = {"url": "https://example.com/hooks/signa", "enabled_events": ["alert.created"]}


@pytest.fixture
def release() -> threading.Event:
    """Return what the calls of a test wait for."""
    return threading.Event()


def test_lane_carries_out_four_calls_at_once_in_their_order(release: threading.Event) -> None:
    begun: SimpleQueue[int] = SimpleQueue()
    lane = object()

    def call(number: int) -> Callable[[], None]:
        def work() -> None:
            begun.put(number)
            release.wait(LONG_S)

        return work

    for number in range(9):
        lanes.carry_out(lane, call(number), workers=4)
    first = {begun.get(timeout=LONG_S) for _ in range(4)}
    other: SimpleQueue[str] = SimpleQueue()
    lanes.carry_out(object(), lambda: other.put("done"), workers=4)

    assert first == {0, 1, 2, 3}
    assert other.get(timeout=LONG_S) == "done"
    assert begun.empty()
    release.set()
    assert {begun.get(timeout=LONG_S) for _ in range(5)} == {4, 5, 6, 7, 8}


@pytest.fixture
def calls_in_a_row(
    plugin: Callable[..., Plugin], emulator: EmulatorServer
) -> Callable[[EmulatorServer], tuple[Plugin, Callable[[str | None], Future[Any]]]]:
    """Return what starts a plugin for two organizations, and makes a create in one of them."""
    number = count()
    callers = ThreadPoolExecutor(32)

    def start(eu: EmulatorServer) -> tuple[Plugin, Callable[[str | None], Future[Any]]]:
        found = plugin(
            "webhook",
            SIGNA_API_KEY=API_KEY,
            SIGNA_BASE_URL=emulator.base_url,
            SIGNA_API_KEY_EU=EU_KEY,
            SIGNA_BASE_URL_EU=eu.base_url,
        )

        def create(account: str | None) -> Future[Any]:
            named = {} if account is None else {"account": account}
            return callers.submit(found.create, {**DECLARED, **named, URN: f"urn:{next(number)}"})

        return found, create

    return start


def test_hanging_organization_holds_no_call_to_another_one_up(calls_in_a_row: Any, emulator: EmulatorServer) -> None:
    """The very first calls of a run may be those that hang, so that others stand in the host's queue already."""
    emulator.organization.faults.add(kind="hang", operation="create", times=None, after_commit=True)
    with EmulatorServer(api_keys=[EU_KEY]) as eu:
        plugin, create = calls_in_a_row(eu)
        hanging = [create(None) for _ in range(10)]
        done = [create("eu") for _ in range(10)]
        made = {call.result(LONG_S)[0] for call in done}
        plugin.cancel()
        errors = [call.exception(LONG_S) for call in hanging]

        assert len(made) == len(eu.organization.endpoints.newest_first()) == 10
    # What waits for its turn when a run ends is never begun.
    assert len(emulator.organization.endpoints.newest_first()) == WORKERS
    assert all(isinstance(error, grpc.RpcError) and "interrupted" in str(error.details()) for error in errors)
