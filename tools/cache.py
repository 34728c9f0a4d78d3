"""Folders that are made once on a machine, and serve all checkouts."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import platformdirs

from tools.lock import exclusive

PARTIAL = "partial-"


def place() -> Path:
    """Return the folder that holds them; it may be missing."""
    return platformdirs.user_cache_path("pulumi-signa")


def entry(folder: Path, make: Callable[[Path, int], None]) -> Path:
    """
    Return a folder, which is made where it is missing; one process makes it, and others who want it wait.

    Args:
        folder: The folder.
        make: Puts the content into an empty folder of the same name; the last argument is the lock for its commands.
    """
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with exclusive(folder.parent) as lock:
            if not folder.exists():
                fill(folder, lambda unfinished: make(unfinished, lock))
    return folder


def fill(folder: Path, make: Callable[[Path], None]) -> None:
    """
    Make a folder anew; it gets its name when it is complete. The caller has the lock of the folder around it.

    Args:
        folder: Where it is to be. What is there is replaced.
        make: Puts the content into an empty folder of the same name.
    """
    # The lock is ours, so these are what a killed set-up left.
    for left_over in folder.parent.glob(f"{PARTIAL}*"):
        shutil.rmtree(left_over)
    with tempfile.TemporaryDirectory(prefix=PARTIAL, dir=folder.parent) as parent:
        unfinished = Path(parent) / folder.name
        unfinished.mkdir()
        make(unfinished)
        if folder.exists():
            shutil.rmtree(folder)
        unfinished.rename(folder)
