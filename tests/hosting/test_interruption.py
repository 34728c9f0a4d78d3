"""How a plugin's process learns that its run has ended, and what it does then."""

import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest

from fake_transport import API_KEY
from plugin_process import FakeEngine
from providers.conftest import Plugin
from pulumi_signa.hosting import engine, interruption
from pulumi_signa.hosting.hidden import URN
from pulumi_signa.lifecycle.errors import InterruptedRunError
from signa_emulator.server import EmulatorServer

WORKERS = 4
"""Calls that the host works on at a time."""

DECLARED: dict[str, Any] = {"url": "https://example.com/hooks/signa", "enabled_events": ["alert.created"]}


Connect = Callable[..., Plugin]


@pytest.fixture
def connect(plugin: Callable[..., Plugin], emulator: EmulatorServer) -> Connect:
    """Return what starts a plugin that knows the emulator, and asks for our provider once."""

    def start(*, with_process: bool = False) -> Plugin:
        known = {"SIGNA_API_KEY": API_KEY, "SIGNA_BASE_URL": emulator.base_url}
        found = plugin("webhook", with_process=with_process, **known)
        found.check(DECLARED)
        return found

    return start


@pytest.fixture
def connected(connect: Connect) -> Plugin:
    """Return such a plugin."""
    return connect()


def begun(emulator: EmulatorServer, number: int) -> None:
    """Come back when so many creates wait for their answers."""
    while len(emulator.organization.endpoints.newest_first()) < number:
        threading.Event().wait(0.01)


def test_cancelled_run_ends_every_call(connected: Plugin, emulator: EmulatorServer) -> None:
    emulator.organization.faults.add(kind="hang", operation="create", times=None, after_commit=True)

    with ThreadPoolExecutor(WORKERS) as callers:
        calls = [callers.submit(connected.create, {**DECLARED, URN: f"urn:{n}"}) for n in range(WORKERS)]
        begun(emulator, WORKERS)
        connected.cancel()
        errors = [call.exception() for call in calls]

    assert all(isinstance(error, grpc.RpcError) for error in errors)
    assert {error.details() for error in errors} == {  # type: ignore[union-attr]
        "cannot create webhook endpoint: interrupted; run the same command again, and it finds what was begun"
    }


def test_cancelled_run_begins_nothing(connected: Plugin, emulator: EmulatorServer) -> None:
    connected.cancel()

    with pytest.raises(grpc.RpcError, match="interrupted"):
        connected.create({**DECLARED, URN: "urn:late"})

    assert emulator.organization.endpoints.newest_first() == []


def test_answer_that_is_on_its_way_is_recorded(connected: Plugin, emulator: EmulatorServer) -> None:
    emulator.organization.faults.add(kind="delay", operation="create", seconds=0.2, after_commit=True)

    with ThreadPoolExecutor(1) as callers:
        call = callers.submit(connected.create, {**DECLARED, URN: "urn:quick"})
        begun(emulator, 1)
        connected.cancel()
        _, outputs = call.result()

    assert outputs["secret"]


def test_process_ends_with_its_engine(connect: Connect, fake_engine: FakeEngine) -> None:
    connected = connect(with_process=True)

    fake_engine.close()

    assert connected.process.wait(timeout=60) is not None


def test_process_of_a_killed_engine_sends_nothing_more(
    connect: Connect, emulator: EmulatorServer, fake_engine: FakeEngine
) -> None:
    connected = connect(with_process=True)
    emulator.organization.faults.add(kind="status", operation="create", status=503, retry_after=600)

    with ThreadPoolExecutor(1) as callers:
        call = callers.submit(connected.create, {**DECLARED, URN: "urn:survivor"})
        while not emulator.organization.requests.entries():
            threading.Event().wait(0.01)
        fake_engine.close()
        connected.process.wait(timeout=60)

    assert isinstance(call.exception(), grpc.RpcError)
    assert emulator.organization.endpoints.newest_first() == []


def test_engine_that_is_gone_is_noticed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
        monkeypatch.setattr(engine, "address", lambda: address)
        interruption.require_engine()

    with pytest.raises(InterruptedRunError):
        interruption.require_engine()


@pytest.mark.parametrize("argument", [None, "", "127.0.0.1", "127.0.0.1:x", "example.com:80"])
def test_address_of_no_engine_is_none(monkeypatch: pytest.MonkeyPatch, argument: str | None) -> None:
    monkeypatch.setattr("sys.argv", ["plugin"] if argument is None else ["plugin", argument])

    assert engine.address.__wrapped__() is None
