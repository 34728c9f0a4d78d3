"""Secrets whose value others write, on a real engine."""

import json
import os
import signal
from typing import Any

import pytest

from e2e.gate import PATIENCE_S
from e2e.harness import MakeProject, Project

pytestmark = pytest.mark.e2e

_PROGRAM = """
import pulumi
from pulumi_signa import SecretsManagerSecret
for name, inputs in {secrets!r}.items():
    opts = pulumi.ResourceOptions(ignore_changes=inputs.pop("ignored", []))
    stored = SecretsManagerSecret(name, secret_name=f"team/{{name}}", opts=opts, **inputs)
    pulumi.export(name, {{"version": stored.version_id, "tags": stored.tags}})
"""

EMPTY: dict[str, Any] = {"without_value": True}
OURS: dict[str, Any] = {"secret_string": "ours"}


def program(**secrets: dict[str, Any]) -> str:
    """
    Return a stack that exports the versions and tags of its secrets.

    Args:
        secrets: Inputs of each secret, whose name in AWS is `team/<name>`; `ignored` names what `ignore_changes` does.
    """
    return _PROGRAM.format(secrets=secrets)


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


def put(project: Project, name: str, text: str) -> None:
    """Write a value past Pulumi."""
    project.aws.secrets_manager.put_secret_value(SecretId=f"team/{name}", SecretString=text)


def described(project: Project, name: str) -> dict[str, Any]:
    """Return what AWS says of a secret."""
    return dict(project.aws.secrets_manager.describe_secret(SecretId=f"team/{name}"))


def up(project: Project, *, calls: list[str]) -> None:
    """Run `pulumi up`, which makes these calls to AWS, in any order, and leaves nothing to do."""
    with project.counted() as made:
        run = project.up()
    assert run.succeeded, run.output
    assert sorted(made.aws) == sorted(calls)
    with project.counted() as made:
        again = project.up(expect_no_changes=True)
    assert again.succeeded, again.output
    assert made.aws == []


@pytest.mark.timeout(600)
def test_secret_is_made_empty_and_filled_by_others(make_project: MakeProject) -> None:
    project = make_project(program(one=EMPTY))
    with project.counted() as calls:
        assert project.preview().succeeded
    assert calls.aws == []
    up(project, calls=["CreateSecret"])
    assert project.outputs() == {"one": {"tags": {}, "version": None}}

    put(project, "one", "theirs")
    with project.counted() as calls:
        refreshed = project.refresh(expect_no_changes=True)
    assert refreshed.succeeded, refreshed.output
    assert refreshed.diagnostics("warning") == []
    assert calls.aws == ["DescribeSecret"]
    with project.counted() as calls:
        assert project.preview(expect_no_changes=True).succeeded
    assert calls.aws == []
    put(project, "one", "theirs, another")
    project.write(program(one={**EMPTY, "tags": {"a": "b"}}))
    with project.counted() as calls:
        assert project.up().succeeded
    assert calls.aws == ["TagResource"]
    assert project.outputs() == {"one": {"tags": {"a": "b"}, "version": None}}
    assert project.aws.values() == {"team/one": "theirs, another"}
    project.aws.secrets_manager.untag_resource(SecretId="team/one", TagKeys=["a"])
    assert "[diff: ~tags]" in project.refresh().output
    up(project, calls=["TagResource"])
    assert len(described(project, "one")["Tags"]) == 2

    assert project.destroy().succeeded
    assert described(project, "one")["DeletedDate"]
    with project.counted() as calls:
        restored = project.up()
    assert restored.warns("restored", "with the versions that it had")
    # The stack has another identity than before it was destroyed.
    assert calls.aws == ["CreateSecret", "DescribeSecret", "RestoreSecret", "TagResource"]
    assert project.aws.values() == {"team/one": "theirs, another"}
    with project.counted() as calls:
        assert project.up(expect_no_changes=True).succeeded
    assert calls.aws == []


def test_create_that_was_killed_is_taken_over(make_project: MakeProject) -> None:
    """One secret was made when the run died, the other one was not."""
    project = make_project(program(made=EMPTY, unmade=EMPTY))
    holds = [
        project.hold("CreateSecret", of=f"team/{name}", after_commit=name == "made") for name in ("made", "unmade")
    ]
    with project.begin_up() as engine:
        reached = [hold.reached.wait(PATIENCE_S) for hold in holds]
        plugin = project.plugin()
        engine.kill()
        os.kill(plugin, signal.SIGKILL)
        for hold in holds:
            hold.drop()
        engine.communicate()
    assert all(reached)
    project.cli("cancel", "--yes")

    with project.counted() as calls:
        run = project.up()

    assert run.succeeded, run.output
    assert run.warns("took over", "team/made")
    assert not run.warns("took over", "team/unmade")
    assert sorted(calls.aws) == ["CreateSecret", "CreateSecret", "DescribeSecret"]
    with project.counted() as calls:
        assert project.up(expect_no_changes=True).succeeded
    assert calls.aws == []


