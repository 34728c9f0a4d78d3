"""The API key on its way to the wire."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pulumi_signa.signa_api.auth import BearerAuth
from pulumi_signa.signa_api.transport import Transport


def test_key_is_sent_as_bearer(fake_server: Callable[..., Any]) -> None:
    """In the header that Signa documents."""
    server = fake_server()

    Transport(f"http://127.0.0.1:{server.port}/v1", BearerAuth("sig_abc")).send("GET", "/webhooks")

    assert b"Authorization: Bearer sig_abc\r\n" in server.requests[0]


def test_netrc_does_not_win(fake_server: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry for the host would replace a plain header by its own user and password."""
    server = fake_server()
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))

    Transport(f"http://127.0.0.1:{server.port}/v1", BearerAuth("sig_abc")).send("GET", "/webhooks")

    assert b"Authorization: Bearer sig_abc\r\n" in server.requests[0]
    assert base64.b64encode(b"someone:else") not in server.requests[0]


def test_repr_shows_nothing_of_the_key() -> None:
    """Not even how long it is."""
    assert repr(BearerAuth("sig_abc")) == "BearerAuth([secret])"
    assert "sig_abc" not in f"{BearerAuth('sig_abc')}"
