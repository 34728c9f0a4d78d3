"""The life of the repository's own stack, seen from the stack and from both servers."""

from typing import Any

import pytest

from e2e.harness import SECRET_NAME, Project

pytestmark = pytest.mark.e2e


def test_up_makes_what_the_preview_shows(project: Project) -> None:
    """The preview calls nobody; up makes the endpoint with one call and stores its secret byte for byte."""
    with project.counted() as calls_of_preview:
        preview = project.preview()
    with project.counted() as calls:
        run = project.up()

    assert preview.succeeded, preview.output
    assert preview.steps() == run.steps() == {"alerts": "create", "alerts-signing-secret": "create"}
    assert (calls_of_preview.signa, calls_of_preview.aws) == ({}, [])
    assert run.succeeded, run.output
    endpoint = project.endpoint()
    outputs = project.outputs()
    assert calls.signa == {"create": 1}
    assert project.aws.values() == {SECRET_NAME: endpoint["secret"]}
    assert outputs["endpoint_id"] == endpoint["id"]
    assert outputs["signing_secret"] == endpoint["secret"]
    assert outputs["secret_version"] == 1
    assert f":secret:{SECRET_NAME}-" in outputs["secret_arn"]


def test_second_up_and_refresh_change_nothing(project: Project) -> None:
    """An up that changes nothing calls nobody; a refresh of what is as declared is one read each, and no drift."""
    project.up()
    before = _outputs(project)

    with project.counted() as calls:
        run = project.up(expect_no_changes=True)
    after = _outputs(project)
    with project.counted() as calls_of_refresh:
        refreshed = project.refresh(expect_no_changes=True)

    assert run.succeeded, run.output
    assert (calls.signa, calls.aws) == ({}, [])
    assert after == before
    assert refreshed.succeeded, refreshed.output
    assert (calls_of_refresh.signa, calls_of_refresh.aws) == ({"list": 1}, ["DescribeSecret"])
    assert project.up(expect_no_changes=True).succeeded


def test_edits_are_made_in_place_and_leave_the_secret_alone(project: Project) -> None:
    """
    An edit is one PATCH; id and secret stay, and the stored secret is not written again.

    In the preview dependents of the endpoint show as updates, because its outputs cannot be known.
    """
    project.up()
    before = project.endpoint()
    project.config(url="https://example.com/elsewhere", description="edited")

    with project.counted() as calls_of_preview:
        preview = project.preview()
    with project.counted() as calls:
        run = project.up()

    after = project.endpoint()
    assert preview.steps() == {"alerts": "update", "alerts-signing-secret": "update"}
    assert (calls_of_preview.signa, calls_of_preview.aws) == ({}, [])
    assert run.steps() == {"alerts": "update", "alerts-signing-secret": "same"}
    assert (calls.signa, calls.aws) == ({"update": 1}, [])
    assert (after["url"], after["description"]) == ("https://example.com/elsewhere", "edited")
    assert (after["id"], after["secret"]) == (before["id"], before["secret"])


def test_refresh_sees_an_outside_edit_and_up_repairs_it(project: Project) -> None:
    """An edit by hand is recorded by refresh, shown by preview, and undone by up."""
    project.up()
    endpoint = project.endpoint()
    project.signa_call("PATCH", f"/webhooks/{endpoint['id']}", {"description": "by hand", "status": "disabled"})

    refreshed = project.refresh()
    recorded = project.resources(show_secrets=True)["alerts"]
    preview = project.preview()
    repaired = project.up()

    assert refreshed.succeeded, refreshed.output
    assert recorded["inputs"]["description"] == recorded["outputs"]["description"] == "by hand"
    assert recorded["outputs"]["status"] == "disabled"
    assert recorded["outputs"]["secret"]["plaintext"] == f'"{endpoint["secret"]}"'
    assert preview.steps()["alerts"] == "update"
    assert repaired.succeeded, repaired.output
    after = project.endpoint()
    assert (after["description"], after["status"], after["secret"]) == (None, "active", endpoint["secret"])


