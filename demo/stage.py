"""The servers, the folder and the environment that the demo is played in; all of it gone at the end."""

import logging
import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from moto.server import ThreadedMotoServer

from demo.page import Page
from demo.receiver import Receiver
from signa_emulator.server import EmulatorServer

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

REPOSITORY = Path(__file__).resolve().parent.parent
API_KEY = "sig_" + "d3m0" * 12
SECRET_NAME = "signa/demo/webhook-endpoint"  # noqa: S105 - the name that __main__.py gives in a stack called demo
REGION = "eu-west-1"
REFRESH_INTERVAL_S = 2

_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT")


class DemoFailedError(Exception):
    """Something was not as it must be."""


@dataclass(frozen=True)
class Stage:
    """
    What the story plays with.

    Attributes:
        page: What the audience reads.
        signa: Signa's API on loopback, with its state at hand.
        secrets_manager: boto3's client for the Secrets Manager on loopback.
        receiver: Where Signa delivers to.
        project: A copy of the stack, where the commands are run.
        environment: Of the commands: nothing of the user's own Pulumi, AWS and Signa settings.
    """

    page: Page
    signa: EmulatorServer
    secrets_manager: "SecretsManagerClient"
    receiver: Receiver
    project: Path
    environment: dict[str, str]

    def run(self, *command: str, shown: bool = True, typed: str | None = None, fails: bool = False) -> str:
        """
        Run a command as a user would type it, show it and what it prints.

        Args:
            command: The program and its arguments.
            shown: False for our own looking around.
            typed: What is shown in place of the command, where it holds what a user would be asked for.
            fails: Whether it must exit with an error.

        Raises:
            DemoFailedError: It exited with an error, or, where it must, without.
        """
        if shown:
            self.page.command(typed or shlex.join(command))
        done = subprocess.run(
            command,
            cwd=self.project,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        is_as_expected = bool(done.returncode) == fails
        if shown or not is_as_expected:
            self.page.output(done.stdout + done.stderr)
        if fails and shown:
            self.page.output(f"exit status {done.returncode}")
        if not is_as_expected:
            raise DemoFailedError(f"`{' '.join(command)}` exited with {done.returncode}")
        return done.stdout + done.stderr

    def extend_program(self, lines: str) -> None:
        """Add to the program of the stack, and show what."""
        with (self.project / "__main__.py").open("a") as program:
            program.write(lines)
        self.page.say("Added to __main__.py:")
        self.page.code(lines)

    def restore_program(self) -> None:
        """Take out of the program what was added to it."""
        shutil.copy(REPOSITORY / "__main__.py", self.project)

    def secret_values(self, version_stage: str = "AWSCURRENT") -> dict[str, str]:
        """Give what Secrets Manager holds, by name; a secret scheduled for deletion is not listed."""
        listed = self.secrets_manager.list_secrets()["SecretList"]
        return {
            secret["Name"]: self.secrets_manager.get_secret_value(SecretId=secret["Name"], VersionStage=version_stage)[
                "SecretString"
            ]
            for secret in listed
        }


@contextmanager
def set_up(page: Page) -> Iterator[Stage]:
    """Start everything on free ports of 127.0.0.1, and stop it whatever happens."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="signa-demo-")))
        signa = stack.enter_context(EmulatorServer(api_keys=[API_KEY]))

        # It logs every request, in the middle of the story.
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        moto.start()
        stack.callback(moto.stop)
        host, port = moto.get_host_and_port()
        aws = {
            "AWS_ACCESS_KEY_ID": "demo",
            "AWS_SECRET_ACCESS_KEY": "demo",
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL_SECRETS_MANAGER": f"http://{host}:{port}",
        }
        secrets_manager = boto3.client(
            "secretsmanager",
            region_name=REGION,
            endpoint_url=aws["AWS_ENDPOINT_URL_SECRETS_MANAGER"],
            aws_access_key_id=aws["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=aws["AWS_SECRET_ACCESS_KEY"],
        )
        receiver = stack.enter_context(Receiver(secrets_manager, SECRET_NAME, refresh_interval_s=REFRESH_INTERVAL_S))

        yield Stage(page, signa, secrets_manager, receiver, _project(folder), _environment(folder, aws))


def exports(stage: Stage) -> str:
    """Return the shell commands that give a terminal the environment of the stage."""
    folder = stage.project.parent
    ours = {name: value for name, value in stage.environment.items() if name not in {*_INHERITED, "NO_COLOR"}}
    # The folder has a name of its own, so that no line is long.
    lines = [
        f"export {name}={shlex.quote(value).replace(str(folder), '$STAGE')}" for name, value in sorted(ours.items())
    ]
    return "\n".join(
        [
            f"STAGE={shlex.quote(str(folder))}",
            "cd $STAGE/stack",
            # They would win over the stack's configuration, and over the credentials below.
            "unset SIGNA_API_KEY SIGNA_BASE_URL SIGNA_NAMESPACE",
            "unset AWS_PROFILE AWS_SESSION_TOKEN",
            "export PATH=$PWD/.venv/bin:$PATH",
            *lines,
        ]
    )


def _project(folder: Path) -> Path:
    project = folder / "stack"
    project.mkdir()
    for name in ("Pulumi.yaml", "__main__.py"):
        shutil.copy(REPOSITORY / name, project)
    # Pulumi.yaml names .venv; the copy finds the one that `make setup` made.
    (project / ".venv").symlink_to(REPOSITORY / ".venv")
    return project


def _environment(folder: Path, aws: dict[str, str]) -> dict[str, str]:
    state = folder / "state"
    state.mkdir()
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {
        **kept,
        **aws,
        "PATH": f"{REPOSITORY / '.venv' / 'bin'}{os.pathsep}{kept['PATH']}",
        "NO_PROXY": "127.0.0.1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "PULUMI_BACKEND_URL": state.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "demo",
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "NO_COLOR": "1",
    }
