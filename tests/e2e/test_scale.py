"""Many endpoints: calls per refresh, and what is made of the rate limit."""

from datetime import datetime
from typing import Any

import pytest

from e2e.harness import Figure, MakeProject, Project
from e2e.host import only
from signa_emulator.rules.validation import NewEndpoint
from signa_emulator.server import EmulatorServer

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

MANY = """
from pulumi_signa import WebhookEndpoint
for number in range({number}):
    WebhookEndpoint(f"hook-{{number}}", url=f"https://example.com/{{number}}")
"""


def unlimited(signa: EmulatorServer) -> None:
    """Lift the rate limit."""
    signa.organization.change_settings(rate_limit=None)


def moments(project: Project) -> list[float]:
    """Return the moments of the calls that were admitted, in seconds, oldest first."""
    entries: list[dict[str, Any]] = project.signa.organization.requests.entries()
    admitted = [entry["at"] for entry in entries if entry["status"] != 429]
    return sorted(datetime.fromisoformat(at.replace("Z", "+00:00")).timestamp() for at in admitted)


def test_refresh_of_a_thousand_endpoints_takes_a_dozen_calls(make_project: MakeProject, figure: Figure) -> None:
    """One page of the list serves the reads of a hundred endpoints."""
    project = make_project(MANY.format(number=1000))
    unlimited(project.signa)
    # After each step the engine would write the whole state, and so take minutes.
    project.environment |= {"PULUMI_EXPERIMENTAL": "true", "PULUMI_SKIP_CHECKPOINTS": "true"}
    made = project.up()

    with project.counted() as calls:
        refreshed = project.refresh(expect_no_changes=True)

    assert made.succeeded, made.output
    assert refreshed.succeeded, refreshed.output
    assert sum(calls.signa.values()) <= 12, calls.signa
    figure(f"refresh of 1,000 endpoints in one stack: {sum(calls.signa.values())} calls")


def test_refresh_of_three_of_a_thousand_takes_six_calls(make_project: MakeProject, figure: Figure) -> None:
    """A refresh takes two calls an endpoint at most, wherever in the list the endpoint is."""
    project = make_project(MANY.format(number=3))
    organization = project.signa.organization
    unlimited(project.signa)
    new = NewEndpoint("https://example.com/others", None, ["alert.created"], {})
    for _ in range(997):
        organization.endpoints.create(new, organization.settings, organization.clock.now())
    project.up()

    with project.counted() as calls:
        refreshed = project.refresh(expect_no_changes=True)

    assert refreshed.succeeded, refreshed.output
    assert sum(calls.signa.values()) <= 6, calls.signa
    figure(f"refresh of 3 of an organization's 1,000 endpoints: {sum(calls.signa.values())} calls")


LIMIT, WINDOW_S, CREATES = 50, 10, 250


def test_creates_fill_the_rate_limit(make_project: MakeProject, figure: Figure) -> None:
    """
    Nothing fails, hardly anything is refused, and the calls come as fast as Signa permits, though 64 come at once.

    The share is that of the calls made before the last windowful began, of those that the limit permits in the same
    time. How fast the engine itself makes the calls of one windowful does not matter so.
    """
    project = make_project(MANY.format(number=CREATES))
    project.signa.organization.change_settings(rate_limit=LIMIT, rate_window_s=WINDOW_S)

    run = project.up(parallel=["64"])

    entries = project.signa.organization.requests.entries()
    refused = sum(entry["status"] == 429 for entry in entries)
    at = moments(project)
    share = (CREATES - LIMIT) / (LIMIT * (at[CREATES - LIMIT] - at[0]) / WINDOW_S)
    figure(f"{CREATES} creates: {share:.1%} of the permitted calls, {refused} refused")
    assert run.succeeded, run.output
    assert len(project.endpoints()) == CREATES
    assert refused <= 2
    assert len(at) == CREATES
    assert share >= 0.97


def test_waiting_shows_on_the_resource(make_project: MakeProject) -> None:
    """A wait shows live on the line of its resource, and leaves nothing there or among the diagnostics."""
    project = make_project(MANY.format(number=4))
    project.signa.organization.change_settings(rate_limit=2, rate_window_s=3)

    run = project.up()

    shown = [event.diagnostic_event for event in run.events if event.diagnostic_event]
    waits = [one for one in shown if "rate limit" in one.message]
    assert run.succeeded, run.output
    assert waits
    assert all(one.ephemeral and one.urn and "hook-" in one.urn and "s left" in one.message for one in waits)
    last = {one.urn: one.message for one in shown}
    assert {last[one.urn].strip() for one in waits} == {""}


@only("native")
def test_creates_that_wait_at_once_all_succeed(make_project: MakeProject, figure: Figure) -> None:
    """
    The queue of the run's own calls costs nothing, however long it is.

    The last call of it waits five windows of the limit, and a call may wait for two.
    """
    number, limit, window_s, longest_s = 300, 50, 3, 6
    project = make_project(MANY.format(number=number))
    project.signa.organization.change_settings(rate_limit=limit, rate_window_s=window_s)
    project.environment |= {"SIGNA_MAX_WAIT_S": str(longest_s)}

    run = project.up(parallel=[str(number)])

    refused = sum(entry["status"] == 429 for entry in project.signa.organization.requests.entries())
    at = moments(project)
    figure(f"{number} creates at once: {refused} refused")
    assert run.succeeded, run.output
    assert run.diagnostics("error") == []
    assert len(project.endpoints()) == number
    assert at[-1] - at[0] > longest_s
    assert refused <= 2
