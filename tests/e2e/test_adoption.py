"""Endpoints that exist before the stack does, and that it takes over."""

import pytest

from e2e.audit import Audit
from e2e.harness import MakeProject, Project, declaring

pytestmark = pytest.mark.e2e

UNHEARD_OF = "whk_0190c2f4-0000-7000-8000-000000000000"


@pytest.fixture
def project(make_project: MakeProject) -> Project:
    """Return a stack that declares nothing yet."""
    return make_project(declaring())


def test_adopted_endpoint_is_one_like_any_other(project: Project) -> None:
    """Preview touches nothing, up hands the secret over, a replacement is refused, and destroy deletes."""
    outside = project.make_outside()
    project.write(declaring(alerts={"adopt": {"id": outside["id"], "secret": outside["secret"]}}))

    with project.counted() as calls_of_preview:
        preview = project.preview(diff=True)
    with project.counted() as calls:
        run = project.up()
    endpoint, held, handed_over, audit = project.endpoint(), project.held(), project.handed_over(), project.audit()
    again = project.up(expect_no_changes=True)
    with project.counted() as calls_of_replacement:
        replacement = project.up(replace=[project.urn("alerts")])
    project.write(declaring(alerts={}))
    with project.counted() as calls_without_adopt:
        without_adopt = project.up()
    destroyed = project.destroy()

    assert preview.steps()["alerts"] == "create"
    assert (calls_of_preview.signa, calls_of_preview.aws) == ({}, [])
    assert run.succeeded, run.output
    assert run.diagnostics("warning") == []
    assert calls.signa == {"retrieve": 1}
    assert (endpoint["id"], endpoint["secret"]) == (outside["id"], outside["secret"])
    assert held["secret_status"] == "current"
    assert handed_over == outside["secret"]
    assert audit == Audit()
    assert again.succeeded, again.output
    assert outside["id"] in replacement.error()
    assert (calls_of_replacement.signa, calls_of_replacement.aws) == ({}, [])
    assert without_adopt.steps()["alerts"] == "same"
    assert calls_without_adopt.signa == {}
    assert destroyed.succeeded, destroyed.output
    assert project.endpoints() == []


def test_endpoint_is_patched_and_then_rotated(project: Project) -> None:
    """One read, one PATCH and one rotation, in this order; receivers keep their secret for a day."""
    outside = project.make_outside(url="https://example.com/old", description="by hand", metadata={"team": "brand"})
    declared = {"description": "declared", "metadata": {"team": "law"}, "status": "disabled"}
    project.write(declaring(alerts={"adopt": {"id": outside["id"], "rotate": True}, **declared}))

    run = project.up()

    endpoint = project.endpoint()
    methods = [entry["method"] for entry in project.signa.organization.requests.entries()]
    assert run.succeeded, run.output
    assert methods == ["POST", "GET", "PATCH", "POST"]
    assert {name: endpoint[name] for name in declared} == declared
    assert (endpoint["id"], endpoint["url"], endpoint["secret_version"]) == (
        outside["id"],
        "https://example.com/alerts",
        2,
    )
    assert project.handed_over() == endpoint["secret"] != outside["secret"]
    assert project.verifies(outside["secret"], endpoint["id"])
    assert project.audit() == Audit()
    assert project.up(expect_no_changes=True).succeeded


def test_unknown_id_is_one_line_and_makes_nothing(project: Project) -> None:
    """No endpoint is made in the place of one that does not exist."""
    project.write(declaring(alerts={"adopt": {"id": UNHEARD_OF}}))

    error = project.up().error()

    assert UNHEARD_OF in error
    assert project.endpoints() == []
    assert project.resources() == {}


