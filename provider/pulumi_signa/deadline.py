"""
A deadline for a call to a server, whatever the server does.

The time-outs of `requests` and `boto3` count from one byte to the next, and none counts while a name is looked up. So a
server that drips its answer, or a name server that is silent, would hold a call for as long as it likes.
"""

import _thread
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


class DeadlineError(TimeoutError):
    """`DeadlineError` means that a call did not end in time. Whether the server carried it out is unknown."""


def within(seconds: float, call: Callable[[], Result]) -> Result:
    """
    Return what `call` returns, or raise what it raises. A late call goes on in a thread that nobody waits for.

    Raises:
        DeadlineError: The call has not ended after so many seconds.
    """
    returned: list[Result] = []
    raised: list[BaseException] = []
    running = _thread.allocate_lock()
    running.acquire()

    def work() -> None:
        try:
            returned.append(call())
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            raised.append(error)
        finally:
            running.release()

    # `threading.Thread` first waits for its thread to run, which costs more than all the rest.
    _thread.start_new_thread(work, ())
    if not running.acquire(timeout=seconds):
        raise DeadlineError(f"no whole answer within {seconds:g} s")
    if raised:
        raise raised[0]
    return returned[0]
