"""Secrets whose value others write, on a real engine."""

import json
import os
import signal
from typing import Any

import pytest

from e2e.gate import PATIENCE_S
from e2e.harness import MakeProject, Project

pytestmark = pytest.mark.e2e

NAME = "team/one"

_PROGRAM = """
import pulumi
from pulumi_signa import SecretsManagerSecret
stored = SecretsManagerSecret("stored", secret_name="team/one", {inputs})
pulumi.export("version", stored.version_id)
pulumi.export("tags", stored.tags)
"""


def program(inputs: str = "without_value=True") -> str:
    """Return a stack with one secret."""
    return _PROGRAM.format(inputs=inputs)


_OF_ENDPOINT = """
import pulumi
from pulumi_signa import SecretsManagerDestination, SecretsManagerSecret, WebhookEndpoint
url = "https://example.com/hooks/signa"
"""

DESTINATION = f"""{_OF_ENDPOINT}
stored = SecretsManagerSecret("stored", secret_name="team/one", without_value=True)
WebhookEndpoint("alerts", url=url, secret_destination=SecretsManagerDestination(secret_id=stored.id))
"""

IN_STATE = f"""{_OF_ENDPOINT}
endpoint = WebhookEndpoint("alerts", url=url)
SecretsManagerSecret("stored", secret_name="team/one", secret_string=endpoint.secret)
"""

EMPTY, WITH_VALUE = program(), program('secret_string="ours"')


def put(project: Project, text: str) -> None:
    """Write the value past Pulumi."""
    project.aws.secrets_manager.put_secret_value(SecretId=NAME, SecretString=text)


def described(project: Project) -> dict[str, Any]:
    """Return what AWS says of the secret."""
    return dict(project.aws.secrets_manager.describe_secret(SecretId=NAME))


def versions(project: Project) -> set[str]:
    """Return the ids of all versions."""
    return set(described(project)["VersionIdsToStages"])


def up(project: Project, *, calls: list[str]) -> None:
    """Run `pulumi up`, which makes these calls to AWS and leaves nothing to do."""
    with project.counted() as made:
        run = project.up()
    assert run.succeeded, run.output
    assert made.aws == calls
    with project.counted() as made:
        again = project.up(expect_no_changes=True)
    assert again.succeeded, again.output
    assert made.aws == []


def test_secret_is_made_empty_and_filled_by_others(make_project: MakeProject) -> None:
    project = make_project(EMPTY)
    with project.counted() as calls:
        assert project.preview().succeeded
    assert calls.aws == []
    up(project, calls=["CreateSecret"])
    assert project.outputs() == {"tags": {}}

    put(project, "theirs")
    with project.counted() as calls:
        refreshed = project.refresh(expect_no_changes=True)
    assert refreshed.succeeded, refreshed.output
    assert refreshed.diagnostics("warning") == []
    assert calls.aws == ["DescribeSecret"]
    with project.counted() as calls:
        assert project.preview(expect_no_changes=True).succeeded
    assert calls.aws == []
    put(project, "theirs, another")
    project.write(program('without_value=True, tags={"a": "b"}'))
    up(project, calls=["TagResource"])
    assert project.outputs() == {"tags": {"a": "b"}}
    assert project.aws.values() == {NAME: "theirs, another"}
    project.aws.secrets_manager.untag_resource(SecretId=NAME, TagKeys=["a"])
    assert "[diff: ~tags]" in project.refresh().output
    up(project, calls=["TagResource"])
    assert len(described(project)["Tags"]) == 2

    assert project.destroy().succeeded
    assert described(project)["DeletedDate"]
    with project.counted() as calls:
        restored = project.up()
    assert restored.warns("restored", "with the versions that it had")
    # The stack has another identity than before it was destroyed.
    assert calls.aws == ["CreateSecret", "DescribeSecret", "RestoreSecret", "TagResource"]
    assert project.aws.values() == {NAME: "theirs, another"}
    up(project, calls=[])


@pytest.mark.parametrize("is_done", [False, True], ids=["before the commit", "before the answer"])
def test_create_that_was_killed_is_taken_over(make_project: MakeProject, *, is_done: bool) -> None:
    project = make_project(EMPTY)
    hold = project.hold("CreateSecret", after_commit=is_done)
    with project.begin_up() as engine:
        reached = hold.reached.wait(PATIENCE_S)
        plugin = project.plugin()
        engine.kill()
        os.kill(plugin, signal.SIGKILL)
        hold.drop()
        engine.communicate()
    assert reached
    project.cli("cancel", "--yes")

    with project.counted() as calls:
        run = project.up()

    assert run.succeeded, run.output
    assert run.warns("took over", NAME) is is_done
    assert calls.aws == ["CreateSecret", *(["DescribeSecret"] if is_done else [])]
    up(project, calls=[])


