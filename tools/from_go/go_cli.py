"""
Build the Pulumi CLI from its published Go modules, for machines that reach nothing but package registries.

`cli/go.mod` pins the modules, with the one replacement that Pulumi's own go.mod has (`go install` refuses
modules with replacements). The module of `pulumi-language-python` is not published: `language_host.py` stands
in for that executable.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from tools.installed_cli import LANGUAGE_HOST
from tools.progress import StepError, run, say
from tools.wrapper import LANGUAGE_HOST_STAND_IN

MODULE = Path(__file__).resolve().parent / "cli"
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
    go = _go(lock)
    target = into / "bin"
    target.mkdir()
    say(f"building Pulumi {version} from Go modules (3 to 6 minutes and 3 GB of Go caches, once)")
    # Without this, `pulumi version` is empty, and `pulumi.automation` refuses the CLI.
    flags = f"-s -w -X {SDK}/go/common/version.Version=v{version}"
    command = [go, "build", "-v", "-mod=readonly", "-ldflags", flags, "-o", str(target / "pulumi"), COMMAND]
    _run(command, "building the Pulumi CLI", lock)
    command = [go, "list", "-mod=readonly", "-m", "-f", "{{.Dir}}", SDK]
    sdk = Path(_run(command, "finding Pulumi's scripts", lock)[-1])
    for script in SCRIPTS:
        # Only the content: files of Go's module cache are read-only and not executable.
        shutil.copyfile(sdk / script, target / Path(script).name)
    (target / LANGUAGE_HOST).write_text(LANGUAGE_HOST_STAND_IN, encoding="utf-8")
    for executable in target.iterdir():
        executable.chmod(0o755)


def _go(lock: int) -> str:
    go = shutil.which("go")
    if go is None:
        raise StepError("Go is not installed")
    needed = _version(r"^go (\S+)$", (MODULE / "go.mod").read_text(encoding="utf-8"))
    # In the folder of the module: a Go that fetches a newer one by itself (GOTOOLCHAIN) answers for that one.
    found = _version(r"go(\d\S*)", _run([go, "version"], "asking Go for its version", lock)[-1])
    if found < needed:
        raise StepError(f"{go} is Go {_dotted(found)}, and {_dotted(needed)} or newer is needed")
    return go


def _run(command: list[str], doing: str, lock: int) -> list[str]:
    environment = {
        **os.environ,
        # As in Pulumi's releases; otherwise Go would use, and then need, a C compiler where there is one.
        "CGO_ENABLED": "0",
        # A Go workspace around the checkout knows nothing of this module.
        "GOWORK": "off",
    }
    return run(command, doing=doing, cwd=MODULE, lock=lock, environment=environment)


def _version(pattern: str, text: str) -> tuple[int, ...]:
    match = re.search(pattern, text, re.MULTILINE)
    return tuple(map(int, re.findall(r"\d+", match[1])[:3])) if match else ()


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version)) or "of an unknown version"
