"""HTTP/1.1 connections, byte by byte."""

import http.client
import socket
from collections.abc import Iterator

import pytest

from emulator.harness import Api


@pytest.fixture
def connection(api: Api) -> Iterator[http.client.HTTPConnection]:
    """One connection to the emulator."""
    host, port = api.base_url.split("/")[2].split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=30)
    connection.connect()
    yield connection
    connection.close()


def test_connection_is_kept_over_calls(connection: http.client.HTTPConnection) -> None:
    connected = connection.sock

    statuses = []
    for method, path, body in (
        ("GET", "/v1/health", None),
        ("POST", "/v1/nowhere", b"x" * 100_000),
        ("GET", "/v1/webhooks", None),
    ):
        connection.request(method, path, body=body)
        answer = connection.getresponse()
        answer.read()
        statuses.append((answer.status, answer.version))

    assert statuses == [(200, 11), (404, 11), (401, 11)]
    assert connection.sock is connected


def test_connection_ends_when_the_caller_wants_it(connection: http.client.HTTPConnection) -> None:
    connection.request("GET", "/v1/health", headers={"Connection": "close"})
    answer = connection.getresponse()
    answer.read()

    assert answer.status == 200
    assert _rest(connection) == b""


def _rest(connection: http.client.HTTPConnection) -> bytes:
    """Read until the server ends the connection."""
    return connection.sock.recv(1) if connection.sock is not None else b""


def test_chunked_body_is_read(api: Api) -> None:
    answer = api.post(
        "/webhooks", data=iter([b'{"url": "https://a.example/", ', b'"enabled_events": ["alert.created"]}'])
    )

    assert answer.status_code == 201


def test_head_has_no_body(connection: http.client.HTTPConnection) -> None:
    connection.request("HEAD", "/v1/health")
    head = connection.getresponse()
    head.read()
    connection.request("GET", "/v1/health")

    answer = connection.getresponse()

    assert (head.status, answer.read()) == (200, b'{"status": "ok"}')


@pytest.mark.parametrize("length", ["many", "1000"])
def test_broken_body_ends_the_connection(api: Api, connection: http.client.HTTPConnection, length: str) -> None:
    head = f"POST /v1/webhooks HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n"
    connection.sock.sendall(head.encode() + b"half")
    connection.sock.shutdown(socket.SHUT_WR)

    assert connection.sock.recv(1) == b""
    assert api.control("GET", "/calls").json()["total"] == 0


def test_nothing_is_written_to_standard_error(api: Api, capfd: pytest.CaptureFixture[str]) -> None:
    api.get("/webhooks")
    api.control("POST", "/faults", {"kind": "drop_after"})
    with pytest.raises(OSError, match="Connection"):
        api.get("/webhooks")

    assert capfd.readouterr() == ("", "")
