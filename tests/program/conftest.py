"""Pulumi's mocks, which take the place of the engine and keep what was registered."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pulumi
import pytest
from pulumi.runtime import mocks as pulumi_mocks
from pulumi.runtime import settings as pulumi_settings
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks

SIGNATURE = "4dabf18193072939515e22adb298388d"


class FakeEngine(Mocks):
    """
    Registers whatever it is given.

    Attributes:
        registered: Inputs by name, secrets in their envelopes.
        requests: The engine's requests by name, with the options of the resource.
        invoked: What the program asked for, in order.
        warnings: What the program warned of.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self.registered: dict[str, dict[str, Any]] = {}
        self.requests: dict[str, Any] = {}
        self.invoked: list[str] = []
        self.warnings: list[str] = []

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        """Answer as the provider would."""
        self.registered[args.name] = args.inputs
        outputs = {name: value for name, value in args.inputs.items() if name != "__provider"}
        if args.typ.endswith(":WebhookEndpoint"):
            outputs["secret"] = "whsec_x"
            outputs["secretVersion" if args.typ.startswith("signa:") else "secret_version"] = 1
        return args.resource_id or f"{args.name}-id", outputs

    def call(self, args: MockCallArgs) -> dict[str, Any]:
        """Answer nothing."""
        return {}


class FakeMonitor(MockMonitor):
    """Keeps the requests too."""

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - gRPC's name
        """Record the request, and register."""
        self.mocks.requests[request.name] = request  # type: ignore[attr-defined]
        with _loop():
            return super().RegisterResource(request)

    def Invoke(self, request: Any) -> Any:  # noqa: N802 - gRPC's name
        """Record the question, and answer it."""
        self.mocks.invoked.append(request.tok)  # type: ignore[attr-defined]
        with _loop():
            return super().Invoke(request)

    def ReadResource(self, request: Any) -> Any:  # noqa: N802 - gRPC's name
        """Record the request, and read."""
        self.mocks.requests[request.name] = request  # type: ignore[attr-defined]
        with _loop():
            return super().ReadResource(request)


@contextmanager
def _loop() -> Iterator[asyncio.AbstractEventLoop]:
    """Return this thread an event loop that is closed again; the SDK would make one and leave it open."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        yield loop
    finally:
        loop.run_until_complete(loop.shutdown_default_executor())
        asyncio.set_event_loop(None)
        loop.close()


@pytest.fixture
def run() -> Iterator[Callable[..., FakeEngine]]:
    """Return what runs a program to its end, in a preview if wanted, and returns the engine that it met."""
    before = pulumi_settings.SETTINGS

    def run_program(program: Callable[[], Any], *, preview: bool = False) -> FakeEngine:
        engine = FakeEngine()
        logger = logging.getLogger(f"engine of test {id(engine)}")
        logger.addFilter(lambda record: engine.warnings.append(record.getMessage()) or False)
        logger.setLevel(logging.WARNING)
        monitor = FakeMonitor(engine)
        pulumi_mocks.set_mocks(engine, "p", "dev", preview=preview, logger=logger, monitor=monitor)
        pulumi.runtime.test(program)()
        return engine

    with _loop():
        yield run_program
    pulumi_settings.configure(before)
