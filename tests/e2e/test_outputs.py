"""Outputs that a program reads without having declared them: asked of the engine, never older than what is due."""

from typing import Any

import pytest

from e2e.harness import MakeProject
from e2e.run import Run

pytestmark = pytest.mark.e2e

PROGRAM = """
import pulumi
from pulumi_signa import SecretsManagerSecret, WebhookEndpoint

class Team(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("acme:index:Team", name)
        opts = pulumi.ResourceOptions(parent=self)
        self.endpoint = WebhookEndpoint(f"{{name}}-alerts", url="https://example.com/team", opts=opts)

team = Team("team")
endpoint = WebhookEndpoint("alerts", url="https://example.com/1", description="{description}"{opts})
stored = SecretsManagerSecret(
    "stored", secret_name="signa/alerts", secret_string=endpoint.secret, description=endpoint.updated_at
)
theirs = WebhookEndpoint.get("theirs", endpoint.id)
pulumi.export("made", endpoint.created_at)
pulumi.export("version", endpoint.secret_version)
pulumi.export("arn", stored.arn)
pulumi.export("team", team.endpoint.secret_status)
pulumi.export("theirs", theirs.created_at)
pulumi.export("before", endpoint.previous_secret)
"""

ALIAS = """, opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name="alerts")])"""


def inputs_of(run: Run, name: str) -> dict[str, Any]:
    """Return the inputs with which the engine means to change a resource."""
    (step,) = {
        event.resource_pre_event.metadata.urn: event.resource_pre_event.metadata
        for event in run.events
        if event.resource_pre_event and event.resource_pre_event.metadata.urn.endswith(f"::{name}")
    }.values()
    return dict(step.new.inputs)


def test_outputs_are_those_of_the_last_run(make_project: MakeProject) -> None:
    project = make_project(PROGRAM.format(description="one", opts=""))

    first = project.up()
    endpoint, state = project.held(), project.outputs()

    assert first.succeeded, first.output
    assert state["made"] == state["theirs"] == endpoint["created_at"]
    assert (state["version"], state["team"]) == (1, "current")
    assert state["arn"] == project.held("stored")["arn"]
    assert project.held("stored")["description"] == endpoint["updated_at"]
    assert project.up(expect_no_changes=True).succeeded
    project.advance(60)
    project.write(PROGRAM.format(description="two", opts=""))
    preview = project.preview()
    second = project.up()
    # The time of the change is not known before, and the old one would be wrong.
    assert inputs_of(preview, "stored")["description"] != endpoint["updated_at"]
    assert second.steps()["stored"] == "update"
    assert project.held("stored")["description"] == project.held()["updated_at"] != endpoint["updated_at"]


def test_outputs_of_a_renamed_resource(make_project: MakeProject) -> None:
    project = make_project(PROGRAM.format(description="one", opts=""))
    project.up()
    before = project.outputs()
    project.write(PROGRAM.format(description="one", opts=ALIAS).replace('"alerts", url', '"renamed", url'))

    run = project.up()

    assert run.succeeded, run.output
    assert project.outputs() == before


BESIDE = """
import pulumi
from pulumi_signa import SecretsManagerSecret, WebhookEndpoint
for name, event in {"bad": "bad.created", "good": "alert.created"}.items():
    endpoint = WebhookEndpoint(name, url="https://example.com/1", enabled_events=[event])
    stored = SecretsManagerSecret(
        f"{name}-stored", secret_name=f"signa/{name}", secret_string=endpoint.secret, description=endpoint.created_at
    )
    pulumi.export(name, endpoint.created_at)
"""


def test_output_of_a_resource_that_failed_ends_nothing_else(make_project: MakeProject) -> None:
    project = make_project(BESIDE)

    run = project.up(continue_on_error=True)

    assert len(run.diagnostics("error")) == 1, run.output
    assert set(project.resources()) == {"good", "good-stored"}
    assert project.held("good-stored")["description"] == project.held("good")["created_at"]
