"""One request, one answer, over real sockets."""

import socket
import ssl
import struct
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme

from pulumi_signa.signa_api.auth import BearerAuth
from pulumi_signa.signa_api.errors import UnreachableError
from pulumi_signa.signa_api.transport import Answer, Transport

API_KEY = "sig_" + "5e" * 24

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

Servers = Callable[..., Any]


def transport_to(server: Any, scheme: str = "http", **options: Any) -> Transport:
    """Give a transport to a server that was started."""
    return Transport(f"{scheme}://127.0.0.1:{server.port}/v1", BearerAuth(API_KEY), **options)


def unreachable(transport: Transport, method: str = "GET") -> UnreachableError:
    """Send a request that gets no whole answer, and give the error; whatever fails, it is one line without the key."""
    with pytest.raises(UnreachableError) as caught:
        transport.send(method, "/webhooks", body=b'{"a":"whsec_body"}')
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert API_KEY not in message
    assert "whsec_body" not in message
    return caught.value


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def test_request_is_sent_as_given(fake_server: Servers) -> None:
    """Method, path below the base URL, query, headers and the very bytes of the body."""
    server = fake_server()

    transport_to(server).send(
        "PATCH", "/webhooks/whk_1", query={"limit": "100", "cursor": "a/b="}, body=b'{ "a":1}', headers={"X-One": "1"}
    )

    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"PATCH /v1/webhooks/whk_1?limit=100&cursor=a%2Fb%3D HTTP/1.1\r\n")
    assert b"Content-Type: application/json" in head
    assert b"X-One: 1" in head
    assert body == b'{ "a":1}'


def test_request_without_a_body_says_nothing_of_its_type(fake_server: Servers) -> None:
    """Only what has a body has a content type."""
    server = fake_server()

    transport_to(server).send("GET", "/webhooks")

    assert b"content-type" not in server.requests[0].lower()


def test_user_agent_says_who_asks(fake_server: Servers) -> None:
    """Package, version, and the library below."""
    server = fake_server()

    transport_to(server).send("GET", "/webhooks")

    agent = f"User-Agent: pulumi-signa/0.1.0 python-requests/{requests.__version__}".encode()
    assert agent in server.requests[0]


def test_trailing_slash_of_the_base_url_is_dropped(fake_server: Servers) -> None:
    """No path begins with two slashes."""
    server = fake_server()

    Transport(f"http://127.0.0.1:{server.port}/v1/", BearerAuth(API_KEY)).send("GET", "/webhooks")

    assert server.requests[0].startswith(b"GET /v1/webhooks HTTP")


