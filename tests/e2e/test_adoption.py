"""Endpoints that exist before the stack does, and that it takes over."""

from collections.abc import Callable
from typing import Any

import pytest

from e2e.harness import API_KEY, Audit, MakeProject, Project, declaring
from signa_emulator.server import EmulatorServer

pytestmark = pytest.mark.e2e

UNHEARD_OF = "whk_0190c2f4-0000-7000-8000-000000000000"


@pytest.fixture
def project(make_project: MakeProject) -> Project:
    """Give a stack that declares nothing yet."""
    return make_project(declaring())


def test_preview_touches_nothing(project: Project) -> None:
    """What is to be taken over shows as a create, and Signa is not asked about it."""
    outside = project.make_outside()
    project.write(declaring(alerts={"adopt": {"id": outside["id"], "secret": outside["secret"], "rotate": True}}))

    with project.counted() as calls:
        run = project.preview(diff=True)

    assert run.succeeded, run.output
    assert run.steps()["alerts"] == "create"
    assert (calls.signa, calls.aws) == ({}, [])


def test_secret_that_is_given_is_handed_over_and_not_rotated(project: Project) -> None:
    """One read; no second endpoint, no other secret, and Secrets Manager gets the one that receivers have."""
    outside = project.make_outside()
    project.write(declaring(alerts={"adopt": {"id": outside["id"], "secret": outside["secret"]}}))

    with project.counted() as calls:
        run = project.up()

    assert run.succeeded, run.output
    assert run.diagnostics("warning") == []
    assert calls.signa == {"retrieve": 1}
    assert [(endpoint["id"], endpoint["secret"]) for endpoint in project.endpoints()] == [
        (outside["id"], outside["secret"])
    ]
    assert project.held()["secret_status"] == "current"
    assert project.handed_over() == outside["secret"]
    assert project.audit() == Audit()
    assert project.up(expect_no_changes=True).succeeded


@pytest.mark.parametrize("is_known", [True, False])
def test_rotation_leaves_receivers_their_secret_for_a_day(project: Project, *, is_known: bool) -> None:
    """One read and one rotation; the new secret is handed over, and the old one still verifies."""
    outside = project.make_outside()
    secret = {"secret": outside["secret"]} if is_known else {}
    project.write(declaring(alerts={"adopt": {"id": outside["id"], "rotate": True, **secret}}))

    with project.counted() as calls:
        run = project.up()

    (endpoint,) = project.endpoints()
    held = project.held()
    assert run.succeeded, run.output
    assert calls.signa == {"retrieve": 1, "rotate": 1}
    assert (endpoint["id"], endpoint["secret_version"]) == (outside["id"], 2)
    assert project.handed_over() == endpoint["secret"] != outside["secret"]
    assert project.verifies(endpoint["secret"], endpoint["id"])
    assert project.verifies(outside["secret"], endpoint["id"])
    assert held.get("previous_secret") == secret.get("secret")
    assert project.audit() == Audit()
    assert project.up(expect_no_changes=True).succeeded


def test_endpoint_without_its_secret_is_managed_all_the_same(project: Project) -> None:
    """Nothing is rotated unasked: the secret is unknown, and a warning says how to get one."""
    outside = project.make_outside()
    project.write(declaring(alerts={"adopt": {"id": outside["id"]}}))

    with project.counted() as calls:
        run = project.up()
    again = project.up(expect_no_changes=True)

    held = project.held()
    assert run.succeeded, run.output
    assert calls.signa == {"retrieve": 1}
    assert any(outside["id"] in line and "on_stale_secret" in line for line in run.diagnostics("warning"))
    assert (held["secret_status"], held.get("secret")) == ("unknown", None)
    assert [endpoint["secret"] for endpoint in project.endpoints()] == [outside["secret"]]
    assert project.audit() == Audit(
        lost_secrets=[outside["id"]], differences={"alerts.secret": (None, outside["secret"])}
    )
    assert again.succeeded, again.output


def test_differences_are_patched_before_the_rotation(project: Project) -> None:
    """The endpoint becomes what is declared, with at most a read, a PATCH and a rotation, in this order."""
    outside = project.make_outside(url="https://example.com/old", description="by hand", metadata={"team": "brand"})
    declared = {"description": "declared", "metadata": {"team": "law"}, "status": "disabled"}
    project.write(declaring(alerts={"adopt": {"id": outside["id"], "rotate": True}, **declared}))

    with project.counted() as calls:
        run = project.up()

    (endpoint,) = project.endpoints()
    assert run.succeeded, run.output
    assert calls.signa == {"retrieve": 1, "update": 1, "rotate": 1}
    methods = [entry["method"] for entry in project.signa.organization.requests.entries()]
    assert methods == ["POST", "GET", "PATCH", "POST"]
    assert {name: endpoint[name] for name in declared} == declared
    assert (endpoint["id"], endpoint["url"]) == (outside["id"], "https://example.com/alerts")
    assert project.audit() == Audit()


