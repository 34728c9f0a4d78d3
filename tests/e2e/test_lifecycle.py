"""The life of the repository's own stack, seen from the stack and from both servers."""

import pytest

from e2e.harness import Project

pytestmark = pytest.mark.e2e

NAME = "signa/dev/webhook-endpoint"


def test_preview_touches_nothing(project: Project) -> None:
    """A preview of a new stack calls neither Signa nor AWS, and says what would be made."""
    with project.counted() as calls:
        run = project.preview()

    assert run.succeeded, run.output
    assert run.steps() == {"alerts": "create", "alerts-signing-secret": "create"}
    assert (calls.signa, calls.aws) == ({}, [])


def test_up_creates_endpoint_and_stores_its_secret(project: Project) -> None:
    """One run makes the endpoint with one call and stores its secret byte for byte."""
    with project.counted() as calls:
        run = project.up()

    assert run.succeeded, run.output
    (endpoint,) = project.endpoints()
    outputs = project.outputs()
    assert calls.signa == {"create": 1}
    assert project.aws.values() == {NAME: endpoint["secret"]}
    assert outputs["endpoint_id"] == endpoint["id"]
    assert outputs["signing_secret"] == endpoint["secret"]
    assert outputs["secret_version"] == 1
    assert f":secret:{NAME}-" in outputs["secret_arn"]


def test_second_up_changes_nothing(project: Project) -> None:
    """A run that changes nothing calls nobody, and the engine agrees that nothing changed."""
    project.up()
    before = project.resources(show_secrets=True)

    with project.counted() as calls:
        run = project.up(expect_no_changes=True)

    assert run.succeeded, run.output
    assert (calls.signa, calls.aws) == ({}, [])
    after = project.resources(show_secrets=True)
    assert {name: resource["outputs"] for name, resource in after.items()} == {
        name: resource["outputs"] for name, resource in before.items()
    }


def test_preview_of_an_update_touches_nothing(project: Project) -> None:
    """A preview of an edit calls nobody; dependents of the endpoint show as updates, for they cannot be known."""
    project.up()
    project.config(description="edited")

    with project.counted() as calls:
        run = project.preview()

    assert run.steps() == {"alerts": "update", "alerts-signing-secret": "update"}
    assert (calls.signa, calls.aws) == ({}, [])


def test_edits_are_made_in_place_and_leave_the_secret_alone(project: Project) -> None:
    """An edit is one PATCH; id and secret stay, and the stored secret is not written again."""
    project.up()
    (before,) = project.endpoints()
    project.config(url="https://example.com/elsewhere", description="edited")

    with project.counted() as calls:
        run = project.up()

    (after,) = project.endpoints()
    assert run.steps() == {"alerts": "update", "alerts-signing-secret": "same"}
    assert calls.signa == {"update": 1}
    assert calls.aws == []
    assert (after["url"], after["description"]) == ("https://example.com/elsewhere", "edited")
    assert (after["id"], after["secret"]) == (before["id"], before["secret"])


def test_refresh_sees_an_outside_edit_and_up_repairs_it(project: Project) -> None:
    """An edit by hand is recorded by refresh, shown by preview, and undone by up."""
    project.up()
    (endpoint,) = project.endpoints()
    project.signa_call(
        "PATCH", f"/webhooks/{endpoint['id']}", "by-hand", {"description": "by hand", "status": "disabled"}
    )

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
    (after,) = project.endpoints()
    assert (after["description"], after["status"], after["secret"]) == (None, "active", endpoint["secret"])


def test_refresh_without_changes_changes_nothing(project: Project) -> None:
    """A refresh of what is as declared is one read each, and no drift."""
    project.up()

    with project.counted() as calls:
        run = project.refresh(expect_no_changes=True)

    assert run.succeeded, run.output
    assert calls.signa == {"list": 1}
    assert calls.aws == ["DescribeSecret"]
    assert project.up(expect_no_changes=True).succeeded


