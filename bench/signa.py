"""The API that the subjects talk to: the emulator, in a process of its own, with a latency and a rate limit."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http import HTTPStatus
from typing import Any

import requests

from bench.results import Conditions, Limit

API_KEY = "sig_" + "be4c" * 12

_TIMEOUT_S = 60


@contextmanager
def emulator(conditions: Conditions) -> "Iterator[Signa]":
    """Start an emulator without endpoints, and stop it in the end."""
    rate = f"{conditions.limit.calls}/{conditions.limit.window_s}" if conditions.limit else "none"
    arguments = ["--api-key", API_KEY, "--latency-ms", str(conditions.latency_ms), "--rate-limit", rate]
    with subprocess.Popen(
        [sys.executable, "-m", "signa_emulator", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        # Ctrl-C is not for it: it answers until the engine has wound up.
        start_new_session=True,
    ) as process:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        try:
            yield Signa(process.stdout.readline().strip(), conditions.limit)
        finally:
            process.terminate()


class Signa:
    """
    An emulator that runs.

    Attributes:
        base_url: What goes into `SIGNA_BASE_URL`.
    """

    def __init__(self, base_url: str, limit: Limit | None) -> None:
        self.base_url = base_url
        self._limit = limit
        self._control_url = base_url.removesuffix("/v1") + "/_emulator"

    def start_over(self) -> None:
        """Count calls from zero, in a rate window of which nothing is used up; endpoints stay."""
        self._control("DELETE", "calls")
        if self._limit:
            self._control("POST", "clock", {"advance_s": self._limit.window_s})

    @contextmanager
    def unlimited(self) -> Iterator[None]:
        """Admit every call for a while."""
        limit = self._control("GET", "settings")["rate_limit"]
        self._control("PATCH", "settings", {"rate_limit": None})
        yield
        self._control("PATCH", "settings", {"rate_limit": limit})

    def calls(self) -> dict[str, int]:
        """Count the calls by the status that answered them."""
        return dict(self._control("GET", "calls")["by_status"])

    def refused(self) -> int:
        """Count the calls that the rate limit refused."""
        return self.calls().get(str(HTTPStatus.TOO_MANY_REQUESTS.value), 0)

    def admitted(self) -> list[float]:
        """Return the moments of all calls that the limit let through, in seconds, oldest first."""
        moments = [
            one["at"] for one in self._control("GET", "requests") if one["status"] != HTTPStatus.TOO_MANY_REQUESTS
        ]
        return sorted(datetime.fromisoformat(at.replace("Z", "+00:00")).timestamp() for at in moments)

    def endpoints(self) -> int:
        """Count the endpoints."""
        return len(self._control("GET", "state")["endpoints"])

    def _control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = requests.request(method, f"{self._control_url}/{path}", json=body, timeout=_TIMEOUT_S)
        answer.raise_for_status()
        return answer.json()
