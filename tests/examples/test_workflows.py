"""The workflows of `examples/ci`: what GitHub would refuse, and what nobody should leave out."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import workflows

NAMES = sorted(file.name for file in workflows.CI.glob("*.yml"))
ACTIONS = sorted(file.parent.name for file in workflows.CI.glob("*/action.yml"))
PINNED = re.compile(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
every_workflow = pytest.mark.parametrize("name", NAMES)

# A stand-in for GitHub's command, which notes how it was called; issue 7 is open where it says so.
GH = """#!/bin/sh
echo "$@" >> "$CALLS"
[ "$2" != list ] || printf '%s' "$OPEN_ISSUE"
"""

# A stand-in for Pulumi, which runs until it is interrupted, or for some seconds.
PULUMI = f"""#!{sys.executable}
import signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
print(*sys.argv[1:], flush=True)
print("interrupted" if signal.sigtimedwait([signal.SIGINT], 10) else "never interrupted")
"""


def jobs(name: str) -> dict[str, Any]:
    """Return the jobs of a workflow."""
    return dict(workflows.load(name)["jobs"])


def steps(name: str) -> list[dict[str, Any]]:
    """Return the steps of all jobs."""
    return [step for job in jobs(name).values() for step in job["steps"]]


@every_workflow
def test_every_job_ends_by_itself(name: str) -> None:
    assert all(0 < job["timeout-minutes"] <= 60 for job in jobs(name).values())


@every_workflow
def test_commands_end_before_their_job(name: str) -> None:
    """What the job's limit kills cannot save the state; `timeout` interrupts, and leaves a minute."""
    for job in jobs(name).values():
        limits = [int(limit) for step in job["steps"] for limit in re.findall(r"1m (\d+)m pulumi", step.get("run", ""))]
        assert all(limit + 5 < job["timeout-minutes"] for limit in limits)


@every_workflow
def test_every_command_that_writes_has_a_limit(name: str) -> None:
    writing = [line for step in steps(name) for line in step.get("run", "").splitlines()]
    writing = [line for line in writing if re.search(r"pulumi (up|destroy|refresh)\b(?!.*--preview-only)", line)]

    assert [line for line in writing if not line.startswith("exec timeout --signal=INT --kill-after=1m ")] == []


@every_workflow
def test_permissions_are_few(name: str) -> None:
    permissions = workflows.load(name)["permissions"]
    tells = any("gh issue" in step.get("run", "") for step in steps(name))

    assert permissions == {"contents": "read", "id-token": "write"} | ({"issues": "write"} if tells else {})


@every_workflow
def test_no_key_is_written_down(name: str) -> None:
    workflow = workflows.load(name)
    secret = {key: value for key, value in workflow["env"].items() if re.search("KEY|PASSPHRASE|TOKEN", key)}

    assert {"SIGNA_API_KEY", "PULUMI_CONFIG_PASSPHRASE"} == set(secret)
    assert all(value == f"${{{{ secrets.{key} }}}}" for key, value in secret.items())
    assert "AWS_ACCESS_KEY_ID" not in (workflows.CI / name).read_text()


@every_workflow
def test_nothing_that_runs_is_cancelled_by_the_next(name: str) -> None:
    workflow = workflows.load(name)
    groups = [holder["concurrency"] for holder in (workflow, *jobs(name).values()) if "concurrency" in holder]
    writes = any("pulumi up" in step.get("run", "") for step in steps(name))

    assert all(group["cancel-in-progress"] is False for group in groups)
    assert bool(groups) is writes


@pytest.mark.parametrize("file", [*NAMES, *(f"{name}/action.yml" for name in ACTIONS)])
def test_actions_of_others_are_pinned_and_ours_exist(file: str) -> None:
    text = (workflows.CI / file).read_text()
    uses = re.findall(r"uses: .*", text)

    assert uses
    for line in uses:
        ours = re.fullmatch(r"uses: \./\.github/actions/([\w-]+)", line)
        assert (ours and ours[1] in ACTIONS) or PINNED.match(line), line


@every_workflow
def test_steps_are_named_and_expressions_stay_out_of_shell(name: str) -> None:
    """An expression in a shell step is text that whoever opens a pull request may write."""
    scripts = [step for step in steps(name) if "run" in step]

    assert all(step.get("name") for step in scripts)
    assert [step["run"] for step in scripts if "${{" in step["run"]] == []


@every_workflow
def test_shell_steps_parse(name: str) -> None:
    for step in steps(name):
        subprocess.run(["bash", "-n", "-c", step.get("run", "")], check=True)


def test_job_that_is_cancelled_interrupts_pulumi(tmp_path: Path) -> None:
    """GitHub sends SIGINT to the shell of the step, and to no process that the shell has started."""
    (tmp_path / "pulumi").write_text(PULUMI)
    (tmp_path / "pulumi").chmod(0o755)
    (script,) = (step["run"] for step in steps("deploy.yml") if step.get("name") == "Deploy")
    # As a file, as the runner has it: in `bash -c` the last command takes the place of the shell without `exec`, too.
    (tmp_path / "step.sh").write_text(script)
    environment = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}

    with subprocess.Popen(
        ["bash", "-e", tmp_path / "step.sh"], env=environment, stdout=subprocess.PIPE, text=True
    ) as shell:
        assert shell.stdout is not None
        started = shell.stdout.readline()
        shell.send_signal(signal.SIGINT)
        ended = shell.stdout.read()

    assert (started, ended) == ("up --stack prod --yes --skip-preview\n", "interrupted\n")


@pytest.mark.parametrize("name", ACTIONS)
def test_action_gets_what_it_needs(name: str) -> None:
    action = yaml.safe_load((workflows.CI / name / "action.yml").read_text())
    needed = {key for key, value in action["inputs"].items() if value["required"]}
    callers = [step for file in NAMES for step in steps(file) if step.get("uses") == f"./.github/actions/{name}"]

    assert callers
    assert all(set(step["with"]) == needed for step in callers)
    assert all("shell" in step for step in action["runs"]["steps"] if "run" in step)


@pytest.mark.parametrize("name", [name for name in NAMES if "schedule" in workflows.load(name)["on"]])
@pytest.mark.parametrize(("open_issue", "action"), [("", "issue create"), ("7", "issue comment 7")])
def test_scheduled_run_that_fails_tells_somebody_once(tmp_path: Path, name: str, open_issue: str, action: str) -> None:
    (step,) = (step for step in steps(name) if step.get("name") == "Tell somebody")
    (tmp_path / "gh").write_text(GH)
    (tmp_path / "gh").chmod(0o755)
    environment = {
        **step["env"],
        "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
        "CALLS": str(tmp_path / "calls"),
        "OPEN_ISSUE": open_issue,
    }

    subprocess.run(["bash", "-e", "-c", step["run"]], env=environment, check=True)

    listed, told = (tmp_path / "calls").read_text().splitlines()
    assert step["if"] == "failure() || cancelled()"
    assert listed.startswith("issue list")
    assert step["env"]["TITLE"] in listed
    assert told.startswith(action)
