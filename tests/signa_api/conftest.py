"""Small servers on real sockets, and clients of the emulator."""

import contextlib
import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from fake_time import FakeTime
from fake_transport import API_KEY, FakeTransport
from pulumi_signa.signa_api.auth import BearerAuth
from pulumi_signa.signa_api.client import SignaClient
from pulumi_signa.signa_api.pacing.retry import RetryPolicy
from pulumi_signa.signa_api.transport import Transport

if TYPE_CHECKING:
    from signa_emulator.server import EmulatorServer

# The fixture `clean_environment` removes these variables.
LIVE_API_KEY = os.environ.get("SIGNA_LIVE_API_KEY")
LIVE_BASE_URL = os.environ.get("SIGNA_LIVE_BASE_URL", "https://api.signa.so/v1")

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

Behaviour = Callable[[socket.socket], None]
"""Handles a connection after the request was read; the connection is closed afterwards."""


@dataclass
class FakeServer:
    """
    A server on 127.0.0.1 with one behaviour for every connection.

    Attributes:
        port: The port on which the server listens.
        requests: The raw requests, oldest first.
        released: Set when the test ends, so that a behaviour can wait for it.
    """

    behaviour: Behaviour
    tls: ssl.SSLContext | None = None
    requests: list[bytes] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        """Listen on a free port."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self.port}/v1"

    def close(self) -> None:
        """Stop, and end behaviours that wait."""
        self.released.set()
        # `close` does not wake the thread in `accept`; a connection does.
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            with connection:
                if self.released.is_set():
                    return
                with contextlib.suppress(OSError):
                    self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        if self.tls is not None:
            connection = self.tls.wrap_socket(connection, server_side=True)
        with connection:
            self.requests.append(_request(connection))
            self.behaviour(connection)


def _request(connection: socket.socket) -> bytes:
    """Return one request with its body."""
    text = b""
    while b"\r\n\r\n" not in text:
        more = connection.recv(65536)
        if not more:
            return text
        text += more
    head, _, body = text.partition(b"\r\n\r\n")
    length = next(
        (int(line.partition(b":")[2]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
    )
    while len(body) < length:
        more = connection.recv(65536)
        body += more
    return head + b"\r\n\r\n" + body


@pytest.fixture
def fake_server() -> Iterator[Callable[..., FakeServer]]:
    """Return a function that starts a server, which sends these bytes or handles connections itself."""
    servers: list[FakeServer] = []

    def start(behaviour: bytes | Behaviour = OK, *, tls: ssl.SSLContext | None = None) -> FakeServer:
        does = (lambda connection: connection.sendall(behaviour)) if isinstance(behaviour, bytes) else behaviour
        server = FakeServer(does, tls)
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.close()


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Return a certificate authority that is not trusted."""
    return trustme.CA()


@pytest.fixture
def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    """Return the TLS context of a server on 127.0.0.1."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def fake_time() -> FakeTime:
    """Return the time of the clients."""
    return FakeTime()


@pytest.fixture
def make_client(fake_time: FakeTime) -> Callable[..., SignaClient]:
    """Return a function that makes a client of a base URL or of a transport; its waits pass at once."""

    def make(to: str | Transport, retry: RetryPolicy | None = None, **options: Any) -> SignaClient:
        transport = Transport(to, BearerAuth(API_KEY)) if isinstance(to, str) else to
        times = {"pause": fake_time.pause, "clock": fake_time.clock}
        return SignaClient(transport, retry or RetryPolicy(), **{**times, **options})

    return make


@pytest.fixture
def client(fake_transport: FakeTransport, make_client: Callable[..., SignaClient]) -> SignaClient:
    """Return a client of the emulator whose requests are kept in `sent`."""
    return make_client(fake_transport)


@pytest.fixture
def answering(
    fake_server: Callable[..., FakeServer], make_client: Callable[..., SignaClient]
) -> Callable[..., SignaClient]:
    """Return a function that makes a client of a server with one answer, which the client asks for once."""

    def make(status: int, body: bytes, headers: str = "") -> SignaClient:
        head = f"HTTP/1.1 {status} X\r\nConnection: close\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
        server = fake_server(head.encode() + body)
        return make_client(server.url, RetryPolicy(max_attempts=1), max_wait_s=0)

    return make


@pytest.fixture(params=["emulator", pytest.param("live", marks=pytest.mark.live)])
def account(request: pytest.FixtureRequest) -> SignaClient:
    """Return a client of the emulator, and of a real account if SIGNA_LIVE_API_KEY is its key."""
    if request.param == "emulator":
        emulator: EmulatorServer = request.getfixturevalue("emulator")
        return SignaClient(Transport(emulator.base_url, BearerAuth(API_KEY)), RetryPolicy())
    if not LIVE_API_KEY:
        pytest.skip("SIGNA_LIVE_API_KEY is not set: it takes the key of a real Signa account")
    return SignaClient(Transport(LIVE_BASE_URL, BearerAuth(LIVE_API_KEY)), RetryPolicy())
