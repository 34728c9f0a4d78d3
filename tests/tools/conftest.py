"""Fake executables: the tools are tested against scripts that answer as Pulumi and Go do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tools.lock import exclusive

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def executable() -> Callable[..., Path]:
    """Give what writes an executable shell script."""

    def write(path: Path, script: str = "exit 0") -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
        return path

    return write


@pytest.fixture
def cli(executable: Callable[..., Path]) -> Callable[..., Path]:
    """Give what writes the executables of a Pulumi CLI into a folder, and returns its `pulumi`."""

    def write(folder: Path, version: str = "v3.274.1", *, without: str = "") -> Path:
        for name in ("pulumi-language-python", "pulumi-language-python-exec", "pulumi-resource-pulumi-python"):
            if name != without:
                executable(folder / name)
        return executable(folder / "pulumi", f"echo {version}")

    return write


@pytest.fixture
def lock(tmp_path: Path) -> Iterator[int]:
    """Hold a lock, as those do who run commands."""
    folder = tmp_path / "locked"
    folder.mkdir()
    with exclusive(folder) as descriptor:
        yield descriptor