@pytest.mark.parametrize("status", [200, 204, 404, 418, 500])
def test_answer_is_given_whatever_its_status(fake_server: Servers, status: int) -> None:
    """A refusal is an answer too."""
    body = b"" if status == 204 else b'{"a": 1}'
    server = fake_server(f"HTTP/1.1 {status} X\r\nX-Two: 2\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)

    answer = transport_to(server).send("GET", "/webhooks")

    assert (answer.status, answer.body, answer.headers["x-two"]) == (status, body, "2")


def test_redirect_is_not_followed(fake_server: Servers) -> None:
    """It would carry the key somewhere else."""
    elsewhere = fake_server()
    location = f"http://127.0.0.1:{elsewhere.port}/v1/webhooks".encode()
    server = fake_server(b"HTTP/1.1 307 Moved\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n")

    answer = transport_to(server).send("POST", "/webhooks", body=b"{}")

    assert answer.status == 307
    assert elsewhere.requests == []


def test_repr_of_an_answer_hides_its_body() -> None:
    """It may hold the secret."""
    assert repr(Answer(200, {}, b"whsec_x")) == "Answer(status=200, 7 bytes)"


def test_refused_connection_names_host_and_port() -> None:
    """And the system's own reason; another attempt may help."""
    port = free_port()

    error = unreachable(Transport(f"http://127.0.0.1:{port}/v1", BearerAuth(API_KEY)))

    assert str(error) == f"cannot reach 127.0.0.1:{port}: Connection refused"
    assert error.retryable


def test_name_that_does_not_resolve_is_told() -> None:
    """`.invalid` never resolves (RFC 2606)."""
    error = unreachable(Transport("https://signa.invalid/v1", BearerAuth(API_KEY)))

    assert str(error).startswith("cannot reach signa.invalid:443: ")
    assert error.retryable


def test_reset_before_an_answer_is_told(fake_server: Servers) -> None:
    """Whether the request was carried out is unknown; it may be sent again."""

    def reset(connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    server = fake_server(reset)

    error = unreachable(transport_to(server), "POST")

    assert str(error).startswith(f"cannot reach 127.0.0.1:{server.port}: ")
    assert error.retryable


def test_close_before_an_answer_is_told(fake_server: Servers) -> None:
    """An empty answer is none."""
    server = fake_server(b"")

    error = unreachable(transport_to(server), "POST")

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
def test_answer_that_breaks_off_is_told(fake_server: Servers, answer: bytes) -> None:
    """Half an answer is none; it may be sent again."""
    server = fake_server(answer)

    error = unreachable(transport_to(server), "POST")

    assert str(error) == f"127.0.0.1:{server.port} broke off in the middle of its answer"
    assert error.retryable


@pytest.mark.parametrize(
    "answer",
    [
        b"not http at all\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd",
    ],
)
def test_answer_that_is_no_http_is_told(fake_server: Servers, answer: bytes) -> None:
    """Whatever it is, it becomes our error."""
    unreachable(transport_to(fake_server(answer)))


def test_read_time_out_reaches_the_wire(fake_server: Servers) -> None:
    """A server that never answers is given up after the time that was set."""

    def hang(connection: socket.socket) -> None:
        released.wait()

    released = threading.Event()
    server = fake_server(hang)
    try:
        error = unreachable(transport_to(server, read_timeout_s=0.05), "POST")
    finally:
        released.set()

    assert str(error) == f"127.0.0.1:{server.port} did not answer within 0.05 s"
    assert error.retryable


def test_connect_time_out_reaches_the_wire() -> None:
    """A listener that is full lets further connections wait for ever."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for connection in waiting:
            connection.settimeout(0)
            connection.connect_ex(("127.0.0.1", port))

        try:
            error = unreachable(Transport(f"http://127.0.0.1:{port}/v1", BearerAuth(API_KEY), connect_timeout_s=0.05))
        finally:
            for connection in waiting:
                connection.close()

    assert str(error) == f"cannot reach 127.0.0.1:{port}: no connection within 0.05 s"
    assert error.retryable


def test_certificate_that_nobody_vouches_for_is_refused(fake_server: Servers, server_tls: ssl.SSLContext) -> None:
    """TLS is verified, the request is not sent, another attempt would not help, and the way out is named."""
    server = fake_server(tls=server_tls)

    error = unreachable(transport_to(server, "https"))

    assert str(error).startswith(f"TLS with 127.0.0.1:{server.port} failed: ")
    assert "REQUESTS_CA_BUNDLE" in str(error)
    assert not error.retryable
    assert server.requests == []


def test_ca_bundle_is_honoured(
    fake_server: Servers,
    server_tls: ssl.SSLContext,
    authority: trustme.CA,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The variable of `requests` makes a company's authority known."""
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    server = fake_server(tls=server_tls)

    assert transport_to(server, "https").send("GET", "/webhooks").status == 200


def test_certificate_of_another_host_is_refused(
    fake_server: Servers, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A trusted authority does not make every host the right one."""
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("api.signa.example").configure_cert(tls)

    error = unreachable(transport_to(fake_server(tls=tls), "https"))

    assert not error.retryable


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_ca_bundle_that_is_none_is_told(
    fake_server: Servers,
    server_tls: ssl.SSLContext,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: str | None,
) -> None:
    """A wrong path, or another file, becomes one line that helps to find it."""
    bundle = tmp_path / "ca.pem"
    if content is not None:
        bundle.write_text(content)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))

    error = unreachable(transport_to(fake_server(tls=server_tls), "https"))

    assert not error.retryable
    assert str(bundle) in str(error) or "REQUESTS_CA_BUNDLE" in str(error)


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy"])
def test_proxy_is_honoured(fake_server: Servers, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    """The request goes to the proxy, with the whole URL."""
    proxy = fake_server()
    monkeypatch.setenv(variable, f"http://127.0.0.1:{proxy.port}")

    answer = Transport("http://signa.invalid/v1", BearerAuth(API_KEY)).send("GET", "/webhooks")

    assert answer.status == 200
    assert proxy.requests[0].startswith(b"GET http://signa.invalid/v1/webhooks HTTP/1.1\r\n")


def test_no_proxy_is_honoured(fake_server: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that is exempt is reached directly."""
    server = fake_server()
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    assert transport_to(server).send("GET", "/webhooks").status == 200


def test_broken_proxy_is_named_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """With its variables; its password is nobody's business."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:pass-word@127.0.0.1:{free_port()}")

    error = unreachable(Transport("https://signa.invalid/v1", BearerAuth(API_KEY)))

    assert "HTTPS_PROXY" in str(error)
    assert "pass-word" not in str(error)
    assert error.retryable


def test_connection_is_used_again(fake_server: Servers) -> None:
    """Whatever thread the next request comes from."""
    seconds: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        connection.sendall(OK)
        while more := connection.recv(65536):
            seconds.append(more)
            connection.sendall(OK)

    server = fake_server(serve)
    transport = transport_to(server)

    transport.send("GET", "/first")
    with ThreadPoolExecutor(1) as other:
        other.submit(transport.send, "GET", "/second").result()
    with transport._session() as session:
        session.close()

    assert len(server.requests) == len(seconds) == 1


def test_requests_at_the_same_time_have_a_session_each(fake_server: Servers) -> None:
    """`requests` does not promise that one may be shared."""
    transport = transport_to(fake_server())

    with transport._session() as first, transport._session() as second:
        pass
    with transport._session() as third:
        pass

    assert first is not second
    assert third in (first, second)
