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
from typing import Any, NamedTuple

import boto3
import requests
from botocore.config import Config
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from pulumi import automation
from pulumi.automation.events import EngineEvent
from standardwebhooks import Webhook, WebhookVerificationError
from typing_extensions import Self
from werkzeug.serving import WSGIRequestHandler, make_server

from signa_emulator.server import EmulatorServer
from signa_emulator.signing import new_event, sign

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

PATIENCE_S = 60
"""What comes later than that does not come any more."""

_DECLARING = """
import pulumi
from pulumi_signa import SecretsManagerSecret, WebhookEndpoint
before = []
for name, inputs in {endpoints!r}.items():
    opts = pulumi.ResourceOptions(depends_on=before)
    endpoint = WebhookEndpoint(name, **{{"url": f"https://example.com/{{name}}", **inputs}}, opts=opts)
    value = {{"secret": endpoint.secret, "declared": inputs}}
    before = [SecretsManagerSecret(f"{{name}}-secret", secret_name=f"signa/{{name}}", secret_json=value)]
"""


def declaring(**endpoints: Mapping[str, Any]) -> str:
    """
    Give the program of a stack that `Project.audit` can judge.

    Args:
        endpoints: Inputs of the endpoints by name. Each one's secret goes into the Secrets Manager secret
            `signa/<name>`, beside these inputs, so that every edit writes both; and one follows the other.
    """
    return _DECLARING.format(endpoints=endpoints)


class QuietHandler(WSGIRequestHandler):
    """Keeps requests out of the test's output."""

    def log(self, *_: Any) -> None:
        """Say nothing."""


class Hold:
    """
    One request that a server holds until the test lets it go on, or drops it.

    Attributes:
        reached: Set while it is held.
    """

    def __init__(self, *, after_commit: bool) -> None:
        """
        Hold nothing yet.

        Args:
            after_commit: Carry the request out first, and hold its answer.
        """
        self.reached = threading.Event()
        self._after_commit = after_commit
        self._decided = threading.Event()
        self._served = threading.Event()
        self._is_dropped = False

    def let_go(self) -> None:
        """Let the request, or its answer, go on, and come back when the server is done with it."""
        self._decided.set()
        assert self._served.wait(PATIENCE_S)

    def drop(self) -> None:
        """Lose the request, or its answer, on the way."""
        self._is_dropped = True
        self.let_go()

    def serve(self, application: Any, environ: dict[str, Any], start_response: Any) -> Any:
        """Serve the request."""
        answer = application(environ, start_response) if self._after_commit else None
        self.reached.set()
        self._decided.wait()
        try:
            if self._is_dropped:
                raise ConnectionAbortedError
            return answer if self._after_commit else application(environ, start_response)
        finally:
            self._served.set()


