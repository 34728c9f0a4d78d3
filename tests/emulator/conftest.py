"""Fixtures: an emulator, plain HTTP calls to it, a receiver on a socket, and the documentation's samples."""

from __future__ import annotations

import itertools
import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from signa_emulator.server import EmulatorServer
from signa_emulator.settings import Settings

API_KEY = "sig_" + "a1" * 24
KEY_WITHOUT_SCOPE = "sig_" + "b2" * 24

_FRESH = "<a fresh key>"
_SAMPLES = Path(__file__).parent / "samples"


class Api:
    """Plain calls to one emulator; a mutation carries a fresh idempotency key unless the test names one."""

    def __init__(self, emulator: EmulatorServer) -> None:
        self.emulator = emulator
        self._session = requests.Session()
        self._session.trust_env = False
        self._keys = (f"key-{number}" for number in itertools.count(1))

    def call(self, method: str, path: str, *, key: str | None = _FRESH, **options: Any) -> requests.Response:
        """Call `/v1` + path; `key=None` sends no idempotency key, `headers` replace the ones made here."""
        headers: dict[str, str] = {"Authorization": f"Bearer {API_KEY}"}
        if key == _FRESH:
            key = next(self._keys) if method != "GET" else None
        if key is not None:
            headers["Idempotency-Key"] = key
        headers.update(options.pop("headers", {}))
        return self._session.request(method, self.emulator.base_url + path, headers=headers, timeout=30, **options)

    def get(self, path: str, **options: Any) -> requests.Response:
        """GET a path under `/v1`."""
        return self.call("GET", path, **options)

    def post(self, path: str, **options: Any) -> requests.Response:
        """POST to a path under `/v1`."""
        return self.call("POST", path, **options)

    def patch(self, path: str, **options: Any) -> requests.Response:
        """PATCH a path under `/v1`."""
        return self.call("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> requests.Response:
        """DELETE a path under `/v1`."""
        return self.call("DELETE", path, **options)

    def create(self, **fields: Any) -> dict[str, Any]:
        """Create a valid endpoint and return the answer's body."""
        answer = self.post("/webhooks", json=new_endpoint(**fields))
        assert answer.status_code == 201, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def control(self, method: str, path: str, body: Any = None) -> requests.Response:
        """Call `/_emulator` + path."""
        return self._session.request(method, self.emulator.control_url + path, json=body, timeout=30)

    def deliveries(self, endpoint_id: str) -> list[dict[str, Any]]:
        """Wait until nothing is being sent, then return the endpoint's rows, newest first."""
        assert self.emulator.organization.deliveries.wait_idle(30)
        rows: list[dict[str, Any]] = self.get(f"/webhooks/{endpoint_id}/deliveries").json()["data"]
        return rows

    def close(self) -> None:
        """Close the kept connections."""
        self._session.close()


def new_endpoint(**fields: Any) -> dict[str, Any]:
    """Return a valid body of create, with some fields replaced."""
    return {"url": "https://acme.example.com/signa-webhook", "enabled_events": ["alert.created"], **fields}


@dataclass(frozen=True)
class Received:
    """One request that reached the receiver."""

    path: str
    headers: dict[str, str]
    body: bytes


class Receiver:
    """A webhook receiver on a socket; it answers with the statuses it was given, then with 200."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self._arrived = threading.Condition()
        self.statuses: deque[int] = deque()
        self.always: int = 200
        self.body = b"thanks"
        self.answer_headers: dict[str, str] = {}
        self.hold = threading.Event()
        self.hold.set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"

    def arrive(self, request: Received) -> None:
        """Note a request."""
        with self._arrived:
            self.received.append(request)
            self._arrived.notify_all()

    def wait_for(self, count: int) -> bool:
        """Wait until so many requests have arrived."""
        with self._arrived:
            return self._arrived.wait_for(lambda: len(self.received) >= count, 30)

    def close(self) -> None:
        """Stop listening."""
        self.hold.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.arrive(Received(self.path, headers, body))
            receiver.hold.wait(30)
            self.send_response(receiver.statuses.popleft() if receiver.statuses else receiver.always)
            for name, value in receiver.answer_headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(receiver.body)))
            self.end_headers()
            self.wfile.write(receiver.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    return Handler


@pytest.fixture
def start_emulator() -> Iterator[Callable[..., Api]]:
    """Start emulators; the arguments are the settings that differ from the defaults."""
    apis: list[Api] = []

    def start(**settings: Any) -> Api:
        emulator = EmulatorServer(
            [API_KEY], api_keys_without_scope=[KEY_WITHOUT_SCOPE], settings=Settings().changed(settings)
        )
        emulator.start()
        apis.append(Api(emulator))
        return apis[-1]

    yield start
    for api in apis:
        api.close()
        api.emulator.stop()


@pytest.fixture
def api(start_emulator: Callable[..., Api]) -> Api:
    """Plain calls to an emulator with default settings."""
    return start_emulator()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that accepts everything until told otherwise."""
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def sample() -> Callable[[str], Any]:
    """Load a sample of the documentation by its name."""

    def load(name: str) -> Any:
        return json.loads((_SAMPLES / f"{name}.json").read_text(encoding="utf-8"))["sample"]

    return load


@pytest.fixture
def valid_body() -> Callable[..., dict[str, Any]]:
    """Make a valid body of create, with some fields replaced."""
    return new_endpoint


@pytest.fixture
def api_key() -> str:
    """The key with the scope `portfolios:manage`."""
    return API_KEY


@pytest.fixture
def key_without_scope() -> str:
    """The valid key that lacks the scope."""
    return KEY_WITHOUT_SCOPE
