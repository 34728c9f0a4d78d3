"""A signing secret that goes from Signa to Secrets Manager, and into no state."""

import hashlib
from typing import Any

import pytest

from e2e.harness import MakeProject, Project
from e2e.local_aws import Refusal

pytestmark = pytest.mark.e2e

_PROGRAM = """
import pulumi
from pulumi_signa import Adopt, SecretsManagerDestination, WebhookEndpoint
for name, inputs in {endpoints!r}.items():
    secret_id = inputs.pop("secret_id", f"signa/{{name}}")
    if secret_id is not None:
        inputs["secret_destination"] = SecretsManagerDestination(secret_id)
    if "adopt" in inputs:
        inputs["adopt"] = Adopt(**inputs["adopt"])
    endpoint = WebhookEndpoint(name, url=f"https://example.com/{{name}}", **inputs)
    pulumi.export(name, endpoint.secret_status)
"""


def stack(**endpoints: dict[str, Any]) -> str:
    """
    Return a program that exports the `secret_status` of its endpoints.

    Args:
        endpoints: Inputs of the endpoints by name. Each one's secret goes to the secret `signa/<name>`, or where
            `secret_id` says; nowhere if this is None.
    """
    return _PROGRAM.format(endpoints=endpoints)


def container(project: Project, name: str, **request: Any) -> str:
    """Make the secret of an endpoint by hand, without a value, and return its ARN."""
    return str(project.aws.secrets_manager.create_secret(Name=f"signa/{name}", **request)["ARN"])


def stored(project: Project, name: str, stage: str = "AWSCURRENT") -> str:
    """Return what a receiver reads."""
    answer = project.aws.secrets_manager.get_secret_value(SecretId=f"signa/{name}", VersionStage=stage)
    return str(answer["SecretString"])


def endpoint(project: Project, name: str) -> dict[str, Any]:
    """Return what Signa has under the URL of an endpoint."""
    (found,) = [one for one in project.endpoints() if one["url"].endswith(f"/{name}")]
    return found


def verifies(project: Project, name: str, *, secret_of: str = "", stage: str = "AWSCURRENT") -> bool:
    """Return whether a receiver that reads Secrets Manager accepts a delivery."""
    return project.verifies(stored(project, secret_of or name, stage), endpoint(project, name)["id"])


def up(project: Project) -> None:
    """Run `pulumi up`, which must succeed."""
    run = project.up()
    assert run.succeeded, run.output


def test_secret_is_in_secrets_manager_and_in_no_state(make_project: MakeProject) -> None:
    project = make_project(stack(alerts={}))
    arn = container(project, "alerts")

    with project.counted() as creating:
        run = project.up()
    with project.counted() as idle:
        again, preview = project.up(), project.preview()

    assert run.succeeded, run.output
    assert (creating.signa, creating.aws) == ({"create": 1}, ["DescribeSecret", "PutSecretValue"])
    secret = project.endpoint()["secret"]
    assert stored(project, "alerts") == secret
    held = project.held()
    assert held["secret_arn"] == arn
    described = project.aws.secrets_manager.describe_secret(SecretId="signa/alerts")
    assert described["VersionIdsToStages"] == {held["secret_version_id"]: ["AWSCURRENT"]}
    assert hashlib.sha256(secret.encode()).hexdigest().startswith(held["secret_fingerprint"])
    assert len(held["secret_fingerprint"]) == 16
    assert "secret" not in held
    assert "previous_secret" not in held
    assert secret.removeprefix("whsec_") not in project.cli("stack", "export", "--show-secrets")
    assert project.outputs() == {"alerts": "current"}
    assert (again.steps(), preview.steps()) == ({"alerts": "same"}, {"alerts": "same"})
    assert (idle.signa, idle.aws) == ({}, [])


