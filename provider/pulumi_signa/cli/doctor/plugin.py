"""The native plugin: whether the engine finds it for the project, and of which version it is."""

import importlib.metadata
import json
import os
import shutil
import sysconfig
from collections.abc import Collection, Iterator
from pathlib import Path

from pulumi_signa.cli.doctor import machine, pulumi
from pulumi_signa.cli.doctor.programs import ProgramError, output_of
from pulumi_signa.cli.doctor.project import DISTRIBUTION
from pulumi_signa.cli.findings import Finding, ok, problem, warning
from pulumi_signa.cli.projects import Project

SUBJECT = "plugin"

_PROGRAM = "pulumi-resource-signa"


def findings(project: Project, broken: Collection[str], *, is_needed: bool) -> Iterator[Finding]:
    """
    Yield what the engine would find; nothing where the project neither names a plugin nor needs one.

    Args:
        broken: What was found to be a problem before.
        is_needed: Whether the plugin serves the stack's resources.
    """
    if project.plugin is not None:
        yield _named(project.plugin, broken)
    elif is_needed:
        yield _unnamed(project, broken)


def _named(folder: Path, broken: Collection[str]) -> Finding:
    found = shutil.which(_PROGRAM, path=str(folder))
    if found is None:
        what = "is a file, and must be the folder of one" if folder.is_file() else f"has no {_PROGRAM}"
        remedy = "install pulumi-signa there, or name the folder of an environment that has it"
        return problem(SUBJECT, f"{folder}, which plugins.providers of Pulumi.yaml names, {what}", remedy)
    return _of_version(Path(found), broken)


def _unnamed(project: Project, broken: Collection[str]) -> Finding:
    remedy = f"add to {project.file.name}: {_lines(project.file.parent)}"
    found = shutil.which(_PROGRAM)
    if found is not None:
        finding = _of_version(Path(found), broken)
        if finding.verdict == "problem":
            return finding
        return warning(SUBJECT, f"{finding.found}, which is on PATH, so that the engine warns of it", remedy)
    installed = _installed()
    if installed is not None:
        return _of_version(installed, broken)
    return problem(SUBJECT, f"the engine finds no {_PROGRAM}: Pulumi.yaml names none, and PATH has none", remedy)


def _lines(folder: Path) -> str:
    """Return what names the plugin of the environment that runs this command."""
    scripts = Path(sysconfig.get_path("scripts"))
    path = scripts.relative_to(folder) if scripts.is_relative_to(folder) else scripts
    return f"plugins: {{providers: [{{name: signa, path: {path}}}]}}"


def _installed() -> Path | None:
    """Return what `pulumi plugin install` has put into Pulumi's home."""
    home = machine.home()
    found = (each / _PROGRAM for each in (home / "plugins").glob("resource-signa-v*")) if home else ()
    return next((each for each in found if each.is_file()), None)


def _of_version(program: Path, broken: Collection[str]) -> Finding:
    ours = importlib.metadata.version(DISTRIBUTION)
    cli = shutil.which("pulumi")
    if cli is None or pulumi.CLI in broken or machine.HOME in broken:
        return ok(SUBJECT, str(program))
    try:
        # The CLI starts the plugin as the engine does.
        theirs = json.loads(output_of([cli, "package", "get-schema", os.path.abspath(program)]))["version"]  # noqa: PTH100 - links stay
    except (LookupError, TypeError, ValueError):
        return problem(SUBJECT, f"{program} is another program", "name the folder of an environment with pulumi-signa")
    except ProgramError as error:
        return problem(SUBJECT, f"{program} does not work: {error}", "install pulumi-signa anew there")
    if theirs != ours:
        remedy = f"this command is of {ours}: run that of the plugin's environment, or install the same one"
        return warning(SUBJECT, f"{DISTRIBUTION} {theirs} at {program}", remedy)
    return ok(SUBJECT, f"{DISTRIBUTION} {theirs} at {program}")
