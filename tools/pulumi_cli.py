"""
Find or get a Pulumi CLI and make `.venv/bin/pulumi` run it: `.venv/bin/python -m tools.pulumi_cli [yaml]`.

Four ways, in this order: `pulumi` on PATH, our cache, Pulumi's installer, Go modules. The last two fill the
cache: a folder of their own first, which gets its final name when it is complete and its CLI has answered.

A CLI from Go modules gets a language host for Python programs, and with `yaml` one for YAML programs too, as the
official CLI has them. Who only plays the demo does not wait for the build of the latter.
"""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from tools import official_cli, wrapper
from tools.cache import entry, fill, place
from tools.from_go import go_cli, python_host, yaml_host
from tools.installed_cli import LANGUAGE_HOST, MINIMUM, Cli, UnusableError, in_folder, on_path
from tools.lock import exclusive
from tools.progress import StepError, exit_status, say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).resolve().parent.parent

VERSION = "3.274.1"
"""What we get where there is no CLI; `from_go/cli/go.mod` pins the same."""

Fetch: TypeAlias = "Callable[[str, Path, int], None]"
"""Puts the CLI of a version into `bin` below an empty folder; the last argument is the lock for its commands."""


def set_up(*, with_yaml: bool) -> None:
    """Make `.venv/bin/pulumi` of this checkout run a CLI, and let one from Go modules run YAML programs if asked to."""
    cli = find(os.environ.get("PATH", os.defpath), place())
    if cli.built:
        add_python_host(cli.path.parent, place())
    wrapper.install(ROOT / ".venv" / "bin" / "pulumi", wrapper.text(ROOT, cli.path, built=cli.built))
    say(f".venv/bin/pulumi is Pulumi {cli.version}, {cli.path}")
    if with_yaml and cli.built:
        add_yaml_host(cli.path.parent, place())


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


def add_python_host(beside: Path, cache: Path, build: Callable[[Path, int], None] = python_host.build) -> None:
    """
    Put the language host for Python programs beside a CLI.

    Args:
        beside: The folder of the CLI.
        cache: The folder that holds the host, for all versions of the CLI.
        build: Puts the host into an empty folder; the last argument is the lock for its commands.

    Raises:
        StepError: It cannot be built.
    """
    try:
        host = entry(cache / python_host.entry_name(), build) / LANGUAGE_HOST
    except StepError as exc:
        raise StepError(f"Python programs cannot run: {exc}", exc.output) from exc
    _link(host, beside, cache)


def add_yaml_host(beside: Path, cache: Path, build: Callable[[Path, int], None] = yaml_host.build) -> None:
    """
    Put the language host for YAML programs beside a CLI; where it cannot be built, say so, and leave the CLI as it is.

    The arguments are those of `add_python_host`.
    """
    try:
        host = entry(cache / f"{yaml_host.NAME}-{yaml_host.VERSION}", build) / yaml_host.NAME
    except StepError as exc:
        say(f"YAML programs cannot run: {exc}")
        return
    _link(host, beside, cache)


def _link(host: Path, beside: Path, cache: Path) -> None:
    link = beside / host.name
    with exclusive(cache):
        if link.resolve() != host.resolve():
            partial = link.with_name(f".{link.name}.partial")
            partial.unlink(missing_ok=True)
            partial.symlink_to(host)
            # In one step: an engine of another checkout may start the host at any moment.
            partial.replace(link)


def _try(way: Callable[[], Cli], failures: list[str]) -> Cli | None:
    try:
        return way()
    except (UnusableError, StepError) as exc:
        failures.append(str(exc))
        return None


def _fill(folder: Path, fetch: Fetch, lock: int) -> Cli:
    def make(unfinished: Path) -> None:
        fetch(VERSION, unfinished, lock)
        in_folder(unfinished / "bin")

    fill(folder, make)
    return in_folder(folder / "bin")


def _explanation(failures: list[str]) -> str:
    ways = ("`pulumi` on PATH", "our cache", "Pulumi's installer", "Go modules")
    tried = [f"  {way}: {why}" for way, why in zip(ways, failures, strict=True)]
    remedy = f"Put Pulumi's CLI ({MINIMUM} or newer), or a newer Go, on PATH and run `make setup` again."
    return "\n".join(["there is no Pulumi CLI, and none could be had:", *tried, remedy])


if __name__ == "__main__":
    sys.exit(exit_status(lambda: set_up(with_yaml="yaml" in sys.argv[1:])))
