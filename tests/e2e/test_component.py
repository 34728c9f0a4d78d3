"""An endpoint and its stored secret as one component, on a real engine."""

import json
import re
from typing import Any

import pytest

from e2e.harness import REPOSITORY, MakeProject, Project, readable
from e2e.host import TYPES

pytestmark = pytest.mark.e2e

COMPONENT = "signa:index:StoredWebhookEndpoint"

IMPORTS = """
import pulumi
from pulumi_signa import Adopt, SecretsManagerSecret, StoredWebhookEndpoint, WebhookEndpoint
"""


def component(name: str, *, in_state: bool = False, secret: str = "", inputs: str = "", opts: str = "") -> str:
    """Return the line of a component, whose URL ends with its name, and whose secret is `signa/<name>` by default."""
    return (
        f"both = StoredWebhookEndpoint({name!r}, url='https://example.com/{name}', "
        f"secret_name={secret or f'signa/{name}'!r}, secret_in_state={in_state}, {inputs} "
        f"opts=pulumi.ResourceOptions({opts}))\n"
    )


def program(*lines: str) -> str:
    """Return a program of components, and whatever stands between them."""
    return IMPORTS + "\n".join(lines)


def state_of(project: Project) -> dict[str, dict[str, Any]]:
    """Return the whole state by type and name, secrets in plain text, properties by their names in Python."""
    state = json.loads(project.cli("stack", "export", "--show-secrets"))
    return {
        f"{resource['type'].rsplit(':', 1)[-1]} {resource['urn'].rsplit('::', 1)[-1]}": resource
        for resource in map(readable, state["deployment"]["resources"])
    }


def endpoints_of(project: Project) -> dict[str, dict[str, Any]]:
    """Return what Signa really has, by the name at the end of the URL."""
    return {endpoint["url"].rsplit("/", 1)[-1]: endpoint for endpoint in project.endpoints()}


def ids_of(project: Project) -> dict[str, str]:
    """Return the ids of the children by name."""
    return {name: str(resource["id"]) for name, resource in project.resources().items()}


BOTH_MODES = program(component("alone"), component("in-state", in_state=True))


def test_component_makes_an_endpoint_and_stores_its_secret_once(make_project: MakeProject) -> None:
    """With the secret in AWS alone, and in the state too, side by side; another one is the same for both."""
    project = make_project(BOTH_MODES)

    with project.counted() as calls_of_preview:
        preview = project.preview()
    with project.counted() as calls:
        run = project.up()
    with project.counted() as calls_of_second:
        second = project.up(expect_no_changes=True)
        second_preview = project.preview(expect_no_changes=True)
    with project.counted() as calls_of_refresh:
        refreshed = project.refresh(expect_no_changes=True)

    assert preview.succeeded, preview.output
    children = ("alone", "alone-signing-secret", "in-state", "in-state-signing-secret")
    assert preview.steps() == run.steps() == dict.fromkeys(children, "create")
    assert (calls_of_preview.signa, calls_of_preview.aws) == ({}, [])
    assert run.succeeded, run.output
    assert calls.signa == {"create": 2}
    assert len(calls.aws) <= 6
    assert second.succeeded, second.output
    assert second_preview.succeeded, second_preview.output
    assert (calls_of_second.signa, calls_of_second.aws) == ({}, [])
    assert refreshed.succeeded, refreshed.output
    assert (calls_of_refresh.signa, calls_of_refresh.aws) == ({"list": 1}, ["DescribeSecret"] * 2)
    endpoints = endpoints_of(project)
    assert project.aws.values() == {f"signa/{name}": endpoint["secret"] for name, endpoint in endpoints.items()}
    state = state_of(project)
    for secret in project.aws.secrets_manager.list_secrets()["SecretList"]:
        name = secret["Name"].removeprefix("signa/")
        assert state[f"StoredWebhookEndpoint {name}"]["outputs"] == {
            "endpoint_id": endpoints[name]["id"],
            "secret_arn": secret["ARN"],
            "secret_version": 1,
        }
        assert (endpoints[name]["secret"] in json.dumps(state)) is (name == "in-state")


def test_rotation_stores_the_new_secret_and_keeps_the_one_before(make_project: MakeProject) -> None:
    project = make_project(BOTH_MODES)
    project.up()
    before = project.aws.values()
    rotating = "rotate_trigger='1',"
    project.write(program(component("alone", inputs=rotating), component("in-state", in_state=True, inputs=rotating)))

    preview = project.preview()
    with project.counted() as calls:
        run = project.up()

    assert preview.output.count("rotates the secret: rotate_trigger has changed") >= 2
    assert run.succeeded, run.output
    assert calls.signa == {"rotate": 2}
    assert len(calls.aws) <= 4
    after = {f"signa/{name}": endpoint["secret"] for name, endpoint in endpoints_of(project).items()}
    assert project.aws.values("AWSCURRENT") == after
    assert project.aws.values("AWSPREVIOUS") == before
    state = state_of(project)
    for name in ("alone", "in-state"):
        assert state[f"StoredWebhookEndpoint {name}"]["outputs"]["secret_version"] == 2
    assert project.up(expect_no_changes=True).succeeded


