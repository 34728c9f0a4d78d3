"""The hosts behind which an endpoint lives."""

import pytest

from hosts_in_process import HOSTS, Host


@pytest.fixture(params=HOSTS)
def host(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Host:
    """Return each host in turn."""
    return HOSTS[request.param](monkeypatch)
