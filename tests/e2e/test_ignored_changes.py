"""What others change of a stored secret, and what `ignore_changes` leaves to them, on a real engine."""

from collections.abc import Mapping
from typing import Any

import pytest

from e2e.harness import MakeProject, Project
from e2e.host import VALUE_IN_DIFFS

pytestmark = pytest.mark.e2e

_PROGRAM = """
import pulumi
from pulumi_signa import SecretsManagerSecret
SecretsManagerSecret(
    "stored", secret_name="team/one", description="ours", {value},
    opts=pulumi.ResourceOptions(ignore_changes={ignored!r}),
)
"""


def program(ignored: list[str], value: str = 'secret_string="placeholder"') -> str:
    """Return a stack with one secret."""
    return _PROGRAM.format(ignored=ignored, value=value)


def edit(project: Project, **changes: Any) -> None:
    """Change the secret past Pulumi: `put` its value, or `tag` it."""
    client = project.aws.secrets_manager
    if "put" in changes:
        client.put_secret_value(SecretId="team/one", SecretString=changes["put"])
    if "tag" in changes:
        client.tag_resource(SecretId="team/one", Tags=[{"Key": "owner", "Value": changes["tag"]}])


def tags(project: Project) -> Mapping[str, str]:
    """Return the tags that the secret really has."""
    found = project.aws.secrets_manager.describe_secret(SecretId="team/one").get("Tags", [])
    return {tag["Key"]: tag["Value"] for tag in found}


def test_what_is_ignored_survives_refreshes(make_project: MakeProject) -> None:
    """A value that is filled in by hand stays, and so does a tag; taken out of ignore_changes, both are repaired."""
    project = make_project(program(["secret_string", "tags"]))
    assert project.up().succeeded
    edit(project, put="by hand", tag="ops")

    refreshed = project.refresh()
    assert refreshed.warns("did not write", "unless ignore_changes names secret_string")
    assert "puts the declared value" not in refreshed.output
    assert project.up(expect_no_changes=True).succeeded
    assert project.refresh(expect_no_changes=True).succeeded
    edit(project, put="by hand again", tag="dev")
    assert project.refresh().succeeded
    project.write(program(["secret_string", "tags"]).replace("ours", "ours, edited"))
    with project.counted() as calls:
        edited = project.up()
    assert edited.succeeded, edited.output
    assert calls.aws == ["UpdateSecret"]
    assert project.aws.values() == {"team/one": "by hand again"}
    assert tags(project) == {"owner": "dev"}
    assert project.up(expect_no_changes=True).succeeded

    assert "exists already" in project.up(replace=[project.urn("stored")]).error()
    assert project.aws.values() == {"team/one": "by hand again"}

    project.write(program([]))
    preview = project.preview()
    assert f"[diff: ~description,{VALUE_IN_DIFFS}tags]" in preview.output
    assert "puts the declared value in place of version" in preview.output
    assert project.up().succeeded
    assert (project.aws.values(), tags(project)) == ({"team/one": "placeholder"}, {})
    assert project.up(expect_no_changes=True).succeeded
    assert project.refresh(expect_no_changes=True).succeeded


def test_drift_that_is_not_ignored_is_named_and_repaired(make_project: MakeProject) -> None:
    """With one thing ignored the others are repaired, whichever of them drifted."""
    project = make_project(program(["secret_json"], 'secret_json={"a": 1}'))
    assert project.up().succeeded

    edit(project, tag="ops")
    refreshed = project.refresh()
    assert "[diff: ~tags]" in refreshed.output, refreshed.output
    assert "[diff: ~tags]" in project.preview().output
    assert project.up().succeeded
    assert (project.aws.values(), tags(project)) == ({"team/one": '{"a": 1}'}, {})

    edit(project, put="theirs", tag="ops")
    assert project.refresh().succeeded
    with project.counted() as calls:
        assert project.up().succeeded
    assert calls.aws == ["UntagResource"]
    assert project.aws.values() == {"team/one": "theirs"}

    project.write(program(["tags"], 'secret_json={"a": 1}'))
    edit(project, tag="ops")
    assert project.refresh().succeeded
    assert project.up().succeeded
    assert (project.aws.values(), tags(project)) == ({"team/one": '{"a": 1}'}, {"owner": "ops"})
