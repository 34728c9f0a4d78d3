"""
Bring `.venv` up to date with groups of dependencies: `python3 -m tools.environment GROUP...`.

Runs on a bare Python and uses the standard library only. A stamp in the environment, written last, says what
the environment was made from. An environment without a stamp was interrupted, and one of another Python or
another folder does not fit: both are made anew. Further groups and changed requirements are installed over
what is there.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

from tools.lock import exclusive
from tools.progress import StepError, exit_status, run, say

ROOT = Path(__file__).resolve().parent.parent
STAMP = ".pulumi-signa-setup.json"
INPUTS = ("constraints.txt", "pyproject.toml", "receiver/pyproject.toml", "tools/environment.py")


def make_environment(root: Path, groups: set[str]) -> None:
    """
    Bring `.venv` up to date with the requirements of a checkout.

    Args:
        root: The checkout, with pyproject.toml and constraints.txt.
        groups: Dependency groups of pyproject.toml. Those installed earlier are kept.

    Raises:
        StepError: This Python cannot make environments, or the requirements cannot be installed.
    """
    folder = root / ".venv"
    python = folder / "bin" / "python"
    with exclusive(root) as lock:
        stamp, wanted = _read_stamp(folder), _wanted_stamp(root)
        fits = stamp.get("python") == wanted["python"] and python.exists()
        installed = set(stamp.get("groups", ())) if fits else set()
        if fits and stamp.get("requirements") == wanted["requirements"] and groups <= installed:
            return
        (folder / STAMP).unlink(missing_ok=True)
        if not fits:
            _create(folder, root, lock)
        groups = groups | installed
        _install(python, root, sorted(groups), lock)
        _write_stamp(folder, {**wanted, "groups": sorted(groups)})


def _create(folder: Path, root: Path, lock: int) -> None:
    # Debian and its descendants ship Python without the second.
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        message = f"{sys.executable} cannot make virtual environments; Debian and Ubuntu: apt install python3-venv"
        raise StepError(message)
    say("making .venv")
    run([sys.executable, "-m", "venv", "--clear", folder], doing="making .venv", cwd=root, lock=lock)


def _install(python: Path, root: Path, groups: list[str], lock: int) -> None:
    constraints = ["--constraint", "constraints.txt"]
    pip = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar=off", *constraints]
    # Company proxies sign with certificates that only the system knows, and pip trusts the system's as well.
    uv = [str(python.with_name("uv")), "pip", "install", "--python", str(python), "--no-progress", *constraints]
    uv.append("--system-certs")
    everything = [*(f"--group={group}" for group in groups), "--editable", "./receiver", "--editable", "."]
    say(f"installing Python packages: {', '.join(groups)}")
    try:
        # uv takes seconds where pip takes a minute.
        run([*pip, "uv"], doing="fetching uv", cwd=root, lock=lock)
        run([*uv, *everything], doing="installing Python packages", cwd=root, lock=lock)
    except StepError as exc:
        say(f"without uv, with pip, which takes a minute or two ({exc})")
        # The pip that comes with Python may be too old to know dependency groups.
        run([*pip, "pip"], doing="updating pip", cwd=root, lock=lock)
        run([*pip, *everything], doing="installing Python packages", cwd=root, lock=lock)


def _wanted_stamp(root: Path) -> dict[str, str]:
    digest = hashlib.sha256()
    for name in INPUTS:
        digest.update((root / name).read_bytes())
    # Scripts in an environment name its folder, and compiled packages fit one Python.
    return {"python": f"{root} {sys.base_prefix} {sys.version}", "requirements": digest.hexdigest()}


def _read_stamp(folder: Path) -> dict[str, Any]:
    try:
        stamp = json.loads((folder / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def _write_stamp(folder: Path, stamp: dict[str, Any]) -> None:
    partial = folder / f"{STAMP}.partial"
    partial.write_text(json.dumps(stamp), encoding="utf-8")
    partial.replace(folder / STAMP)


if __name__ == "__main__":
    sys.exit(exit_status(lambda: make_environment(ROOT, set(sys.argv[1:]))))