REFUSALS: dict[str, tuple[str, str, list[str]]] = {
    "a permission to describe": ("AccessDeniedException", "No.", ["secretsmanager:", '"Effect": "Allow"']),
    "a permission to put": ("AccessDeniedException", "No.", ["secretsmanager:PutSecretValue", '"Effect": "Allow"']),
    "a key that can be used": ("EncryptionFailure", "No.", ["kms_key_id names an enabled key"]),
    "a secret that stays": (
        "InvalidRequestException",
        "You can't perform this operation on the secret because it was marked for deletion.",  # moto puts all the same
        ["{secret} is scheduled for deletion", "restore-secret"],
    ),
    "a secret": ("ResourceNotFoundException", "No.", ["there is no secret {secret}", "with without_value"]),
}
"""What a destination lacks, what AWS says then, and words of the one line."""


@pytest.mark.timeout(600)
def test_destination_is_looked_at_before_signa_is_asked(make_project: MakeProject) -> None:
    """A create, an adoption and a rotation are refused in the same run."""
    names = ("created", "adopted", "rotated")
    project = make_project(stack(rotated={}))
    for name in names:
        container(project, name, SecretString="by hand")
    up(project)
    adopt = {"id": project.make_outside()["id"], "rotate": True}
    project.write(stack(created={}, adopted={"adopt": adopt}, rotated={"rotate_trigger": "1"}))
    before = project.endpoints()

    for lacking, (code, message, words) in REFUSALS.items():
        project.aws.refuse.clear()
        for name in names:
            # A rotation looks by its put alone.
            is_described = lacking in ("a permission to describe", "a secret") and name != "rotated"
            project.aws.refuse["DescribeSecret" if is_described else "PutSecretValue", f"signa/{name}"] = code, message
            if lacking == "a secret":
                project.aws.refuse["DescribeSecret", f"signa/{name}"] = code, message
        with project.counted() as calls:
            errors = project.up(continue_on_error=True).errors()

        assert errors.keys() == set(names)
        for name, error in errors.items():
            assert [word for word in words if word.format(secret=f"signa/{name}") not in error] == []
        assert calls.signa == {}
        assert project.endpoints() == before


def test_run_that_cannot_store_is_made_up_for_by_the_next(make_project: MakeProject) -> None:
    """
    A secret that may not be written leaves no endpoint; one that cannot be written now can be got again for a day.

    Whether a secret without a value can be written shows when it is written.
    """
    project = make_project(stack(rotated={}))
    for name in ("denied", "created", "rotated"):
        container(project, name)
    up(project)
    project.write(stack(denied={}, created={}, rotated={"rotate_trigger": "1"}))
    project.aws.refuse = {
        ("PutSecretValue", "signa/denied"): ("AccessDeniedException", "No."),
        ("PutSecretValue", "signa/created"): Refusal("InternalServiceError", "No.", status=500),
        # The first put of a rotation is the look.
        ("PutSecretValue", "signa/rotated"): Refusal("InternalServiceError", "No.", status=500, after=1),
    }

    errors = project.up(continue_on_error=True).errors()
    issued = {name: endpoint(project, name)["secret"] for name in ("created", "rotated")}
    left = len(project.endpoints())
    project.aws.refuse.clear()
    with project.counted() as calls:
        run = project.up()

    assert errors.keys() == {"denied", "created", "rotated"}
    assert "was deleted again" in errors["denied"]
    assert '"Effect": "Allow"' in errors["denied"]
    assert left == 2
    for name in issued:
        assert "could not be written to" in errors[name]
        assert "run `pulumi up` again by 20" in errors[name]
    assert run.succeeded, run.output
    assert {name: endpoint(project, name)["secret"] for name in issued} == issued
    # Signa still knows the key of the endpoint that was deleted.
    assert calls.signa == {"create": 3, "rotate": 1, "retrieve": 3}
    assert all(verifies(project, name) for name in errors)


