"""The index of `examples/`."""

import re
from pathlib import Path

import pytest
import yaml

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NATIVE = [EXAMPLES / "native", EXAMPLES / "native-endpoint"]


def test_index_names_every_folder() -> None:
    named = re.findall(r"^\| \[([\w-]+)\]\(\1\) \|", (EXAMPLES / "README.md").read_text(), re.MULTILINE)

    assert sorted(named) == sorted(folder.name for folder in EXAMPLES.iterdir() if folder.is_dir())


def test_every_program_is_a_stack_that_is_previewed() -> None:
    """The previews are in `tests/e2e/test_examples.py`: of each folder that has a `Pulumi.yaml`."""
    programs = {file.parent for file in EXAMPLES.rglob("__main__.py")} - {folder / "python" for folder in NATIVE}

    assert programs == {file.parent for file in EXAMPLES.glob("*/Pulumi.yaml")}


@pytest.mark.parametrize("folder", NATIVE, ids=lambda folder: folder.name)
def test_examples_of_the_plugin_are_in_four_languages_and_find_it(folder: Path) -> None:
    projects = {file.parent.name: yaml.safe_load(file.read_text()) for file in folder.glob("*/Pulumi.yaml")}

    assert set(projects) == {"yaml", "typescript", "go", "python"}
    for project in projects.values():
        assert project["plugins"] == {"providers": [{"name": "signa", "path": ".venv/bin"}]}
        assert project["description"] == projects["yaml"]["description"]


def test_yaml_of_a_stored_endpoint_is_eight_lines() -> None:
    program = (EXAMPLES / "native" / "yaml" / "Pulumi.yaml").read_text()

    assert len(program.partition("resources:\n")[2].partition("outputs:")[0].splitlines()) <= 8


def test_no_two_programs_share_the_name_of_a_project() -> None:
    """Their stacks would be one in a back end."""
    names = [yaml.safe_load(file.read_text())["name"] for file in EXAMPLES.rglob("Pulumi.yaml")]

    assert len({*names}) == len(names)


def test_every_program_says_what_it_shows() -> None:
    silent = [file for file in EXAMPLES.rglob("__main__.py") if not file.read_text().startswith('"""')]

    assert silent == []


def test_many_endpoints_are_thirty() -> None:
    assert len(yaml.safe_load((EXAMPLES / "many-endpoints" / "endpoints.yaml").read_text())) == 30


def test_both_ways_to_install_the_project_require_the_same() -> None:
    pip = (EXAMPLES / "project" / "requirements.txt").read_text()
    uv = (EXAMPLES / "project" / "pyproject.toml").read_text()

    (requirement,) = re.findall(r"^pulumi-signa.*$", pip, re.MULTILINE)
    assert f'dependencies = ["{requirement}"]' in uv