def test_input_can_be_taken_out_later(project: Project) -> None:
    """It counted when the resource was created; without it there is nothing to do, and nobody to call."""
    outside = project.make_outside()
    project.write(_endpoint_alone(f', adopt=Adopt("{outside["id"]}", rotate=True)'))
    project.up()
    project.write(_endpoint_alone(""))

    with project.counted() as calls:
        run = project.up(expect_no_changes=True)

    assert run.succeeded, run.output
    assert calls.signa == {}
    assert [endpoint["id"] for endpoint in project.endpoints()] == [outside["id"]]


def test_adopted_endpoint_is_destroyed_with_its_stack(project: Project) -> None:
    """From the adoption on it is an endpoint like any other."""
    outside = project.make_outside()
    project.write(declaring(alerts={"adopt": {"id": outside["id"], "secret": outside["secret"]}}))
    project.up()

    run = project.destroy()

    assert run.succeeded, run.output
    assert project.endpoints() == []


def test_malformed_id_is_found_at_preview(project: Project) -> None:
    """An id of another kind is refused before Signa is asked."""
    project.write(declaring(alerts={"adopt": {"id": "wat_0190c2f4"}}))

    with project.counted() as calls:
        error = project.preview().error()

    assert "adopt: id must be that of a webhook endpoint, such as whk_" in error
    assert calls.signa == {}


def _id_of_nobody(_project: Project) -> str:
    return UNHEARD_OF


def _id_of_another_organization(project: Project) -> str:
    with EmulatorServer(api_keys=[API_KEY]) as another:
        mine, project.signa = project.signa, another
        endpoint_id: str = project.make_outside()["id"]
        project.signa = mine
    return endpoint_id


def _id_of_a_deleted_endpoint(project: Project) -> str:
    endpoint_id: str = project.make_outside()["id"]
    project.signa_call("DELETE", f"/webhooks/{endpoint_id}", "by-hand")
    return endpoint_id


@pytest.mark.parametrize("id_of", [_id_of_nobody, _id_of_another_organization, _id_of_a_deleted_endpoint])
def test_id_that_the_organization_does_not_have_is_one_clear_line(
    project: Project, id_of: Callable[[Project], str]
) -> None:
    """The line names the id and what to check; no endpoint is made in its place."""
    endpoint_id = id_of(project)
    project.write(declaring(alerts={"adopt": {"id": endpoint_id}}))

    error = project.up().error()

    assert f"{endpoint_id} does not exist in the API key's organization" in error
    assert "check the id" in error
    assert project.endpoints() == []
    assert project.resources() == {}


@pytest.mark.parametrize("order", [("alerts", "other"), ("other", "alerts")])
def test_endpoint_of_another_resource_is_refused_at_preview(project: Project, order: tuple[str, str]) -> None:
    """Two resources of a stack cannot have one endpoint, whichever the program declares first; nobody is called."""
    project.write(declaring(alerts={}))
    project.up()
    (endpoint,) = project.endpoints()
    inputs: dict[str, dict[str, Any]] = {"alerts": {}, "other": {"adopt": {"id": endpoint["id"], "rotate": True}}}
    project.write(declaring(**{name: inputs[name] for name in order}))

    with project.counted() as calls:
        error = project.preview().error()

    assert f"{endpoint['id']} is declared twice" in error
    assert "'alerts'" in error
    assert "'other'" in error
    assert (calls.signa, calls.aws) == ({}, [])


def test_endpoint_that_two_resources_would_take_over_is_refused_at_preview(project: Project) -> None:
    """The same where neither has it yet."""
    outside = project.make_outside()
    adopt = {"adopt": {"id": outside["id"]}}
    project.write(declaring(alerts=adopt, other=adopt))

    with project.counted() as calls:
        error = project.preview().error()

    assert f"{outside['id']} is declared twice" in error
    assert calls.signa == {}


def test_endpoint_that_was_taken_over_twice_survives_the_correction(project: Project) -> None:
    """Without a preview Pulumi shows the second resource too late; the first one's delete leaves the endpoint alone."""
    project.write(declaring(alerts={}))
    project.up()
    (before,) = project.endpoints()
    project.write(declaring(other={"adopt": {"id": before["id"]}}, alerts={}))

    error = project.up().error()
    project.write(declaring(alerts={}))
    run = project.up()

    (after,) = project.endpoints()
    assert f"{before['id']} is declared twice" in error
    assert run.succeeded, run.output
    assert (after["id"], after["secret"]) == (before["id"], before["secret"])
    project.refresh()
    project.up()
    assert project.audit() == Audit()


def test_input_that_comes_too_late_is_a_warning(project: Project) -> None:
    """A resource that has an endpoint does not take over another one: it says so, and Signa is not called."""
    project.write(_endpoint_alone(""))
    project.up()
    (endpoint,) = project.endpoints()
    project.write(_endpoint_alone(f', adopt=Adopt("{UNHEARD_OF}")'))

    with project.counted() as calls:
        run = project.up(expect_no_changes=True)

    assert run.succeeded, run.output
    assert any(f"{UNHEARD_OF} is not taken over" in warning for warning in run.diagnostics("warning"))
    assert calls.signa == {}
    assert [one["id"] for one in project.endpoints()] == [endpoint["id"]]


