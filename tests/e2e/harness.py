"""A Pulumi project on a real engine, with both servers at hand."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import requests
from botocore.config import Config
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from pulumi import automation
from pulumi.automation.events import EngineEvent
from typing_extensions import Self
from werkzeug.serving import WSGIRequestHandler, make_server

from signa_emulator.server import EmulatorServer

REPOSITORY = Path(__file__).resolve().parents[2]
PYTHON = sys.prefix
API_KEY = "sig_" + "c0ffee" * 8
REGION = "eu-west-1"

CLI = automation.PulumiCommand(PYTHON)
"""The CLI that `make setup` made."""

PASSPHRASE = "only for tests"

ENDPOINT_TYPE = "pulumi-python:dynamic/signa:WebhookEndpoint"

STACK_PROGRAM = (REPOSITORY / "__main__.py").read_text()
"""The program of the repository itself."""

_OF_THE_TEST = "e2e-test"


class QuietHandler(WSGIRequestHandler):
    """Keeps requests out of the test's output."""

    def log(self, *_: Any) -> None:
        """Say nothing."""


class LocalAws:
    """
    Moto's AWS on 127.0.0.1, which counts what it is asked.

    Attributes:
        url: Its address.
        calls: Names of the Secrets Manager actions, in order.
        refuse: Error code and message by action; AWS answers with them instead.
    """

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.refuse: dict[str, tuple[str, str]] = {}
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self._application, threaded=True, request_handler=QuietHandler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        """Start."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def secrets_manager(self) -> Any:
        """boto3's client, for looking at what is there; its calls are not counted."""
        return boto3.client(
            "secretsmanager",
            region_name=REGION,
            endpoint_url=self.url,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(user_agent_extra=_OF_THE_TEST),
        )

    def reset(self) -> None:
        """Forget everything."""
        requests.post(f"{self.url}/moto-api/reset", timeout=10).raise_for_status()
        self.calls.clear()
        self.refuse.clear()

    def values(self) -> dict[str, str]:
        """Give the current value of every secret, by name; those scheduled for deletion are not listed."""
        client = self.secrets_manager
        return {
            secret["Name"]: client.get_secret_value(SecretId=secret["Name"])["SecretString"]
            for secret in client.list_secrets()["SecretList"]
        }

    def _application(self, environ: dict[str, Any], start_response: Any) -> Any:
        action = environ.get("HTTP_X_AMZ_TARGET", "").removeprefix("secretsmanager.")
        if action and _OF_THE_TEST not in environ["HTTP_USER_AGENT"]:
            self.calls.append(action)
            if action in self.refuse:
                code, message = self.refuse[action]
                body = json.dumps({"__type": code, "message": message}).encode()
                headers = [("Content-Type", "application/x-amz-json-1.1"), ("Content-Length", str(len(body)))]
                start_response("400 Bad Request", headers)
                return [body]
        return self._moto(environ, start_response)


@dataclass
class Run:
    """
    What one engine command did.

    Attributes:
        succeeded: Whether it exited with 0.
        output: Everything it printed.
        events: The engine's own events.
    """

    succeeded: bool
    output: str
    events: list[EngineEvent]

    def steps(self) -> dict[str, str]:
        """Give the operation on each resource of ours, by logical name; `same` is nothing to do."""
        planned = [event.resource_pre_event.metadata for event in self.events if event.resource_pre_event]
        return {step.urn.rsplit("::", 1)[-1]: step.op.value for step in planned if "dynamic/signa" in step.type}

    def diagnostics(self, severity: str) -> list[str]:
        """Give the messages of a severity, without the one that only says that there are others."""
        shown = [event.diagnostic_event for event in self.events if event.diagnostic_event]
        messages = [re.sub(r"<\{%[^%]*%\}>", "", one.message).strip() for one in shown if one.severity == severity]
        return [message for message in messages if message not in ("update failed", "preview failed")]

    def error(self) -> str:
        """Give the one error that was shown; two, or one of several lines, fail the test."""
        assert not self.succeeded, self.output
        (error,) = self.diagnostics("error")
        assert "\n" not in error
        assert "Traceback" not in self.output
        return error


