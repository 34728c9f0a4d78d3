"""How a delivery reaches its receiver."""

import ssl
from pathlib import Path

import pytest
import trustme

from emulator.harness import Receiver, StartEmulator
from signa_emulator.deliveries.sending import Outcome, send
from signa_emulator.signing import SignedRequest


def _request(url: str) -> SignedRequest:
    return SignedRequest(url, {"webhook-id": "evt_1"}, b"{}")


@pytest.mark.parametrize(("body", "kept"), [(b"thanks", "thanks"), (b"x" * 100_000, "x" * 4096)], ids=["short", "long"])
def test_answer_of_the_receiver_is_the_outcome(receiver: Receiver, body: bytes, kept: str) -> None:
    receiver.statuses.append(202)
    receiver.body = body

    outcome = send(_request(receiver.url), timeout_s=30)

    assert outcome == Outcome(202, kept)
    assert outcome.delivered


def test_redirect_is_a_failure_and_not_followed(receiver: Receiver) -> None:
    """Standard Webhooks counts a 3xx as a failure."""
    receiver.statuses.append(307)
    receiver.answer_headers["Location"] = receiver.url + "/elsewhere"

    outcome = send(_request(receiver.url), timeout_s=30)

    assert (outcome.http_status, outcome.delivered) == (307, False)
    assert [got.path for got in receiver.received] == ["/hook"]


@pytest.mark.parametrize("url", ["http://a..b/", "http://xn--a/", "http://127.0.0.1:1/"])
def test_url_that_leads_nowhere_is_an_outcome(url: str) -> None:
    outcome = send(_request(url), timeout_s=30)

    assert outcome == Outcome(None, None)
    assert not outcome.delivered


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
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(tls)
    receiver = Receiver(tls)

    distrusted = send(_request(receiver.url), timeout_s=30)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    trusted = send(_request(receiver.url), timeout_s=30)

    receiver.close()
    assert (distrusted.http_status, trusted.http_status) == (None, 200)
