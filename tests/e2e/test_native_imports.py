"""Objects that exist, brought into a stack by `pulumi import` and by `import_`, and creates that end half-way."""

import json
from typing import Any

from e2e.audit import Audit
from e2e.harness import MakeProject, Project, declaring
from e2e.native_host import STORIES, native
from e2e.run import Run

pytestmark = STORIES

IMPORTED = """
import pulumi
from pulumi_signa.native import SecretsManagerSecret, WebhookEndpoint
imported = lambda id: pulumi.ResourceOptions(import_=id)
endpoint = WebhookEndpoint(
    "alerts", url="https://example.com/alerts", rotate_trigger={trigger!r}, opts=imported({id!r})
)
stored = {{"secret_string": endpoint.secret}} if {trigger!r} else {{"without_value": True}}
SecretsManagerSecret("alerts-secret", secret_name="signa/alerts", **stored, opts=imported({arn!r}))
"""

MARKED = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "[secret]"}
"""What a preview shows of a secret, known or not."""


def only_secret(**inputs: str) -> str:
    """Return the program of an endpoint whose secret alone is stored."""
    return native(declaring(alerts=inputs)).replace(', "declared": inputs', "")


def secret_of(project: Project) -> str:
    """Return the secret in AWS, which is the one of the endpoint at Signa and in the state."""
    secret = str(project.endpoint()["secret"])
    assert project.held()["secret"] == secret
    return secret


def foreseen(preview: Run) -> dict[str, Any]:
    """Return the outputs that a preview foresees of the endpoint."""
    (found,) = [
        event.res_outputs_event.metadata.new.outputs
        for event in preview.events
        if event.res_outputs_event and event.res_outputs_event.metadata.urn.endswith("::alerts")
    ]
    return dict(found)


def test_endpoint_of_pulumi_import_is_rotated_by_the_next_run_and_then_handed_over(make_project: MakeProject) -> None:
    project = make_project("")
    made = project.make_outside(description="theirs")

    with project.counted() as calls:
        project.cli(
            *("import", "signa:index:WebhookEndpoint", "alerts", made["id"]),
            *("--yes", "--generate-code=false", "--protect=false", "--skip-preview"),
        )
    imported = project.held()
    project.write(native(declaring(alerts={"description": "theirs", "rotate_trigger": "first"})))
    previewed = project.preview()
    run = project.up()

    assert sum(calls.signa.values()) == 1
    assert (imported["secret_status"], imported.get("secret"), imported["description"]) == ("unknown", None, "theirs")
    assert previewed.succeeded, previewed.output
    assert previewed.steps() == {"alerts": "update", "alerts-secret": "create"}
    assert any("rotat" in message for message in previewed.diagnostics("info") + previewed.diagnostics("warning"))
    assert run.succeeded, run.output
    assert project.endpoint()["id"] == made["id"]
    assert project.endpoint()["secret"] != made["secret"]
    assert project.handed_over() == secret_of(project)
    assert project.audit() == Audit()


def test_endpoint_and_stored_secret_are_imported_by_a_program_and_filled_by_a_rotation(
    make_project: MakeProject,
) -> None:
    made_arn = "arn"
    project = make_project("")
    made = project.make_outside()
    project.make_container("alerts")
    (container,) = project.aws.secrets_manager.list_secrets()["SecretList"]
    made_arn = container["ARN"]

    project.write(IMPORTED.format(trigger=None, id=made["id"], arn=made_arn))
    imported = project.up()
    steps = imported.steps()
    project.write(IMPORTED.format(trigger="first", id=made["id"], arn=made_arn))
    previewed = project.preview()
    rotated = project.up()
    again = project.preview(expect_no_changes=True)

    assert imported.succeeded, imported.output
    assert steps == {"alerts": "import", "alerts-secret": "import"}
    assert previewed.succeeded, previewed.output
    assert previewed.steps() == {"alerts": "update", "alerts-secret": "update"}
    assert (foreseen(previewed)["secretStatus"], foreseen(previewed)["secret"]) == ("current", MARKED)
    assert rotated.succeeded, rotated.output
    assert project.aws.values() == {"signa/alerts": secret_of(project)}
    assert again.succeeded, again.output


def test_import_of_what_is_not_there_is_refused_in_one_line(make_project: MakeProject) -> None:
    project = make_project(IMPORTED.format(trigger=None, id="whk_0000000000000000", arn="signa/alerts"))

    run = project.preview()

    assert not run.succeeded
    assert "whk_0000000000000000" in run.output
    assert "Traceback" not in run.output


def test_edit_leaves_what_depends_on_the_secret_alone(make_project: MakeProject) -> None:
    project = make_project(only_secret(rotate_trigger="1"))
    assert project.up().succeeded

    project.write(only_secret(rotate_trigger="1", description="b"))
    edited = project.preview()
    project.write(only_secret(rotate_trigger="2"))
    rotated = project.preview()

    assert edited.steps() == {"alerts": "update", "alerts-secret": "same"}
    assert rotated.steps() == {"alerts": "update", "alerts-secret": "update"}
    assert (foreseen(rotated)["secretVersion"], foreseen(rotated)["secret"]) == (2, MARKED)


def test_create_that_ends_half_way_is_in_the_state_and_finished_by_the_next_run(make_project: MakeProject) -> None:
    """A new endpoint is active at Signa, so that a disabled one is made by two calls."""
    program = native(declaring(alerts={"status": "disabled"}))
    project = make_project(program)
    project.fault(kind="status", operation="update", status=400, times=1)

    run = project.up()
    made = project.endpoint()
    state = project.resources(show_secrets=True)["alerts"]
    with project.counted() as calls:
        repaired = project.up()

    assert not run.succeeded
    assert f"{made['id']} is in the state, and the next `pulumi up` does the rest" in run.output
    assert state["id"] == made["id"]
    assert made["secret"] in json.dumps(state["outputs"])
    assert state["initErrors"]
    assert repaired.succeeded, repaired.output
    assert "create" not in calls.signa
    assert (project.endpoint()["id"], project.endpoint()["status"]) == (made["id"], "disabled")
    assert "initErrors" not in project.resources()["alerts"]
    assert project.audit() == Audit()
