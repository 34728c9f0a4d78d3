"""A Pulumi stack in a folder of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

PULUMI = f"{sys.prefix}/bin/pulumi"
"""The CLI that `make setup` made."""

PASSPHRASE = "only for sandboxes"  # noqa: S105 - it protects made-up secrets

NAME = "sandbox"
"""Name of every project."""

_PROJECT = f"""\
name: {NAME}
runtime:
  name: python
  options:
    virtualenv: {sys.prefix}
plugins:
  providers:
    - name: signa
      path: {sys.prefix}/bin
"""

_INHERITED = ("HOME", "LANG", "LC_ALL", "TMPDIR")


class Stack:
    """
    A Pulumi project with a local back end; `pulumi stack init` makes the stack itself.

    Attributes:
        folder: The project: `Pulumi.yaml` and `__main__.py`. Commands run here.
        state: The back end.
        environment: The environment of every command.
    """

    def __init__(
        self,
        folder: Path,
        program: str,
        environment: Mapping[str, str],
        *,
        plugins: Mapping[str, Path] = MappingProxyType({}),
    ) -> None:
        """
        Write the project.

        Args:
            folder: Where the project, its state and its `PULUMI_HOME` go.
            program: The source of `__main__.py`.
            environment: Variables for Signa and AWS. Of the user's own, only a few go with them.
            plugins: The folders of plugins beside ours, by the names of their packages.
        """
        self.folder = folder / "project"
        self.state = folder / "state"
        self.folder.mkdir(parents=True)
        self.state.mkdir()
        others = "".join(f"    - name: {name}\n      path: {path}\n" for name, path in plugins.items())
        (self.folder / "Pulumi.yaml").write_text(_PROJECT + others)
        self.write(program)
        self.environment = {
            **{name: os.environ[name] for name in _INHERITED if name in os.environ},
            "PATH": f"{sys.prefix}/bin{os.pathsep}{os.environ['PATH']}",
            "NO_PROXY": "127.0.0.1",
            "NO_COLOR": "1",
            "PULUMI_BACKEND_URL": self.state.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            **environment,
        }

    def write(self, program: str) -> None:
        """Replace the program."""
        (self.folder / "__main__.py").write_text(program)

    def start(
        self, *command: str, stderr: int = subprocess.STDOUT, start_new_session: bool = False
    ) -> "subprocess.Popen[str]":
        """
        Start a command in the project's folder, and return at once.

        Args:
            command: The program and its arguments.
            stderr: By default what goes to standard error comes with standard output.
            start_new_session: Whether Ctrl-C in this terminal is not for the command.
        """
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            start_new_session=start_new_session,
        )
