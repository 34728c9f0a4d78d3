"""Endpoints that Signa switches off because their receiver keeps failing."""

import socket
from typing import Any

import pytest

from e2e.audit import Audit
from e2e.harness import MakeProject, Project, declaring

pytestmark = pytest.mark.e2e

FAILURES = 3


@pytest.fixture
def dead_url() -> str:
    """Return a URL at which nobody answers."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}/hook"


def test_refresh_says_since_when_and_up_switches_on_what_is_not_declared_disabled(
    make_project: MakeProject, dead_url: str
) -> None:
    """
    The warning names the moment and the number of failures; one PATCH later deliveries go on.

    Where the declaration agrees by then with what Signa did, there is nothing to do after the refresh.
    """
    project = make_project(declaring(alerts={"url": dead_url}, left={"url": f"{dead_url}/left"}))
    assert project.up().succeeded
    organization = project.signa.organization
    organization.change_settings(auto_disable_after=FAILURES, retry_scale=0)
    organization.emit()
    assert organization.deliveries.wait_idle(60)
    disabled = _by_url(project)
    assert {endpoint["status"] for endpoint in disabled.values()} == {"disabled"}

    refreshed = project.refresh()
    recorded = project.held()
    project.write(declaring(alerts={"url": dead_url}, left={"url": f"{dead_url}/left", "status": "disabled"}))
    preview = project.preview()
    with project.counted() as calls:
        run = project.up()

    endpoints = _by_url(project)
    assert refreshed.succeeded, refreshed.output
    for endpoint in disabled.values():
        assert refreshed.warns("disabled", endpoint["last_failure_at"], f"{FAILURES} failed")
    assert (recorded["status"], recorded["consecutive_failures"]) == ("disabled", FAILURES)
    assert preview.steps()["alerts"] == "update"
    assert run.succeeded, run.output
    assert run.steps()["left"] == "same"
    # The declaration of what is left stands in its secret.
    assert (calls.signa, calls.aws) == ({"update": 1}, ["PutSecretValue"])
    assert endpoints[dead_url]["status"] == "active"
    assert endpoints[f"{dead_url}/left"]["status"] == "disabled"
    assert all(endpoints[url]["secret"] == endpoint["secret"] for url, endpoint in disabled.items())
    assert project.audit() == Audit()


def _by_url(project: Project) -> dict[str, dict[str, Any]]:
    return {endpoint["url"]: endpoint for endpoint in project.endpoints()}
