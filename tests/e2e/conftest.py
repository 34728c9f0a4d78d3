"""Fixtures of the tests that drive a real Pulumi engine."""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.harness import API_KEY, STACK_PROGRAM, LocalAws, MakeProject, Project
from signa_emulator.server import EmulatorServer


@pytest.fixture(scope="session")
def aws_server() -> Iterator[LocalAws]:
    """Give one AWS for all tests of this process."""
    with LocalAws() as server:
        yield server


@pytest.fixture
def local_aws(aws_server: LocalAws) -> LocalAws:
    """Give an AWS that is empty."""
    aws_server.reset()
    return aws_server


@pytest.fixture
def signa() -> Iterator[EmulatorServer]:
    """Give a Signa that is empty."""
    with EmulatorServer(api_keys=[API_KEY], api_keys_without_scope=[API_KEY.replace("c0ffee", "5c09e5")]) as server:
        yield server


@pytest.fixture
def make_project(tmp_path: Path, signa: EmulatorServer, local_aws: LocalAws) -> Iterator[MakeProject]:
    """Give what makes a stack of a program; the plugin of an engine that was killed goes with the test."""
    made: list[Project] = []

    def make(program: str = STACK_PROGRAM, **config: str) -> Project:
        project = Project(tmp_path, signa, local_aws, program)
        made.append(project)
        project.automated()
        project.config(**config)
        return project

    yield make
    for project in made:
        for process in project.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)


@pytest.fixture
def project(make_project: MakeProject) -> Project:
    """Give the repository's own stack, configured and not yet up."""
    return make_project(url="https://example.com/hooks/signa")
