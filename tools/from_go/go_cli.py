"""
Build the Pulumi CLI from its published Go modules, for machines that reach nothing but package registries.

`cli/go.mod` pins the modules, with the one replacement that Pulumi's own go.mod has (`go install` refuses
modules with replacements). The module of `pulumi-language-python` is not published: `python_host` builds ours.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from tools.from_go.toolchain import find_go, run_go
from tools.progress import say

COMMAND = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
SDK = "github.com/pulumi/pulumi/sdk/v3"
SCRIPTS = ("python/cmd/pulumi-language-python-exec", "python/dist/pulumi-resource-pulumi-python")
"""Where the module of the SDK has the scripts that start a Python program, and a dynamic provider."""


def build(version: str, into: Path, lock: int) -> None:
    """
    Build the CLI and put Pulumi's Python scripts beside it, in `bin` below an empty folder.

    Raises:
        StepError: Go is missing or too old, or a module cannot be fetched or built.
    """
    go = find_go(lock)
    target = into / "bin"
    target.mkdir()
    say(f"building Pulumi {version} from Go modules (3 to 6 minutes and 3 GB of Go caches, once)")
    # Without this, `pulumi version` is empty, and `pulumi.automation` refuses the CLI.
    flags = f"-s -w -X {SDK}/go/common/version.Version=v{version}"
    command = [go, "build", "-v", "-mod=readonly", "-ldflags", flags, "-o", str(target / "pulumi"), COMMAND]
    run_go(command, "building the Pulumi CLI", lock)
    command = [go, "list", "-mod=readonly", "-m", "-f", "{{.Dir}}", SDK]
    sdk = Path(run_go(command, "finding Pulumi's scripts", lock)[-1])
    for script in SCRIPTS:
        # Only the content: files of Go's module cache are read-only and not executable.
        shutil.copyfile(sdk / script, target / Path(script).name)
        (target / Path(script).name).chmod(0o755)
