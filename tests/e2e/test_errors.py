"""What a user reads when something is wrong: one line that says what to do, and nothing made half."""

import socket

import pytest

from e2e.harness import API_KEY, MakeProject, Project

pytestmark = pytest.mark.e2e

BAD_ENDPOINT = """
from pulumi_signa import WebhookEndpoint
WebhookEndpoint(
    "hook", url="ftp://s3cr3t.example.com", enabled_events=["webhook.test"], description="s3cr3t" * 10_000,
    metadata=["s3cr3t"], status="s3cr3t",
)
"""
BAD_SECRET = """
from pulumi_signa import SecretsManagerSecret
SecretsManagerSecret(
    "stored", secret_name="s3cr3t s3cr3t", secret_string="s3cr3t" * 20_000, description="s3cr3t" * 3_000,
    kms_key_id=7, tags={"aws:x": "s3cr3t"}, recovery_window_in_days=3, region="s3cr3t",
)
"""


@pytest.mark.parametrize(
    ("program", "names"),
    [
        (BAD_ENDPOINT, {"url", "enabled_events", "description", "metadata", "status"}),
        (
            BAD_SECRET,
            {
                *("secret_name", "secret_string", "description", "kms_key_id"),
                *("tags", "recovery_window_in_days", "region"),
            },
        ),
    ],
)
def test_bad_inputs_are_all_reported_at_preview(make_project: MakeProject, program: str, names: set[str]) -> None:
    """Each rule that is broken is a line of its own; no value is printed, and nobody is called."""
    project = make_project(program)

    with project.counted() as calls:
        run = project.preview()

    lines = [error.split(" has a problem: ")[1] for error in run.diagnostics("error")]
    assert not run.succeeded
    assert {line.split(":")[0] for line in lines} == names
    assert all("\n" not in line and len(line) < 200 for line in lines)
    assert "s3cr3t" not in run.output
    assert (calls.signa, calls.aws) == ({}, [])


def test_missing_key_names_both_places_at_preview(project: Project) -> None:
    """Without a key the preview fails, and says where one can be set."""
    del project.environment["SIGNA_API_KEY"]

    error = project.preview().error()

    assert "signa:apiKey" in error
    assert "SIGNA_API_KEY" in error


def test_malformed_key_is_found_at_preview_and_not_shown(project: Project) -> None:
    """A key that cannot be one is refused before anything is sent."""
    project.environment["SIGNA_API_KEY"] = "pk_live_hunter2"

    run = project.preview()

    assert "SIGNA_API_KEY" in run.error()
    assert "hunter2" not in run.output


def test_http_base_url_is_refused_at_preview(project: Project) -> None:
    """The key must not go over the wire in the clear."""
    project.environment["SIGNA_BASE_URL"] = "http://signa.example.com/v1"

    error = project.preview().error()

    assert "SIGNA_BASE_URL" in error
    assert "https" in error


def test_key_from_stack_configuration_works_and_is_named(project: Project) -> None:
    """A key that Signa refuses is named by the place it came from; a right one there is enough."""
    del project.environment["SIGNA_API_KEY"]
    project.cli("config", "set", "--secret", "signa:apiKey", "sig_" + "0" * 48)

    run = project.up()
    project.cli("config", "set", "--secret", "signa:apiKey", API_KEY)
    repaired = project.up()

    assert "401" in run.error()
    assert "stack configuration signa:apiKey" in run.error()
    assert "sig_0" not in run.output
    assert repaired.succeeded, repaired.output
    assert len(project.endpoints()) == 1


def test_missing_scope_is_named(project: Project) -> None:
    """403 says which scope the key needs."""
    project.environment["SIGNA_API_KEY"] = API_KEY.replace("c0ffee", "5c09e5")

    error = project.up().error()

    assert "403" in error
    assert "portfolios:manage" in error


def test_refusal_of_signa_is_shown_in_its_own_words(project: Project) -> None:
    """A 400 shows the detail, the suggestion and the request id."""
    project.fault(operation="create", kind="status", status=400, type="validation_error", detail="That URL is no good.")

    error = project.up().error()

    assert "400 validation_error: That URL is no good." in error
    assert "request req_" in error


