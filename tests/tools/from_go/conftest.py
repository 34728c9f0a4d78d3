"""A fake `go`."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

GO = """
case "$1" in
version) echo "go version {version} linux/amd64" ;;
list) echo "{sdk}" ;;
build)
    echo "$CGO_ENABLED $GOWORK $*" > "{sdk}/build"
    while [ "$1" != -o ]; do shift; done
    printf '#!/bin/sh\\n' > "$2"; chmod 755 "$2"
    {then} ;;
install)
    echo "$CGO_ENABLED $GOWORK $*" > "{sdk}/install"
    printf '#!/bin/sh\\n' > "$GOBIN/pulumi-language-yaml"
    {then} ;;
esac
"""


@pytest.fixture
def go(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, executable: Callable[..., Path]) -> Callable[..., Path]:
    """Give what puts a fake `go` on PATH; it also gives the folder of the fake SDK module."""

    def install(version: str = "go1.26.8", then: str = ":") -> Path:
        sdk = tmp_path / "sdk"
        for script in ("cmd/pulumi-language-python-exec", "dist/pulumi-resource-pulumi-python"):
            (sdk / "python" / script).parent.mkdir(parents=True)
            (sdk / "python" / script).write_text("a script of Pulumi")
            (sdk / "python" / script).chmod(0o444)
        executable(tmp_path / "bin" / "go", GO.format(version=version, sdk=sdk, then=then))
        monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
        return sdk

    return install


@pytest.fixture
def into(tmp_path: Path) -> Path:
    """Give the empty folder that is to be filled."""
    folder = tmp_path / "into"
    folder.mkdir()
    return folder
