"""The API key in the request's header."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pulumi_signa.signa_api.auth import BearerAuth
from pulumi_signa.signa_api.transport import Transport


def test_netrc_does_not_replace_the_key(
    fake_server: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`requests` would replace a plain header by the user and password of a `.netrc` entry for the host."""
    server = fake_server()
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))

    Transport(server.url, BearerAuth("sig_abc")).send("GET", "/webhooks")

    assert b"Authorization: Bearer sig_abc\r\n" in server.requests[0]
    assert base64.b64encode(b"someone:else") not in server.requests[0]


def test_repr_shows_nothing_of_the_key() -> None:
    """The length of the key is not shown either."""
    assert repr(BearerAuth("sig_abc")) == f"{BearerAuth('sig_abc')}" == "BearerAuth([secret])"
