"""The programs of `examples/native` and `examples/native-endpoint`, each in a copy of its folder, on a real engine."""

import json
import shutil
import sys

import pytest

from e2e.harness import REPOSITORY, MakeProject, Project

pytestmark = pytest.mark.e2e

EXAMPLES = REPOSITORY / "examples"


def play(make_project: MakeProject, example: str) -> Project:
    """Return a stack of an example, whose environment is that of the tests."""
    project = make_project("")
    shutil.rmtree(project.folder)
    shutil.copytree(EXAMPLES / example, project.folder)
    (project.folder / ".venv").symlink_to(sys.prefix)
    project.cli("stack", "init", "dev")
    return project


@pytest.mark.parametrize("language", ["yaml", "python"])
def test_endpoint_is_made_and_its_secret_is_an_output_that_is_stored(make_project: MakeProject, language: str) -> None:
    project = play(make_project, f"native-endpoint/{language}")

    previewed = project.preview()
    made = project.up()
    again = project.preview(expect_no_changes=True)

    assert previewed.succeeded, previewed.output
    assert made.succeeded, made.output
    assert made.diagnostics("warning") == []
    assert again.succeeded, again.output
    endpoint = project.endpoint()
    assert project.aws.values() == {"signa/alerts": endpoint["secret"]}
    assert endpoint["metadata"] == {"team": "brand"}
    assert {*project.outputs().values()} == {endpoint["id"], 1}
    assert endpoint["secret"] not in json.dumps(json.loads(project.cli("stack", "export")))
