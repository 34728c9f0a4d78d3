"""What the doctor says of the machine, Pulumi and the project beyond the set-ups that are broken in one way."""

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from cli.doctor.healthy import VERSIONS, SetUp, script
from pulumi_signa.cli.doctor import pulumi
from tools import installed_cli


class Usage(NamedTuple):
    """What is free on a disk, in bytes."""

    free: int


@pytest.mark.parametrize(("free", "verdict"), [(10, "problem"), (100, "warning"), (1000, "ok")])
def test_little_room_is_told(free: int, verdict: str, set_up: SetUp) -> None:
    set_up.environment.setattr(shutil, "disk_usage", lambda _: Usage(free * 2**20))

    found = set_up.examined()["disk"]

    assert found.verdict == verdict
    assert found.found.startswith(f"{free:,} MiB are free")


def test_home_that_pulumi_has_yet_to_make_is_well(set_up: SetUp, tmp_path: Path) -> None:
    set_up.environment.setenv("PULUMI_HOME", str(tmp_path / "some/where"))

    assert set_up.examined()["Pulumi's home"].found == f"{tmp_path}/some/where can be written"
    assert not (tmp_path / "some").exists()


def test_minimum_of_the_cli_is_that_of_the_set_up() -> None:
    assert installed_cli.MINIMUM.to_tuple()[:3] == pulumi.MINIMUM


def test_cli_that_tells_no_version_is_told(set_up: SetUp) -> None:
    set_up.pulumi(says="pulsar")

    assert "does not tell its version" in set_up.examined()["Pulumi CLI"].found


@pytest.mark.parametrize("about", ["{}", "null", "v3.274.1", '{"runtime": null}', '{"runtime": {"language": "go"}}'])
def test_cli_that_names_no_python_has_no_language_host(about: str, set_up: SetUp) -> None:
    """Such as a script that answers every question with its version."""
    (set_up.bin / "pulumi-language-python").unlink()
    set_up.pulumi(about=about)

    assert set_up.examined()["language host"].verdict == "problem"


@pytest.mark.parametrize("printed", ["{}", "5", "hello", '["3.11.7", "3.272.0"]'])
def test_virtualenv_whose_python_is_none_is_a_problem(printed: str, set_up: SetUp) -> None:
    script(set_up.project / ".venv/bin/python", f"#!/bin/sh\necho '{printed}'\n")

    assert "holds no Python" in set_up.examined()["virtualenv"].found


def test_language_host_that_the_cli_alone_finds_is_well(set_up: SetUp) -> None:
    (set_up.bin / "pulumi-language-python").unlink()
    set_up.pulumi(about='{"runtime": {"language": "python"}}')

    found = set_up.examined()["language host"]

    assert (found.verdict, found.found) == ("ok", f"{set_up.bin / 'pulumi'} finds it")


def test_nothing_is_asked_of_a_cli_that_is_missing(set_up: SetUp) -> None:
    (set_up.bin / "pulumi").unlink()

    found = set_up.examined()

    assert found["language host"].found == "needs: Pulumi CLI"
    assert found["stack"].found == "needs: Pulumi CLI"


PROJECTS = {
    "uv": ("runtime: {name: python, options: {toolchain: uv}}", "ok", "/.venv"),
    "absent option": ("runtime: {name: python, options: {}}", "ok", "the Python on PATH"),
    "short form": ("runtime: python", "ok", "the Python on PATH"),
    "poetry": ("runtime: {name: python, options: {toolchain: poetry}}", "skipped", "poetry knows"),
    "no runtime": ("name: p", "skipped", "needs: project"),
}


@pytest.mark.parametrize("project", PROJECTS)
def test_python_of_the_project_is_found(project: str, set_up: SetUp) -> None:
    text, verdict, said = PROJECTS[project]
    (set_up.project / "Pulumi.yaml").write_text(text)
    shutil.copy(set_up.project / ".venv/bin/python", set_up.bin / "python3")

    found = set_up.examined()["virtualenv"]

    assert found.verdict == verdict
    assert said in found.found


def test_project_is_found_from_a_folder_inside(set_up: SetUp) -> None:
    inside = set_up.project / "src"
    inside.mkdir()

    assert set_up.examined("--cwd", str(inside))["virtualenv"].verdict == "ok"


def test_outside_of_a_project_neither_it_nor_a_stack_is_looked_at(set_up: SetUp, tmp_path: Path) -> None:
    found = set_up.examined("--cwd", str(tmp_path))

    assert [found[each].verdict for each in ("project", "virtualenv", "stack")] == ["skipped"] * 3
    assert found["API key"].verdict == "ok"


def test_stack_that_was_named_needs_a_project(set_up: SetUp, tmp_path: Path) -> None:
    found = set_up.examined("--cwd", str(tmp_path), "--stack", "prod")

    assert [name for name, finding in found.items() if finding.verdict == "problem"] == ["project"]
    assert found["project"].remedy == "name the project's folder with --cwd"
    assert found["stack"].found == "needs: project"


def test_another_version_in_the_project_is_a_warning(set_up: SetUp) -> None:
    script(set_up.project / ".venv/bin/python", '#!/bin/sh\necho \'["3.11.7", "3.272.0", "0.0.9"]\'\n')

    found = set_up.examined()["virtualenv"]

    assert found.verdict == "warning"
    assert f"this command is of {VERSIONS[2]}" in found.remedy


def test_python_that_fails_is_told_with_its_last_line(set_up: SetUp) -> None:
    script(set_up.project / ".venv/bin/python", "#!/bin/sh\necho first >&2\necho 'ImportError: libssl' >&2\nexit 1\n")

    assert set_up.examined()["virtualenv"].found.endswith("does not work: ImportError: libssl")


def test_stack_that_cannot_be_read_is_told_and_the_rest_goes_on(set_up: SetUp) -> None:
    set_up.pulumi_refuses("no stack named x found")

    found = set_up.examined("--stack", "x")

    assert found["stack"].verdict == "problem"
    assert "no stack named x found" in found["stack"].found
    assert found["stack"].remedy == "check its name (`pulumi stack ls`)"
    assert found["key accepted"].verdict == "ok"


def test_without_a_selected_stack_the_environment_counts(set_up: SetUp) -> None:
    set_up.pulumi_refuses("no stack selected")

    found = set_up.examined()

    assert found["stack"].verdict == "skipped"
    assert found["organization"].verdict == "skipped"
