"""Endpoints that Signa switches off because their receiver keeps failing."""

import socket

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


def _stack_disabled_by_failures(make_project: MakeProject, url: str) -> Project:
    """Return a stack that is up, whose receiver has failed so often since that Signa disabled its endpoint."""
    project = make_project(declaring(alerts={"url": url}))
    assert project.up().succeeded
    organization = project.signa.organization
    organization.change_settings(auto_disable_after=FAILURES, retry_scale=0)
    organization.emit()
    assert organization.deliveries.wait_idle(60)
    assert project.endpoint()["status"] == "disabled"
    return project


def test_refresh_says_since_when_and_up_switches_it_on_again(make_project: MakeProject, dead_url: str) -> None:
    """The warning names the moment and the number of failures; one PATCH later deliveries go on."""
    project = _stack_disabled_by_failures(make_project, dead_url)
    disabled = project.endpoint()

    refreshed = project.refresh()
    recorded = project.held()
    preview = project.preview()
    with project.counted() as calls:
        run = project.up()

    endpoint = project.endpoint()
    assert refreshed.succeeded, refreshed.output
    assert refreshed.warns("disabled", disabled["last_failure_at"], f"{FAILURES} failed")
    assert (recorded["status"], recorded["consecutive_failures"]) == ("disabled", FAILURES)
    assert preview.steps()["alerts"] == "update"
    assert run.succeeded, run.output
    assert (calls.signa, calls.aws) == ({"update": 1}, [])
    assert (endpoint["status"], endpoint["secret"]) == ("active", disabled["secret"])
    assert project.audit() == Audit()


def test_endpoint_that_is_declared_disabled_is_left_alone(make_project: MakeProject, dead_url: str) -> None:
    """Where the declaration agrees with what Signa did, there is nothing to do after the refresh."""
    project = _stack_disabled_by_failures(make_project, dead_url)
    project.refresh()
    project.write(declaring(alerts={"url": dead_url, "status": "disabled"}))

    with project.counted() as calls:
        run = project.up()

    assert run.succeeded, run.output
    assert run.steps()["alerts"] == "same"
    assert calls.signa == {}
    assert project.endpoint()["status"] == "disabled"