@pytest.mark.timeout(600)
def test_value_changes_sides(make_project: MakeProject) -> None:
    """
    A value is left to others and taken back; a secret of others is left alone unless it is adopted.

    Where `ignore_changes` still names a value, the value is refused with the way out: Pulumi declares the inputs of the
    last run again for what is ignored. A forced replacement keeps what others have written.
    """
    ignored = {"ignored": ["secret_string"]}
    project = make_project(program(ours=OURS, ignored={**OURS, **ignored}, replaced=EMPTY, theirs=EMPTY))
    project.aws.secrets_manager.create_secret(Name="team/theirs", SecretString="theirs", Description="theirs")

    (refused,) = project.up(continue_on_error=True).errors().items()
    (version,) = described(project, "ours")["VersionIdsToStages"]
    assert refused[0] == "theirs"
    assert "a secret named team/theirs exists already" in refused[1]
    assert "its value stays" in refused[1]
    assert described(project, "theirs")["Description"] == "theirs"

    put(project, "replaced", "theirs")
    assert project.up(replace=["**::replaced"], target=["**::replaced"]).succeeded
    assert project.aws.values()["team/replaced"] == "theirs"

    adopted = {**EMPTY, "adopt_existing": True}
    project.write(program(ours=EMPTY, ignored={**EMPTY, **ignored}, replaced=EMPTY, theirs=adopted))
    assert "so leave out secret_string, in ignore_changes too" in project.preview().error()
    project.write(program(ours=EMPTY, ignored=EMPTY, replaced=EMPTY, theirs=adopted))
    with project.counted() as calls:
        preview = project.preview()
    assert "update" in preview.steps()["ours"], preview.output
    assert calls.aws == []
    up(
        project,
        calls=["TagResource", "TagResource", "CreateSecret", "DescribeSecret", "TagResource", "UpdateSecret"],
    )
    assert project.aws.values() == {
        "team/ours": "ours",
        "team/ignored": "ours",
        "team/replaced": "theirs",
        "team/theirs": "theirs",
    }
    assert set(described(project, "ours")["VersionIdsToStages"]) == {version}
    assert project.outputs()["ours"] == {"tags": {}, "version": None}
    assert not {"version_id", "__fingerprint"} & project.held("ours").keys()

    put(project, "ours", "theirs")
    # Of the one alone: moto keeps a description that was taken out.
    assert project.refresh(expect_no_changes=True, target=["**::ours"]).succeeded
    project.write(program(ours=OURS, ignored=EMPTY, replaced=EMPTY, theirs=EMPTY))
    preview = project.preview()
    assert "puts the declared value in place of the one that others have written" in preview.output
    up(project, calls=["DescribeSecret", "PutSecretValue", "UntagResource"])
    assert project.aws.values()["team/ours"] == "ours"
    assert described(project, "ours").get("Tags", []) == []
    previous = project.aws.secrets_manager.get_secret_value(SecretId="team/ours", VersionStage="AWSPREVIOUS")
    assert previous["SecretString"] == "theirs"
    assert project.refresh(expect_no_changes=True, target=["**::ours"]).succeeded


def test_secret_leaves_the_state_and_stays_where_it_is(make_project: MakeProject) -> None:
    """The container and the endpoint change sides in one run, and receivers see nothing of it."""
    project = make_project(IN_STATE)
    assert project.up().succeeded
    secret = project.endpoint()["secret"]

    project.write(DESTINATION)
    run = project.up()

    assert run.succeeded, run.output
    assert project.endpoint()["secret"] == secret
    assert project.aws.values() == {"team/one": secret}
    assert secret not in json.dumps(project.resources(show_secrets=True))
    assert project.up(expect_no_changes=True).succeeded
    assert project.refresh(expect_no_changes=True).succeeded


def test_refresh_describes_the_secret_of_an_endpoint_once(make_project: MakeProject) -> None:
    project = make_project(DESTINATION)
    up(project, calls=["CreateSecret", "DescribeSecret", "PutSecretValue"])
    assert project.aws.values() == {"team/one": project.endpoint()["secret"]}

    with project.counted() as calls:
        refreshed = project.refresh(expect_no_changes=True)

    assert refreshed.succeeded, refreshed.output
    assert (calls.signa, calls.aws) == ({"list": 1}, ["DescribeSecret"])
