"""Pulumi CLIs that are on the machine already, and what makes one usable."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from semver import Version

from tools.wrapper import is_stand_in, is_wrapper

MINIMUM = Version(3, 216, 0)
"""The first engine that takes `ReadResult.inputs`, without which a refresh cannot show what changed in Signa."""

LANGUAGE_HOST = "pulumi-language-python"
SCRIPTS = ("pulumi-language-python-exec", "pulumi-resource-pulumi-python")
"""What starts a Python program, and a dynamic provider; the official CLI has them beside its language host."""

VERSION_TIMEOUT_S = 30.0


class UnusableError(Exception):
    """A Pulumi CLI is missing or not good enough; the text says why in a few words."""


@dataclass(frozen=True, slots=True)
class Cli:
    """
    A Pulumi CLI that works.

    Attributes:
        path: The executable.
        version: What `pulumi version` says.
        built: It was built from Go modules, and its language host is not the official one.
    """

    path: Path
    version: Version
    built: bool


def on_path(search_path: str) -> Cli:
    """
    Give the first usable `pulumi` of a search path that is not a wrapper of ours.

    Raises:
        UnusableError: There is none; the text is about the first one met.
    """
    reasons = []
    for folder in search_path.split(os.pathsep):
        path = Path(folder).absolute() / "pulumi"
        if not _is_executable(path) or is_wrapper(path):
            continue
        # The engine looks for its language host beside itself, with links resolved, and on PATH.
        places = [str(path.parent), str(path.resolve().parent), search_path]
        host = shutil.which(LANGUAGE_HOST, path=os.pathsep.join(places))
        if host is None or _is_ours(Path(host)):
            reasons.append(f"{path} has no {LANGUAGE_HOST}")
            continue
        try:
            return Cli(path, version(path), built=False)
        except UnusableError as exc:
            reasons.append(str(exc))
    raise UnusableError(reasons[0] if reasons else "there is none")


def in_folder(folder: Path) -> Cli:
    """
    Give the CLI of a folder, as an installer or a build leaves it. A build leaves the language host to be added.

    Raises:
        UnusableError: One of the executables is missing, or the CLI does not work.
    """
    if not folder.exists():
        raise UnusableError(f"{folder} does not exist")
    for name in ("pulumi", *SCRIPTS):
        if not _is_executable(folder / name):
            raise UnusableError(f"{folder / name} is missing")
    host = folder / LANGUAGE_HOST
    return Cli(folder / "pulumi", version(folder / "pulumi"), built=not _is_executable(host) or _is_ours(host))


def version(path: Path) -> Version:
    """
    Ask a CLI for its version.

    Raises:
        UnusableError: It does not run, its answer is no version, or it is older than `MINIMUM`.
    """
    try:
        answer = subprocess.run(
            [path, "version"],
            env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=VERSION_TIMEOUT_S,
            check=True,
        ).stdout
    except (OSError, ValueError, subprocess.SubprocessError) as exc:
        raise UnusableError(f"{path} does not run") from exc
    try:
        found = Version.parse(answer.strip().removeprefix("v"))
    except ValueError as exc:
        raise UnusableError(f"{path} does not tell its version") from exc
    if found < MINIMUM:
        raise UnusableError(f"{path} is {found}, and {MINIMUM} or newer is needed")
    return found


def _is_ours(host: Path) -> bool:
    # One that we built lies in a folder of its own, and a link leads there.
    return host.resolve().parent.name.startswith(f"{LANGUAGE_HOST}-") or is_stand_in(host)


def _is_executable(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)
