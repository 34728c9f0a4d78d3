"""Runs that end in the middle, and two at once."""

import json
import os
import signal

import boto3
import pytest
import requests

from e2e.harness import SECRET_NAME, STACK_PROGRAM, MakeProject, Project

pytestmark = pytest.mark.e2e

BUCKET = "pulumi-state"

WAITING = """
import pathlib, time
pathlib.Path("begun").touch()
while not pathlib.Path("go").exists():
    time.sleep(0.05)
"""
"""Keeps a program, and with it the lock of its stack, waiting for the test."""


def test_killed_run_is_continued_by_the_next(project: Project) -> None:
    """The engine dies after Signa has made the endpoint, and the next run takes over this endpoint and its secret."""
    project.fault(operation="create", kind="delay", seconds=60, after_commit=True)
    process = project.begin_up()
    _wait_for_endpoint(project)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    project.signa.organization.faults.clear()
    orphan = project.endpoint()

    project.cli("cancel", "--yes")
    run = project.up()

    assert run.succeeded, run.output
    endpoint = project.endpoint()
    assert endpoint["id"] == orphan["id"]
    assert project.outputs()["signing_secret"] == endpoint["secret"]
    assert project.aws.values() == {SECRET_NAME: endpoint["secret"]}
    assert run.warns(endpoint["id"])


def test_interrupted_run_ends_and_the_next_one_finishes(project: Project) -> None:
    """Ctrl-C does not wait for a server that hangs; the next run finds what was begun."""
    project.fault(operation="create", kind="hang", after_commit=True)
    process = project.begin_up()
    _wait_for_endpoint(project)
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate()
    first = project.endpoint()

    run = project.up()

    assert "interrupted" in output
    assert "Traceback" not in output
    assert run.succeeded, run.output
    endpoint = project.endpoint()
    assert endpoint["id"] == first["id"]
    assert project.aws.values() == {SECRET_NAME: endpoint["secret"]}


def test_interrupted_run_waits_for_no_rate_limit(project: Project) -> None:
    """Ctrl-C ends a wait for the rate limit, and nothing was begun."""
    project.signa.organization.change_settings(rate_limit=1, rate_window_s=3600)
    project.environment["SIGNA_MAX_WAIT_S"] = "7200"
    project.signa_call("GET", "/webhooks")
    process = project.begin_up()
    assert process.stdout is not None
    waiting = next(line for line in process.stdout if "rate limit" in line)
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate()

    project.signa.organization.change_settings(rate_limit=None)
    run = project.up()

    assert "s left" in waiting
    assert "interrupted" in output
    assert run.succeeded, run.output
    assert len(project.endpoints()) == 1


def test_shared_back_end_lets_one_of_two_workers_run(make_project: MakeProject) -> None:
    """On an S3 back end the second of two simultaneous runs is refused, names the lock's owner, and harms nothing."""
    project = make_project(WAITING + STACK_PROGRAM)
    s3 = boto3.client(
        "s3",
        region_name="us-east-1",
        endpoint_url=project.aws.url,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    s3.create_bucket(Bucket=BUCKET)
    project.environment["PULUMI_BACKEND_URL"] = (
        f"s3://{BUCKET}?region=us-east-1&endpoint={project.aws.url}&s3ForcePathStyle=true"
    )
    project.cli("stack", "init", "organization/sandbox/dev")
    project.config(url="https://example.com/hooks/signa")

    first = project.begin_up()
    while not (project.folder / "begun").exists():
        assert first.poll() is None, first.communicate()
    with project.begin_up() as process:
        second, _ = process.communicate()
    (project.folder / "go").touch()
    printed, _ = first.communicate()

    assert process.returncode != 0
    assert "the stack is currently locked by 1 lock(s)" in second
    assert first.returncode == 0, printed
    endpoint = project.endpoint()
    assert project.aws.values() == {SECRET_NAME: endpoint["secret"]}
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
    (state_key,) = [key for key in keys if key.endswith("stacks/sandbox/dev.json")]
    state = s3.get_object(Bucket=BUCKET, Key=state_key)["Body"].read().decode()
    assert json.loads(state)["checkpoint"]["latest"]["resources"]
    assert endpoint["secret"] not in state
    assert not any("/locks/" in key for key in keys)


def test_engine_and_program_leave_no_process_behind(project: Project) -> None:
    """No process of a run outlives it."""
    project.up()

    assert project.processes() == []


def _wait_for_endpoint(project: Project) -> None:
    """Return when Signa has made an endpoint; the request that made it still waits for its answer."""
    answer = requests.get(f"{project.signa.control_url}/state", timeout=10)
    while not answer.json()["endpoints"]:
        answer = requests.get(f"{project.signa.control_url}/state", timeout=10)
