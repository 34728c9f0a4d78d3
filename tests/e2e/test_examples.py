"""The programs of `examples/`, each in a copy of its folder, on a real engine."""

import shutil
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

import workflows
from e2e.harness import API_KEY, DAY_S, REPOSITORY, MakeProject, Project
from e2e.host import only

# The files import from `pulumi_signa`, and are taken as they are; those of the native host have a module of their own.
pytestmark = [pytest.mark.e2e, only("dynamic")]

EXAMPLES = REPOSITORY / "examples"
PROGRAMS = sorted(file.parent.name for file in EXAMPLES.glob("*/Pulumi.yaml"))
URL = "https://example.com/hooks/signa"

Play: TypeAlias = Callable[..., Project]


@pytest.fixture
def play(make_project: MakeProject) -> Play:
    """Return what makes a stack of an example, in a copy of its folder."""

    def make(name: str, stack: str = "dev") -> Project:
        project = make_project("")
        (project.folder / "Pulumi.dev.yaml").unlink()
        shutil.copytree(EXAMPLES / name, project.folder, dirs_exist_ok=True)
        (project.folder / ".venv").symlink_to(sys.prefix)
        # The second organization of `organizations` is the first one here.
        project.environment |= {"SIGNA_API_KEY_EU": API_KEY, "SIGNA_BASE_URL_EU": project.signa.base_url}
        # A workflow names its stack, or selects it.
        del project.environment["PULUMI_STACK"]
        project.cli("stack", "init", stack)
        return project

    return make


def edit(project: Project, old: str, new: str) -> None:
    """Replace what stands once in the program."""
    program = (project.folder / "__main__.py").read_text()
    assert program.count(old) == 1
    project.write(program.replace(old, new))


def runs(project: Project, script: str, **environment: str) -> tuple[int, str]:
    """Run a shell step of a workflow as GitHub's runner does; return its exit code and what it printed."""
    project.environment |= environment
    with project.start("bash", "-e", "-c", script) as process:
        output, _ = process.communicate()
    project.check_canary(output)
    return process.returncode, output


@pytest.mark.parametrize("name", PROGRAMS)
def test_example_previews(play: Play, name: str) -> None:
    project = play(name)

    with project.counted() as calls:
        run = project.preview()

    assert run.succeeded, run.output
    assert set(run.steps().values()) == {"create"}
    assert run.diagnostics("warning") == []
    assert (calls.signa, calls.aws) == ({}, [])


def test_stack_of_a_pull_request_is_gone_when_that_is_closed(play: Play) -> None:
    project = play("environments", stack="staging")
    project.cli("up", "--yes", "--skip-preview", "--stack", "staging")
    (up,) = workflows.scripts("branches.yml", "up").values()
    (down,) = workflows.scripts("branches.yml", "down").values()

    opened = runs(project, up, STACK="pr-12")
    pushed = runs(project, up)
    urls = {endpoint["url"] for endpoint in project.endpoints()}
    secrets = set(project.aws.values())
    closed = runs(project, down)
    closed_again = runs(project, down)

    assert opened[0] == pushed[0] == 0, opened[1] + pushed[1]
    assert urls == {
        "https://staging.example.com/hooks/signa",
        "https://pr-12.preview.example.com/hooks/signa",
    }
    assert secrets == {"signa/staging/alerts", "signa/pr-12/alerts"}
    assert closed[0] == closed_again[0] == 0, closed[1] + closed_again[1]
    assert [endpoint["url"] for endpoint in project.endpoints()] == ["https://staging.example.com/hooks/signa"]
    assert set(project.aws.values()) == {"signa/staging/alerts"}
    assert "pr-12" not in project.cli("stack", "ls", "--all")


