"""What every test of the emulator stands on: plain calls to it, and a receiver of deliveries on a socket."""

import itertools
import ssl
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

from signa_emulator.organization import Organization
from signa_emulator.server import EmulatorServer

API_KEY = "sig_" + "a1" * 24
KEY_WITHOUT_SCOPE = "sig_" + "b2" * 24
UUID = "018f9b2e-9b6c-7c9c-b4f1-1234567890ab"

_FRESH = "<a fresh key>"


class Api:
    """
    Plain calls to one emulator; a mutation carries a fresh idempotency key unless the test names one.

    Attributes:
        base_url: Ends in `/v1`.
    """

    def __init__(self, base_url: str, emulator: EmulatorServer | None = None) -> None:
        self.base_url = base_url
        self._emulator = emulator
        self._session = requests.Session()
        self._session.trust_env = False
        self._keys = (f"key-{number}" for number in itertools.count(1))

    @property
    def emulator(self) -> EmulatorServer:
        """The emulator, where it is in this process."""
        assert self._emulator is not None
        return self._emulator

    @property
    def organization(self) -> Organization:
        """Everything that the emulator remembers, where it is in this process."""
        return self.emulator.organization

    def call(self, method: str, path: str, *, key: str | None = _FRESH, **options: Any) -> requests.Response:
        """Call `/v1` + path; `key=None` sends no idempotency key, `headers` replace the ones made here."""
        headers: dict[str, str] = {"Authorization": f"Bearer {API_KEY}"}
        if key == _FRESH:
            key = next(self._keys) if method != "GET" else None
        if key is not None:
            headers["Idempotency-Key"] = key
        headers.update(options.pop("headers", {}))
        return self._session.request(method, self.base_url + path, headers=headers, **{"timeout": 30, **options})

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
        url = self.base_url.removesuffix("/v1") + "/_emulator" + path
        return self._session.request(method, url, json=body, timeout=30)

    def truth(self, endpoint_id: str) -> dict[str, Any]:
        """Return one endpoint as the control API shows it, secrets included."""
        endpoints = self.control("GET", "/state").json()["endpoints"]
        return next(endpoint for endpoint in endpoints if endpoint["id"] == endpoint_id)

    def idle(self) -> None:
        """Wait until nothing is being sent."""
        assert self.organization.deliveries.wait_idle(30)

    def emit(self, data: dict[str, Any] | None = None) -> dict[str, Any]:
        """Let an alert happen, and return the answer once its first attempts have ended."""
        emitted: dict[str, Any] = self.control("POST", "/events", {"data": data}).json()
        self.idle()
        return emitted

    def deliveries(self, endpoint_id: str) -> list[dict[str, Any]]:
        """Wait until nothing is being sent, then return the endpoint's rows, newest first."""
        self.idle()
        rows: list[dict[str, Any]] = self.get(f"/webhooks/{endpoint_id}/deliveries").json()["data"]
        return rows

    def close(self) -> None:
        """Close the kept connections."""
        self._session.close()


StartEmulator = Callable[..., Api]
"""Starts an emulator; the arguments are the settings that differ from the defaults."""

Sample = Callable[[str], Any]
"""Returns a sample of Signa's documentation by its name."""


def new_endpoint(**fields: Any) -> dict[str, Any]:
    """Return a valid body of create, with some fields replaced."""
    return {"url": "https://acme.example.com/signa-webhook", "enabled_events": ["alert.created"], **fields}


def error_of(answer: requests.Response) -> tuple[int, str, str]:
    """Return status, slug and detail of a refusal."""
    error = answer.json()["error"]
    return answer.status_code, error["type"], error["detail"]


@dataclass(frozen=True)
class Received:
    """One request that reached the receiver."""

    path: str
    headers: dict[str, str]
    body: bytes


class Receiver:
    """
    A webhook receiver on a socket; it answers with the statuses it was given, then with `always`.

    Args:
        tls: What makes it an https receiver.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.received: list[Received] = []
        self._arrived = threading.Condition()
        self.statuses: deque[int] = deque()
        self.always: int = 200
        self.body = b"thanks"
        self.answer_headers: dict[str, str] = {}
        self.hold = threading.Event()
        self.hold.set()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
            self.url = f"https://localhost:{self._server.server_port}/hook"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def arrive(self, request: Received) -> None:
        """Record a request."""
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


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print nothing about a handshake that the client breaks off."""


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
