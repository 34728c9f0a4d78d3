"""A signing secret that goes from Signa to Secrets Manager, and into no state."""

import hashlib
import json
from typing import Any

import pytest

from e2e.harness import MakeProject, Project
from e2e.local_aws import Refusal

pytestmark = pytest.mark.e2e

SECRET, OTHER = "signa/alerts", "signa/other"

_PROGRAM = """
import pulumi
from pulumi_signa import Adopt, SecretsManagerDestination, WebhookEndpoint
inputs = {inputs!r}
if "adopt" in inputs:
    inputs["adopt"] = Adopt(**inputs["adopt"])
destination = {destination!r}
if destination is not None:
    inputs["secret_destination"] = SecretsManagerDestination(destination)
endpoint = WebhookEndpoint("alerts", url="https://example.com/hooks/signa", **inputs)
pulumi.export("status", endpoint.secret_status)
"""


def stack(destination: str | None = SECRET, **inputs: Any) -> str:
    """Return the program of one endpoint, whose secret goes into a secret of this name."""
    return _PROGRAM.format(inputs=inputs, destination=destination)


def container(project: Project, name: str = SECRET, **request: Any) -> str:
    """Make a secret by hand, without a value, and return its ARN."""
    return str(project.aws.secrets_manager.create_secret(Name=name, **request)["ARN"])


def stored(project: Project, name: str = SECRET, stage: str = "AWSCURRENT") -> str:
    """Return what a receiver reads."""
    answer = project.aws.secrets_manager.get_secret_value(SecretId=name, VersionStage=stage)
    return str(answer["SecretString"])


def verifies(project: Project, name: str = SECRET, stage: str = "AWSCURRENT") -> bool:
    """Return whether a receiver that reads Secrets Manager accepts a delivery."""
    return project.verifies(stored(project, name, stage), project.endpoint()["id"])


@pytest.fixture
def written(make_project: MakeProject) -> Project:
    """Return a stack whose secret was written to a destination."""
    project = make_project(stack())
    container(project)
    run = project.up()
    assert run.succeeded, run.output
    return project


def test_secret_is_in_secrets_manager_and_in_no_state(make_project: MakeProject) -> None:
    project = make_project(stack())
    arn = container(project)

    with project.counted() as creating:
        run = project.up()
    with project.counted() as idle:
        again, preview = project.up(), project.preview()

    assert run.succeeded, run.output
    assert (creating.signa, creating.aws) == ({"create": 1}, ["DescribeSecret", "PutSecretValue"])
    secret = project.endpoint()["secret"]
    assert stored(project) == secret
    held = project.held()
    assert held["secret_arn"] == arn
    described = project.aws.secrets_manager.describe_secret(SecretId=SECRET)
    assert described["VersionIdsToStages"] == {held["secret_version_id"]: ["AWSCURRENT"]}
    assert hashlib.sha256(secret.encode()).hexdigest().startswith(held["secret_fingerprint"])
    assert len(held["secret_fingerprint"]) == 16
    assert "secret" not in held
    assert "previous_secret" not in held
    assert secret.removeprefix("whsec_") not in project.cli("stack", "export", "--show-secrets")
    assert project.outputs() == {"status": "current"}
    assert (again.steps(), preview.steps()) == ({"alerts": "same"}, {"alerts": "same"})
    assert (idle.signa, idle.aws) == ({}, [])


REFUSALS: dict[str, tuple[str, str, list[str]]] = {
    "a permission to describe": ("AccessDeniedException", "No.", ["secretsmanager:", '"Effect": "Allow"']),
    "a permission to put": ("AccessDeniedException", "No.", ["secretsmanager:PutSecretValue", '"Effect": "Allow"']),
    "a key that can be used": ("EncryptionFailure", "No.", ["kms_key_id names an enabled key"]),
    "a secret that stays": (
        "InvalidRequestException",
        "You can't perform this operation on the secret because it was marked for deletion.",  # moto puts all the same
        ["signa/alerts is scheduled for deletion", "restore-secret"],
    ),
    "a secret": ("ResourceNotFoundException", "No.", ["there is no secret signa/alerts", "without_value=True"]),
}
"""What a destination lacks, what AWS says then, and words of the one line."""


@pytest.mark.parametrize("operation", ["create", "rotate", "adopt"])
def test_destination_is_looked_at_before_signa_is_asked(make_project: MakeProject, operation: str) -> None:
    project = make_project(stack())
    container(project, SecretString="by hand")
    if operation == "rotate":
        assert project.up().succeeded
        project.write(stack(rotate_trigger="1"))
    elif operation == "adopt":
        project.write(stack(adopt={"id": project.make_outside()["id"], "rotate": True}))
    before = project.endpoints()

    for lacking, (code, message, words) in REFUSALS.items():
        # A rotation looks by its put alone.
        is_described = lacking in ("a permission to describe", "a secret") and operation != "rotate"
        action = "DescribeSecret" if is_described else "PutSecretValue"
        project.aws.refuse = {action: (code, message)}
        if lacking == "a secret":
            project.aws.refuse["DescribeSecret"] = (code, message)
        with project.counted() as calls:
            error = project.up().error()

        assert [word for word in words if word not in error] == []
        assert calls.signa == {}
        assert project.endpoints() == before


