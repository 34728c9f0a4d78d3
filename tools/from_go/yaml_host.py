"""
Build Pulumi's language host for YAML programs from its published Go modules.

The official CLI ships the executable. A CLI that was built from Go modules has none, and looks for it beside itself.
"""

from __future__ import annotations

from pathlib import Path

from tools.from_go.toolchain import find_go, run_go
from tools.progress import say

NAME = "pulumi-language-yaml"

VERSION = "1.25.0"
"""The newest version that the Go module proxy is known to serve."""

_MODULE = "github.com/pulumi/pulumi-yaml"


def build(into: Path, lock: int) -> None:
    """
    Build the host into an empty folder.

    Raises:
        StepError: Go is missing or too old, or a module cannot be fetched or built.
    """
    go = find_go(lock)
    say(f"building Pulumi's YAML host {VERSION} from Go modules (1 to 5 minutes, once)")
    # Its go.mod replaces nothing, so that `go install` takes it.
    command = [go, "install", "-v", "-ldflags", f"-s -w -X {_MODULE}/pkg/version.Version=v{VERSION}"]
    command.append(f"{_MODULE}/cmd/{NAME}@v{VERSION}")
    run_go(command, "building the YAML host", lock, GOBIN=str(into))
