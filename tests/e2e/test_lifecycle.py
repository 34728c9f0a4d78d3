"""The life of the repository's own stack, seen from the stack and from both servers."""

from typing import Any

import pytest

from e2e.harness import SECRET_NAME, Project
from e2e.host import IN_PREVIEWS

pytestmark = pytest.mark.e2e


def test_up_makes_what_the_preview_shows_and_then_nothing(project: Project) -> None:
    """
    The preview calls nobody; up makes the endpoint with one call and stores its secret byte for byte.

    An up that changes nothing calls nobody; a refresh of what is as declared is one read each, and no drift.
    """
    with project.counted() as calls_of_preview:
        preview = project.preview()
    with project.counted() as calls:
        run = project.up()
    outputs, before = project.outputs(), _outputs(project)
    with project.counted() as calls_of_second:
        second = project.up(expect_no_changes=True)
    after = _outputs(project)
    with project.counted() as calls_of_refresh:
        refreshed = project.refresh(expect_no_changes=True)

    assert preview.succeeded, preview.output
    assert preview.steps() == run.steps() == {"alerts": "create", "alerts-signing-secret": "create"}
    assert (calls_of_preview.signa, calls_of_preview.aws) == ({}, [])
    assert run.succeeded, run.output
    endpoint = project.endpoint()
    assert calls.signa == {"create": 1}
    assert project.aws.values() == {SECRET_NAME: endpoint["secret"]}
    assert outputs["endpoint_id"] == endpoint["id"]
    assert outputs["signing_secret"] == endpoint["secret"]
    assert outputs["secret_version"] == 1
    assert f":secret:{SECRET_NAME}-" in outputs["secret_arn"]

    assert second.succeeded, second.output
    assert (calls_of_second.signa, calls_of_second.aws) == ({}, [])
    assert after == before
    assert refreshed.succeeded, refreshed.output
    assert (calls_of_refresh.signa, calls_of_refresh.aws) == ({"list": 1}, ["DescribeSecret"])
    assert project.up(expect_no_changes=True).succeeded


def test_edits_are_made_in_place_and_those_of_others_undone(project: Project) -> None:
    """
    An edit is one PATCH; id and secret stay, and the stored secret is not written again.

    In the preview of the dynamic host dependents of the endpoint show as updates, because its outputs cannot be known.
    An edit by hand, of the endpoint or of the stored value, is recorded by refresh, shown by preview, and undone by up.
    """
    project.up()
    before = project.endpoint()
    project.config(url="https://example.com/elsewhere", description="edited")

    with project.counted() as calls_of_preview:
        preview = project.preview()
    with project.counted() as calls:
        run = project.up()

    after = project.endpoint()
    assert preview.steps() == {"alerts": "update", "alerts-signing-secret": IN_PREVIEWS}
    assert (calls_of_preview.signa, calls_of_preview.aws) == ({}, [])
    assert run.steps() == {"alerts": "update", "alerts-signing-secret": "same"}
    assert (calls.signa, calls.aws) == ({"update": 1}, [])
    assert (after["url"], after["description"]) == ("https://example.com/elsewhere", "edited")
    assert (after["id"], after["secret"]) == (before["id"], before["secret"])

    project.signa_call("PATCH", f"/webhooks/{after['id']}", {"description": "by hand", "status": "disabled"})
    project.aws.secrets_manager.put_secret_value(SecretId=SECRET_NAME, SecretString="by hand")
    with project.counted() as calls_of_refresh:
        refreshed = project.refresh()
    recorded = project.resources(show_secrets=True)["alerts"]
    preview = project.preview()
    repaired = project.up()

    assert refreshed.succeeded, refreshed.output
    assert calls_of_refresh.aws == ["DescribeSecret"]
    assert recorded["inputs"]["description"] == recorded["outputs"]["description"] == "by hand"
    assert recorded["outputs"]["status"] == "disabled"
    assert recorded["outputs"]["secret"]["plaintext"] == f'"{before["secret"]}"'
    assert preview.steps()["alerts"] == "update"
    assert repaired.succeeded, repaired.output
    assert repaired.steps() == {"alerts": "update", "alerts-signing-secret": "update"}
    repaired_endpoint = project.endpoint()
    assert (repaired_endpoint["description"], repaired_endpoint["status"]) == ("edited", "active")
    assert repaired_endpoint["secret"] == before["secret"]
    assert project.aws.values() == {SECRET_NAME: before["secret"]}


def test_endpoint_that_is_gone_is_made_anew_after_a_refresh(project: Project) -> None:
    """
    An update of an endpoint that was deleted by hand says that a refresh is needed.

    The refresh drops it from the state; the next run makes another, and its secret reaches AWS. Destroy succeeds where
    somebody has deleted everything by hand.
    """
    project.up()
    old = project.endpoint()
    project.delete_outside(old["id"])
    project.config(description="edited")

    error = project.up().error()
    refreshed = project.refresh()
    known = set(project.resources())
    run = project.up()
    new = project.endpoint()
    stored = project.aws.values()
    project.delete_outside(new["id"])
    project.aws.secrets_manager.delete_secret(SecretId=SECRET_NAME, ForceDeleteWithoutRecovery=True)
    destroyed = project.destroy()

    assert old["id"] in error
    assert "pulumi refresh" in error
    assert refreshed.succeeded, refreshed.output
    assert known == {"alerts-signing-secret"}
    assert run.succeeded, run.output
    assert new["id"] != old["id"]
    assert stored == {SECRET_NAME: new["secret"]}
    assert destroyed.succeeded, destroyed.output
    assert project.resources() == {}


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


def test_forced_replacement_never_leaves_two_endpoints(project: Project) -> None:
    """`--replace` deletes first, makes one new endpoint, and stores its secret."""
    project.up()
    old = project.endpoint()

    run = project.up(replace=["**::alerts"])

    assert run.succeeded, run.output
    new = project.endpoint()
    assert new["id"] != old["id"]
    assert project.aws.values() == {SECRET_NAME: new["secret"]}


def _outputs(project: Project) -> dict[str, Any]:
    return {name: resource["outputs"] for name, resource in project.resources(show_secrets=True).items()}
