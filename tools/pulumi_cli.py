"""
Find or get a Pulumi CLI and make `.venv/bin/pulumi` run it: `.venv/bin/python -m tools.pulumi_cli`.

Four ways, in this order: `pulumi` on PATH, our cache, Pulumi's installer, Go modules. The last two fill the
cache: a folder of their own first, which gets its final name when it is complete and its CLI has answered.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import platformdirs

from tools import official_cli, wrapper
from tools.from_go import go_cli
from tools.installed_cli import MINIMUM, Cli, UnusableError, in_folder, on_path
from tools.lock import exclusive
from tools.progress import StepError, exit_status, say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).resolve().parent.parent

VERSION = "3.274.1"
"""What we get where there is no CLI; `from_go/cli/go.mod` pins the same."""

PARTIAL = "partial-"

Fetch: TypeAlias = "Callable[[str, Path, int], None]"
"""Puts the CLI of a version into `bin` below an empty folder; the last argument is the lock for its commands."""


def set_up() -> None:
    """Make `.venv/bin/pulumi` of this checkout run a CLI."""
    cli = find(os.environ.get("PATH", os.defpath), platformdirs.user_cache_path("pulumi-signa"))
    wrapper.install(ROOT / ".venv" / "bin" / "pulumi", wrapper.text(ROOT, cli.path, built=cli.built))
    say(f".venv/bin/pulumi is Pulumi {cli.version}, {cli.path}")


def find(search_path: str, cache: Path, fetches: Sequence[Fetch] = (official_cli.fetch, go_cli.build)) -> Cli:
    """
    Find a CLI on a search path or in a cache folder, or get one into the cache.

    Args:
        search_path: Folders, as PATH has them.
        cache: The folder that holds our own CLIs; made where it is missing.
        fetches: The ways to get one, in order.

    Raises:
        StepError: There is none, and none can be had; the text has a line for each way.
    """
    folder = cache / f"pulumi-{VERSION}"
    failures: list[str] = []
    found = _try(lambda: on_path(search_path), failures) or _try(lambda: in_folder(folder / "bin"), failures)
    if found is not None:
        return found
    cache.mkdir(parents=True, exist_ok=True)
    with exclusive(cache) as lock:
        # The set-up that had the lock before us may have filled the cache.
        found = _try(lambda: in_folder(folder / "bin"), [])
        for fetch in fetches:
            found = found or _try(partial(_fill, folder, fetch, lock), failures)
    if found is None:
        raise StepError(_explanation(failures))
    return found


def _try(way: Callable[[], Cli], failures: list[str]) -> Cli | None:
    try:
        return way()
    except (UnusableError, StepError) as exc:
        failures.append(str(exc))
        return None


def _fill(folder: Path, fetch: Fetch, lock: int) -> Cli:
    # We have the lock, so these are what a killed set-up left.
    for left_over in folder.parent.glob(f"{PARTIAL}*"):
        shutil.rmtree(left_over)
    with tempfile.TemporaryDirectory(prefix=PARTIAL, dir=folder.parent) as parent:
        unfinished = Path(parent) / folder.name
        unfinished.mkdir()
        fetch(VERSION, unfinished, lock)
        in_folder(unfinished / "bin")
        if folder.exists():  # found unusable before
            shutil.rmtree(folder)
        unfinished.rename(folder)
    return in_folder(folder / "bin")


def _explanation(failures: list[str]) -> str:
    ways = ("`pulumi` on PATH", "our cache", "Pulumi's installer", "Go modules")
    tried = [f"  {way}: {why}" for way, why in zip(ways, failures, strict=True)]
    remedy = f"Put Pulumi's CLI ({MINIMUM} or newer), or a newer Go, on PATH and run `make setup` again."
    return "\n".join(["there is no Pulumi CLI, and none could be had:", *tried, remedy])


if __name__ == "__main__":
    sys.exit(exit_status(set_up))
