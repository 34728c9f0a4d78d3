"""
SDKs of a schema, made by Pulumi's own generators, and what they need from elsewhere.

Everything is kept in the cache of `make setup`, by what it is made from: it costs minutes once, and nothing afterwards.
"""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

from tools.cache import entry, place
from tools.from_go.toolchain import MODULE, find_go, run_go
from tools.progress import StepError, run, say

_HERE = Path(__file__).resolve().parent
_GENERATOR = _HERE / "sdk_generator/main.go"
_PACKAGES = _HERE / "typescript/package.json"
_PINS = (MODULE / "go.mod", MODULE / "go.sum")


def missing(*programs: str) -> list[str]:
    """Return those of the programs that this machine lacks."""
    return [program for program in programs if shutil.which(program) is None]


def generator() -> Path:
    """Return the program that binds schemas and writes SDKs."""

    def build(into: Path, lock: int) -> None:
        say("building Pulumi's generators of SDKs from Go modules (1 to 3 minutes, once)")
        source = into / "source"
        source.mkdir()
        for file in (_GENERATOR, *_PINS):
            shutil.copy(file, source)
        # The pinned modules are those of the CLI, whose go.mod does not name all that the generators import.
        command = [find_go(lock), "build", "-mod=mod", "-ldflags", "-s -w", "-o", str(into / "sdk-generator"), "."]
        run_go(command, "building the generators of SDKs", lock, cwd=source)

    return entry(_entry("sdk-generator", _GENERATOR, *_PINS), build) / "sdk-generator"


def bind(schema: Path, into: Path) -> str:
    """
    Let Pulumi bind a schema, and write the SDKs into a folder: `go`, `nodejs`, `python`.

    Returns:
        What Pulumi's binder finds wrong with the schema; nothing is written then.
    """
    done = subprocess.run([generator(), schema, into], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise StepError(done.stderr)
    return done.stdout


def generated(schema: Path) -> Path:
    """Return a folder with the SDKs of a schema, as they are written: `go`, `nodejs`, `python`."""
    # Before the lock, which another entry would wait for.
    generator()

    def generate(into: Path, lock: int) -> None:
        said = bind(schema, into)
        if said:
            raise StepError(said)

    return entry(_entry("sdks", schema, _GENERATOR, *_PINS), generate)


def npm_packages() -> Path:
    """Return a folder in which npm has installed what every TypeScript program needs."""

    def install(into: Path, lock: int) -> None:
        say("installing Pulumi's SDK for TypeScript (about half a minute, once)")
        shutil.copy(_PACKAGES, into)
        command = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock"]
        run(command, doing="installing Pulumi's SDK for TypeScript", cwd=into, lock=lock)

    return entry(_entry("npm", _PACKAGES), install)


def node_modules(schema: Path) -> Path:
    """Return the `node_modules` of a program that uses the SDK of a schema; the SDK is compiled."""
    written, packages = generated(schema) / "nodejs", npm_packages() / "node_modules"

    def compile_sdk(into: Path, lock: int) -> None:
        modules = into / "node_modules"
        sdk = modules / json.loads((written / "package.json").read_text())["name"]
        shutil.copytree(written, sdk)
        # Links: Node follows them, so that there is one SDK of Pulumi, with its own dependencies around it.
        for name in ("@pulumi/pulumi", "@types", "typescript"):
            (modules / name).parent.mkdir(exist_ok=True)
            (modules / name).symlink_to(packages / name)
        run(
            # What npm does when it installs the package.
            ["node", "scripts/postinstall.js"],
            doing="compiling the SDK for TypeScript",
            cwd=sdk,
            lock=lock,
            environment={**os.environ, "PATH": f"{packages / '.bin'}{os.pathsep}{os.environ['PATH']}"},
        )

    return entry(_entry("typescript", schema, _GENERATOR, *_PINS, _PACKAGES), compile_sdk) / "node_modules"


def go_module(schema: Path, name: str) -> tuple[str, str]:
    """Return `go.mod` and `go.sum` of a module that uses the SDK of a schema, with the pinned modules of the CLI."""
    sdk = generated(schema) / "go"
    path = (sdk / "go.mod").read_text().split()[1]
    pinned, sums = (file.read_text() for file in _PINS)
    own = [f"module {name}", f"require {path} v0.0.0", f"replace {path} => {sdk}"]
    return "\n".join([*(line for line in pinned.splitlines() if not line.startswith("module ")), *own, ""]), sums


def _entry(name: str, *sources: Path) -> Path:
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources))
    return place() / f"{name}-{digest.hexdigest()[:16]}"
