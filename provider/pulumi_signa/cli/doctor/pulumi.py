"""Pulumi's command, and its language host for Python."""

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pulumi_signa.cli.doctor.programs import ProgramError, output_of
from pulumi_signa.cli.findings import Finding, ok, problem, skipped

CLI, HOST = "Pulumi CLI", "language host"

MINIMUM = (3, 216, 0)
"""The first engine that takes `ReadResult.inputs`, without which a refresh cannot show what changed in Signa."""

_HOST_PROGRAM = "pulumi-language-python"
_INSTALL = "https://www.pulumi.com/docs/install"


def findings() -> Iterator[Finding]:
    """Yield what `PATH` leads to."""
    found = shutil.which("pulumi")
    if found is None:
        yield problem(CLI, "there is no `pulumi` on PATH", f"install it ({_INSTALL}), and put its folder on PATH")
        yield skipped(HOST, f"needs: {CLI}")
        return
    yield _cli(found)
    yield _host(Path(found))


def _cli(path: str) -> Finding:
    try:
        said = output_of([path, "version"])
    except ProgramError as error:
        return problem(CLI, f"{path} does not work: {error}", f"install it anew: {_INSTALL}")
    version = re.match(r"v?(\d+)\.(\d+)\.(\d+)", said)
    if version is None:
        return problem(CLI, f"{path} does not tell its version", f"install Pulumi's CLI: {_INSTALL}")
    if tuple(map(int, version.groups())) < MINIMUM:
        needed = ".".join(map(str, MINIMUM))
        return problem(CLI, f"{path} is {version[0]}: too old", f"install {needed} or newer: {_INSTALL}")
    return ok(CLI, f"{version[0]} at {path}")


def _host(cli: Path) -> Finding:
    # The engine looks for its language host beside itself, with links resolved, and on PATH.
    places = [str(cli.parent), str(cli.resolve().parent), os.environ.get("PATH", "")]
    host = shutil.which(_HOST_PROGRAM, path=os.pathsep.join(places))
    if host is not None:
        return ok(HOST, host)
    # `pulumi` may be a script of a version manager, which starts a CLI that has its host elsewhere.
    try:
        has_host = _runs_python(_about(cli))
    except ProgramError as error:
        return skipped(HOST, f"`pulumi about` failed: {error}")
    if not has_host:
        remedy = f"install Pulumi's whole archive ({_INSTALL}), not its `pulumi` alone"
        return problem(HOST, f"{_HOST_PROGRAM} is neither beside {cli} nor on PATH", remedy)
    return ok(HOST, f"{cli} finds it")


def _runs_python(about: str) -> bool:
    """Return whether Pulumi names the Python of a project, which its language host alone can tell."""
    try:
        return json.loads(about)["runtime"]["language"] == "python"  # type: ignore[no-any-return]
    except (LookupError, TypeError, ValueError):
        return False


def _about(cli: Path) -> str:
    """Return what Pulumi says of itself in an empty Python project."""
    with tempfile.TemporaryDirectory() as project:
        Path(project, "Pulumi.yaml").write_text("name: doctor\nruntime: python\n", encoding="utf-8")
        return output_of([cli, "about", "--json", "--cwd", project])
