"""Programs in other languages than Python, made ready to run on the engine of a test."""

import os
import subprocess
from pathlib import Path

import yaml
from sandbox.stack import Stack

from languages import sdks, stand_ins

NEEDS = {"nodejs": ("node", "npm", "go"), "go": ("go",), "yaml": ()}
"""The programs that a machine must have, by runtime."""


def prepare(stack: Stack, schema: Path) -> None:
    """
    Let the program in a stack's folder run, whatever its `runtime`, with the SDK of a schema where it needs one.

    A TypeScript program gets its `node_modules`. A Go program is built, and its modules become those that are pinned
    here. Nothing is fetched that was fetched once.
    """
    file = stack.folder / "Pulumi.yaml"
    project = yaml.safe_load(file.read_text())
    runtime = project["runtime"]
    runtime = {"name": runtime} if isinstance(runtime, str) else runtime
    hosts = stand_ins.put_into(stack.folder.parent / "hosts")
    stack.environment["PATH"] = f"{hosts}{os.pathsep}{stack.environment['PATH']}"
    if runtime["name"] == "nodejs":
        (stack.folder / "node_modules").symlink_to(sdks.node_modules(schema))
    elif runtime["name"] == "go":
        runtime.setdefault("options", {})["binary"] = str(build(stack.folder, schema))
        file.write_text(yaml.safe_dump({**project, "runtime": runtime}))


def build(folder: Path, schema: Path) -> Path:
    """Build the Go program in a folder, and return the binary."""
    for name, text in zip(("go.mod", "go.sum"), sdks.go_module(schema, "program"), strict=True):
        (folder / name).write_text(text)
    binary = folder / "program"
    done = subprocess.run(
        # The flags with which the CLI is built: its packages are in Go's cache then.
        ["go", "build", "-mod=mod", "-o", binary, "."],
        cwd=folder,
        env={**os.environ, "CGO_ENABLED": "0", "GOWORK": "off"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return binary
