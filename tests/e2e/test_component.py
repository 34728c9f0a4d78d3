"""An endpoint and its stored secret as one component, on a real engine."""

import json
import re
from typing import Any

import pytest

from e2e.harness import REPOSITORY, MakeProject, Project

pytestmark = pytest.mark.e2e

COMPONENT = "signa:index:StoredWebhookEndpoint"
SECRET_NAME = "signa/alerts"
STORED = "alerts-signing-secret"

MODES = pytest.mark.parametrize("in_state", [False, True], ids=["in AWS alone", "in the state too"])


def declaring(
    name: str = "alerts", *, in_state: bool, inputs: str = "", opts: str = "", before: str = "", after: str = ""
) -> str:
    """Return a program with one component, and the Python that stands before and after it."""
    return f"""
import pulumi
from pulumi_signa import Adopt, SecretsManagerSecret, StoredWebhookEndpoint, WebhookEndpoint
{before}
both = StoredWebhookEndpoint(
    {name!r}, url="https://example.com/1", secret_name={SECRET_NAME!r}, secret_in_state={in_state}, {inputs}
    opts=pulumi.ResourceOptions({opts}),
)
{after}
"""


def state_of(project: Project) -> dict[str, dict[str, Any]]:
    """Return the whole state by type and name, secrets in plain text."""
    state = json.loads(project.cli("stack", "export", "--show-secrets"))
    return {
        f"{resource['type'].rsplit(':', 1)[-1]} {resource['urn'].rsplit('::', 1)[-1]}": resource
        for resource in state["deployment"]["resources"]
    }


def ids_of(project: Project) -> set[str]:
    """Return the ids of the children."""
    return {str(resource["id"]) for resource in project.resources().values()}


@MODES
def test_component_makes_an_endpoint_and_stores_its_secret_once(make_project: MakeProject, *, in_state: bool) -> None:
    project = make_project(declaring(in_state=in_state))

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
    assert preview.steps() == run.steps() == {"alerts": "create", STORED: "create"}
    assert (calls_of_preview.signa, calls_of_preview.aws) == ({}, [])
    assert run.succeeded, run.output
    assert calls.signa == {"create": 1}
    assert len(calls.aws) <= 3
    assert second.succeeded, second.output
    assert second_preview.succeeded, second_preview.output
    assert (calls_of_second.signa, calls_of_second.aws) == ({}, [])
    assert refreshed.succeeded, refreshed.output
    assert (calls_of_refresh.signa, calls_of_refresh.aws) == ({"list": 1}, ["DescribeSecret"])
    endpoint = project.endpoint()
    assert project.aws.values() == {SECRET_NAME: endpoint["secret"]}
    state = state_of(project)
    (arn,) = (secret["ARN"] for secret in project.aws.secrets_manager.list_secrets()["SecretList"])
    assert state["StoredWebhookEndpoint alerts"]["outputs"] == {
        "endpoint_id": endpoint["id"],
        "secret_arn": arn,
        "secret_version": 1,
    }
    assert (endpoint["secret"] in json.dumps(state)) is in_state


@MODES
def test_rotation_stores_the_new_secret_and_keeps_the_one_before(make_project: MakeProject, *, in_state: bool) -> None:
    project = make_project(declaring(in_state=in_state))
    project.up()
    old = project.endpoint()["secret"]
    project.write(declaring(in_state=in_state, inputs="rotate_trigger='1',"))

    preview = project.preview()
    with project.counted() as calls:
        run = project.up()

    assert "rotates the secret: rotate_trigger has changed" in preview.output
    assert run.succeeded, run.output
    assert calls.signa == {"rotate": 1}
    assert len(calls.aws) <= 2
    new = project.endpoint()["secret"]
    assert project.aws.values("AWSCURRENT") == {SECRET_NAME: new}
    assert project.aws.values("AWSPREVIOUS") == {SECRET_NAME: old}
    assert state_of(project)["StoredWebhookEndpoint alerts"]["outputs"]["secret_version"] == 2
    assert project.up(expect_no_changes=True).succeeded


def test_destroyed_component_leaves_nothing_and_comes_back(make_project: MakeProject) -> None:
    project = make_project(declaring(in_state=False))
    project.up()

    destroyed = project.destroy()
    left = (project.endpoints(), project.aws.secrets_manager.list_secrets()["SecretList"], project.resources())
    again = project.up()

    assert destroyed.succeeded, destroyed.output
    assert left == ([], [], {})
    assert again.succeeded, again.output
    assert project.aws.values() == {SECRET_NAME: project.endpoint()["secret"]}


def test_another_secret_name_takes_the_secret_along(make_project: MakeProject) -> None:
    """The value is not read from the secret before, so another one is issued."""
    project = make_project(declaring(in_state=False))
    project.up()
    before = project.endpoint()
    project.write(declaring(in_state=False).replace(SECRET_NAME, "signa/other"))

    with project.counted() as calls:
        run = project.up()

    assert run.succeeded, run.output
    assert calls.signa == {"rotate": 1}
    after = project.endpoint()
    assert after["id"] == before["id"]
    assert project.aws.values() == {"signa/other": after["secret"]}


