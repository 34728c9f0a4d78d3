"""The build of the language host for Python programs, with a fake `go`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tools.progress import StepError

from tools.from_go import python_host


def test_build_gives_the_host_and_leaves_the_checkout_alone(go: Callable[..., Path], into: Path, lock: int) -> None:
    sdk = go()

    python_host.build(into, lock)

    assert [path.name for path in into.iterdir()] == ["pulumi-language-python"]
    build = (sdk / "build").read_text()
    assert build.startswith("0 off ")
    assert "-mod=readonly" in build


def test_failed_build_gives_its_last_line(go: Callable[..., Path], into: Path, lock: int) -> None:
    go(then="echo 'go: example.com/module: not found'; exit 1")

    with pytest.raises(StepError, match=r"building the language host: go: example\.com/module: not found"):
        python_host.build(into, lock)


def test_changed_source_gives_another_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    source = tmp_path / "main.go"
    monkeypatch.setattr(python_host, "_SOURCES", [source])
    names = set()

    for text in ("package main", "package main // changed", "package main"):
        source.write_text(text)
        names.add(python_host.entry_name())

    assert len(names) == 2
