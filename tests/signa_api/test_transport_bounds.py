"""How long an exchange takes at most, and how much an answer may hold, whatever a server sends."""

import gzip
import socket
import threading
import tracemalloc

import pytest

from pulumi_signa.signa_api.errors import ResponseFormatError
from signa_api.exchanges import CHUNKED, Servers, transport_to, unreachable


def drip(connection: socket.socket, start: bytes, released: threading.Event) -> None:
    """Send a start, and then a byte now and then until the test has ended."""
    connection.sendall(start)
    while not released.wait(0.02):
        connection.sendall(b"1")


@pytest.mark.parametrize(
    "start",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nX-Long: ",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n",
    ],
    ids=["status line", "header", "body of a length", "body", "length of a chunk", "chunk"],
)
def test_answer_that_drips_ends_at_the_deadline(fake_server: Servers, start: bytes) -> None:
    """Each byte comes long before the read time-out."""
    server = fake_server(lambda connection: drip(connection, start, server.released))

    error = unreachable(transport_to(server.url, deadline_s=0.2), "POST")

    assert str(error) == f"no whole answer from 127.0.0.1:{server.port} within 0.2 s"
    assert error.retryable


def pour(connection: socket.socket, head: bytes, piece: bytes) -> None:
    """Send a head, and then the same piece until nobody listens."""
    connection.sendall(head)
    while True:
        connection.sendall(piece)


@pytest.mark.parametrize("status", [200, 401, 404, 500])
@pytest.mark.parametrize("length", [b"", b"Content-Length: 99999999999\r\n"])
def test_endless_answer_is_too_large(fake_server: Servers, status: int, length: bytes) -> None:
    """A refusal is bounded like a success."""
    head = b"HTTP/1.1 %d X\r\n%b\r\n" % (status, length)
    server = fake_server(lambda connection: pour(connection, head, b" " * 65536))

    with pytest.raises(ResponseFormatError, match="larger than 100,000 bytes"):
        transport_to(server.url, max_bytes=100_000).send("GET", "/webhooks")


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 ", b"HTTP/1.1 200 OK\r\nX-Long: ", CHUNKED, CHUNKED + b"1;"])
def test_endless_line_is_an_error_of_ours(fake_server: Servers, head: bytes) -> None:
    """A status line, a header and the length of a chunk are lines."""
    server = fake_server(lambda connection: pour(connection, head, b"1" * 65536))

    unreachable(transport_to(server.url))


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_answer_is_bounded_as_it_is_unpacked(fake_server: Servers, layers: int) -> None:
    """64 MiB are packed into 64 KiB or less; what is read beyond the bound is a small multiple of the bound."""
    body = bytes(2**26)
    for _ in range(layers):
        body = gzip.compress(body)
    encodings = ", ".join(["gzip"] * layers)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {encodings}\r\nContent-Length: {len(body)}\r\n\r\n"
    transport = transport_to(fake_server(head.encode() + body).url, max_bytes=2**20)

    tracemalloc.start()
    try:
        with pytest.raises(ResponseFormatError, match="larger than"):
            transport.send("GET", "/webhooks")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 2**24


@pytest.mark.parametrize("variable", [None, "HTTPS_PROXY"])
def test_way_to_the_answer_ends_at_the_deadline(
    fake_server: Servers, monkeypatch: pytest.MonkeyPatch, variable: str | None
) -> None:
    """A server stops in its TLS handshake, or a proxy before its tunnel."""
    server = fake_server(lambda _connection: server.released.wait())
    base_url = f"https://127.0.0.1:{server.port}/v1"
    if variable is not None:
        monkeypatch.setenv(variable, server.url)
        base_url = "https://signa.invalid/v1"

    error = unreachable(transport_to(base_url, deadline_s=0.2))

    assert "within 0.2 s" in str(error)
    assert ("HTTPS_PROXY" in str(error)) == (variable is not None)


def test_silent_name_server_ends_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """No time-out of `requests` counts while a name is looked up."""
    released = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: released.wait() and [])

    error = unreachable(transport_to("https://signa.invalid/v1", deadline_s=0.2))
    released.set()

    assert str(error) == "no whole answer from signa.invalid:443 within 0.2 s"
    assert error.retryable