def test_destroyed_component_leaves_nothing_and_comes_back(make_project: MakeProject) -> None:
    project = make_project(program(component("alerts")))
    project.up()

    destroyed = project.destroy()
    left = (project.endpoints(), project.aws.secrets_manager.list_secrets()["SecretList"], project.resources())
    again = project.up()

    assert destroyed.succeeded, destroyed.output
    assert left == ([], [], {})
    assert again.succeeded, again.output
    assert project.aws.values() == {"signa/alerts": project.endpoint()["secret"]}


_KEEPING = """
def keep(args):
    if not args.type_.endswith(":WebhookEndpoint"):
        return None
    mine = pulumi.ResourceOptions(ignore_changes=["description"])
    return pulumi.ResourceTransformResult(args.props, pulumi.ResourceOptions.merge(args.opts, mine))
"""


def test_edited_components_keep_their_objects_unless_they_are_replaced(make_project: MakeProject) -> None:
    """
    One run renames a component, replaces one, and moves the secret of one; a transform names a child's properties.

    The value of a secret is not read, so the endpoint whose secret moves is rotated.
    """
    replacing = "replacement_trigger={}, delete_before_replace=False"
    team = "team = pulumi.ComponentResource('acme:index:Team', 't')\n" + component("part", opts="parent=team")
    keeping = component("kept", opts="transforms=[keep]")
    project = make_project(
        program(
            component("first"),
            component("replaced", opts=replacing.format(1)),
            component("moved"),
            _KEEPING + keeping,
            team,
        )
    )
    made = project.up()
    before, ids = endpoints_of(project), ids_of(project)
    # The URL of what is renamed stays.
    renamed = component("first").replace("StoredWebhookEndpoint('first'", "StoredWebhookEndpoint('renamed'")
    edited = [
        component("replaced", opts=replacing.format(2)),
        component("moved", secret="signa/elsewhere"),
        _KEEPING + component("kept", opts="transforms=[keep]", inputs="description='x', metadata={'a': 'b'},"),
        team,
    ]
    alias = "pulumi.ResourceOptions(aliases=[pulumi.Alias(name='first')])"
    project.write(program(renamed.replace("pulumi.ResourceOptions()", alias), *edited))

    preview = project.preview()
    with project.counted() as calls:
        run = project.up()
    after, ids_after = endpoints_of(project), ids_of(project)
    project.write(program(renamed, *edited))
    again = project.up(expect_no_changes=True)

    assert made.succeeded, made.output
    assert run.succeeded, run.output
    assert calls.signa == {"create": 1, "delete": 1, "rotate": 1, "update": 1}
    assert again.succeeded, again.output

    children = {"renamed", "renamed-signing-secret"}
    for steps in (preview.steps(), run.steps()):
        assert {steps[child] for child in children} <= {"update", "same"}
    assert not {"first", "first-signing-secret"} & (ids_after.keys() | run.steps().keys())
    assert [ids_after[child] for child in sorted(children)] == [ids["first"], ids["first-signing-secret"]]
    # The tag of a secret without a value follows the name.
    assert "TagResource" in calls.aws
    assert after["first"] == before["first"]

    assert after["replaced"]["id"] != before["replaced"]["id"]
    assert after["moved"]["id"] == before["moved"]["id"]
    assert (after["kept"]["description"], after["kept"]["metadata"]) == (None, {"a": "b"})
    assert f"::acme:index:Team${COMPONENT}${TYPES}WebhookEndpoint::" in project.urn("part")
    assert project.aws.values() == {
        "signa/elsewhere" if name == "moved" else f"signa/{name}": endpoint["secret"]
        for name, endpoint in after.items()
    }


def test_options_of_the_component_hold_for_both_children(make_project: MakeProject) -> None:
    project = make_project(
        program(
            "first = SecretsManagerSecret('first', secret_name='first', secret_string='x')",
            component("alerts", opts="protect=True, retain_on_delete=True, deleted_with=first, depends_on=[first]"),
            "SecretsManagerSecret('last', secret_name='last', secret_string='x', "
            "opts=pulumi.ResourceOptions(depends_on=[both]))",
        )
    )

    run = project.up()
    resources = project.resources()
    refused = project.destroy()

    assert run.succeeded, run.output
    first = resources["first"]["urn"]
    children = [resources["alerts"], resources["alerts-signing-secret"]]
    for child in children:
        assert (child["protect"], child["retainOnDelete"], child["deletedWith"]) == (True, True, first)
        assert first in child["dependencies"]
    assert {child["urn"] for child in children} <= set(resources["last"]["dependencies"])
    assert not refused.succeeded
    assert "protect" in refused.output
    assert project.endpoint()["id"] == children[0]["id"]


