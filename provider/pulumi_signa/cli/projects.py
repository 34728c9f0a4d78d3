"""What the file of a Pulumi project says: its name, its runtime, and where the engine finds our plugin."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pulumi_signa.cli.pulumi_cli import project_file

PYTHON = "python"

_PLUGIN = "signa"


@dataclass(frozen=True, slots=True)
class Project:
    """
    `Project` is a Pulumi project.

    Attributes:
        runtime: The language of its program, such as `python` or `yaml`.
        options: Those of the runtime.
        plugin: The folder in which the project has the engine look for our plugin; None where it names none.
    """

    file: Path
    name: str | None
    runtime: str
    options: Mapping[str, Any]
    plugin: Path | None


def read(folder: Path) -> Project | None:
    """
    Return the project of a folder or of one above; None outside of projects.

    Raises:
        ValueError: It cannot be read; the text says how to mend it.
    """
    file = project_file(folder)
    if file is None:
        return None
    content = _content(file)
    runtime, options = _runtime(content)
    return Project(file, content.get("name"), runtime, options, _plugin(file, content))


def known(folder: Path) -> Project | None:
    """Return the project of a folder or of one above; None where there is none that can be read."""
    try:
        return read(folder)
    except ValueError:
        return None


def _content(path: Path) -> Mapping[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        raise ValueError("check that it is YAML in UTF-8") from None
    return content if isinstance(content, Mapping) else {}


def _runtime(content: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    given = content.get("runtime")
    runtime = given if isinstance(given, Mapping) else {"name": given}
    name, options = runtime.get("name"), runtime.get("options")
    if isinstance(name, str):
        return name, options if isinstance(options, Mapping) else {}
    raise ValueError("its `runtime` must be a name, such as `python` or `yaml`, or an object with a `name`")


def _plugin(file: Path, content: Mapping[str, Any]) -> Path | None:
    plugins = content.get("plugins")
    named = plugins.get("providers") if isinstance(plugins, Mapping) else None
    paths = (
        each.get("path")
        for each in (named if isinstance(named, list) else [])
        if isinstance(each, Mapping) and each.get("name") == _PLUGIN
    )
    path = next((path for path in paths if isinstance(path, str)), None)
    return None if path is None else file.parent / path