def test_refresh_drops_a_deleted_endpoint_and_up_makes_a_new_one(project: Project) -> None:
    """An endpoint deleted by hand leaves the state; the next run makes another, and its secret reaches AWS."""
    project.up()
    (old,) = project.endpoints()
    project.signa_call("DELETE", f"/webhooks/{old['id']}", "by-hand")

    refreshed = project.refresh()
    known = set(project.resources())
    run = project.up()

    assert refreshed.succeeded, refreshed.output
    assert known == {"alerts-signing-secret"}
    assert run.succeeded, run.output
    (new,) = project.endpoints()
    assert new["id"] != old["id"]
    assert project.aws.values() == {NAME: new["secret"]}


def test_update_of_a_deleted_endpoint_says_what_to_do(project: Project) -> None:
    """Without a refresh in between, the error says that one is needed."""
    project.up()
    (endpoint,) = project.endpoints()
    project.signa_call("DELETE", f"/webhooks/{endpoint['id']}", "by-hand")
    project.config(description="edited")

    error = project.up().error()

    assert endpoint["id"] in error
    assert "pulumi refresh" in error


def test_outside_value_in_secrets_manager_is_found_and_replaced(project: Project) -> None:
    """A value put by hand is drift: refresh finds it by its version, up puts ours back."""
    project.up()
    (endpoint,) = project.endpoints()
    project.aws.secrets_manager.put_secret_value(SecretId=NAME, SecretString="by hand")

    with project.counted() as calls:
        refreshed = project.refresh()
    run = project.up()

    assert refreshed.succeeded, refreshed.output
    assert calls.aws == ["DescribeSecret"]
    assert run.steps() == {"alerts": "same", "alerts-signing-secret": "update"}
    assert project.aws.values() == {NAME: endpoint["secret"]}


def test_destroy_leaves_nothing(project: Project) -> None:
    """Destroy takes one call to Signa, and empties both servers and the state."""
    project.up()

    with project.counted() as calls:
        run = project.destroy()

    assert run.succeeded, run.output
    assert calls.signa == {"delete": 1}
    assert calls.aws == ["DeleteSecret"]
    assert project.endpoints() == []
    assert project.aws.values() == {}
    assert project.resources() == {}


@pytest.mark.parametrize("options", [["--refresh"], ["--run-program"], ["--refresh", "--run-program"]])
def test_destroy_leaves_nothing_however_it_is_asked_for(project: Project, options: list[str]) -> None:
    """What a refresh reads or the program declares in the same run is deleted all the same."""
    project.up()

    project.cli("destroy", "--yes", "--skip-preview", *options)

    assert project.endpoints() == []
    assert project.aws.values() == {}
    assert project.resources() == {}


def test_resource_that_was_taken_out_is_deleted_after_a_refresh(project: Project) -> None:
    """The same for `up --refresh`."""
    project.up()
    project.write("import pulumi")

    project.cli("up", "--yes", "--skip-preview", "--refresh")

    assert project.endpoints() == []
    assert project.aws.values() == {}


def test_destroy_of_what_is_gone_succeeds(project: Project) -> None:
    """What somebody deleted by hand is no obstacle."""
    project.up()
    (endpoint,) = project.endpoints()
    project.signa_call("DELETE", f"/webhooks/{endpoint['id']}", "by-hand")
    project.aws.secrets_manager.delete_secret(SecretId=NAME, ForceDeleteWithoutRecovery=True)

    run = project.destroy()

    assert run.succeeded, run.output
    assert project.resources() == {}


def test_up_after_destroy_makes_a_new_endpoint_and_restores_the_secret(project: Project) -> None:
    """Within 24 hours Signa still knows the key and AWS the name; both are dealt with."""
    project.up()
    (old,) = project.endpoints()
    project.destroy()

    run = project.up()

    assert run.succeeded, run.output
    (new,) = project.endpoints()
    assert new["id"] != old["id"]
    assert project.aws.values() == {NAME: new["secret"]}
    assert any("restored" in warning for warning in run.diagnostics("warning"))


def test_forced_replacement_never_leaves_two_endpoints(project: Project) -> None:
    """`--replace` deletes first, makes one new endpoint, and stores its secret."""
    project.up()
    (old,) = project.endpoints()
    urn = project.resources()["alerts"]["urn"]

    run = project.up(replace=[urn])

    assert run.succeeded, run.output
    (new,) = project.endpoints()
    assert new["id"] != old["id"]
    assert project.aws.values() == {NAME: new["secret"]}