class Gate:
    """Stands before a server's application, and holds the requests that it is told to."""

    def __init__(self, application: Any, kind_of: Callable[[dict[str, Any]], str]) -> None:
        """
        Hold nothing yet.

        Args:
            application: The server's own.
            kind_of: Tells what a request asks for.
        """
        self._application = application
        self._kind_of = kind_of
        self._holds: dict[str, Hold] = {}

    def hold(self, kind: str, *, after_commit: bool) -> Hold:
        """Hold the next request of a kind."""
        hold = self._holds[kind] = Hold(after_commit=after_commit)
        return hold

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Serve a request."""
        hold = self._holds.pop(self._kind_of(environ), None)
        if hold is None:
            return self._application(environ, start_response)
        return hold.serve(self._application, environ, start_response)

    def reset(self) -> None:
        """Hold nothing any more."""
        self._holds.clear()


class Refusal(NamedTuple):
    """
    An error that AWS answers with.

    Attributes:
        times: How often; None for ever.
    """

    code: str
    message: str
    status: int = 400
    times: int | None = None


class LocalAws:
    """
    Moto's AWS on 127.0.0.1, which counts what it is asked.

    Attributes:
        url: Its address.
        calls: Names of the Secrets Manager actions, in order.
        refuse: Error code and message, or a whole `Refusal`, by action; AWS answers with them instead.
        gate: Holds requests, by action.
    """

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.refuse: dict[str, tuple[str, str] | Refusal] = {}
        self._moto = DomainDispatcherApplication(create_backend_app)
        self.gate = Gate(self._application, _action_of)
        self._server = make_server("127.0.0.1", 0, self.gate, threaded=True, request_handler=QuietHandler)
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
        self.gate.reset()

    def values(self, stage: str = "AWSCURRENT") -> dict[str, str]:
        """Give the value of every secret at a stage, by name; those scheduled for deletion are not listed."""
        client = self.secrets_manager
        return {
            secret["Name"]: client.get_secret_value(SecretId=secret["Name"], VersionStage=stage)["SecretString"]
            for secret in client.list_secrets()["SecretList"]
        }

    def secrets(self) -> list[dict[str, Any]]:
        """Give every secret whose value is JSON, in the words of our properties."""
        client = self.secrets_manager
        return [
            {
                "id": secret["ARN"],
                "arn": secret["ARN"],
                "secret_name": secret["Name"],
                "version_id": value["VersionId"],
                "secret_json": json.loads(value["SecretString"]),
            }
            for secret in client.list_secrets()["SecretList"]
            for value in [client.get_secret_value(SecretId=secret["ARN"])]
        ]

    def _application(self, environ: dict[str, Any], start_response: Any) -> Any:
        action = _action_of(environ)
        if action and _OF_THE_TEST not in environ["HTTP_USER_AGENT"]:
            self.calls.append(action)
            if action in self.refuse:
                refusal = Refusal(*self.refuse[action])
                if refusal.times == 1:
                    del self.refuse[action]
                elif refusal.times is not None:
                    self.refuse[action] = refusal._replace(times=refusal.times - 1)
                body = json.dumps({"__type": refusal.code, "message": refusal.message}).encode()
                headers = [("Content-Type", "application/x-amz-json-1.1"), ("Content-Length", str(len(body)))]
                start_response(f"{refusal.status} Refused", headers)
                return [body]
        return self._moto(environ, start_response)


def _action_of(environ: dict[str, Any]) -> str:
    return str(environ.get("HTTP_X_AMZ_TARGET", "")).removeprefix("secretsmanager.")


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


@dataclass(frozen=True)
class Audit:
    """
    What is wrong between a stack of `declaring` and both servers; nothing, as a rule.

    Attributes:
        orphans: Ids of endpoints, and ARNs of secrets, that the stack does not hold.
        lost_secrets: Ids of endpoints whose secret, as Signa signs with it, is not both in the state and in Secrets
            Manager.
        differences: Stored value and real one by resource and field, where they are not equal.
    """

    orphans: list[str] = field(default_factory=list)
    lost_secrets: list[str] = field(default_factory=list)
    differences: dict[str, tuple[Any, Any]] = field(default_factory=dict)


class Project:
    """
    A stack in a folder of its own, driven by the real CLI.

    Attributes:
        folder: Where the program is.
        environment: Of every command; a test may change it.
        signa: The emulator.
        aws: The local AWS.
        gate: Holds requests to Signa, by HTTP method.
    """

    def __init__(self, folder: Path, signa: EmulatorServer, aws: LocalAws, program: str) -> None:
        self.folder = folder / "project"
        self.state = folder / "state"
        self.signa = signa
        self.aws = aws
        self.gate = signa._server.app = Gate(signa._server.app, _method_of)
        self._issued: set[str] = set()
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

    def audit(self) -> Audit:
        """Compare a stack of `declaring` with what Signa and AWS really have."""
        held = {
            resource["id"]: {
                **_plain({**resource["inputs"], **resource["outputs"]}),
                "id": resource["id"],
                "name": name,
            }
            for name, resource in self.resources(show_secrets=True).items()
        }
        endpoints = {endpoint["id"]: endpoint for endpoint in self.endpoints()}
        secrets = {secret["id"]: secret for secret in self.aws.secrets()}
        readable = {secret["secret_name"]: secret["secret_json"]["secret"] for secret in secrets.values()}
        real = {**endpoints, **secrets}
        return Audit(
            orphans=sorted(real.keys() - held.keys()),
            lost_secrets=[
                id_
                for id_ in endpoints.keys() & held.keys()
                if held[id_].get("secret") != endpoints[id_]["secret"]
                or not self._verifies(readable.get(f"signa/{held[id_]['name']}", "whsec_"), id_)
            ],
            differences={
                f"{properties['name']}.{key}": (properties.get(key), value)
                for id_, properties in held.items()
                for key, value in real.get(id_, {"id": None}).items()
                if key != "object" and properties.get(key) != value
            },
        )

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

    def hold(self, request: str, *, after_commit: bool) -> Hold:
        """
        Hold the next request of a kind.

        Args:
            request: HTTP method of a request to Signa, or name of a Secrets Manager action.
            after_commit: Carry it out first, and hold the answer.
        """
        gate = self.gate if request.isupper() else self.aws.gate
        return gate.hold(request, after_commit=after_commit)

    def check_canary(self, printed: str) -> None:
        """Fail where the API key, or a secret that Signa has issued, stands in what a run printed."""
        self._issued.update(endpoint["secret"] for endpoint in self.endpoints())
        assert not [value for value in (API_KEY, *self._issued) if value.removeprefix("whsec_") in printed]

    def _verifies(self, secret: str, endpoint_id: str) -> bool:
        """Let Signa sign a delivery, and tell whether a receiver that has this secret takes it for genuine."""
        organization = self.signa.organization
        now = organization.clock.now()
        delivery = sign(
            new_event("alert.created", None, now), organization.endpoints.get(endpoint_id), attempt=1, now=now
        )
        try:
            Webhook(secret).verify(delivery.body, delivery.headers)
        except WebhookVerificationError:
            return False
        return True

    def _run(self, command: Callable[..., object], **options: Any) -> Run:
        events: list[EngineEvent] = []
        printed: list[str] = []
        succeeded = True
        try:
            command(on_event=events.append, on_output=printed.append, on_error=printed.append, color="never", **options)
        except automation.CommandError as error:
            succeeded = False
            printed.append(str(error))
        run = Run(succeeded=succeeded, output="\n".join(printed), events=events)
        self.check_canary(run.output + repr(run.events))
        return run


def _plain(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Take the secrets among exported properties out of the engine's envelope."""
    return {
        name: json.loads(value["plaintext"]) if isinstance(value, dict) and "plaintext" in value else value
        for name, value in properties.items()
    }


def _method_of(environ: dict[str, Any]) -> str:
    return str(environ["REQUEST_METHOD"]) if environ["PATH_INFO"].startswith("/v1/") else ""


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

Tally = Callable[..., None]
"""Takes the name of a matrix, and the audit after a cell of it."""

Figure = Callable[[str], None]
"""Takes a line for the summary of all tests."""