def test_endpoint_goes_from_one_resource_to_another(project: Project) -> None:
    """The resource that had it is taken out in the same run: its delete leaves the endpoint alone, and says so."""
    project.write(declaring(alerts={}))
    project.up()
    (before,) = project.endpoints()
    project.write(declaring(other={"adopt": {"id": before["id"], "secret": before["secret"]}}))

    with project.counted() as calls:
        run = project.up()

    (after,) = project.endpoints()
    assert run.succeeded, run.output
    assert run.steps() == {
        "alerts": "delete",
        "alerts-secret": "delete",
        "other": "create",
        "other-secret": "create",
    }
    assert any(f"kept {before['id']}" in warning for warning in run.diagnostics("warning"))
    assert calls.signa == {"retrieve": 1, "update": 1}
    assert (after["id"], after["secret"]) == (before["id"], before["secret"])
    assert project.audit() == Audit()
    assert project.up(expect_no_changes=True).succeeded


def test_endpoint_that_was_going_over_when_the_run_failed_is_not_deleted_by_the_next(project: Project) -> None:
    """The new resource has it already, the old one is still in the state: it goes, and the endpoint stays."""
    project.write(declaring(alerts={}))
    project.up()
    (before,) = project.endpoints()
    project.write(declaring(other={"adopt": {"id": before["id"], "secret": before["secret"]}}))
    project.aws.refuse["CreateSecret"] = ("AccessDeniedException", "No.")

    failed = project.up()
    between = project.resources()
    project.aws.refuse.clear()
    run = project.up()

    assert not failed.succeeded
    assert between.keys() >= {"alerts", "other"}
    assert run.succeeded, run.output
    assert any(f"kept {before['id']}" in warning for warning in run.diagnostics("warning"))
    assert [endpoint["id"] for endpoint in project.endpoints()] == [before["id"]]
    assert project.audit() == Audit()


def test_adoption_that_failed_after_its_rotation_is_not_rotated_again(project: Project) -> None:
    """The next run patches nothing and replays the rotation: at most one new version."""
    outside = project.make_outside(description="by hand")
    project.write(declaring(alerts={"adopt": {"id": outside["id"], "rotate": True}}))
    project.environment["SIGNA_MAX_WAIT_S"] = "0"
    project.fault(operation="rotate", kind="status", status=503, after_commit=True)

    error = project.up().error()
    with project.counted() as calls:
        run = project.up()

    (endpoint,) = project.endpoints()
    assert "503" in error
    assert run.succeeded, run.output
    assert calls.signa == {"retrieve": 2, "rotate": 1}
    assert endpoint["secret_version"] == 2
    assert project.verifies(outside["secret"], endpoint["id"])
    assert project.audit() == Audit()


def test_forced_replacement_is_refused_while_the_input_is_there(project: Project) -> None:
    """It would delete what is to be taken over, or take a secret that was rotated since for the current."""
    outside = project.make_outside()
    adopting = {"adopt": {"id": outside["id"], "secret": outside["secret"]}}
    project.write(declaring(alerts=adopting))
    project.up()
    project.write(declaring(alerts={**adopting, "rotate_trigger": "1"}))
    project.up()

    with project.counted() as calls:
        run = project.up(replace=[project.resources()["alerts"]["urn"]])

    assert f"a resource that adopts {outside['id']} is not replaced" in run.error()
    assert (calls.signa, calls.aws) == ({}, [])
    assert project.audit() == Audit()


def test_secret_that_is_given_is_nowhere_in_plain_text(project: Project) -> None:
    """Neither output nor events nor the exported state show it, whether the adoption succeeds or fails."""
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


def test_rotation_of_an_endpoint_inside_an_overlap_needs_a_reason(project: Project) -> None:
    """Without one the adoption fails in one line that names the moment and the ways out; with one it succeeds."""
    outside = project.make_outside()
    rotated = project.rotate_outside(outside["id"])
    (overlapping,) = project.endpoints()
    adopted = {"adopt": {"id": outside["id"], "rotate": True}}
    project.write(declaring(alerts=adopted))

    error = project.up().error()
    untouched = project.endpoints()
    project.write(declaring(alerts={**adopted, "force_rotation_reason": "nobody has it"}))
    run = project.up()

    (endpoint,) = project.endpoints()
    assert f"Signa rotates it again at {overlapping['previous_secret_expires_at']} at the latest" in error
    assert "force_rotation_reason" in error
    assert [one["secret"] for one in untouched] == [rotated["secret"]]
    assert run.succeeded, run.output
    assert endpoint["secret_version"] == 3
    assert not project.verifies(rotated["secret"], endpoint["id"])
    assert [event.reason for event in project.signa.organization.audit_events] == ["nobody has it"]
    assert project.audit() == Audit()


def _endpoint_alone(adopt: str) -> str:
    """Give a program without Secrets Manager, whose `declaring` would store the input beside the secret."""
    return f"""
from pulumi_signa import Adopt, WebhookEndpoint
WebhookEndpoint("alerts", url="https://example.com/alerts"{adopt})
"""
