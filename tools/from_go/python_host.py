"""
Build Pulumi's language host for Python programs, in place of the one whose Go module is not published.

`cli/python_host` is its source, and stands on the pinned modules of the CLI.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from tools.from_go.toolchain import MODULE, find_go, run_go
from tools.installed_cli import LANGUAGE_HOST
from tools.progress import say

_SOURCES = (MODULE / "python_host" / "main.go", MODULE / "go.mod")


def entry_name() -> str:
    """Name what is built from these sources: others get another name."""
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in _SOURCES))
    return f"{LANGUAGE_HOST}-{digest.hexdigest()[:16]}"


def build(into: Path, lock: int) -> None:
    """
    Build the host into an empty folder.

    Raises:
        StepError: Go is missing or too old, or a module cannot be fetched or built.
    """
    go = find_go(lock)
    say("building Pulumi's language host for Python (seconds, or minutes without Go's caches, once)")
    command = [go, "build", "-v", "-mod=readonly", "-ldflags", "-s -w", "-o", str(into / LANGUAGE_HOST)]
    run_go([*command, "./python_host"], "building the language host", lock)