def test_secret_of_others_is_left_alone_unless_it_is_adopted(make_project: MakeProject) -> None:
    project = make_project(EMPTY)
    project.aws.secrets_manager.create_secret(Name=NAME, SecretString="theirs", Description="theirs")

    refused = project.up()
    assert f"a secret named {NAME} exists already" in refused.error()
    assert "its value stays" in refused.error()
    assert described(project)["Description"] == "theirs"

    project.write(program("without_value=True, adopt_existing=True"))
    up(project, calls=["CreateSecret", "DescribeSecret", "TagResource", "UpdateSecret"])
    assert project.aws.values() == {NAME: "theirs"}
    project.write(EMPTY)
    up(project, calls=[])


def test_value_is_left_to_others_and_taken_back(make_project: MakeProject) -> None:
    project = make_project(WITH_VALUE)
    assert project.up().succeeded
    (version,) = versions(project)

    project.write(EMPTY)
    with project.counted() as calls:
        preview = project.preview()
    assert "update" in preview.steps()["stored"], preview.output
    assert calls.aws == []
    up(project, calls=["TagResource"])
    assert (project.aws.values(), versions(project)) == ({NAME: "ours"}, {version})
    assert project.outputs() == {"tags": {}}
    assert not {"version_id", "__fingerprint"} & project.held("stored").keys()

    put(project, "theirs")
    assert project.refresh(expect_no_changes=True).succeeded
    project.write(WITH_VALUE)
    preview = project.preview()
    assert "puts the declared value in place of the one that others have written" in preview.output
    up(project, calls=["DescribeSecret", "PutSecretValue", "UntagResource"])
    assert (project.aws.values(), project.aws.values("AWSPREVIOUS")) == ({NAME: "ours"}, {NAME: "theirs"})
    assert described(project).get("Tags", []) == []
    assert project.refresh(expect_no_changes=True).succeeded


def test_value_that_ignore_changes_still_names_is_refused_with_the_way_out(make_project: MakeProject) -> None:
    """Pulumi declares the inputs of the last run again for what is ignored."""
    ignored = 'opts=pulumi.ResourceOptions(ignore_changes=["secret_string"])'
    project = make_project(program(f'secret_string="placeholder", {ignored}'))
    assert project.up().succeeded

    project.write(program(f"without_value=True, {ignored}"))

    assert "so leave out secret_string, in ignore_changes too" in project.preview().error()
    project.write(EMPTY)
    up(project, calls=["TagResource"])


def test_forced_replacement_keeps_what_others_have_written(make_project: MakeProject) -> None:
    project = make_project(EMPTY)
    assert project.up().succeeded
    put(project, "theirs")

    run = project.up(replace=[project.urn("stored")])

    assert run.succeeded, run.output
    assert project.aws.values() == {NAME: "theirs"}
    up(project, calls=[])


def test_refresh_describes_the_secret_of_an_endpoint_once(make_project: MakeProject) -> None:
    project = make_project(DESTINATION)
    up(project, calls=["CreateSecret", "DescribeSecret", "PutSecretValue"])
    assert project.aws.values() == {NAME: project.endpoint()["secret"]}

    with project.counted() as calls:
        refreshed = project.refresh(expect_no_changes=True)

    assert refreshed.succeeded, refreshed.output
    assert (calls.signa, calls.aws) == ({"list": 1}, ["DescribeSecret"])


def test_secret_leaves_the_state_and_stays_where_it_is(make_project: MakeProject) -> None:
    """The container and the endpoint change sides in one run, and receivers see nothing of it."""
    project = make_project(IN_STATE)
    assert project.up().succeeded
    secret = project.endpoint()["secret"]

    project.write(DESTINATION)
    run = project.up()

    assert run.succeeded, run.output
    assert project.endpoint()["secret"] == secret
    assert project.aws.values() == {NAME: secret}
    assert secret not in json.dumps(project.resources(show_secrets=True))
    assert project.up(expect_no_changes=True).succeeded
    assert project.refresh(expect_no_changes=True).succeeded