def test_two_components_side_by_side_have_nothing_in_common(make_project: MakeProject) -> None:
    second = "StoredWebhookEndpoint('second', url='https://example.com/2', secret_name='b', secret_in_state=True)"
    project = make_project(declaring(in_state=False, after=second))

    with project.counted() as calls:
        run = project.up()

    assert run.succeeded, run.output
    assert calls.signa == {"create": 2}
    secrets = {endpoint["url"]: endpoint["secret"] for endpoint in project.endpoints()}
    assert project.aws.values() == {
        SECRET_NAME: secrets["https://example.com/1"],
        "b": secrets["https://example.com/2"],
    }


def test_component_is_a_part_of_another_component(make_project: MakeProject) -> None:
    project = make_project(
        declaring(in_state=False, before="team = pulumi.ComponentResource('acme:index:Team', 't')", opts="parent=team")
    )

    run = project.up()

    assert run.succeeded, run.output
    assert project.aws.values() == {SECRET_NAME: project.endpoint()["secret"]}
    assert f"::acme:index:Team${COMPONENT}$pulumi-python:dynamic/signa:WebhookEndpoint::" in project.urn("alerts")
    assert project.up(expect_no_changes=True).succeeded


def test_options_of_the_component_hold_for_both_children(make_project: MakeProject) -> None:
    project = make_project(
        declaring(
            in_state=False,
            before="first = SecretsManagerSecret('first', secret_name='first', secret_string='x')",
            opts="protect=True, retain_on_delete=True, deleted_with=first, depends_on=[first]",
            after="SecretsManagerSecret('last', secret_name='last', secret_string='x', "
            "opts=pulumi.ResourceOptions(depends_on=[both]))",
        )
    )

    run = project.up()
    resources = project.resources()
    refused = project.destroy()

    assert run.succeeded, run.output
    first = resources["first"]["urn"]
    children = [resources["alerts"], resources[STORED]]
    for child in children:
        assert (child["protect"], child["retainOnDelete"], child["deletedWith"]) == (True, True, first)
        assert first in child["dependencies"]
    assert {child["urn"] for child in children} <= set(resources["last"]["dependencies"])
    assert not refused.succeeded
    assert "protect" in refused.output
    assert project.endpoint()["id"] == children[0]["id"]


def test_children_wait_for_what_the_component_depends_on(make_project: MakeProject) -> None:
    """Where that fails, neither an endpoint nor a secret is made."""
    project = make_project(
        declaring(
            in_state=False,
            before="first = SecretsManagerSecret('first', secret_name='first', secret_string='x')",
            opts="depends_on=first",
        )
    )
    project.aws.refuse["CreateSecret"] = ("AccessDeniedException", "no")

    with project.counted() as calls:
        run = project.up()

    assert not run.succeeded
    assert calls.signa == {}
    assert set(project.resources()) == set()


_KEEPING = """
def keep(args):
    if not args.type_.endswith(":WebhookEndpoint"):
        return None
    mine = pulumi.ResourceOptions(ignore_changes=["description"])
    return pulumi.ResourceTransformResult(args.props, pulumi.ResourceOptions.merge(args.opts, mine))
"""


def test_transform_sets_what_names_the_properties_of_a_child(make_project: MakeProject) -> None:
    opts = "transforms=[keep]"
    project = make_project(declaring(in_state=False, before=_KEEPING, opts=opts))
    project.up()
    inputs = "description='x', metadata={'a': 'b'},"
    project.write(declaring(in_state=False, before=_KEEPING, opts=opts, inputs=inputs))

    run = project.up()

    assert run.succeeded, run.output
    endpoint = project.endpoint()
    assert (endpoint["description"], endpoint["metadata"]) == (None, {"a": "b"})


def test_renamed_component_keeps_its_objects(make_project: MakeProject) -> None:
    project = make_project(declaring(in_state=False))
    project.up()
    before = ids_of(project)
    project.write(declaring("renamed", in_state=False, opts="aliases=[pulumi.Alias(name='alerts')]"))

    preview = project.preview()
    with project.counted() as calls:
        run = project.up()

    assert run.succeeded, run.output
    assert set(preview.steps().values()) | set(run.steps().values()) <= {"update", "same"}
    assert set(run.steps()) == set(project.resources()) == {"renamed", "renamed-signing-secret"}
    # The tag of a secret without a value follows the name.
    assert (calls.signa, calls.aws) == ({}, ["TagResource"])
    assert ids_of(project) == before
    project.write(declaring("renamed", in_state=False))
    assert project.up(expect_no_changes=True).succeeded


