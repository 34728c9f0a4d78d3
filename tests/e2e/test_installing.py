"""Projects that install the package by themselves: the template, and the example of a whole project."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from e2e.harness import REPOSITORY, MakeProject, Project
from e2e.host import only
from e2e.run import Run
from pages import blocks

# The template and the example import from `pulumi_signa`, and are taken as they are.
pytestmark = [pytest.mark.e2e, only("dynamic")]

CREATED = {"alerts": "create", "alerts-signing-secret": "create"}


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel, for an index that does not have it."""
    folder = tmp_path_factory.mktemp("wheels")
    wheel = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", str(folder), str(REPOSITORY)]
    subprocess.run(wheel, check=True)
    return folder


@pytest.fixture
def empty_folder(make_project: MakeProject, wheels: Path) -> Project:
    """Return a stack's surroundings without a project, where pip and uv find the wheel beside their index."""
    project = make_project("")
    for file in project.folder.iterdir():
        file.unlink()
    of_pip = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "UV_"))}
    find = f"{wheels} {of_pip.get('PIP_FIND_LINKS', '')}".strip()
    project.environment |= {
        **of_pip,
        "PIP_FIND_LINKS": find,
        "PIP_CONSTRAINT": str(REPOSITORY / "constraints.txt"),
        "UV_FIND_LINKS": str(wheels),
    }
    return project


def preview(project: Project) -> Run:
    """Preview the stack, which must make its two resources with the package that it has installed."""
    installed = list((project.folder / ".venv").glob("lib/*/site-packages/pulumi_signa/__init__.py"))
    assert installed
    run = project.preview()
    assert run.succeeded, run.output
    return run


def test_template_makes_a_stack_that_previews_at_once(empty_folder: Project) -> None:
    """The commands are those of the page, with the answers to what `pulumi new` asks."""
    project = empty_folder
    (page,) = [block for block in blocks(REPOSITORY / "docs/guides/stack.md", "sh") if "pulumi new" in block]
    commands = page.replace("/path/to/pulumi-signa", str(REPOSITORY))

    with project.start("bash", "-ec", f"{commands.rstrip()} --yes --stack dev", start_new_session=True) as process:
        output, _ = process.communicate()
    assert process.returncode == 0, output
    project.folder /= "brand-alerts"
    run = preview(project)

    assert "Your new project is ready to go!" in output
    assert run.steps() == CREATED
    assert project.cli("config", "get", "aws:region").strip() == "eu-west-1"


def test_project_installed_by_uv_previews(empty_folder: Project) -> None:
    project = empty_folder
    shutil.copytree(REPOSITORY / "examples" / "project", project.folder, dirs_exist_ok=True)

    with project.start(f"{sys.prefix}/bin/uv", "sync", "--no-dev", "--system-certs") as process:
        output, _ = process.communicate()
    assert process.returncode == 0, output
    project.cli("stack", "init", "dev")

    assert preview(project).steps() == CREATED
    assert (project.folder / "uv.lock").exists()
