"""A set-up in which all is well, for tests to break."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.doctor.healthy import KEY_WITHOUT_SCOPE, Iam, SetUp
from fake_transport import API_KEY
from signa_emulator.server import EmulatorServer


@pytest.fixture
def iam() -> Iterator[Iam]:
    """Return an AWS of our own."""
    with Iam() as server:
        yield server


@pytest.fixture
def set_up(tmp_path: Path, iam: Iam, monkeypatch: pytest.MonkeyPatch) -> Iterator[SetUp]:
    """Return a set-up in which all is well."""
    with EmulatorServer([API_KEY], api_keys_without_scope=[KEY_WITHOUT_SCOPE]) as signa:
        yield SetUp(tmp_path, signa, iam, monkeypatch)