def test_replaced_component_has_a_new_endpoint_and_its_secret(make_project: MakeProject) -> None:
    opts = "replacement_trigger={}, delete_before_replace=False"
    project = make_project(declaring(in_state=False, opts=opts.format(1)))
    project.up()
    old = project.endpoint()["id"]
    project.write(declaring(in_state=False, opts=opts.format(2)))

    run = project.up()

    assert run.succeeded, run.output
    new = project.endpoint()
    assert new["id"] != old
    assert project.aws.values() == {SECRET_NAME: new["secret"]}
    assert project.up(expect_no_changes=True).succeeded


def test_run_after_a_refused_one_does_the_rest(make_project: MakeProject) -> None:
    project = make_project(declaring(in_state=False))
    project.aws.refuse["CreateSecret"] = ("AccessDeniedException", "no")
    refused = project.up()
    project.aws.refuse.clear()

    with project.counted() as calls:
        run = project.up()

    assert "AccessDeniedException" in refused.error()
    assert run.succeeded, run.output
    assert sum(calls.signa.values()) <= 1
    assert project.aws.values() == {SECRET_NAME: project.endpoint()["secret"]}
    assert set(state_of(project)["StoredWebhookEndpoint alerts"]["outputs"]) == {
        "endpoint_id",
        "secret_arn",
        "secret_version",
    }


@MODES
def test_explicit_program_moves_into_the_component(make_project: MakeProject, *, in_state: bool) -> None:
    """The way that the guide shows."""
    (move,) = re.findall(
        r"```python\n([^`]*?ResourceTransformArgs[^`]*)```",
        (REPOSITORY / "docs/guides/secret-out-of-the-state.md").read_text(),
    )
    project = make_project(url="https://example.com/hooks/signa", secretName=SECRET_NAME)
    project.up()
    before = ids_of(project)
    secret = project.endpoint()["secret"]
    project.write(move.replace(f'"{SECRET_NAME}",', f'"{SECRET_NAME}", secret_in_state={in_state},'))

    preview = project.preview()
    with project.counted() as calls:
        run = project.up()

    assert run.succeeded, run.output
    assert set(preview.steps().values()) | set(run.steps().values()) <= {"update", "same"}
    assert calls.signa == {}
    assert ids_of(project) == before
    assert project.aws.values() == {SECRET_NAME: secret}
    assert all(f"::{COMPONENT}$" in resource["urn"] for resource in project.resources().values())
    assert (secret in json.dumps(state_of(project))) is in_state
    assert project.up(expect_no_changes=True).succeeded


def test_secret_leaves_the_state_without_a_rotation(make_project: MakeProject) -> None:
    project = make_project(declaring(in_state=True))
    project.up()
    before = ids_of(project)
    secret = project.endpoint()["secret"]
    project.write(declaring(in_state=False))

    preview = project.preview()
    with project.counted() as calls:
        run = project.up()

    assert preview.succeeded, preview.output
    assert run.succeeded, run.output
    assert calls.signa == {}
    assert ids_of(project) == before
    assert project.endpoint()["secret"] == secret
    assert project.aws.values() == {SECRET_NAME: secret}
    assert secret not in json.dumps(state_of(project))
    assert project.up(expect_no_changes=True).succeeded


def test_secret_comes_into_the_state_with_a_rotation(make_project: MakeProject) -> None:
    """The value in Secrets Manager is never read, so the run that brings one into the state has another one issued."""
    project = make_project(declaring(in_state=False))
    project.up()
    before = ids_of(project)
    old = project.endpoint()["secret"]
    project.write(declaring(in_state=True, inputs="rotate_trigger='1',"))

    preview = project.preview()
    with project.counted() as calls:
        run = project.up()

    assert "rotates the secret" in preview.output
    assert run.succeeded, run.output
    assert calls.signa == {"rotate": 1}
    assert ids_of(project) == before
    new = project.endpoint()["secret"]
    assert project.aws.values("AWSCURRENT") == {SECRET_NAME: new}
    assert project.aws.values("AWSPREVIOUS") == {SECRET_NAME: old}
    assert project.held("alerts")["secret"] == new
    assert project.up(expect_no_changes=True).succeeded


@pytest.mark.parametrize("way_out", ["rotate_trigger='1',", "on_stale_secret='rotate',"])
def test_secret_that_is_nowhere_to_be_had_is_told_with_the_way_out(make_project: MakeProject, way_out: str) -> None:
    project = make_project(declaring(in_state=False))
    project.up()
    project.write(declaring(in_state=True))

    refused = project.up()
    stored = project.aws.values()
    project.write(declaring(in_state=True, inputs=way_out))
    run = project.up()

    assert all(words in refused.error() for words in ("rotate_trigger", 'on_stale_secret="rotate"'))
    assert list(stored) == [SECRET_NAME]
    assert run.succeeded, run.output
    assert project.aws.values() == {SECRET_NAME: project.endpoint()["secret"]}
    assert project.up(expect_no_changes=True).succeeded
