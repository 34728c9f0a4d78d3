"""Stories that name the native host themselves, whichever host is under test."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from e2e.harness import Project

STORIES = [pytest.mark.e2e, pytest.mark.timeout(600), pytest.mark.only("dynamic")]
"""
The marks of a module of such stories.

With the native host under test, the programs of the other one would be those of the native one, too.
"""


def native(program: str) -> str:
    """Return a program whose resources the native host serves."""
    return program.replace("from pulumi_signa import", "from pulumi_signa.native import")


def write_yaml(project: Project, resources: Mapping[str, Any], **sections: Any) -> None:
    """Make the program of a stack one in YAML."""
    file = project.folder / "Pulumi.yaml"
    about = {name: value for name, value in yaml.safe_load(file.read_text()).items() if name in ("name", "plugins")}
    file.write_text(yaml.safe_dump({**about, "runtime": "yaml", "resources": dict(resources), **sections}))
    (project.folder / "__main__.py").unlink(missing_ok=True)


def native_plugins(project: Project) -> list[int]:
    """Return the ids of the processes of the native plugin in a project's folder."""
    command = b"/pulumi-resource-signa\0"
    return [each for each in project.processes() if command in Path(f"/proc/{each}/cmdline").read_bytes()]
