"""The project that the user stands in, and whether the Python that Pulumi runs for it has this package."""

import importlib.metadata
import json
import os
import platform
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pulumi_signa.cli import projects
from pulumi_signa.cli.doctor.programs import ProgramError, output_of
from pulumi_signa.cli.findings import Finding, ok, problem, skipped, warning
from pulumi_signa.cli.pulumi_cli import project_file

VERSIONS, PROJECT, VIRTUALENV = "versions", "project", "virtualenv"

DISTRIBUTION = "pulumi-signa"
_ASKED = f"""
import importlib.metadata, json, platform
import pulumi_signa
version = importlib.metadata.version
print(json.dumps([platform.python_version(), version("pulumi"), version("{DISTRIBUTION}")]))
"""


def findings(folder: Path, *, is_needed: bool) -> Iterator[Finding]:
    """
    Yield what runs this command, and what runs the project of a folder or of one above.

    Args:
        is_needed: Whether a stack is to be read, which needs a project.
    """
    version = importlib.metadata.version
    ours = version(DISTRIBUTION)
    yield ok(VERSIONS, f"{DISTRIBUTION} {ours}, pulumi {version('pulumi')}, Python {platform.python_version()}")
    try:
        project = projects.read(folder)
    except ValueError as error:
        yield problem(PROJECT, f"{project_file(folder)} cannot be read", str(error))
        yield skipped(VIRTUALENV, f"needs: {PROJECT}")
        return
    if project is None:
        missing = problem if is_needed else skipped
        yield missing(PROJECT, "there is no Pulumi.yaml here or above", "name the project's folder with --cwd")
        yield skipped(VIRTUALENV, f"needs: {PROJECT}")
        return
    yield ok(PROJECT, str(project.file))
    # Programs in other languages need no Python but the plugin's.
    if project.runtime == projects.PYTHON:
        yield _virtualenv(project.file, project.options, ours)


def _virtualenv(file: Path, options: Mapping[str, Any], ours: str) -> Finding:
    named, toolchain = options.get("virtualenv"), options.get("toolchain", "pip")
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
    said = f"{DISTRIBUTION} {has_ours}, pulumi {has_sdk}, Python {has_python} in {what}"
    if has_ours != ours:
        return warning(VIRTUALENV, said, f"this command is of {ours}: run the project's own, or install the same one")
    return ok(VIRTUALENV, said)


def _python_in(virtualenv: Path) -> Path | None:
    places = (virtualenv / "bin" / "python", virtualenv / "Scripts" / "python.exe")
    return next((python for python in places if python.is_file()), None)


def _python_on_path() -> Path | None:
    names = (os.environ.get("PULUMI_PYTHON_CMD"), "python3", "python")
    return next((Path(found) for name in names if name for found in [shutil.which(name)] if found), None)
