"""How a delivery reaches its receiver."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme

from emulator.harness import Receiver, StartEmulator
from signa_emulator.deliveries.sending import Outcome, send
from signa_emulator.signing import SignedRequest


def _request(url: str) -> SignedRequest:
    return SignedRequest(url, {"webhook-id": "evt_1"}, b"{}")


def test_answer_of_the_receiver_is_the_outcome(receiver: Receiver) -> None:
    receiver.statuses.append(202)

    outcome = send(_request(receiver.url), timeout_s=30)

    assert outcome == Outcome(202, "thanks")
    assert outcome.delivered


def test_only_the_beginning_of_a_long_body_is_kept(receiver: Receiver) -> None:
    receiver.body = b"x" * 100_000

    outcome = send(_request(receiver.url), timeout_s=30)

    assert outcome.response_body == "x" * 4096


def test_redirect_is_a_failure_and_not_followed(receiver: Receiver) -> None:
    """Standard Webhooks counts a 3xx as a failure."""
    receiver.statuses.append(307)
    receiver.answer_headers["Location"] = receiver.url + "/elsewhere"

    outcome = send(_request(receiver.url), timeout_s=30)

    assert (outcome.http_status, outcome.delivered) == (307, False)
    assert [got.path for got in receiver.received] == ["/hook"]


def test_nobody_listening_is_an_outcome() -> None:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]

    outcome = send(_request(f"http://127.0.0.1:{port}/"), timeout_s=30)

    assert outcome == Outcome(None, None)
    assert not outcome.delivered


@pytest.mark.parametrize("url", ["http://a..b/", "http://xn--a/", "http://127.0.0.1:1/"])
def test_url_that_leads_nowhere_is_an_outcome(url: str) -> None:
    assert send(_request(url), timeout_s=30) == Outcome(None, None)


def test_slow_receiver_is_given_up_after_the_timeout(receiver: Receiver) -> None:
    receiver.hold.clear()

    outcome = send(_request(receiver.url), timeout_s=0.5)

    assert outcome == Outcome(None, None)
    assert receiver.wait_for(1)


def test_timeout_is_a_setting(start_emulator: StartEmulator, receiver: Receiver) -> None:
    api = start_emulator(delivery_timeout_s=0.5)
    receiver.hold.clear()
    endpoint = api.create(url=receiver.url)

    api.post(f"/webhooks/{endpoint['id']}/test")

    row = api.deliveries(endpoint["id"])[0]
    assert (row["status"], row["http_status"], row["response_body"]) == ("failed", None, None)


def test_proxies_and_netrc_of_the_environment_are_not_used(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password pw\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))

    outcome = send(_request(receiver.url), timeout_s=30)

    assert outcome.delivered
    assert "authorization" not in receiver.received[0].headers


def test_https_receiver_with_a_private_authority_is_reached(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    authority = trustme.CA()
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(bundle)
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    with _https_server(authority) as port:
        distrusted = send(_request(f"https://localhost:{port}/"), timeout_s=30)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))

        trusted = send(_request(f"https://localhost:{port}/"), timeout_s=30)

    assert (distrusted.http_status, trusted.http_status) == (None, 204)


@contextlib.contextmanager
def _https_server(authority: trustme.CA) -> Iterator[int]:
    """Serve 204 to every POST over TLS, on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """Stay quiet about the handshake that the client breaks off."""

    server = Server(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()
