"""One request and its answer, over real sockets."""

import socket
import struct
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from pulumi_signa.signa_api.transport import VERSION, Answer
from signa_api.exchanges import API_KEY, OK, Servers, free_port, transport_to, unreachable


def test_request_is_sent_as_given(fake_server: Servers) -> None:
    """Method, path, query, headers and the bytes of the body arrive; the user agent names the package."""
    server = fake_server()

    transport_to(server.url + "/").send(
        "PATCH", "/webhooks/whk_1", query={"limit": "100", "cursor": "a/b="}, body=b'{ "a":1}', headers={"X-One": "1"}
    )

    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"PATCH /v1/webhooks/whk_1?limit=100&cursor=a%2Fb%3D HTTP/1.1\r\n")
    assert f"Authorization: Bearer {API_KEY}".encode() in head
    assert f"User-Agent: pulumi-signa/{VERSION} python-requests/{requests.__version__}".encode() in head
    assert b"Content-Type: application/json" in head
    assert b"X-One: 1" in head
    assert body == b'{ "a":1}'


def test_version_is_that_of_the_package() -> None:
    """The wheel takes the version from pyproject.toml."""
    project = (Path(__file__).parents[2] / "pyproject.toml").read_text()

    assert f'\nversion = "{VERSION}"\n' in project


def test_request_without_a_body_has_no_content_type(fake_server: Servers) -> None:
    """A GET sends no body."""
    server = fake_server()

    transport_to(server.url).send("GET", "/webhooks")

    assert b"content-type" not in server.requests[0].lower()


@pytest.mark.parametrize("status", [200, 204, 404, 418, 500])
def test_answer_is_returned_with_any_status(fake_server: Servers, status: int) -> None:
    """A refusal is an answer too."""
    body = b"" if status == 204 else b'{"a": 1}'
    server = fake_server(f"HTTP/1.1 {status} X\r\nX-Two: 2\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)

    answer = transport_to(server.url).send("GET", "/webhooks")

    assert (answer.status, answer.body, answer.headers["x-two"]) == (status, body, "2")


def test_redirect_is_not_followed(fake_server: Servers) -> None:
    """The redirect would carry the key to another server."""
    elsewhere = fake_server()
    location = f"{elsewhere.url}/webhooks".encode()
    server = fake_server(b"HTTP/1.1 307 Moved\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n")

    answer = transport_to(server.url).send("POST", "/webhooks", body=b"{}")

    assert answer.status == 307
    assert elsewhere.requests == []


def test_repr_of_an_answer_hides_its_body() -> None:
    """The body may hold the secret."""
    assert repr(Answer(200, {}, b"whsec_x")) == "Answer(status=200, 7 bytes)"


def test_refused_connection_names_host_and_port() -> None:
    """The message ends with the system's own reason."""
    port = free_port()

    error = unreachable(transport_to(f"http://127.0.0.1:{port}/v1"))

    assert str(error) == f"cannot reach 127.0.0.1:{port}: Connection refused"
    assert error.retryable


def test_name_that_does_not_resolve_is_named() -> None:
    """`.invalid` never resolves (RFC 2606)."""
    error = unreachable(transport_to("https://signa.invalid/v1"))

    assert str(error).startswith("cannot reach signa.invalid:443: ")
    assert error.retryable


def reset(connection: socket.socket) -> None:
    """Close with a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize("behaviour", [reset, b""])
def test_connection_lost_before_an_answer_is_retryable(fake_server: Servers, behaviour: object) -> None:
    """The server resets or closes the connection."""
    server = fake_server(behaviour)

    error = unreachable(transport_to(server.url), "POST")

    assert str(error).startswith(f"cannot reach 127.0.0.1:{server.port}: ")
    assert error.retryable


@pytest.mark.parametrize(
    "answer",
    [
        b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"id": ',
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{"id": ',
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
    ],
)
def test_answer_that_breaks_off_is_retryable(fake_server: Servers, answer: bytes) -> None:
    """Half an answer is never parsed."""
    server = fake_server(answer)

    error = unreachable(transport_to(server.url), "POST")

    assert str(error) == f"127.0.0.1:{server.port} broke off in the middle of its answer"
    assert error.retryable


@pytest.mark.parametrize(
    "answer",
    [
        b"not http at all\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd",
    ],
)
def test_answer_that_is_not_http_is_an_error_of_ours(fake_server: Servers, answer: bytes) -> None:
    """Callers have one class to catch."""
    unreachable(transport_to(fake_server(answer).url))


def test_read_time_out_reaches_the_wire(fake_server: Servers) -> None:
    """A server that never answers is given up."""
    server = fake_server(lambda _connection: server.released.wait())

    error = unreachable(transport_to(server.url, read_timeout_s=0.05), "POST")

    assert str(error) == f"127.0.0.1:{server.port} did not answer within 0.05 s"
    assert error.retryable


def test_connect_time_out_reaches_the_wire() -> None:
    """A listener whose backlog is full lets further connections wait for ever."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for connection in waiting:
            connection.settimeout(0)
            connection.connect_ex(("127.0.0.1", port))

        try:
            error = unreachable(transport_to(f"http://127.0.0.1:{port}/v1", connect_timeout_s=0.05))
        finally:
            for connection in waiting:
                connection.close()

    assert str(error) == f"cannot reach 127.0.0.1:{port}: no connection within 0.05 s"
    assert error.retryable


@pytest.mark.parametrize("line", [b"HTTP/1.1 abc hush\r\n\r\n", b"hush\r\n\r\n"])
def test_summary_quotes_nothing_that_a_server_sent(fake_server: Servers, line: bytes) -> None:
    """Summaries stand on the lines of resources that wait, where nothing is redacted."""
    server = fake_server(line)

    error = unreachable(transport_to(server.url))

    assert error.summary == f"cannot reach 127.0.0.1:{server.port}"


def test_connection_is_used_again(fake_server: Servers) -> None:
    """The next request may come from another thread."""
    seconds: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        connection.sendall(OK)
        while more := connection.recv(65536):
            seconds.append(more)
            connection.sendall(OK)

    server = fake_server(serve)
    transport = transport_to(server.url)

    transport.send("GET", "/first")
    with ThreadPoolExecutor(1) as other:
        other.submit(transport.send, "GET", "/second").result()
    transport._connected().close()

    assert len(server.requests) == len(seconds) == 1
