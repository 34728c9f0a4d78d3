"""The project that the user stands in: whether the Python that Pulumi runs for it has this package."""

import importlib.metadata
import json
import os
import platform
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from pulumi_signa.cli.doctor.programs import ProgramError, output_of
from pulumi_signa.cli.findings import Finding, ok, problem, skipped, warning
from pulumi_signa.cli.pulumi_cli import project_file

VERSIONS, PROJECT, VIRTUALENV = "versions", "project", "virtualenv"

_DISTRIBUTION = "pulumi-signa"
_ASKED = f"""
import importlib.metadata, json, platform
import pulumi_signa
version = importlib.metadata.version
print(json.dumps([platform.python_version(), version("pulumi"), version("{_DISTRIBUTION}")]))
"""


def findings(folder: Path, *, is_needed: bool) -> Iterator[Finding]:
    """
    Yield what runs this command, and what runs the project of a folder or of one above.

    Args:
        is_needed: Whether a stack is to be read, which needs a project.
    """
    version = importlib.metadata.version
    ours = version(_DISTRIBUTION)
    yield ok(VERSIONS, f"{_DISTRIBUTION} {ours}, pulumi {version('pulumi')}, Python {platform.python_version()}")
    file = project_file(folder)
    if file is None:
        missing = problem if is_needed else skipped
        yield missing(PROJECT, "there is no Pulumi.yaml here or above", "name the project's folder with --cwd")
        yield skipped(VIRTUALENV, f"needs: {PROJECT}")
        return
    try:
        runtime = _runtime(file)
    except ValueError as error:
        yield problem(PROJECT, f"{file} cannot be read", str(error))
        yield skipped(VIRTUALENV, f"needs: {PROJECT}")
        return
    yield ok(PROJECT, str(file))
    yield _virtualenv(file, runtime, ours)


def name_of(folder: Path) -> str | None:
    """Return the name of the project of a folder; None where there is none, or none that can be read."""
    file = project_file(folder)
    try:
        content = None if file is None else _content(file)
    except ValueError:
        return None
    return content.get("name") if isinstance(content, Mapping) else None


def _virtualenv(file: Path, runtime: Mapping[str, Any], ours: str) -> Finding:
    if runtime["name"] != "python":
        found = f"the project's runtime is {runtime['name']}"
        return skipped(VIRTUALENV, found, "dynamic resources of this package need the runtime python")
    named, toolchain = runtime.get("virtualenv"), runtime.get("toolchain", "pip")
    if toolchain == "poetry":
        how = "run `poetry run python -c 'import pulumi_signa'`"
        return skipped(VIRTUALENV, "poetry knows where it is", how)
    named = named or (".venv" if toolchain == "uv" else None)
    install = "uv add pulumi-signa" if toolchain == "uv" else "pip install pulumi-signa"
    if named is None:
        python, what = _python_on_path(), "the Python on PATH (Pulumi.yaml names no virtualenv)"
        if python is None:
            remedy = "name one under runtime.options.virtualenv"
            return problem(VIRTUALENV, "Pulumi.yaml names no virtualenv, and PATH has no Python", remedy)
    else:
        virtualenv = file.parent / str(named)
        python, what = _python_in(virtualenv), str(virtualenv)
        if python is None:
            found = f"{virtualenv}, which {file.name} names, is no virtualenv"
            return problem(VIRTUALENV, found, "run `pulumi install` in the project's folder")
    return _asked(python, what, install, ours)


def _asked(python: Path, what: str, install: str, ours: str) -> Finding:
    try:
        has_python, has_sdk, has_ours = json.loads(output_of([python, "-c", _ASKED]))
    except (TypeError, ValueError):
        return problem(
            VIRTUALENV, f"{what} holds no Python: it prints something else", "make it anew with `pulumi install`"
        )
    except ProgramError as error:
        if "No module named" in str(error):
            missing = "does not have the package pulumi-signa" if "pulumi_signa" in str(error) else f"fails: {error}"
            return problem(VIRTUALENV, f"{what} {missing}", f"run `{install}` there, or `pulumi install`")
        return problem(VIRTUALENV, f"{what} does not work: {error}", "make it anew with `pulumi install`")
    said = f"{_DISTRIBUTION} {has_ours}, pulumi {has_sdk}, Python {has_python} in {what}"
    if has_ours != ours:
        return warning(VIRTUALENV, said, f"this command is of {ours}: run the project's own, or install the same one")
    return ok(VIRTUALENV, said)


def _runtime(path: Path) -> dict[str, Any]:
    """Return the name of a project's runtime and its options; raise `ValueError`, which says how to mend it."""
    content = _content(path)
    runtime = content.get("runtime") if isinstance(content, Mapping) else None
    if isinstance(runtime, str):
        return {"name": runtime}
    name = runtime.get("name") if isinstance(runtime, Mapping) else None
    if not isinstance(runtime, Mapping) or name is None:
        raise ValueError("its `runtime` must be `python`, or an object with `name: python`")
    options = runtime.get("options")
    return {**(options if isinstance(options, Mapping) else {}), "name": name}


def _content(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        raise ValueError("check that it is YAML in UTF-8") from None


def _python_in(virtualenv: Path) -> Path | None:
    places = (virtualenv / "bin" / "python", virtualenv / "Scripts" / "python.exe")
    return next((python for python in places if python.is_file()), None)


def _python_on_path() -> Path | None:
    names = (os.environ.get("PULUMI_PYTHON_CMD"), "python3", "python")
    return next((Path(found) for name in names if name for found in [shutil.which(name)] if found), None)