def test_endpoint_of_two_resources_is_refused_at_preview(project: Project) -> None:
    """The order of the program does not matter, nor whether one resource has the endpoint already."""
    outside = project.make_outside()
    wants = {"adopt": {"id": outside["id"]}}
    project.write(declaring(alerts=wants))
    project.up()
    errors = {}

    with project.counted() as calls:
        for names in (("alerts", "other"), ("other", "alerts"), ("other", "third")):
            project.write(declaring(**{name: {} if name == "alerts" else wants for name in names}))
            errors[names] = project.preview().error()

    for names, error in errors.items():
        assert all(word in error for word in (outside["id"], *(f"'{name}'" for name in names)))
    assert (calls.signa, calls.aws) == ({}, [])


def test_endpoint_that_was_taken_over_twice_survives_the_correction(project: Project) -> None:
    """Without a preview Pulumi shows the second resource too late; the first one's delete leaves the endpoint alone."""
    project.write(declaring(alerts={}))
    project.up()
    before = project.endpoint()
    project.write(declaring(other={"adopt": {"id": before["id"]}}, alerts={}))

    error = project.up().error()
    project.write(declaring(alerts={}))
    run = project.up()

    after = project.endpoint()
    assert before["id"] in error
    assert run.succeeded, run.output
    assert (after["id"], after["secret"]) == (before["id"], before["secret"])
    project.refresh()
    project.up()
    assert project.audit() == Audit()


def test_endpoint_goes_from_one_resource_to_another(project: Project) -> None:
    """One run adopts an endpoint and drops the resource that had it: that resource's delete keeps the endpoint."""
    project.write(declaring(alerts={}))
    project.up()
    before = project.endpoint()
    project.write(declaring(other={"adopt": {"id": before["id"], "secret": before["secret"]}}))

    with project.counted() as calls:
        run = project.up()

    after = project.endpoint()
    assert run.succeeded, run.output
    assert run.steps() == {
        "alerts": "delete",
        "alerts-secret": "delete",
        "other": "create",
        "other-secret": "create",
    }
    assert run.warns(before["id"])
    assert calls.signa == {"retrieve": 1, "update": 1}
    assert (after["id"], after["secret"]) == (before["id"], before["secret"])
    assert project.audit() == Audit()
    assert project.up(expect_no_changes=True).succeeded


def test_endpoint_that_was_going_over_when_the_run_failed_is_not_deleted_by_the_next(project: Project) -> None:
    """A run that failed leaves both resources in the state; the next deletes the old one and keeps the endpoint."""
    project.write(declaring(alerts={}))
    project.up()
    before = project.endpoint()
    project.write(declaring(other={"adopt": {"id": before["id"], "secret": before["secret"]}}))
    project.aws.refuse["CreateSecret"] = ("AccessDeniedException", "No.")

    failed = project.up()
    between = project.resources()
    project.aws.refuse.clear()
    run = project.up()

    assert not failed.succeeded
    assert between.keys() >= {"alerts", "other"}
    assert run.succeeded, run.output
    assert run.warns(before["id"])
    assert project.endpoint()["id"] == before["id"]
    assert project.audit() == Audit()


def test_given_secret_is_nowhere_in_plain_text(project: Project) -> None:
    """Output, events and exported state hide the secret of `adopt`, whether the adoption succeeds or fails."""
    outside = project.make_outside()
    material = outside["secret"].removeprefix("whsec_")
    project.environment["SIGNA_LOG_LEVEL"] = "DEBUG"
    project.environment["SIGNA_MAX_WAIT_S"] = "0"
    project.write(declaring(alerts={"adopt": {"id": outside["id"], "secret": outside["secret"]}}))
    project.fault(operation="retrieve", kind="status", status=503)
    loud = {"debug": True, "diff": True}

    runs = [project.preview(**loud), project.up(**loud), project.up(**loud), project.refresh(debug=True)]

    assert [run.succeeded for run in runs] == [True, False, True, True]
    assert not [run for run in runs if material in run.output + repr(run.events)]
    assert material not in project.cli("stack", "export")
    assert material in project.cli("stack", "export", "--show-secrets"), "the search can find it"
