"""
Language hosts for TypeScript and Go, which start programs as the official ones do: `hosts.py LANGUAGE … ENGINE`.

The modules of the official hosts are not published. These ones install nothing and build nothing.
"""

import os
import sys
from pathlib import Path

if __name__ == "__main__":
    # A script finds what lies in its own folder, and not the packages of the tests.
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from languages import bare_sdk

    bare_sdk.load()

from pulumi.runtime.proto import language_pb2

from languages.language_server import LanguageServer, ProgramError, serve

_RUN_SCRIPT = Path("node_modules/@pulumi/pulumi/cmd/run/index.js")


class NodeHost(LanguageServer):
    """The host of TypeScript programs."""

    def command(self, request: language_pb2.RunRequest, about: dict[str, str]) -> tuple[list[str], dict[str, str]]:
        """Return the command of the script that the program's own SDK has for this."""
        script = Path(request.info.program_directory, _RUN_SCRIPT)
        if not script.exists():
            raise ProgramError(f"there is no {script}")
        options = [f"--{name.replace('_', '-')}={value}" for name, value in about.items()]
        environment = {**os.environ, "PULUMI_NODEJS_TYPESCRIPT": "true"}
        return ["node", str(script), *options, request.info.entry_point], environment


class GoHost(LanguageServer):
    """The host of Go programs that are built: `options: {binary: …}` under `runtime` in Pulumi.yaml names them."""

    def command(self, request: language_pb2.RunRequest, about: dict[str, str]) -> tuple[list[str], dict[str, str]]:
        """Return the program itself, which reads its environment."""
        binary = dict(request.info.options).get("binary")
        if binary is None:
            raise ProgramError("Pulumi.yaml names no binary of the program")
        variables = {f"PULUMI_{name.upper()}": value for name, value in about.items()}
        return [str(Path(request.info.root_directory, binary))], {**os.environ, **variables}


if __name__ == "__main__":
    serve({"nodejs": NodeHost, "go": GoHost}[sys.argv[1]](sys.argv[-1]))
