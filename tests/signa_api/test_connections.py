"""TLS and proxies, over real sockets."""

import contextlib
import ssl
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme
from requests import adapters

from meeting_server import meeting_server
from pulumi_signa.signa_api.errors import UnreachableError
from pulumi_signa.signa_api.transport import Transport
from signa_api.exchanges import Servers, free_port, transport_to, trust, unreachable


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
    """Each worker has a connection."""
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


def test_requests_of_many_workers_keep_their_connections(caplog: pytest.LogCaptureFixture) -> None:
    """Two kinds of resources, each with 64 workers; urllib3 warns of a connection that is not kept."""
    workers = 2 * 64
    with meeting_server(workers) as url, ThreadPoolExecutor(workers) as pool:
        transport = transport_to(url)
        answers = [pool.submit(transport.send, "POST", "/webhooks", body=b"{}") for _ in range(2 * workers)]

        assert {answer.result().status for answer in answers} == {200}

    assert caplog.messages == []