def test_refresh_drops_a_deleted_endpoint_and_up_makes_a_new_one(project: Project) -> None:
    """An endpoint deleted by hand leaves the state; the next run makes another, and its secret reaches AWS."""
    project.up()
    old = project.endpoint()
    project.delete_outside(old["id"])

    refreshed = project.refresh()
    known = set(project.resources())
    run = project.up()

    assert refreshed.succeeded, refreshed.output
    assert known == {"alerts-signing-secret"}
    assert run.succeeded, run.output
    new = project.endpoint()
    assert new["id"] != old["id"]
    assert project.aws.values() == {SECRET_NAME: new["secret"]}


def test_update_of_a_deleted_endpoint_says_what_to_do(project: Project) -> None:
    """An update of an endpoint that is gone says that a refresh is needed."""
    project.up()
    endpoint = project.endpoint()
    project.delete_outside(endpoint["id"])
    project.config(description="edited")

    error = project.up().error()

    assert endpoint["id"] in error
    assert "pulumi refresh" in error


def test_outside_value_in_secrets_manager_is_found_and_replaced(project: Project) -> None:
    """A value put by hand is drift: refresh finds it by its version, up puts ours back."""
    project.up()
    endpoint = project.endpoint()
    project.aws.secrets_manager.put_secret_value(SecretId=SECRET_NAME, SecretString="by hand")

    with project.counted() as calls:
        refreshed = project.refresh()
    run = project.up()

    assert refreshed.succeeded, refreshed.output
    assert calls.aws == ["DescribeSecret"]
    assert run.steps() == {"alerts": "same", "alerts-signing-secret": "update"}
    assert project.aws.values() == {SECRET_NAME: endpoint["secret"]}


def test_destroy_leaves_nothing_and_up_begins_anew(project: Project) -> None:
    """
    Destroy takes one call to each server, and empties both and the state.

    A day has not passed: Signa still knows the key of the create, and AWS the name of the secret.
    """
    project.up()
    old = project.endpoint()

    with project.counted() as calls:
        destroyed = project.destroy()
    left = (project.endpoints(), project.aws.values(), project.resources())
    run = project.up()

    assert destroyed.succeeded, destroyed.output
    assert (calls.signa, calls.aws) == ({"delete": 1}, ["DeleteSecret"])
    assert left == ([], {}, {})
    assert run.succeeded, run.output
    new = project.endpoint()
    assert new["id"] != old["id"]
    assert project.aws.values() == {SECRET_NAME: new["secret"]}
    assert run.warns(SECRET_NAME)


@pytest.mark.parametrize(
    "options", [{"refresh": True}, {"run_program": True}, {"refresh": True, "run_program": True}], ids=str
)
def test_destroy_leaves_nothing_however_it_is_asked_for(project: Project, options: dict[str, bool]) -> None:
    """What a refresh reads or the program declares in the same run is deleted all the same."""
    project.up()

    project.destroy(**options)

    assert project.endpoints() == []
    assert project.aws.values() == {}
    assert project.resources() == {}


def test_resource_that_was_taken_out_is_deleted_after_a_refresh(project: Project) -> None:
    """`up --refresh` deletes a resource that the program no longer declares."""
    project.up()
    project.write("import pulumi")

    project.up(refresh=True)

    assert project.endpoints() == []
    assert project.aws.values() == {}


def test_destroy_of_what_is_gone_succeeds(project: Project) -> None:
    """Destroy succeeds where somebody has deleted everything by hand."""
    project.up()
    endpoint = project.endpoint()
    project.delete_outside(endpoint["id"])
    project.aws.secrets_manager.delete_secret(SecretId=SECRET_NAME, ForceDeleteWithoutRecovery=True)

    run = project.destroy()

    assert run.succeeded, run.output
    assert project.resources() == {}


def test_forced_replacement_never_leaves_two_endpoints(project: Project) -> None:
    """`--replace` deletes first, makes one new endpoint, and stores its secret."""
    project.up()
    old = project.endpoint()

    run = project.up(replace=[project.urn("alerts")])

    assert run.succeeded, run.output
    new = project.endpoint()
    assert new["id"] != old["id"]
    assert project.aws.values() == {SECRET_NAME: new["secret"]}


def _outputs(project: Project) -> dict[str, Any]:
    return {name: resource["outputs"] for name, resource in project.resources(show_secrets=True).items()}
