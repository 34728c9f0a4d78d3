"""Secrets that a stack no longer has, or never had: what a refresh says, and how the stack gets one."""

import json

import pytest

from e2e.audit import Audit
from e2e.harness import DAY_S, MakeProject, Project, declaring

pytestmark = pytest.mark.e2e

REPAIRED = declaring(alerts={"on_stale_secret": "rotate"})


def _rotated_outside(make_project: MakeProject, program: str) -> Project:
    """Return a stack that is up, and whose endpoint somebody has given another secret since."""
    project = make_project(program)
    assert project.up().succeeded
    endpoint = project.endpoint()
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
    assert refreshed.warns("version 2", "version 1", "on_stale_secret")
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
    rotated = project.endpoint()
    project.advance(DAY_S)
    with project.counted() as calls_after:
        after = project.up()

    endpoint = project.endpoint()
    held = project.held()
    assert refreshed.warns("pulumi up")
    assert preview.steps()["alerts"] == "update"
    assert any("on_stale_secret" in line for line in preview.diagnostics("info"))
    assert inside.succeeded, inside.output
    assert inside.warns(rotated["previous_secret_expires_at"])
    assert calls_inside.signa == {"rotate": 1, "retrieve": 1}
    assert rotated["secret_version"] == 2
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

    endpoint = project.endpoint()
    assert run.succeeded, run.output
    assert (endpoint["secret_version"], project.held()["secret_status"]) == (3, "current")
    assert project.audit() == Audit()


def test_trigger_replaces_a_stale_secret_too(make_project: MakeProject) -> None:
    """A rotation inside the overlap is refused in one line that names the latest moment, and made afterwards."""
    project = _rotated_outside(make_project, declaring(alerts={}))
    project.refresh()
    rotated = project.endpoint()
    project.write(declaring(alerts={"rotate_trigger": "1"}))

    error = project.up().error()
    project.advance(DAY_S)
    run = project.up()

    endpoint = project.endpoint()
    assert rotated["previous_secret_expires_at"] in error
    assert run.succeeded, run.output
    assert endpoint["secret_version"] == 3
    assert project.audit() == Audit()


def test_secret_that_was_taken_out_of_the_state_is_told_and_replaced(make_project: MakeProject) -> None:
    """A state that was edited by hand loses its secret; a refresh says so, and the next up has another one issued."""
    project = make_project(REPAIRED)
    assert project.up().succeeded
    state = json.loads(project.cli("stack", "export", "--show-secrets"))
    for resource in state["deployment"]["resources"]:
        resource.get("outputs", {}).pop("secret", None)
    edited = project.folder / "edited.json"
    edited.write_text(json.dumps(state))
    project.cli("stack", "import", "--file", str(edited))

    refreshed = project.refresh()
    told = project.held()
    run = project.up()

    endpoint = project.endpoint()
    assert refreshed.warns(endpoint["id"], "on_stale_secret")
    assert (told["secret_status"], told.get("secret")) == ("unknown", None)
    assert run.succeeded, run.output
    assert (project.held()["secret_status"], project.handed_over()) == ("current", endpoint["secret"])
    assert project.audit() == Audit()


def test_unknown_secret_is_told_and_replaced_when_asked(make_project: MakeProject) -> None:
    """An endpoint taken over without its secret gets one that the stack knows; receivers keep theirs for a day."""
    project = make_project("")
    outside = project.make_outside()
    adopt = {"id": outside["id"]}
    project.write(declaring(alerts={"adopt": adopt}))
    adopted = project.up()
    again = project.up(expect_no_changes=True)
    unknown, without_secret = project.held(), project.audit()
    project.write(declaring(alerts={"adopt": adopt, "on_stale_secret": "rotate"}))

    preview = project.preview()
    with project.counted() as calls:
        run = project.up()

    endpoint = project.endpoint()
    assert adopted.succeeded, adopted.output
    assert adopted.warns(outside["id"], "on_stale_secret")
    assert again.succeeded, again.output
    assert (unknown["secret_status"], unknown.get("secret")) == ("unknown", None)
    assert without_secret == Audit(
        lost_secrets=[outside["id"]],
        unverifiable=[outside["id"]],
        differences={"alerts.secret": (None, outside["secret"])},
    )
    assert any("on_stale_secret" in line for line in preview.diagnostics("info"))
    assert run.succeeded, run.output
    assert calls.signa == {"rotate": 1}
    assert (endpoint["secret_version"], project.held()["secret_status"]) == (2, "current")
    assert project.handed_over() == endpoint["secret"]
    assert project.verifies(outside["secret"], outside["id"])
    assert project.audit() == Audit()
