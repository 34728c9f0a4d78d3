"""The build from Go modules, with a fake `go`."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tools.progress import StepError

from tools.from_go import go_cli


def test_missing_go_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, into: Path, lock: int) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(StepError, match=r"^there is no `go` on PATH, and Go 1\.26\S* or newer is needed$"):
        go_cli.build("3.274.1", into, lock)


def test_old_go_is_named_with_what_is_needed(go: Callable[..., Path], into: Path, lock: int) -> None:
    go("go1.24")

    with pytest.raises(StepError, match=r"is Go 1\.24, and 1\.26\S* or newer is needed"):
        go_cli.build("3.274.1", into, lock)


def test_build_gives_all_executables_but_the_language_host(go: Callable[..., Path], into: Path, lock: int) -> None:
    go()

    go_cli.build("3.274.1", into, lock)

    executables = {path.name for path in (into / "bin").iterdir() if os.access(path, os.X_OK)}
    assert executables == {"pulumi", "pulumi-language-python-exec", "pulumi-resource-pulumi-python"}


def test_build_sets_the_version_and_leaves_the_checkout_alone(go: Callable[..., Path], into: Path, lock: int) -> None:
    sdk = go()

    go_cli.build("3.274.1", into, lock)

    build = (sdk / "build").read_text()
    assert "common/version.Version=v3.274.1" in build
    assert "-mod=readonly" in build
    assert build.startswith("0 off ")


def test_failed_build_gives_its_last_line(go: Callable[..., Path], into: Path, lock: int) -> None:
    go(then="echo 'go: example.com/module: not found'; exit 1")

    with pytest.raises(StepError, match=r"building the Pulumi CLI: go: example\.com/module: not found"):
        go_cli.build("3.274.1", into, lock)
