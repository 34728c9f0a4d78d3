"""Pulumi's command, and its language host for the project's programs."""

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

_INSTALL = "https://www.pulumi.com/docs/install"


def findings(runtime: str) -> Iterator[Finding]:
    """Yield what `PATH` leads to, for programs of a runtime such as `python`."""
    found = shutil.which("pulumi")
    if found is None:
        yield problem(CLI, "there is no `pulumi` on PATH", f"install it ({_INSTALL}), and put its folder on PATH")
        yield skipped(HOST, f"needs: {CLI}")
        return
    yield _cli(found)
    yield _host(Path(found), runtime)


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


def _host(cli: Path, runtime: str) -> Finding:
    program = f"pulumi-language-{runtime}"
    # The engine looks for its language host beside itself, with links resolved, and on PATH.
    places = [str(cli.parent), str(cli.resolve().parent), os.environ.get("PATH", "")]
    host = shutil.which(program, path=os.pathsep.join(places))
    if host is not None:
        return ok(HOST, host)
    # `pulumi` may be a script of a version manager, which starts a CLI that has its host elsewhere.
    try:
        has_host = _runs(runtime, _about(cli, runtime))
    except ProgramError as error:
        return skipped(HOST, f"`pulumi about` failed: {error}")
    if not has_host:
        remedy = f"install Pulumi's whole archive ({_INSTALL}), not its `pulumi` alone"
        return problem(HOST, f"{program} is neither beside {cli} nor on PATH", remedy)
    return ok(HOST, f"{cli} finds it")


def _runs(runtime: str, about: str) -> bool:
    """Return whether Pulumi names the language of a project, which its language host alone can tell."""
    try:
        return json.loads(about)["runtime"]["language"] == runtime  # type: ignore[no-any-return]
    except (LookupError, TypeError, ValueError):
        return False


def _about(cli: Path, runtime: str) -> str:
    """Return what Pulumi says of itself in an empty project."""
    with tempfile.TemporaryDirectory() as project:
        Path(project, "Pulumi.yaml").write_text(f"name: doctor\nruntime: {json.dumps(runtime)}\n", encoding="utf-8")
        return output_of([cli, "about", "--json", "--cwd", project])
