"""Stacks with the same names, copied, renamed and moved: each keeps what is its own."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pulumi import automation

from e2e.harness import Project
from e2e.host import TYPES, resources

pytestmark = pytest.mark.e2e

PROGRAM = """
from pulumi_signa import SecretsManagerSecret, WebhookEndpoint
endpoint = WebhookEndpoint("alerts", url="https://{owner}.example.com/hooks")
SecretsManagerSecret("stored", secret_name="signa/{owner}", secret_string=endpoint.secret)
"""

NOTHING = "import pulumi_signa\n"

URN = f"urn:pulumi:dev::sandbox::{TYPES}"
ALERTS, STORED = f"{URN}WebhookEndpoint::alerts", f"{URN}SecretsManagerSecret::stored"


def urls(project: Project) -> dict[str, str]:
    """Return the URLs at Signa by the id of the endpoint."""
    return {endpoint["id"]: endpoint["url"] for endpoint in project.endpoints()}


def id_of(project: Project, name: str = "alerts") -> str:
    """Return the id of a resource in the state."""
    return str(project.resources()[name]["id"])


@pytest.fixture
def another(project: Project, tmp_path: Path) -> Project:
    """Return a stack of the same project and name on a back end of its own, with the same API key."""
    return Project(tmp_path / "another", project.signa, project.aws, PROGRAM.format(owner="b"))


def test_two_developers_with_a_back_end_each(project: Project, another: Project) -> None:
    project.write(PROGRAM.format(owner="a"))
    assert project.up().succeeded

    run = another.up()

    assert run.succeeded, run.output
    assert run.diagnostics("warning") == []
    own, other = id_of(project), id_of(another)
    assert urls(project) == {own: "https://a.example.com/hooks", other: "https://b.example.com/hooks"}
    assert project.refresh(expect_no_changes=True).succeeded
    assert another.destroy().succeeded
    assert urls(project) == {own: "https://a.example.com/hooks"}
    assert set(project.aws.values("AWSCURRENT")) >= {"signa/a"}


def test_copied_project_with_the_same_inputs(project: Project, another: Project) -> None:
    """The same body with the same key would be replayed: as an endpoint that a run left behind."""
    project.write(PROGRAM.format(owner="a"))
    another.write(PROGRAM.format(owner="a").replace("signa/a", "signa/copy"))
    project.up()

    run = another.up()

    assert run.succeeded, run.output
    assert len(urls(project)) == 2
    assert project.held()["secret"] != another.held()["secret"]


def test_name_of_a_renamed_stack_is_free(project: Project) -> None:
    project.write(PROGRAM.format(owner="a"))
    project.up()
    first = id_of(project)
    project.cli("stack", "rename", "production")
    project.cli("stack", "init", "dev")
    project.write(PROGRAM.format(owner="b"))

    run = project.up()

    assert run.succeeded, run.output
    assert run.diagnostics("warning") == []
    assert urls(project) == {first: "https://a.example.com/hooks", id_of(project): "https://b.example.com/hooks"}


def test_renamed_stack_keeps_what_it_has(project: Project) -> None:
    project.write(PROGRAM.format(owner="a"))
    project.up()
    first = id_of(project)
    project.cli("stack", "rename", "production")
    project.environment["PULUMI_STACK"] = "production"

    with project.counted() as calls:
        runs = [project.up(), project.up(expect_no_changes=True)]

    assert [run.output for run in runs if not run.succeeded] == []
    assert (calls.signa, calls.aws) == ({}, [])
    assert id_of(project) == first
    project.signa_call("PATCH", f"/webhooks/{first}", {"status": "disabled"})
    # The line of the resource has the new name, and is the only one.
    refreshed = project.refresh()
    (urn,) = {event.diagnostic_event.urn for event in refreshed.events if _is_warning(event)}
    assert urn == ALERTS.replace("dev", "production", 1)
    assert project.destroy().succeeded
    assert urls(project) == {}


def _is_warning(event: Any) -> bool:
    return event.diagnostic_event is not None and event.diagnostic_event.severity == "warning"


def test_what_was_renamed_with_an_alias_speaks_under_its_new_name(project: Project) -> None:
    project.write(PROGRAM.format(owner="a"))
    project.up()
    alias = 'opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name="alerts")])'
    renamed = PROGRAM.format(owner="a").replace('"alerts"', '"renamed"').replace('hooks")', f'hooks", {alias})')
    project.write("import pulumi" + renamed)

    with project.counted() as calls:
        run = project.up()

    assert run.steps()["renamed"] == "update"
    assert (calls.signa, calls.aws) == ({}, [])
    project.signa_call("PATCH", f"/webhooks/{id_of(project, 'renamed')}", {"status": "disabled"})
    refreshed = project.refresh()
    (urn,) = {event.diagnostic_event.urn for event in refreshed.events if _is_warning(event)}
    assert urn.endswith("::renamed")


@pytest.fixture
def moved(project: Project) -> Project:
    """Return the project whose resources were moved from the stack `dev`, in which they were made, to `other`."""
    project.write(PROGRAM.format(owner="a"))
    assert project.up().succeeded
    project.cli("stack", "init", "other")
    project.cli("state", "move", "--yes", "--source", "dev", "--dest", "other", ALERTS, STORED)
    project.environment["PULUMI_STACK"] = "other"
    return project


def test_moved_resources_are_no_longer_their_first_stacks(moved: Project) -> None:
    """The program of the first stack still declares them, an hour after the create."""
    moved.advance(3600)
    run = moved.up()
    assert run.succeeded, run.output
    assert moved.up(expect_no_changes=True).succeeded
    endpoint_id = id_of(moved)
    secret = moved.held()["secret"]

    moved.environment["PULUMI_STACK"] = "dev"
    moved.write(PROGRAM.format(owner="a"))
    refused = moved.up()

    # Two secrets cannot have one name.
    assert "a secret named signa/a exists already" in refused.error()
    assert id_of(moved) != endpoint_id
    moved.write(NOTHING)
    assert moved.up().succeeded
    assert urls(moved) == {endpoint_id: "https://a.example.com/hooks"}
    assert moved.aws.values("AWSCURRENT")["signa/a"] == secret


def test_moved_resources_work_where_they_are(moved: Project) -> None:
    endpoint_id = id_of(moved)
    moved.up()
    moved.signa_call("PATCH", f"/webhooks/{endpoint_id}", {"description": "by hand"})

    refreshed, repaired = moved.refresh(), moved.up()

    assert refreshed.succeeded
    assert repaired.steps()["alerts"] == "update"
    assert moved.endpoint()["description"] is None
    assert moved.destroy().succeeded
    assert urls(moved) == {}


def test_first_run_with_a_target(project: Project) -> None:
    project.write(PROGRAM.format(owner="a"))

    runs = [project.preview(target=[ALERTS]), project.up(target=[ALERTS]), project.up()]

    assert [run.output for run in runs if not run.succeeded] == []
    assert set(project.resources()) == {"alerts", "stored"}
    assert len(urls(project)) == 1
    assert project.up(expect_no_changes=True).succeeded


def test_replacement_of_all_our_resources_keeps_the_stored_secret(project: Project) -> None:
    """The identity is replaced too, and the name of a secret that was written under another identity is taken."""
    project.write(PROGRAM.format(owner="a"))
    project.up()
    first = id_of(project)

    run = project.up(replace=[f"**::{TYPES}**"])

    assert run.succeeded, run.output
    assert list(urls(project)) == [id_of(project)] != [first]
    assert project.aws.values("AWSCURRENT")["signa/a"] == project.held()["secret"]
    assert project.up(expect_no_changes=True).succeeded


def test_saved_plan_of_a_first_run_is_carried_out(project: Project, tmp_path: Path) -> None:
    project.write(PROGRAM.format(owner="a"))
    plan = str(tmp_path / "plan.json")

    project.cli("preview", "--save-plan", plan)
    project.cli("up", "--yes", "--plan", plan)

    assert len(urls(project)) == 1
    assert project.up(expect_no_changes=True).succeeded


def test_state_of_older_code_is_taken_as_it_is(project: Project) -> None:
    """The first run gives the stack an identity, and changes nothing else."""
    project.write(PROGRAM.format(owner="a"))
    project.up()
    state = json.loads(project.cli("stack", "export"))
    kept = [one for one in state["deployment"]["resources"] if not one["type"].endswith(":StackIdentity")]
    for resource in kept:
        for bag in ("inputs", "outputs"):
            resource.get(bag, {}).pop("__stack", None)
    state["deployment"]["resources"] = kept
    (project.folder / "state.json").write_text(json.dumps(state))
    project.cli("stack", "import", "--file", "state.json")

    with project.counted() as calls:
        run = project.up()

    assert run.succeeded, run.output
    assert set(run.steps().values()) == {"same"}
    assert (calls.signa, calls.aws) == ({}, [])


def test_programs_of_one_process_have_their_own(project: Project) -> None:
    """Two stacks of the Automation API at once, in threads, and one of them again."""

    def program() -> None:
        resources.WebhookEndpoint("alerts", url="https://inline.example.com/hooks")

    def run(stack: str) -> str:
        workspace = automation.LocalWorkspaceOptions(
            env_vars=project.environment,
            project_settings=automation.ProjectSettings("inline", "python"),
            pulumi_command=automation.PulumiCommand(str(Path(project.environment["PATH"].split(":")[0]).parent)),
        )
        chosen = automation.create_or_select_stack(stack, "inline", program, opts=workspace)
        summary = chosen.up().summary.resource_changes
        return "same" if set(summary or {}) == {"same"} else "changed"

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(run, ["one", "two"])) == ["changed", "changed"]

    assert len(urls(project)) == 2
    assert run("one") == "same"