@pytest.mark.timeout(600)
def test_edited_destination_has_the_secret_that_the_endpoint_has(make_project: MakeProject) -> None:
    """A trigger rotates, and so does another destination; one that is added or taken out does not."""
    project = make_project(stack(rotated={}, moved={}, added={"secret_id": None}, removed={}, by_arn={}))
    arns = {name: container(project, name) for name in ("rotated", "moved", "removed", "by_arn", "elsewhere")}
    up(project)
    before = {one["url"].rsplit("/", 1)[-1]: one["secret"] for one in project.endpoints()}
    container(project, "added")
    moved = {"secret_id": "signa/elsewhere"}
    project.write(stack(rotated={"rotate_trigger": "1"}, moved=moved, added={}, removed={"secret_id": None}, by_arn={}))

    preview = project.preview()
    with project.counted() as calls:
        run = project.up()
    without = project.outputs()
    project.write(
        stack(rotated={"rotate_trigger": "1"}, moved=moved, added={}, removed={}, by_arn={"secret_id": arns["by_arn"]})
    )
    with project.counted() as calls_of_second:
        second = project.up()

    assert run.succeeded, run.output
    assert calls.signa == {"rotate": 2}
    after = {one["url"].rsplit("/", 1)[-1]: one["secret"] for one in project.endpoints()}
    assert {name for name in before if before[name] != after[name]} == {"rotated", "moved"}
    # The secret before a rotation is left to receivers.
    assert (stored(project, "rotated"), stored(project, "rotated", "AWSPREVIOUS")) == (
        after["rotated"],
        before["rotated"],
    )
    assert verifies(project, "rotated")
    assert verifies(project, "rotated", stage="AWSPREVIOUS")
    assert "rotates the secret: secret_destination is another secret" in preview.output
    assert verifies(project, "moved", secret_of="elsewhere")
    assert verifies(project, "moved")
    assert stored(project, "moved") == before["moved"]
    assert "takes it out of the state" in preview.output
    assert stored(project, "added") == before["added"]
    assert before["added"].removeprefix("whsec_") not in project.cli("stack", "export", "--show-secrets")
    assert "secret_status will be unknown" in preview.output
    assert without == {name: "unknown" if name == "removed" else "current" for name in before}
    # What was taken out comes back with one look at Signa. An ARN in place of the name changes nothing.
    assert second.succeeded, second.output
    assert calls_of_second.signa == {"retrieve": 1}
    assert verifies(project, "removed")
    assert project.outputs() == dict.fromkeys(before, "current")
    with project.counted() as calls:
        assert project.up(expect_no_changes=True).succeeded
    assert (calls.signa, calls.aws) == ({}, [])


@pytest.mark.timeout(600)
def test_what_others_do_to_a_destination_is_told_and_mended(make_project: MakeProject) -> None:
    """
    A value of somebody else is replaced without a rotation.

    A secret that is gone is warned of, and is as it was when it is back. Otherwise the endpoint rotates when asked.
    """
    project = make_project(stack(overwritten={}, back={}, restored={}, made_anew={}))
    for name in ("overwritten", "back", "restored", "made_anew"):
        container(project, name)
    up(project)
    ours = project.held("overwritten")["secret_version_id"]
    issued = {one["url"]: one["secret"] for one in project.endpoints()}
    manager = project.aws.secrets_manager
    for value in ("theirs", "theirs again"):
        manager.put_secret_value(SecretId="signa/overwritten", SecretString=value)
    for name in ("back", "restored"):
        manager.delete_secret(SecretId=f"signa/{name}")
    manager.delete_secret(SecretId="signa/made_anew", ForceDeleteWithoutRecovery=True)

    with project.counted() as calls_of_refresh:
        refreshed = project.refresh()
    found = {name: resource["outputs"]["secret_status"] for name, resource in project.resources().items()}
    preview = project.preview()
    with project.counted() as calls_of_repair:
        repaired = project.up()

    assert calls_of_refresh.signa == {"list": 1}
    assert set(calls_of_refresh.aws) <= {"DescribeSecret", "ListSecretVersionIds"}
    assert "another value than the secret of" in refreshed.output
    assert found == {"overwritten": "overwritten", "back": "unknown", "restored": "unknown", "made_anew": "unknown"}
    for name in ("back", "restored", "made_anew"):
        assert refreshed.warns(f"signa/{name}", "is gone", "on_stale_secret")
    assert f"makes version {ours}" in preview.output
    assert repaired.succeeded, repaired.output
    assert repaired.steps() == {"overwritten": "update", "back": "same", "restored": "same", "made_anew": "same"}
    assert calls_of_repair.signa == {}
    assert verifies(project, "overwritten")

    for name in ("back", "restored"):
        manager.restore_secret(SecretId=f"signa/{name}")
    container(project, "made_anew")
    project.refresh(target=["**::back"])
    rotate = {"on_stale_secret": "rotate"}
    project.write(stack(overwritten={}, back={}, restored=rotate, made_anew=rotate))
    preview = project.preview()
    run = project.up()

    assert "rotates the secret" in preview.output
    assert run.succeeded, run.output
    assert run.steps() == {"overwritten": "same", "back": "same", "restored": "update", "made_anew": "update"}
    assert project.outputs() == dict.fromkeys(found, "current")
    assert all(verifies(project, name) for name in found)
    assert {url.rsplit("/", 1)[-1] for url, secret in issued.items() if secret != _secrets(project)[url]} == {
        "restored",
        "made_anew",
    }