class Project:
    """
    A stack in a folder of its own, driven by the real CLI.

    Attributes:
        folder: Where the program is.
        environment: Of every command; a test may change it.
        signa: The emulator.
        aws: The local AWS.
    """

    def __init__(self, folder: Path, signa: EmulatorServer, aws: LocalAws, program: str) -> None:
        self.folder = folder / "project"
        self.state = folder / "state"
        self.signa = signa
        self.aws = aws
        self.folder.mkdir(parents=True)
        self.state.mkdir(exist_ok=True)
        (self.folder / "Pulumi.yaml").write_text(
            f"name: e2e\nruntime:\n  name: python\n  options:\n    virtualenv: {PYTHON}\n"
        )
        self.write(program)
        self.environment = {
            "PATH": f"{PYTHON}/bin:{os.environ['PATH']}",
            "HOME": os.environ.get("HOME", str(folder)),
            "NO_PROXY": "127.0.0.1",
            "NO_COLOR": "1",
            "PULUMI_BACKEND_URL": self.state.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "SIGNA_API_KEY": API_KEY,
            "SIGNA_BASE_URL": signa.base_url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL_SECRETS_MANAGER": aws.url,
        }

    def write(self, program: str) -> None:
        """Change the program."""
        (self.folder / "__main__.py").write_text(program)

    def config(self, **values: str) -> None:
        """Set configuration of the program."""
        for name, value in values.items():
            self.cli("config", "set", name, value)

    def up(self, **options: Any) -> Run:
        """Run `pulumi up` without a preview."""
        return self._run(self.automated().up, **options)

    def preview(self, **options: Any) -> Run:
        """Run `pulumi preview`."""
        return self._run(self.automated().preview, **options)

    def refresh(self, **options: Any) -> Run:
        """Run `pulumi refresh`."""
        return self._run(self.automated().refresh, **options)

    def destroy(self, **options: Any) -> Run:
        """Run `pulumi destroy`."""
        return self._run(self.automated().destroy, **options)

    def automated(self) -> automation.Stack:
        """Give the stack through Pulumi's Automation API, made where there is none yet."""
        options = automation.LocalWorkspaceOptions(env_vars=self.environment, pulumi_command=CLI)
        return automation.create_or_select_stack("dev", work_dir=str(self.folder), opts=options)

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start a command and come back at once."""
        return subprocess.Popen(
            [f"{PYTHON}/bin/pulumi", *arguments, "--non-interactive"],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def cli(self, *arguments: str) -> str:
        """Run a command that must succeed, and give what it prints."""
        with self.start(*arguments) as process:
            output, _ = process.communicate()
        assert process.returncode == 0, output
        return output

    def resources(self, *, show_secrets: bool = False) -> dict[str, dict[str, Any]]:
        """Give the state of our resources by logical name."""
        state = json.loads(self.cli("stack", "export", *(["--show-secrets"] if show_secrets else [])))
        return {
            resource["urn"].rsplit("::", 1)[-1]: resource
            for resource in state["deployment"].get("resources") or []
            if "dynamic/signa" in resource["type"]
        }

    def outputs(self) -> dict[str, Any]:
        """Give the stack's outputs, secrets in plain text."""
        return dict(json.loads(self.cli("stack", "output", "--json", "--show-secrets")))

    def endpoints(self) -> list[dict[str, Any]]:
        """Give what Signa really has, secrets included."""
        return list(requests.get(f"{self.signa.control_url}/state", timeout=10).json()["endpoints"])

    @contextmanager
    def counted(self) -> Iterator["Calls"]:
        """Count the calls to both servers in a block."""
        requests.delete(f"{self.signa.control_url}/calls", timeout=10).raise_for_status()
        self.aws.calls.clear()
        calls = Calls()
        yield calls
        counted = requests.get(f"{self.signa.control_url}/calls", timeout=10).json()["by_operation"]
        calls.signa = {operation: number for operation, number in counted.items() if number}
        calls.aws = list(self.aws.calls)

    def signa_call(self, method: str, path: str, key: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Do something at Signa past Pulumi."""
        headers = {"Authorization": f"Bearer {API_KEY}", "Idempotency-Key": key}
        answer = requests.request(method, self.signa.base_url + path, json=body, headers=headers, timeout=10)
        answer.raise_for_status()
        return dict(answer.json())

    def fault(self, **description: Any) -> None:
        """Make Signa misbehave."""
        requests.post(f"{self.signa.control_url}/faults", json=description, timeout=10).raise_for_status()

    def processes(self) -> list[int]:
        """Give the ids of the processes that work in the project's folder: engine, language host, program, plugin."""
        return [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if _folder_of(entry) == self.folder]

    def _run(self, command: Callable[..., object], **options: Any) -> Run:
        events: list[EngineEvent] = []
        printed: list[str] = []
        try:
            command(on_event=events.append, on_output=printed.append, on_error=printed.append, color="never", **options)
        except automation.CommandError as error:
            return Run(succeeded=False, output="\n".join(printed) + str(error), events=events)
        return Run(succeeded=True, output="\n".join(printed), events=events)


def _folder_of(process: Path) -> Path | None:
    try:
        return (process / "cwd").resolve()
    except OSError:  # it has ended meanwhile, or is somebody else's
        return None


@dataclass
class Calls:
    """
    Calls in a block, known when it is left.

    Attributes:
        signa: Number by operation.
        aws: Action names in order.
    """

    signa: dict[str, int] = field(default_factory=dict)
    aws: list[str] = field(default_factory=list)


MakeProject = Callable[..., Project]