def test_unreachable_server_is_named_with_its_port(project: Project) -> None:
    """A server that is not there is named; a later run goes on where this one stopped."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    there, project.environment["SIGNA_BASE_URL"] = project.environment["SIGNA_BASE_URL"], f"http://127.0.0.1:{port}/v1"
    project.environment["SIGNA_MAX_WAIT_S"] = "1"

    error = project.up().error()
    project.environment["SIGNA_BASE_URL"] = there
    run = project.up()

    assert f"127.0.0.1:{port}" in error
    assert run.succeeded, run.output


@pytest.mark.parametrize("path", ["", "/v1/extra"])
def test_wrong_base_url_never_means_gone(project: Project, path: str) -> None:
    """A server that answers 404 to everything makes neither refresh nor destroy forget the endpoint."""
    project.up()
    right = project.environment["SIGNA_BASE_URL"]
    project.environment["SIGNA_BASE_URL"] = right.removesuffix("/v1") + path

    errors = [project.refresh().error(), project.destroy().error()]
    project.environment["SIGNA_BASE_URL"] = right
    known = project.resources()
    destroyed = project.destroy()

    assert all("404" in error for error in errors)
    assert "alerts" in known
    assert destroyed.succeeded, destroyed.output
    assert project.endpoints() == []


def test_key_of_another_organization_says_what_leaves_the_state(project: Project) -> None:
    """There the endpoint does not exist; that its secret leaves the state with it is not kept quiet."""
    project.up()
    (endpoint,) = project.endpoints()
    project.signa.organization.reset()

    run = project.refresh()

    assert run.succeeded, run.output
    assert any(endpoint["id"] in warning and "leaves the state" in warning for warning in run.diagnostics("warning"))


def test_up_resumes_after_an_outage(project: Project) -> None:
    """A run that fails leaves nothing; the next one makes one endpoint and one secret."""
    project.environment["SIGNA_MAX_WAIT_S"] = "0"
    project.fault(operation="create", kind="status", status=503, times=1)

    failed = project.up()
    run = project.up()

    assert "503" in failed.error()
    assert run.succeeded, run.output
    (endpoint,) = project.endpoints()
    assert list(project.aws.values().values()) == [endpoint["secret"]]


def test_answer_lost_after_the_commit_makes_no_second_endpoint(project: Project) -> None:
    """A connection that breaks after Signa has made the endpoint is retried with the same key."""
    project.fault(operation="create", kind="drop_after", times=1)

    run = project.up()

    assert run.succeeded, run.output
    (endpoint,) = project.endpoints()
    assert project.outputs()["signing_secret"] == endpoint["secret"]


def test_malformed_answer_names_the_field(project: Project) -> None:
    """An answer of another shape is told apart from a refusal, and the next run finds the endpoint it hid."""
    project.fault(operation="create", kind="body", body='{"id": 7}', times=1)

    error = project.up().error()
    run = project.up()

    assert "$.id" in error
    assert run.succeeded, run.output
    (endpoint,) = project.endpoints()
    assert project.outputs()["signing_secret"] == endpoint["secret"]


def test_missing_aws_region_is_found_at_preview(project: Project) -> None:
    """Where boto3 has nowhere to find one either, that is known before anything is made."""
    del project.environment["AWS_REGION"]
    project.environment["AWS_CONFIG_FILE"] = "/nowhere"

    error = project.preview().error()

    assert "no AWS region" in error
    assert "aws:region" in error


def test_missing_aws_credentials_are_named_and_lose_nothing(project: Project) -> None:
    """The endpoint's secret is in the state already, so the next run stores it and makes no second endpoint."""
    value = project.environment.pop("AWS_ACCESS_KEY_ID")

    error = project.up().error()
    project.environment["AWS_ACCESS_KEY_ID"] = value
    with project.counted() as calls:
        run = project.up()

    assert "no AWS credentials" in error
    assert run.succeeded, run.output
    assert calls.signa == {}
    (endpoint,) = project.endpoints()
    assert list(project.aws.values().values()) == [endpoint["secret"]]


def test_missing_aws_permission_is_named_with_the_line_to_add(project: Project) -> None:
    """AccessDenied names the action, and gives the statement that the policy lacks."""
    project.aws.refuse["CreateSecret"] = (
        "AccessDeniedException",
        "User: arn:aws:iam::1:user/x is not authorized to perform: secretsmanager:CreateSecret",
    )

    error = project.up().error()

    assert '"Action": "secretsmanager:CreateSecret"' in error


def test_region_of_the_stack_configuration_is_used(project: Project) -> None:
    """`aws:region` is enough where the environment names none."""
    del project.environment["AWS_REGION"]
    project.cli("config", "set", "aws:region", "eu-central-1")

    run = project.up()

    assert run.succeeded, run.output
    assert ":eu-central-1:" in project.outputs()["secret_arn"]
