"""Requests that are held before a server, so that a test decides when each goes on, and whether it does."""

import threading
from collections.abc import Callable
from typing import Any

PATIENCE_S = 60
"""Seconds after which something that has not happened is taken for missing."""


class Hold:
    """
    One request that a server holds until the test lets it go on, or drops it.

    Attributes:
        reached: Set while the request is held.
    """

    def __init__(self, *, after_commit: bool) -> None:
        """
        Hold nothing yet.

        Args:
            after_commit: Carry the request out first, and hold its answer.
        """
        self.reached = threading.Event()
        self._after_commit = after_commit
        self._decided = threading.Event()
        self._served = threading.Event()
        self._is_dropped = False

    def let_go(self) -> None:
        """Let the request, or its answer, go on, and return when the server is done with it."""
        self._decided.set()
        assert self._served.wait(PATIENCE_S)

    def drop(self) -> None:
        """Lose the request, or its answer."""
        self._is_dropped = True
        self.let_go()

    def serve(self, application: Any, environ: dict[str, Any], start_response: Any) -> Any:
        """Serve the request."""
        answer = application(environ, start_response) if self._after_commit else None
        self.reached.set()
        self._decided.wait()
        try:
            if self._is_dropped:
                raise ConnectionAbortedError
            return answer if self._after_commit else application(environ, start_response)
        finally:
            self._served.set()


class Gate:
    """Stands before a server's application, and holds the requests that a test names."""

    def __init__(self, application: Any, what: Callable[[dict[str, Any]], tuple[str, str]]) -> None:
        """
        Hold nothing yet.

        Args:
            application: The server's own.
            what: Returns what a request asks for, and a text that names what it is about.
        """
        self._application = application
        self._what = what
        self._coming: list[tuple[str, str, list[Hold | None]]] = []
        self._lock = threading.Lock()

    def hold(self, kind: str, *, of: str = "", after_commit: bool, skip: int = 0) -> Hold:
        """
        Hold the next request of a kind.

        Args:
            kind: What the request asks for.
            of: Stands in the name of what the request is about.
            after_commit: As `Hold` has it.
            skip: How many such requests pass first.
        """
        hold = Hold(after_commit=after_commit)
        with self._lock:
            self._coming.append((kind, of, [*[None] * skip, hold]))
        return hold

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Serve a request."""
        hold = self._next(*self._what(environ)) if self._coming else None
        if hold is None:
            return self._application(environ, start_response)
        return hold.serve(self._application, environ, start_response)

    def reset(self) -> None:
        """Hold no further request."""
        with self._lock:
            self._coming.clear()

    def _next(self, kind: str, about: str) -> Hold | None:
        with self._lock:
            for asked, of, coming in self._coming:
                if coming and asked == kind and of in about:
                    return coming.pop(0)
        return None
