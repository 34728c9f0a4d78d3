"""Fetch the Pulumi CLI with Pulumi's own installer, the one that its Python SDK offers."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

from tools.progress import run, say

ROOT = Path(__file__).resolve().parent.parent

PATIENCE_S = 12.0
"""The installer sets no limit itself, and a machine that cannot reach it must get on within seconds."""


def fetch(version: str, into: Path, lock: int, *, patience_s: float = PATIENCE_S) -> None:
    """
    Install a version of the CLI; its executables are in `bin` below an empty folder afterwards.

    Raises:
        StepError: It could not be downloaded, or nothing arrived for `patience_s` seconds.
    """
    say(f"downloading Pulumi {version} with Pulumi's installer")
    downloads = into / "downloads"
    downloads.mkdir()
    run(
        [sys.executable, "-m", "tools.official_cli", version, into],
        doing="downloading the Pulumi CLI",
        cwd=ROOT,
        lock=lock,
        # All that the installer writes lies below `into`: it shows how far it is, and goes with the folder.
        environment={**os.environ, "TMPDIR": str(downloads)},
        size=lambda: _size(into),
        patience_s=patience_s,
    )


def _size(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            path = Path(parent, name)
            if path.exists():  # the installer removes files too
                total += path.stat().st_size
    return total


def _install(version: str, root: str) -> int:
    # 0.3 s, which a set-up that finds a CLI does not spend.
    from pulumi.automation import PulumiCommand  # noqa: PLC0415
    from semver import Version  # noqa: PLC0415

    socket.setdefaulttimeout(PATIENCE_S)
    try:
        PulumiCommand.install(root=root, version=Version.parse(version))
    except subprocess.CalledProcessError as exc:
        print(exc.output.decode(errors="replace"))
        return 1
    except Exception as exc:  # noqa: BLE001 - whatever it is, the next way is tried
        print(exc)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_install(*sys.argv[1:]))
