"""The build of the language host for YAML programs, with a fake `go`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tools.progress import StepError

from tools.from_go import yaml_host


def test_build_gives_the_host_of_the_version_that_it_tells(go: Callable[..., Path], into: Path, lock: int) -> None:
    sdk = go()

    yaml_host.build(into, lock)

    assert [path.name for path in into.iterdir()] == ["pulumi-language-yaml"]
    build = (sdk / "install").read_text()
    assert build.startswith("0 off ")
    assert "pkg/version.Version=v1.25.0 github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml@v1.25.0" in build


def test_failed_build_gives_its_last_line(go: Callable[..., Path], into: Path, lock: int) -> None:
    go(then="echo 'go: example.com/module: not found'; exit 1")

    with pytest.raises(StepError, match=r"building the YAML host: go: example\.com/module: not found"):
        yaml_host.build(into, lock)
