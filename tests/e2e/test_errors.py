"""What a user reads when something is wrong: one line that says what to do, and nothing made half."""

import pytest

from e2e.harness import API_KEY, MakeProject, Project
from e2e.host import AWS_REGION, problem_in

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
    ids=["endpoint", "secret"],
)
def test_bad_inputs_are_all_reported_at_preview(make_project: MakeProject, program: str, names: set[str]) -> None:
    """Each rule that is broken is a line of its own; no value is printed, and nobody is called."""
    project = make_project(program)

    with project.counted() as calls:
        run = project.preview()

    lines = [problem_in(error) for error in run.diagnostics("error")]
    assert not run.succeeded
    assert {line.split(":")[0] for line in lines} == names
    assert all("\n" not in line and len(line) < 200 for line in lines)
    assert "s3cr3t" not in run.output
    assert (calls.signa, calls.aws) == ({}, [])


@pytest.mark.parametrize(("variable", "key"), [("SIGNA_API_KEY", "signa:apiKey"), ("AWS_REGION", AWS_REGION)])
def test_missing_setting_is_found_at_preview(project: Project, variable: str, key: str) -> None:
    """The error names both places where the setting can be put."""
    del project.environment[variable]
    project.environment["AWS_CONFIG_FILE"] = "/nowhere"

    error = project.preview().error()

    assert variable in error
    assert key in error


def test_settings_of_the_stack_work_and_are_named(project: Project) -> None:
    """A refused key is named by the place it came from; a key and a region in the stack's configuration are enough."""
    del project.environment["SIGNA_API_KEY"], project.environment["AWS_REGION"]
    project.cli("config", "set", AWS_REGION, "eu-central-1")
    project.cli("config", "set", "--secret", "signa:apiKey", "sig_" + "0" * 48)

    run = project.up()
    project.cli("config", "set", "--secret", "signa:apiKey", API_KEY)
    repaired = project.up()

    assert "401" in run.error()
    assert "signa:apiKey" in run.error()
    assert "sig_0" not in run.output
    assert repaired.succeeded, repaired.output
    assert project.outputs()["endpoint_id"] == project.endpoint()["id"]
    assert ":eu-central-1:" in project.outputs()["secret_arn"]


def test_wrong_base_url_never_means_gone(project: Project) -> None:
    """A server that answers 404 to everything makes neither refresh nor destroy forget the endpoint."""
    project.up()
    right = project.environment["SIGNA_BASE_URL"]
    project.environment["SIGNA_BASE_URL"] = right.removesuffix("/v1")

    errors = [project.refresh().error(), project.destroy().error()]
    project.environment["SIGNA_BASE_URL"] = right
    known = project.resources()

    assert all("404" in error for error in errors)
    assert "alerts" in known
    assert project.endpoint()["id"] == known["alerts"]["id"]


def test_key_of_another_organization_says_what_leaves_the_state(project: Project) -> None:
    """A refresh that drops an endpoint warns that its secret leaves the state with it."""
    project.up()
    endpoint = project.endpoint()
    project.signa.organization.reset()

    run = project.refresh()

    assert run.succeeded, run.output
    assert run.warns(endpoint["id"], "secret")


def test_log_shows_each_record_as_one_diagnostic(project: Project) -> None:
    """A traceback has many lines, and is one diagnostic all the same."""
    project.environment |= {"SIGNA_LOG_LEVEL": "DEBUG", "SIGNA_MAX_WAIT_S": "0"}
    project.fault(operation="create", kind="status", status=503)

    run = project.up()

    shown = run.diagnostics("info") + run.diagnostics("info#err")
    (traceback,) = [record for record in shown if "Traceback" in record]
    assert traceback.startswith("pulumi_signa DEBUG Traceback (most recent call last):\n")
    assert traceback.splitlines()[-1].startswith("pulumi_signa.signa_api.errors.ApiError: Signa answered 503")
    assert "pulumi_signa DEBUG POST /webhooks: 503" in shown
    assert all(shown)


def test_aws_that_refuses_is_named_and_loses_nothing(project: Project) -> None:
    """The endpoint's secret is in the state, so a later run stores it and makes no second endpoint."""
    project.aws.refuse["CreateSecret"] = (
        "AccessDeniedException",
        "User: arn:aws:iam::1:user/x is not authorized to perform: secretsmanager:CreateSecret",
    )

    denied = project.up().error()
    project.aws.refuse.clear()
    value = project.environment.pop("AWS_ACCESS_KEY_ID")
    without_credentials = project.up().error()
    project.environment["AWS_ACCESS_KEY_ID"] = value
    with project.counted() as calls:
        run = project.up()

    assert '"Action": "secretsmanager:CreateSecret"' in denied
    assert "credentials" in without_credentials
    assert run.succeeded, run.output
    assert calls.signa == {}
    assert list(project.aws.values().values()) == [project.endpoint()["secret"]]