def test_rotation_leaves_the_secret_before_to_receivers(written: Project) -> None:
    before = stored(written)
    written.write(stack(rotate_trigger="1"))

    with written.counted() as calls:
        run = written.up()

    assert run.succeeded, run.output
    assert (calls.signa, len(calls.aws)) == ({"rotate": 1}, 2)
    assert stored(written) == written.endpoint()["secret"] != before
    assert stored(written, stage="AWSPREVIOUS") == before
    assert verifies(written)
    assert verifies(written, stage="AWSPREVIOUS")
    assert written.held()["secret_version"] == 2


def test_create_that_may_not_write_leaves_nothing(make_project: MakeProject) -> None:
    """Whether a secret without a value can be written shows when it is written."""
    project = make_project(stack())
    container(project)
    project.aws.refuse["PutSecretValue"] = ("AccessDeniedException", "No.")

    refused = project.up()
    left = project.endpoints()
    project.aws.refuse.clear()
    run = project.up()

    assert not refused.succeeded
    assert "was deleted again" in refused.output
    assert '"Effect": "Allow"' in refused.output
    assert left == []
    assert run.succeeded, run.output
    assert verifies(project)


@pytest.mark.parametrize("operation", ["create", "rotate"])
def test_run_that_cannot_store_says_until_when(make_project: MakeProject, operation: str) -> None:
    project = make_project(stack())
    container(project)
    if operation == "rotate":
        assert project.up().succeeded
        project.write(stack(rotate_trigger="1"))
    # The first put of a rotation is the look.
    looks = 1 if operation == "rotate" else 0
    project.aws.refuse["PutSecretValue"] = Refusal("InternalServiceError", "No.", status=500, after=looks)

    failed = project.up()
    made = project.endpoint()
    project.aws.refuse.clear()
    with project.counted() as calls:
        run = project.up()

    assert not failed.succeeded
    assert "could not be written to" in failed.output
    assert "run `pulumi up` again by 20" in failed.output
    assert run.succeeded, run.output
    assert project.endpoint()["secret"] == made["secret"]
    assert calls.signa == ({"create": 1, "retrieve": 1} if operation == "create" else {"rotate": 1, "retrieve": 1})
    assert verifies(project)


def test_value_of_somebody_else_is_replaced_without_a_rotation(written: Project) -> None:
    ours = written.held()["secret_version_id"]
    for value in ("theirs", "theirs again"):
        written.aws.secrets_manager.put_secret_value(SecretId=SECRET, SecretString=value)

    with written.counted() as calls:
        refreshed = written.refresh()
    status = written.held()["secret_status"]
    preview = written.preview()
    with written.counted() as repair:
        run = written.up()

    assert calls.signa == {"list": 1}
    assert set(calls.aws) <= {"DescribeSecret", "ListSecretVersionIds"}
    assert "another value than the secret of" in refreshed.output
    assert status == "overwritten"
    assert f"makes version {ours}" in preview.output
    assert run.succeeded, run.output
    assert repair.signa == {}
    assert verifies(written)
    assert written.outputs()["status"] == "current"
    assert written.up().steps() == {"alerts": "same"}


@pytest.mark.parametrize("days", [None, 7])
def test_destination_that_is_gone_is_warned_of_and_rotated_when_asked(written: Project, days: int | None) -> None:
    how = {"ForceDeleteWithoutRecovery": True} if days is None else {"RecoveryWindowInDays": days}
    written.aws.secrets_manager.delete_secret(SecretId=SECRET, **how)

    refreshed, idle = written.refresh(), written.up()
    if days is None:
        container(written)
    else:
        written.aws.secrets_manager.restore_secret(SecretId=SECRET)
    written.write(stack(on_stale_secret="rotate"))
    preview = written.preview()
    run = written.up()

    assert "is gone" in refreshed.output
    assert "on_stale_secret" in refreshed.output
    assert idle.steps() == {"alerts": "same"}
    assert "rotates the secret" in preview.output
    assert run.succeeded, run.output
    assert verifies(written)
    assert written.outputs()["status"] == "current"


def test_destination_that_is_back_is_as_it_was(written: Project) -> None:
    written.aws.secrets_manager.delete_secret(SecretId=SECRET)
    written.refresh()
    gone = written.held()["secret_status"]
    written.aws.secrets_manager.restore_secret(SecretId=SECRET)

    written.refresh()

    assert (gone, written.held()["secret_status"]) == ("unknown", "current")
    assert verifies(written)


def test_destination_that_is_added_takes_the_secret_out_of_the_state(make_project: MakeProject) -> None:
    project = make_project(stack(None))
    assert project.up().succeeded
    secret = project.endpoint()["secret"]
    container(project)
    project.write(stack())

    preview = project.preview()
    with project.counted() as calls:
        run = project.up()

    assert "takes it out of the state" in preview.output
    assert run.succeeded, run.output
    assert calls.signa == {}
    assert stored(project) == secret
    assert project.held()["secret_status"] == "current"
    assert secret.removeprefix("whsec_") not in project.cli("stack", "export", "--show-secrets")
    assert project.up().steps() == {"alerts": "same"}


