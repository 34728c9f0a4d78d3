"""Secrets that a stack no longer has, or never had: what a refresh says, and how the stack gets one."""

import pytest

from e2e.harness import Audit, MakeProject, Project, Run, declaring

pytestmark = pytest.mark.e2e

DAY_S = 86_400.0

REPAIRED = declaring(alerts={"on_stale_secret": "rotate"})


def _is_warned(run: Run, *words: str) -> bool:
    """Tell whether one warning of a run has all these words."""
    return any(all(word in warning for word in words) for warning in run.diagnostics("warning"))


def _rotated_outside(make_project: MakeProject, program: str) -> Project:
    """Give a stack that is up, and whose endpoint somebody has given another secret since."""
    project = make_project(program)
    assert project.up().succeeded
    (endpoint,) = project.endpoints()
    project.rotate_outside(endpoint["id"])
    return project


def test_refresh_finds_an_outside_rotation_and_says_what_to_do(make_project: MakeProject) -> None:
    """The secret held is marked stale, with both versions and the way out; an up by itself changes nothing."""
    project = _rotated_outside(make_project, declaring(alerts={}))
    before = project.held()

    with project.counted() as calls:
        refreshed = project.refresh(expect_no_changes=True)
    with project.counted() as calls_of_up:
        run = project.up(expect_no_changes=True)

    after = project.held()
    assert refreshed.succeeded, refreshed.output
    assert calls.signa == {"list": 1}
    assert _is_warned(refreshed, "rotated elsewhere", "version 2", "version 1", 'on_stale_secret="rotate"')
    assert (before["secret_status"], after["secret_status"]) == ("current", "stale")
    assert (after["secret"], after["secret_version"]) == (before["secret"], 1)
    assert run.succeeded, run.output
    assert (calls_of_up.signa, calls_of_up.aws) == ({}, [])


def test_stale_secret_is_replaced_as_soon_as_the_overlap_allows(make_project: MakeProject) -> None:
    """The preview shows the repair; an up inside the overlap says that it waits, one after it hands over."""
    project = _rotated_outside(make_project, REPAIRED)
    refreshed = project.refresh()

    preview = project.preview()
    with project.counted() as calls_inside:
        inside = project.up()
    versions_inside = [endpoint["secret_version"] for endpoint in project.endpoints()]
    project.advance(DAY_S)
    with project.counted() as calls_after:
        after = project.up()

    (endpoint,) = project.endpoints()
    held = project.held()
    assert _is_warned(refreshed, "rotated elsewhere", "the next `pulumi up` rotates it")
    assert preview.steps()["alerts"] == "update"
    assert any("the secret held is stale (on_stale_secret)" in line for line in preview.diagnostics("info"))
    assert inside.succeeded, inside.output
    assert _is_warned(inside, "Signa does not rotate", "yet")
    assert calls_inside.signa == {"rotate": 1, "retrieve": 1}
    assert versions_inside == [2]
    assert after.succeeded, after.output
    assert calls_after.signa == {"rotate": 1}
    assert (endpoint["secret_version"], held["secret_version"], held["secret_status"]) == (3, 3, "current")
    assert project.handed_over() == endpoint["secret"] == held["secret"]
    assert project.audit() == Audit()
    assert project.up(expect_no_changes=True).succeeded


def test_stale_secret_is_found_and_replaced_in_one_run(make_project: MakeProject) -> None:
    """`up --refresh`, a day after the outside rotation, needs no run before it."""
    project = _rotated_outside(make_project, REPAIRED)
    project.advance(DAY_S)

    run = project.up(refresh=True)

    (endpoint,) = project.endpoints()
    assert run.succeeded, run.output
    assert (endpoint["secret_version"], project.held()["secret_status"]) == (3, "current")
    assert project.audit() == Audit()


def test_trigger_replaces_a_stale_secret_too(make_project: MakeProject) -> None:
    """Asked for inside the overlap it is refused in one line that names the latest moment; after it, it is made."""
    project = _rotated_outside(make_project, declaring(alerts={}))
    project.refresh()
    (rotated,) = project.endpoints()
    project.write(declaring(alerts={"rotate_trigger": "1"}))

    error = project.up().error()
    project.advance(DAY_S)
    run = project.up()

    (endpoint,) = project.endpoints()
    assert f"Signa rotates it again at {rotated['previous_secret_expires_at']} at the latest" in error
    assert run.succeeded, run.output
    assert endpoint["secret_version"] == 3
    assert project.audit() == Audit()


def test_unknown_secret_is_replaced_at_the_next_up(make_project: MakeProject) -> None:
    """An endpoint taken over without its secret gets one that the stack knows; receivers keep theirs for a day."""
    project = make_project("")
    outside = project.make_outside()
    adopt = {"id": outside["id"]}
    project.write(declaring(alerts={"adopt": adopt}))
    adopted = project.up()
    project.refresh()
    unknown = project.held()
    project.write(declaring(alerts={"adopt": adopt, "on_stale_secret": "rotate"}))

    preview = project.preview()
    with project.counted() as calls:
        run = project.up()

    (endpoint,) = project.endpoints()
    assert adopted.succeeded, adopted.output
    assert unknown["secret_status"] == "unknown"
    assert any("no secret is held (on_stale_secret)" in line for line in preview.diagnostics("info"))
    assert run.succeeded, run.output
    assert calls.signa == {"rotate": 1}
    assert (endpoint["secret_version"], project.held()["secret_status"]) == (2, "current")
    assert project.handed_over() == endpoint["secret"]
    assert project.verifies(outside["secret"], outside["id"])
    assert project.audit() == Audit()


def test_endpoint_that_is_only_read_has_an_unknown_secret(make_project: MakeProject) -> None:
    """`get` says so in an output, and a stack with one in it can be refreshed."""
    project = make_project("")
    outside = project.make_outside()
    project.write(f"""
import pulumi
from pulumi_signa import WebhookEndpoint
endpoint = WebhookEndpoint.get("foreign", "{outside["id"]}")
pulumi.export("status", endpoint.secret_status)
pulumi.export("version", endpoint.secret_version)
""")
    run = project.up()
    project.rotate_outside(outside["id"])

    with project.counted() as calls:
        refreshed = project.refresh()
    again = project.up()

    assert run.succeeded, run.output
    assert refreshed.succeeded, refreshed.output
    assert set(calls.signa) <= {"list", "retrieve"}
    assert again.succeeded, again.output
    assert project.outputs() == {"status": "unknown", "version": 2}