def test_scheduled_runs_tell_rotations_from_drift_and_drift_from_deliveries(play: Play) -> None:
    """The workflows of every night and every morning, as a runner plays them."""
    project = play("delivery-check", stack="prod")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        edit(project, URL, f"http://127.0.0.1:{taken.getsockname()[1]}/hook")
    # Nobody answers, and here that is meant to be.
    edit(project, "timeout_seconds=60", "timeout_seconds=5, required=False")
    script = project.folder.parent / ".github" / "only_rotations.py"
    script.parent.mkdir()
    shutil.copy(workflows.CI / script.name, script)
    project.environment |= {"GITHUB_WORKSPACE": str(project.folder.parent), "RUNNER_TEMP": str(project.folder.parent)}
    nightly = workflows.scripts("rotate.yml", "rotate")
    look, rotate = nightly["Stop at anything but rotations"], nightly["Rotate"]
    morning, listing = list(workflows.scripts("drift.yml", "drift").values())[:2]
    project.cli("up", "--yes", "--skip-preview", "--stack", "prod")

    deliver_in_vain(project, auto_disable_after=100)
    failures = project.endpoint()["consecutive_failures"]
    after_failures = runs(project, morning)
    nothing_due = runs(project, look)
    deliver_in_vain(project, auto_disable_after=1)
    status = project.endpoint()["status"]
    after_disabling = runs(project, morning)
    listed = runs(project, listing)
    not_in_the_night = runs(project, look)
    project.signa_call("PATCH", f"/webhooks/{project.endpoint()['id']}", {"status": "active"})
    project.advance(91 * DAY_S)
    due = runs(project, look)
    rotated = runs(project, rotate)
    version, stored = project.endpoint()["secret_version"], project.aws.values()
    project.advance(91 * DAY_S)
    edit(project, "Trademark alerts for the brand team", "Trademark alerts")
    edited = runs(project, look)

    assert failures > 0
    assert after_failures[0] == 0, after_failures[1]
    assert nothing_due == (0, "nothing is due\n")
    assert status == "disabled"
    assert after_disabling[0] != 0
    assert "disabled" in after_disabling[1]
    assert listed[0] == 1
    assert "disabled" in listed[1]
    assert not_in_the_night[0] == 1
    assert "WebhookEndpoint::alerts (status)" in not_in_the_night[1]
    assert due[0] == 0, due[1]
    assert "alerts rotates the secret: due since" in due[1]
    assert rotated[0] == 0, rotated[1]
    assert (version, stored) == (2, {"signa/alerts": project.endpoint()["secret"]})
    assert edited[0] == 1
    assert "WebhookEndpoint::alerts (description)" in edited[1]


def test_lock_of_a_deployment_goes_at_its_limit_and_by_hand_after_a_kill(play: Play) -> None:
    project = play("endpoint", stack="prod")
    deploy = workflows.scripts("deploy.yml", "up")["Deploy"]
    unlock = workflows.scripts("rotate.yml", "rotate")["Unlock"]

    project.fault(kind="status", status=429, retry_after=60, times=None)
    limited = runs(project, deploy.replace("30m", "10s"))
    project.signa.organization.faults.clear()
    locks_after_limit = locks(project)
    held = project.hold("POST", after_commit=True)
    with project.begin("up", "--yes", "--skip-preview", "--stack", "prod") as killed:
        assert held.reached.wait(60)
        killed.kill()
    held.drop()
    locked = runs(project, deploy)
    unlocked = runs(project, unlock)
    deployed = runs(project, deploy)

    # 124 is how `timeout` says that it had to.
    assert limited[0] == 124, limited[1]
    assert locks_after_limit == []
    assert locked[0] != 0
    assert "the stack is currently locked" in locked[1]
    assert unlocked[0] == 0, unlocked[1]
    assert deployed[0] == 0, deployed[1]
    assert project.aws.values() == {"signa/alerts": project.endpoint()["secret"]}


def locks(project: Project) -> list[Path]:
    """Return the locks in the back end."""
    return [file for file in (project.state / ".pulumi" / "locks").rglob("*") if file.is_file()]


def deliver_in_vain(project: Project, auto_disable_after: int) -> None:
    """Send an alert to a receiver that does not answer."""
    organization = project.signa.organization
    organization.change_settings(auto_disable_after=auto_disable_after, retry_scale=0)
    organization.emit()
    assert organization.deliveries.wait_idle(60)
