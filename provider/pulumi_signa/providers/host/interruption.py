"""
The end of the run that this process works for, by Ctrl-C or by the death of the engine.

A run can end while a call of ours is under way. On Ctrl-C the engine asks for an end and waits for what was begun. A
killed engine asks for nothing: the host would finish the call, and then idle for ever with the API key in its
environment. What is begun after either is recorded by nobody and would get in the way of the next run; so nothing is
sent any more, waits end at once, and what is under way is left to the next run, which finds what became of it.
"""

from __future__ import annotations

import functools
import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, TypeVar

from pulumi_signa.lifecycle.errors import InterruptedRunError
from pulumi_signa.providers.host import engine
from pulumi_signa.providers.host.values import urn_in

GRACE_S = 1.0
"""How long a call that is under way when the run ends may go on: most answers are here by then, and recorded."""

_LOOK_AGAIN_S = 0.1

_ENDED = threading.Event()

Method = TypeVar("Method", bound=Callable[..., Any])


def pause(seconds: float, reason: str) -> None:
    """
    Wait, and say on the resource's line what for.

    Raises:
        InterruptedRunError: The run ended meanwhile.
    """
    engine.show_progress(reason)
    if _ENDED.wait(seconds):
        raise InterruptedRunError


def require_engine() -> None:
    """
    Make sure that there is still somebody to record what comes next.

    Raises:
        InterruptedRunError: The run was cancelled, or its engine is gone.
    """
    if engine.address() is not None:
        try:
            engine.connect().close()
        except OSError:
            raise InterruptedRunError from None
    if _ENDED.is_set():
        raise InterruptedRunError


def interruptible(method: Method) -> Method:
    """Let a provider's method that calls servers end with the run; it is carried out in another thread."""

    @functools.wraps(method)
    def wrapper(self: Any, *args: Any) -> Any:
        if _ENDED.is_set():
            raise InterruptedRunError
        outcome: Future[Any] = Future()

        def work() -> None:
            try:
                with engine.line_of(urn_in(args) or ""):
                    result = method(self, *args)
            except BaseException as error:  # noqa: BLE001 - raised again in the host's thread
                outcome.set_exception(error)
            else:
                outcome.set_result(result)

        # The threads of the standard library's pool would keep the process until a server answers.
        threading.Thread(target=work, daemon=True).start()
        while not wait([outcome], timeout=_LOOK_AGAIN_S).done:
            if _ENDED.is_set() and not wait([outcome], timeout=GRACE_S).done:
                raise InterruptedRunError
        return outcome.result()

    return wrapper  # type: ignore[return-value]  # functools.wraps keeps the signature, which mypy cannot see


@functools.cache
def follow() -> None:
    """Learn of the run's end from now on."""
    _hear_cancellation()
    if engine.address() is not None:
        threading.Thread(target=_watch_engine, daemon=True).start()


class _CancellationPool(ThreadPoolExecutor):
    """Runs the host's `Cancel`, and notes that it was called."""

    def submit(self, *args: Any, **kwargs: Any) -> Future[Any]:
        """Note it, and run it."""
        _ENDED.set()
        return super().submit(*args, **kwargs)


def _hear_cancellation() -> None:
    """
    Give the host's `Cancel` a thread pool of its own.

    The host answers it and tells nobody; and it would wait its turn behind the very calls that are to end, since the
    host has four threads for everything. gRPC looks for a pool in this attribute at every call.
    """
    servicer = getattr(sys.modules["__main__"], "DynamicResourceProviderServicer", None)
    if servicer is not None:
        servicer.Cancel.experimental_thread_pool = _CancellationPool(max_workers=1)


def _watch_engine() -> None:
    """End the process when its engine is gone, as the engine itself would: calls of other providers finish first."""
    while not _ENDED.is_set():
        try:
            with engine.connect() as connection:
                connection.settimeout(None)
                while connection.recv(4096):
                    pass
        except ConnectionRefusedError:
            break
        except OSError:  # reset: the next attempt tells why
            pass
        # The engine closes a connection on which it is told nothing, after minutes.
        _ENDED.wait(_LOOK_AGAIN_S)
    else:
        return
    _ENDED.set()
    heard = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    os.kill(os.getpid(), signal.SIGINT if heard else signal.SIGTERM)
