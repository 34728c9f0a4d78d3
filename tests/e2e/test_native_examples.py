"""The programs of `examples/native` and `examples/native-endpoint`, each in a copy of its folder, on a real engine."""

import shutil
import sys

import pytest
from tools.schema.package import FILE

from e2e.harness import REPOSITORY, MakeProject, Project
from languages import programs, sdks

# Where nobody ran `make test` before, what the programs need is fetched and built first.
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

EXAMPLES = REPOSITORY / "examples"

LANGUAGES = {"yaml": "yaml", "python": "python", "typescript": "nodejs", "go": "go"}
"""The runtime of each folder."""


def play(make_project: MakeProject, example: str, language: str) -> Project:
    """Return a stack of an example, with the environment of the tests and SDKs of the schema."""
    missing = sdks.missing(*programs.NEEDS.get(LANGUAGES[language], ()))
    if missing:
        pytest.skip(f"this machine has no {' and no '.join(missing)}")
    project = make_project("")
    shutil.rmtree(project.folder)
    shutil.copytree(EXAMPLES / example / language, project.folder)
    (project.folder / ".venv").symlink_to(sys.prefix)
    programs.prepare(project, FILE)
    project.cli("stack", "init", "dev")
    return project


def runs(project: Project) -> None:
    """Preview and make a stack, and find nothing to do afterwards; no run may warn of the program, or show a secret."""
    # Without the log of events: Pulumi's SDK for Node.js tells the engine what it was answered, secrets in plain text.
    printed = [
        project.cli(*command.split())
        for command in ("preview", "up --yes --skip-preview", "preview --expect-no-changes")
    ]

    lines = "\n".join(printed).splitlines()
    # The hosts of other languages are stand-ins, on PATH.
    assert [line for line in lines if "warning:" in line and "using pulumi-language-" not in line] == []
    project.check_canary("\n".join(lines))


@pytest.mark.parametrize("language", LANGUAGES)
def test_endpoint_is_made_and_its_secret_is_an_output_that_is_stored(make_project: MakeProject, language: str) -> None:
    project = play(make_project, "native-endpoint", language)

    runs(project)

    endpoint = project.endpoint()
    assert project.aws.values() == {"signa/alerts": endpoint["secret"]}
    assert endpoint["metadata"] == {"team": "brand"}
    assert {*project.outputs().values()} == {endpoint["id"], 1}
    project.check_canary(project.cli("stack", "export"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_endpoint_of_the_component_is_made_and_no_state_holds_its_secret(
    make_project: MakeProject, language: str
) -> None:
    project = play(make_project, "native", language)

    runs(project)

    endpoint = project.endpoint()
    assert project.aws.values() == {"signa/alerts": endpoint["secret"]}
    assert endpoint["id"] in project.outputs().values()
    project.check_canary(project.cli("stack", "export", "--show-secrets"))


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("rotationPeriodDays: 90", "rotationPeriodDay: 90", "rotationPeriodDay"),
        ("url: https://example.com/hooks/signa", "url: [https://example.com/hooks/signa]", "url"),
        ("${alerts.secretArn}", "${alerts.secretArm}", "secretArm"),
    ],
    ids=["name", "type", "output"],
)
def test_mistake_in_yaml_fails_the_preview_with_line_and_name(
    make_project: MakeProject, right: str, wrong: str, said: str
) -> None:
    project = play(make_project, "native", "yaml")
    file = project.folder / "Pulumi.yaml"
    program = file.read_text()
    file.write_text(program.replace(right, wrong))
    line = program[: program.index(right)].count("\n") + 1

    run = project.preview()

    assert not run.succeeded
    assert f"on Pulumi.yaml line {line}:" in run.output
    assert said in run.output
    assert project.endpoints() == []
