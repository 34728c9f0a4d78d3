"""The machine: whether Pulumi can write where it keeps plugins, logins and logs."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pulumi_signa.cli.findings import Finding, ok, problem, skipped, warning

HOME, DISK = "Pulumi's home", "disk"

_LITTLE, _TOO_LITTLE = 500 * 2**20, 50 * 2**20


def findings() -> Iterator[Finding]:
    """Yield what the file system allows."""
    home_ = home()
    if home_ is None:
        yield problem(HOME, "neither PULUMI_HOME nor HOME is set", "set HOME, or PULUMI_HOME, to a folder of yours")
        yield skipped(DISK, f"needs: {HOME}")
        return
    try:
        # Pulumi makes the folder when it first needs it.
        existing = next(each for each in (home_, *home_.parents) if each.exists())
        with tempfile.TemporaryFile(dir=existing):
            free = shutil.disk_usage(existing).free
    except OSError as error:
        remedy = "set PULUMI_HOME to a folder that can be written"
        yield problem(HOME, f"{home_} cannot be written: {error.strerror or error}", remedy)
        yield skipped(DISK, f"needs: {HOME}")
        return
    yield ok(HOME, f"{home_} can be written")
    yield _disk(existing, free)


def home() -> Path | None:
    """Return the folder in which Pulumi keeps plugins and logins; None where the environment names none."""
    named = os.environ.get("PULUMI_HOME")
    if named:
        return Path(named).absolute()
    try:
        return Path.home().absolute() / ".pulumi"
    except RuntimeError:
        return None


def _disk(folder: Path, free: int) -> Finding:
    said = f"{free / 2**20:,.0f} MiB are free at {folder}"
    if free < _TOO_LITTLE:
        return problem(DISK, said, f"make room: the engine's plugins and logs need {_LITTLE // 2**20} MiB")
    if free < _LITTLE:
        return warning(DISK, said, f"make room: the engine's plugins and logs need {_LITTLE // 2**20} MiB")
    return ok(DISK, said)