def test_run_after_a_refused_one_does_the_rest(make_project: MakeProject) -> None:
    """Where what a component depends on fails, neither an endpoint nor a secret is made."""
    project = make_project(
        program(
            "first = SecretsManagerSecret('first', secret_name='first', secret_string='x')",
            component("waiting", opts="depends_on=first"),
            component("refused", in_state=True),
        )
    )
    project.aws.refuse["CreateSecret"] = ("AccessDeniedException", "no")

    errors = project.up(continue_on_error=True).errors()
    made, known = set(endpoints_of(project)), set(project.resources())
    project.aws.refuse.clear()
    with project.counted() as calls:
        run = project.up()

    assert errors.keys() == {"first", "refused-signing-secret"}
    assert all("AccessDeniedException" in error for error in errors.values())
    assert made == known == {"refused"}
    assert run.succeeded, run.output
    assert calls.signa == {"create": 1}
    endpoints = endpoints_of(project)
    assert project.aws.values() == {
        "first": "x",
        **{f"signa/{name}": endpoints[name]["secret"] for name in ("waiting", "refused")},
    }
    outputs = state_of(project)["StoredWebhookEndpoint refused"]["outputs"]
    assert set(outputs) == {"endpoint_id", "secret_arn", "secret_version"}


@pytest.mark.parametrize("in_state", [False, True], ids=["in AWS alone", "in the state too"])
def test_explicit_program_moves_into_the_component(make_project: MakeProject, *, in_state: bool) -> None:
    """The way that the guide shows."""
    (move,) = re.findall(
        r"```python\n([^`]*?ResourceTransformArgs[^`]*)```",
        (REPOSITORY / "docs/guides/secret-out-of-the-state.md").read_text(),
    )
    project = make_project(url="https://example.com/hooks/signa", secretName="signa/alerts")
    project.up()
    before = ids_of(project)
    secret = project.endpoint()["secret"]
    project.write(move.replace('"signa/alerts",', f'"signa/alerts", secret_in_state={in_state},'))

    preview = project.preview()
    with project.counted() as calls:
        run = project.up()

    assert run.succeeded, run.output
    assert set(preview.steps().values()) | set(run.steps().values()) <= {"update", "same"}
    assert calls.signa == {}
    assert ids_of(project) == before
    assert project.aws.values() == {"signa/alerts": secret}
    assert all(f"::{COMPONENT}$" in resource["urn"] for resource in project.resources().values())
    assert (secret in json.dumps(state_of(project))) is in_state
    assert project.up(expect_no_changes=True).succeeded


def test_secret_leaves_the_state_as_it_is_and_enters_it_with_a_rotation(make_project: MakeProject) -> None:
    """
    The value in Secrets Manager is never read, so the run that brings one into the state has another one issued.

    A run that is not told to rotate is refused, and says how it can be told.
    """
    ways = {"triggered": "rotate_trigger='1',", "repaired": "on_stale_secret='rotate',"}
    names = ("entering", *ways)
    entering = component("entering", in_state=True, inputs="rotate_trigger='1',")
    project = make_project(program(component("leaving", in_state=True), *[component(name) for name in names]))
    made = project.up()
    before, ids = endpoints_of(project), ids_of(project)
    project.write(program(component("leaving"), entering, *[component(name, in_state=True) for name in ways]))

    preview = project.preview()
    with project.counted() as calls:
        refused = project.up(continue_on_error=True)
    between = project.aws.values()
    state = json.dumps(state_of(project))
    project.write(
        program(
            component("leaving"),
            entering,
            *[component(name, in_state=True, inputs=way) for name, way in ways.items()],
        )
    )
    run = project.up()

    assert made.succeeded, made.output
    assert "rotates the secret" in preview.output
    assert calls.signa == {"rotate": 1}
    errors = refused.errors()
    assert errors.keys() == {f"{name}-signing-secret" for name in ways}
    assert all(way in error for error in errors.values() for way in ("rotate_trigger", "on_stale_secret to rotate"))
    assert between.keys() == {"signa/leaving", *[f"signa/{name}" for name in names]}
    assert before["leaving"]["secret"] not in state
    assert run.succeeded, run.output
    after = endpoints_of(project)
    assert {name for name in before if before[name]["secret"] == after[name]["secret"]} == {"leaving"}
    assert ids_of(project) == ids
    assert project.aws.values() == {f"signa/{name}": endpoint["secret"] for name, endpoint in after.items()}
    held = state_of(project)
    for name in names:
        assert held[f"WebhookEndpoint {name}"]["outputs"]["secret"]["plaintext"] == json.dumps(after[name]["secret"])
        container = project.aws.containers()[f"signa/{name}"]
        assert container.read("AWSPREVIOUS") == before[name]["secret"]
    assert project.up(expect_no_changes=True).succeeded
