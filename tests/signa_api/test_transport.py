"""One request and its answer, over real sockets."""

import contextlib
import gzip
import socket
import ssl
import struct
import threading
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme
from requests import adapters

from pulumi_signa.signa_api.auth import BearerAuth
from pulumi_signa.signa_api.errors import ResponseFormatError, UnreachableError
from pulumi_signa.signa_api.transport import VERSION, Answer, Transport

API_KEY = "sig_" + "5e" * 24

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

Servers = Callable[..., Any]


def transport_to(base_url: str, **options: Any) -> Transport:
    """Return a transport with the key."""
    return Transport(base_url, BearerAuth(API_KEY), **options)


def unreachable(transport: Transport, method: str = "GET") -> UnreachableError:
    """Return the error of a request without a complete answer; it is one line, without the key and the body."""
    with pytest.raises(UnreachableError) as caught:
        transport.send(method, "/webhooks", body=b'{"a":"whsec_body"}')
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert API_KEY not in message
    assert "whsec_body" not in message
    return caught.value


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def trust(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str = "REQUESTS_CA_BUNDLE"
) -> None:
    """Make `requests` trust an authority."""
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    monkeypatch.setenv(variable, str(bundle))


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


def https(server: Any) -> Transport:
    """Return a transport that speaks TLS to a server."""
    return transport_to(f"https://127.0.0.1:{server.port}/v1")


def test_untrusted_certificate_is_refused(fake_server: Servers, server_tls: ssl.SSLContext) -> None:
    """The request is not sent, and the message names the variable for a company's authority."""
    server = fake_server(tls=server_tls)

    error = unreachable(https(server))

    assert str(error).startswith(f"TLS with 127.0.0.1:{server.port} failed: ")
    assert "REQUESTS_CA_BUNDLE" in str(error)
    assert not error.retryable
    assert server.requests == []


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_ca_bundle_is_honoured(
    *,
    fake_server: Servers,
    server_tls: ssl.SSLContext,
    authority: trustme.CA,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
) -> None:
    """The variables of `requests` make a company's authority trusted."""
    trust(authority, tmp_path, monkeypatch, variable)

    assert https(fake_server(tls=server_tls)).send("GET", "/webhooks").status == 200


def test_certificate_of_another_host_is_refused(
    fake_server: Servers, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A trusted authority does not make every host the right one."""
    trust(authority, tmp_path, monkeypatch)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("api.signa.example").configure_cert(tls)

    error = unreachable(https(fake_server(tls=tls)))

    assert not error.retryable


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_malformed_ca_bundle_is_named(
    fake_server: Servers,
    server_tls: ssl.SSLContext,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: str | None,
) -> None:
    """The file does not exist, or is something else."""
    bundle = tmp_path / "ca.pem"
    if content is not None:
        bundle.write_text(content)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))

    error = unreachable(https(fake_server(tls=server_tls)))

    assert not error.retryable
    assert str(bundle) in str(error) or "REQUESTS_CA_BUNDLE" in str(error)


def test_certificates_are_loaded_once(
    fake_server: Servers,
    server_tls: ssl.SSLContext,
    authority: trustme.CA,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They take 30 ms, and each worker has a connection."""
    trust(authority, tmp_path, monkeypatch)
    server = fake_server(tls=server_tls)
    load, loads = ssl.SSLContext.load_verify_locations, []
    monkeypatch.setattr(
        ssl.SSLContext, "load_verify_locations", lambda *args, **files: (loads.append(files), load(*args, **files))
    )

    transport = https(server)
    for _ in range(3):
        transport.send("GET", "/webhooks")

    assert len(server.requests) == 3
    assert len(loads) == 1


@pytest.mark.parametrize(
    ("base_url", "asked"),
    [("http://signa.invalid/v1", b"GET http://signa.invalid/v1/webhooks "), ("https://signa.invalid/v1", b"CONNECT ")],
)
def test_proxy_that_speaks_tls_is_verified_alike(
    *,
    fake_server: Servers,
    server_tls: ssl.SSLContext,
    authority: trustme.CA,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    base_url: str,
    asked: bytes,
) -> None:
    """The request reaches the proxy if its certificate is trusted."""
    proxy = fake_server(b"HTTP/1.1 502 X\r\nContent-Length: 0\r\n\r\n", tls=server_tls)
    monkeypatch.setenv("ALL_PROXY", f"https://127.0.0.1:{proxy.port}")

    with pytest.raises(UnreachableError, match="ALL_PROXY"):
        transport_to(base_url).send("GET", "/webhooks")
    untrusted = list(proxy.requests)
    trust(authority, tmp_path, monkeypatch)
    with contextlib.suppress(UnreachableError):
        transport_to(base_url).send("GET", "/webhooks")

    assert untrusted == []
    assert proxy.requests[0].startswith(asked)


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy"])
def test_proxy_is_honoured(fake_server: Servers, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    """The proxy gets the complete URL."""
    proxy = fake_server()
    monkeypatch.setenv(variable, f"http://127.0.0.1:{proxy.port}")

    answer = transport_to("http://signa.invalid/v1").send("GET", "/webhooks")

    assert answer.status == 200
    assert proxy.requests[0].startswith(b"GET http://signa.invalid/v1/webhooks HTTP/1.1\r\n")


def test_no_proxy_is_honoured(fake_server: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that is exempt is reached directly."""
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    assert transport_to(fake_server().url).send("GET", "/webhooks").status == 200


def test_broken_proxy_is_named_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the variables, and does not show the proxy's password."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:pass-word@127.0.0.1:{free_port()}")

    error = unreachable(transport_to("https://signa.invalid/v1"))

    assert "HTTPS_PROXY" in str(error)
    assert "pass-word" not in str(error)
    assert error.retryable


@pytest.mark.parametrize(
    "proxy",
    [
        *["garbage://:::", "garbage://x:1", "://", "http://", "http://h:99999", "http://h:x", "ftp://127.0.0.1:1"],
        *["http://[::1", "http://pass word", "http://x..y:1", "http://ü€:pass-word@127.0.0.1:1"],
    ],
)
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "ALL_PROXY"])
def test_malformed_proxy_is_named_as_one(monkeypatch: pytest.MonkeyPatch, variable: str, proxy: str) -> None:
    """The base URL is not to blame, and the proxy's own URL may hold a password."""
    monkeypatch.setenv(variable, proxy)

    error = unreachable(transport_to("https://signa.invalid/v1"))

    assert variable in str(error)
    assert "no URL of a proxy" in str(error)
    assert "pass" not in str(error)
    assert not error.retryable


def test_proxy_that_takes_another_package_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """SOCKS is an extra of `requests`."""
    monkeypatch.setattr(adapters, "SOCKSProxyManager", _without_socks)
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1")

    error = unreachable(transport_to("https://signa.invalid/v1"))

    assert "ALL_PROXY" in str(error)
    assert "requests[socks]" in str(error)


def _without_socks(*_: object, **__: object) -> None:
    raise requests.exceptions.InvalidSchema("Missing dependencies for SOCKS support.")


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
