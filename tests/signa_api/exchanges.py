"""One exchange with a server on a real socket, for the tests of the transport."""

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trustme

from pulumi_signa.signa_api.auth import BearerAuth
from pulumi_signa.signa_api.errors import UnreachableError
from pulumi_signa.signa_api.transport import Transport

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
