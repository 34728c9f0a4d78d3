"""The transport of a process that may die at any moment, for tests of what the runs after it make of that."""

from collections.abc import Callable
from functools import partial
from typing import Any

from fake_transport import FakeTransport
from pulumi_signa.signa_api.transport import Answer


class Killed(BaseException):
    """The process is dead. No handler of the code under test may think otherwise."""


class Life:
    """The moments that a process has left; without a number they never end."""

    def __init__(self, moments: int | None) -> None:
        self._left = moments

    def pass_moment(self) -> None:
        """Go on, or die."""
        if self._left == 0:
            raise Killed
        if self._left is not None:
            self._left -= 1


class MortalTransport(FakeTransport):
    """
    A transport of a process that may die before a request is carried out, and before anybody hears its answer.

    Attributes:
        life: That of the process.
        unsent: Sends the request that the process died before; None where it died elsewhere.
    """

    life = Life(None)
    unsent: Callable[[], Answer] | None = None

    def send(self, method: str, path: str, **request: Any) -> Answer:
        """Send, if there is the time."""
        self.unsent = partial(super().send, method, path, **request)
        self.life.pass_moment()
        self.unsent = None
        answer = super().send(method, path, **request)
        self.life.pass_moment()
        return answer
