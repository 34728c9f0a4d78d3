"""
Make `.venv` from constraints.txt, then hand over to `tools.pulumi_cli`: `python3 -m tools.environment`.

Runs on a bare Python and uses the standard library only. A stamp in the environment, written last, says what
it was made from. An environment without a stamp was interrupted, and one of another Python or another folder
does not fit: both are made anew. Where only the requirements changed, they are installed over what is there.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import sys
from pathlib import Path

from tools.lock import exclusive
from tools.progress import StepError, exit_status, run, say

ROOT = Path(__file__).resolve().parent.parent
STAMP = ".pulumi-signa-setup.json"
INPUTS = ("constraints.txt", "pyproject.toml", "tools/environment.py")


def set_up() -> None:
    """Make the environment of this checkout, then become the process that finds the Pulumi CLI."""
    python = make_environment(ROOT)
    os.chdir(ROOT)
    os.execv(python, [str(python), "-m", "tools.pulumi_cli"])  # noqa: S606 - a shell is not wanted


def make_environment(root: Path) -> Path:
    """
    Bring `.venv` up to date with the requirements of a checkout.

    Args:
        root: The checkout, with pyproject.toml and constraints.txt.

    Returns:
        The Python of the environment.

    Raises:
        StepError: This Python cannot make environments, or the requirements cannot be installed.
    """
    folder = root / ".venv"
    python = folder / "bin" / "python"
    with exclusive(root) as lock:
        stamp, wanted = _read_stamp(folder), _wanted_stamp(root)
        if stamp == wanted and python.exists():
            return python
        (folder / STAMP).unlink(missing_ok=True)
        if stamp.get("python") != wanted["python"] or not python.exists():
            _create(folder, root, lock)
        _install(python, root, lock)
        _write_stamp(folder, wanted)
    return python


def _create(folder: Path, root: Path, lock: int) -> None:
    # Debian and its descendants ship Python without the second.
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        message = f"{sys.executable} cannot make virtual environments; Debian and Ubuntu: apt install python3-venv"
        raise StepError(message)
    say(f"making {folder}")
    run([sys.executable, "-m", "venv", "--clear", folder], doing="making .venv", cwd=root, lock=lock)


def _install(python: Path, root: Path, lock: int) -> None:
    pip: list[str | Path] = [
        python,
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--progress-bar=off",
    ]
    pip += ["--constraint", "constraints.txt"]
    say("installing Python packages (about half a minute)")
    # pip first: the one that comes with Python may be too old to know dependency groups.
    run([*pip, "pip"], doing="updating pip", cwd=root, lock=lock)
    everything = ["--group", "dev", "--editable", "."]
    run([*pip, *everything], doing="installing Python packages", cwd=root, lock=lock)


def _wanted_stamp(root: Path) -> dict[str, str]:
    digest = hashlib.sha256()
    for name in INPUTS:
        digest.update((root / name).read_bytes())
    # Scripts in an environment name its folder, and compiled packages fit one Python.
    return {"python": f"{root} {sys.base_prefix} {sys.version}", "requirements": digest.hexdigest()}


def _read_stamp(folder: Path) -> dict[str, str]:
    try:
        return dict(json.loads((folder / STAMP).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def _write_stamp(folder: Path, stamp: dict[str, str]) -> None:
    partial = folder / f"{STAMP}.partial"
    partial.write_text(json.dumps(stamp), encoding="utf-8")
    partial.replace(folder / STAMP)


if __name__ == "__main__":
    sys.exit(exit_status(set_up))
