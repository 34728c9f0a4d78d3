"""
The end of the run that this process works for, by Ctrl-C or by the death of the engine.

A run can end while a call of ours is in flight. On Ctrl-C the engine calls `Cancel` and waits for the calls in flight.
A killed engine calls nothing: the host would finish the call, and then idle for ever with the API key in its
environment. After either, nobody records what a call does, and a further request would get in the way of the next run.
So no request is sent any more, waits end at once, and the next run finds what became of a request in flight.
"""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from typing import Any, TypeVar

from pulumi_signa.hosting import engine, lanes
from pulumi_signa.lifecycle.errors import InterruptedRunError

GRACE_S = 1.0
"""How long a call in flight may go on when the run ends. Most answers come within this time and are recorded."""

_LOOK_AGAIN_S = 0.1

_ENDED = threading.Event()
_AWAITED: set[Future[Any]] = set()

Method = TypeVar("Method", bound=Callable[..., Any])


def pause(seconds: float, reason: str) -> None:
    """Wait, and show any reason on the resource's line; raise `InterruptedRunError` if the run ends meanwhile."""
    if reason:
        engine.show_progress(reason)
    if _ENDED.wait(seconds):
        raise InterruptedRunError


def require_engine() -> None:
    """Raise `InterruptedRunError` where no engine is there to record what comes next."""
    if engine.address() is not None:
        try:
            engine.connect().close()
        except OSError:
            raise InterruptedRunError from None
    _require_run()


def end() -> None:
    """Record that the run has ended: no request is sent any more, and waits end at once."""
    _ENDED.set()
    threading.Thread(target=_give_up, daemon=True).start()


def _give_up() -> None:
    """Stop waiting for the calls in flight. A thousand threads that look for the end themselves take two cores."""
    time.sleep(GRACE_S)
    for outcome in list(_AWAITED):
        with contextlib.suppress(InvalidStateError):
            outcome.set_exception(InterruptedRunError())


def interruptible(method: Method) -> Method:
    """Run a call on the property bag that is its last argument in its lane; stop waiting for it when the run ends."""

    @functools.wraps(method)
    def wrapper(self: Any, *args: Any) -> Any:
        outcome: Future[Any] = Future()

        def work() -> None:
            # The outcome of a call that was given up stands already.
            with contextlib.suppress(InvalidStateError):
                try:
                    # The run may have ended while the call waited for its turn.
                    _require_run()
                    with engine.line_of(args[-1].shown_on):
                        result = method(self, *args)
                except BaseException as error:  # noqa: BLE001 - raised again in the host's thread
                    outcome.set_exception(error)
                else:
                    outcome.set_result(result)

        _AWAITED.add(outcome)
        try:
            _require_run()
            lanes.carry_out(self.lane(args[-1]), work, workers=self.workers)
            return outcome.result()
        finally:
            _AWAITED.remove(outcome)

    return wrapper  # type: ignore[return-value]  # functools.wraps keeps the signature, which mypy cannot see


def _require_run() -> None:
    if _ENDED.is_set():
        raise InterruptedRunError


@functools.cache
def follow() -> None:
    """Watch for the run's end from now on."""
    if engine.address() is not None:
        threading.Thread(target=_watch_engine, daemon=True).start()


def _watch_engine() -> None:
    """End the process when its engine is gone, with the signal that lets the calls of other providers finish first."""
    while not _ENDED.is_set():
        try:
            with engine.connect() as connection:
                connection.settimeout(None)
                while connection.recv(4096):
                    pass
        except ConnectionRefusedError:
            break
        except OSError:  # a reset, whose cause the next attempt shows
            pass
        # After minutes without a message, the engine closes the connection.
        _ENDED.wait(_LOOK_AGAIN_S)
    else:
        return
    end()
    heard = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    os.kill(os.getpid(), signal.SIGINT if heard else signal.SIGTERM)
