"""The workflows call make targets that exist, may do no more than they need, and run nothing that may change."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
WORKFLOWS = {path.stem: yaml.safe_load(path.read_text()) for path in (REPOSITORY / ".github/workflows").glob("*.yml")}
JOBS = {f"{workflow}, {name}": job for workflow, content in WORKFLOWS.items() for name, job in content["jobs"].items()}
TARGETS = set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))

each_job = pytest.mark.parametrize("job", JOBS.values(), ids=JOBS)


def commands(*jobs: dict[str, Any]) -> list[str]:
    """Return the commands of jobs, in order."""
    return [step["run"] for job in jobs for step in job["steps"] if "run" in step]


def test_tests_docs_and_releases_have_workflows() -> None:
    assert WORKFLOWS.keys() == {"tests", "docs", "release"}


@each_job
def test_make_targets_exist(job: dict[str, Any]) -> None:
    called = [target for command in commands(job) for target in re.findall(r"\bmake ([a-z-]+)", command)]

    assert set(called) <= TARGETS


def test_what_must_pass_is_run() -> None:
    assert {"make check", "make test"} <= set(commands(JOBS["tests, test"]))
    assert "make test HOST=native" in commands(JOBS["tests, native"])
    assert "make demo" in commands(JOBS["tests, demo"])
    assert "make docs" in commands(JOBS["docs, docs"])
    assert {"make check", "make test", "make dist"} <= set(commands(JOBS["release, build"]))


def test_tests_run_on_every_python_that_the_package_supports() -> None:
    matrix = JOBS["tests, test"]["strategy"]["matrix"]["python"]
    pyproject = (REPOSITORY / "pyproject.toml").read_text()

    assert matrix == ["3.10", "3.11", "3.12", "3.13"]
    assert f'requires-python = ">={matrix[0]}"' in pyproject


@each_job
def test_jobs_end(job: dict[str, Any]) -> None:
    assert job["timeout-minutes"] <= 60


@each_job
def test_actions_are_pinned_to_a_commit(job: dict[str, Any]) -> None:
    used = [step["uses"] for step in job["steps"] if "uses" in step]

    assert [action for action in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action)] == []


@pytest.mark.parametrize("workflow", WORKFLOWS.values(), ids=WORKFLOWS)
def test_workflows_may_only_read(workflow: dict[str, Any]) -> None:
    assert workflow["permissions"] == {"contents": "read"}


def test_publishing_alone_may_ask_for_an_identity() -> None:
    """So no code of the repository runs where the index would give a token."""
    allowed = {name: job["permissions"] for name, job in JOBS.items() if "permissions" in job}

    publish = JOBS["release, publish"]
    assert allowed == {"release, publish": {"id-token": "write"}}
    assert commands(publish) == []
    assert publish["needs"] == "build"
    assert publish["environment"] == "pypi"
    assert not [step for step in publish["steps"] if "password" in step.get("with", {})]


def test_a_tag_alone_releases_both_distributions() -> None:
    # To YAML 1.1 an unquoted `on` is true.
    assert WORKFLOWS["release"][True] == {"push": {"tags": ["v*"]}}
    assert set(JOBS["release, publish"]["strategy"]["matrix"]["distribution"]) == {"pulumi-signa", "signa-receiver"}
