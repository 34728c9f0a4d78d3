"""What every test gets: an environment without our settings, and the servers and the clock that it may ask for."""

import functools
import os
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
import requests
from hypothesis import HealthCheck, settings
from moto.server import ThreadedMotoServer

from emulator.harness import Receiver
from fake_time import FakeTime
from fake_transport import API_KEY, FakeTransport, Sent
from signa_emulator.server import EmulatorServer

REGION = "eu-west-1"
LIVE_KEY_VARIABLE = "SIGNA_LIVE_API_KEY"

_OURS = ("SIGNA_", "AWS_", "PULUMI_")
_OF_REQUESTS = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")

# A loaded machine is no reason to fail: only what is found counts, never how long it took.
_PATIENT: dict[str, Any] = {"deadline": None, "database": None, "suppress_health_check": [HealthCheck.too_slow]}
# `make test` tries a few examples of each law, in CI the same ones each time; `make test-deep` tries many new ones.
settings.register_profile("quick", max_examples=30, derandomize=bool(os.environ.get("CI")), **_PATIENT)
settings.register_profile("deep", max_examples=2000, derandomize=False, **_PATIENT)
settings.load_profile("quick")

# Each session of botocore reads its descriptions of AWS anew, which takes 0.2 s: the sessions of all tests share them.
botocore.session.create_loader = functools.cache(botocore.session.create_loader)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Take away every setting that a developer's machine may have, AWS profiles included."""
    for name in os.environ:
        if name.upper().startswith(_OURS) or name.upper() in _OF_REQUESTS:
            monkeypatch.delenv(name)
    nowhere = tmp_path_factory.getbasetemp() / "nowhere"
    monkeypatch.setenv("AWS_CONFIG_FILE", str(nowhere))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(nowhere))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def emulator() -> Iterator[EmulatorServer]:
    """Return a Signa of our own, empty, on loopback."""
    with EmulatorServer(api_keys=[API_KEY]) as server:
        yield server


@pytest.fixture
def fake_transport(emulator: EmulatorServer) -> FakeTransport:
    """Return the transport to the emulator that keeps what was sent."""
    return FakeTransport(emulator.base_url)


@pytest.fixture
def sent(fake_transport: FakeTransport) -> list[Sent]:
    """Return the requests that were sent to the emulator, oldest first."""
    return fake_transport.seen


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Yield a receiver that accepts everything until told otherwise."""
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def time() -> FakeTime:
    """Return the clock of a client, which only waiting moves."""
    return FakeTime()


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    """Return the address of an AWS of our own, one for all tests."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def aws(moto_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the address of an empty AWS, with credentials and a region in the environment."""
    requests.post(f"{moto_url}/moto-api/reset", timeout=10).raise_for_status()
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", moto_url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_REGION", REGION)
    return moto_url


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI, fail on every skip but that of the tests against a real account: what does not run proves nothing."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not os.environ.get("CI") or reporter is None:
        return
    unexpected = [
        report for report in reporter.stats.get("skipped", []) if LIVE_KEY_VARIABLE not in str(report.longrepr)
    ]
    if unexpected and session.exitstatus == pytest.ExitCode.OK:
        reporter.write_line(f"CI refuses skips, and {len(unexpected)} were made")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