def test_forced_rotation_is_carried_out_wherever_the_secret_was_before(make_project: MakeProject) -> None:
    """Two rotations of an endpoint whose secret leaves its destination are two, and no repetition of one."""
    project = make_project(stack(alerts={}))
    container(project, "alerts")
    up(project)
    project.write(stack(alerts={"secret_id": None, "rotate_trigger": "1"}))
    up(project)
    project.write(stack(alerts={"rotate_trigger": "1"}))
    up(project)
    project.write(stack(alerts={"secret_id": None, "rotate_trigger": "2", "force_rotation_reason": "leaked"}))

    run = project.up()

    assert run.succeeded, run.output
    after = project.endpoint()
    assert (after["secret_version"], after["previous_secret"]) == (3, None)
    assert project.held()["secret"] == after["secret"]


@pytest.mark.parametrize("other", ["by its name", "by its ARN", "with a value"])
def test_secret_that_two_resources_write_is_refused(make_project: MakeProject, other: str) -> None:
    project = make_project("")
    arn = container(project, "alerts")
    value = 'SecretsManagerSecret("c", secret_name="signa/alerts", secret_string="x", adopt_existing=True)'
    before, place = {
        "by its name": ("one('signa/alerts')", "'signa/alerts'"),
        "by its ARN": (f"one({arn!r})", "'signa/alerts'"),
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


def test_adoption_writes_to_the_destination(make_project: MakeProject) -> None:
    """
    With its secret, with a rotation, or neither where our secret is there already.

    A state that is lost costs no rotation: the id of the version tells whose secret is in the destination.
    """
    project = make_project(stack(recognized={}))
    for name in ("recognized", "known", "rotated"):
        container(project, name)
    up(project)
    project.cli("state", "delete", project.urn("recognized"), "--yes")
    known, rotated = (project.make_outside(url=f"https://example.com/{name}") for name in ("known", "rotated"))
    project.write(
        stack(
            recognized={"adopt": {"id": endpoint(project, "recognized")["id"]}},
            known={"adopt": {"id": known["id"], "secret": known["secret"]}},
            rotated={"adopt": {"id": rotated["id"], "rotate": True}},
        )
    )

    run = project.up()

    assert run.succeeded, run.output
    names = ("recognized", "known", "rotated")
    assert project.outputs() == dict.fromkeys(names, "current")
    assert [endpoint(project, name)["secret_version"] for name in names] == [1, 1, 2]
    assert all(verifies(project, name) for name in names)
    assert all("secret" not in resource["outputs"] for resource in project.resources().values())
    assert set(project.up().steps().values()) == {"same"}
    exported = project.cli("stack", "export", "--show-secrets")
    assert not [one for one in (known, rotated) if one["secret"].removeprefix("whsec_") in exported]


def test_destination_that_cannot_be_one_is_refused_at_preview(make_project: MakeProject) -> None:
    project = make_project(stack(alerts={"secret_id": "x" * 10_000}))

    run = project.preview()

    assert not run.succeeded
    assert "at most 512 characters" in run.output
    assert "x" * 10_000 not in run.output


def _secrets(project: Project) -> dict[str, str]:
    return {one["url"]: one["secret"] for one in project.endpoints()}