def test_another_destination_rotates(written: Project) -> None:
    before = stored(written)
    container(written, OTHER)
    written.write(stack(OTHER))

    preview = written.preview()
    run = written.up()

    assert "rotates the secret: secret_destination is another secret" in preview.output
    assert run.succeeded, run.output
    assert verifies(written, OTHER)
    assert stored(written) == before
    assert verifies(written)
    assert written.up().steps() == {"alerts": "same"}


def test_the_same_destination_by_its_arn_changes_nothing(written: Project) -> None:
    arn = written.held()["secret_arn"]
    written.write(stack(arn))

    with written.counted() as calls:
        run = written.up()

    assert run.succeeded, run.output
    assert (calls.signa, calls.aws) == ({}, [])
    assert written.endpoint()["secret_version"] == 1


def test_destination_that_is_taken_out_leaves_no_secret_and_comes_back(written: Project) -> None:
    written.write(stack(None))
    preview = written.preview()
    run = written.up()
    without = written.outputs()
    written.write(stack())
    with written.counted() as calls:
        back = written.up()

    assert "secret_status will be unknown" in preview.output
    assert run.succeeded, run.output
    assert without == {"status": "unknown"}
    assert back.succeeded, back.output
    assert calls.signa == {"retrieve": 1}
    assert written.outputs() == {"status": "current"}
    assert verifies(written)


def test_forced_rotation_is_carried_out_wherever_the_secret_was_before(written: Project) -> None:
    """Two rotations of an endpoint whose secret leaves its destination are two, and no repetition of one."""
    written.write(stack(None, rotate_trigger="1"))
    assert written.up().succeeded
    written.write(stack(rotate_trigger="1"))
    assert written.up().succeeded
    written.write(stack(None, rotate_trigger="2", force_rotation_reason="leaked"))

    run = written.up()

    assert run.succeeded, run.output
    assert (written.endpoint()["secret_version"], written.endpoint()["previous_secret"]) == (3, None)
    assert written.held()["secret"] == written.endpoint()["secret"]


@pytest.mark.parametrize("other", ["by its name", "by its ARN", "with a value"])
def test_secret_that_two_resources_write_is_refused(make_project: MakeProject, other: str) -> None:
    project = make_project()
    arn = container(project)
    value = f'SecretsManagerSecret("c", secret_name={SECRET!r}, secret_string="x", adopt_existing=True)'
    before, place = {
        "by its name": (f"one({SECRET!r})", repr(SECRET)),
        "by its ARN": (f"one({arn!r})", repr(SECRET)),
        "with a value": (value, "before.id"),
    }[other]
    project.write(
        f"""
from pulumi_signa import SecretsManagerDestination, SecretsManagerSecret, WebhookEndpoint
def one(place, name="one"):
    return WebhookEndpoint(
        name, url="https://example.com/", secret_destination=SecretsManagerDestination(place)
    )
before = {before}
one({place}, "alerts")
"""
    )

    run = project.up()

    assert "is written by the resources" in run.error()


def test_adopted_endpoint_is_recognized_in_its_destination(written: Project) -> None:
    """A state that is lost costs no rotation: the id of the version tells whose secret is there."""
    endpoint_id = written.endpoint()["id"]
    written.cli("state", "delete", written.urn("alerts"), "--yes")
    written.write(stack(adopt={"id": endpoint_id}))

    run = written.up()

    assert run.succeeded, run.output
    assert written.outputs() == {"status": "current"}
    assert written.endpoint()["secret_version"] == 1
    assert verifies(written)


@pytest.mark.parametrize("how", ["secret", "rotate"])
def test_adoption_writes_to_the_destination(make_project: MakeProject, how: str) -> None:
    project = make_project(stack())
    container(project)
    outside = project.make_outside()
    adopt = {"id": outside["id"], **({"secret": outside["secret"]} if how == "secret" else {"rotate": True})}
    project.write(stack(adopt=adopt))

    run = project.up()

    assert run.succeeded, run.output
    assert verifies(project)
    assert "secret" not in project.held()
    assert project.endpoint()["secret_version"] == (1 if how == "secret" else 2)
    again = project.up()
    assert again.steps() == {"alerts": "same"}
    assert outside["secret"].removeprefix("whsec_") not in project.cli("stack", "export", "--show-secrets")


@pytest.mark.parametrize(
    ("destination", "words"),
    [
        ("", "must be the name or the ARN"),
        ("a b", "must be the name or the ARN"),
        ("x" * 10_000, "at most 512 characters"),
        ("arn:aws:s3:::bucket", "must be the name or the ARN"),
    ],
)
def test_destination_that_cannot_be_one_is_refused_at_preview(
    make_project: MakeProject, destination: str, words: str
) -> None:
    project = make_project(stack(destination))

    run = project.preview()

    assert not run.succeeded
    assert words in run.output
    assert json.dumps(destination) not in run.output or destination == ""
