"""A Pulumi project on a real engine, with both servers at hand."""

import json
import os
import re
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
import time_machine
from pulumi import automation
from pulumi.automation.events import EngineEvent
from standardwebhooks import Webhook, WebhookVerificationError

from e2e.gate import Gate, Hold
from e2e.local_aws import REGION, LocalAws
from signa_emulator.server import EmulatorServer
from signa_emulator.signing import new_event, sign

REPOSITORY = Path(__file__).resolve().parents[2]
PYTHON = sys.prefix
API_KEY = "sig_" + "c0ffee" * 8

CLI = automation.PulumiCommand(PYTHON)
"""The CLI that `make setup` made."""

PASSPHRASE = "only for tests"

ENDPOINT_TYPE = "pulumi-python:dynamic/signa:WebhookEndpoint"

STACK_PROGRAM = (REPOSITORY / "__main__.py").read_text()
"""The program of the repository itself."""

CLOCK_VARIABLE = "SIGNA_CLOCK_OFFSET_S"

_PREVIOUS = ("previous_secret", "previous_secret_expires_at")

_DECLARING = """
import pulumi
from pulumi_signa import Adopt, SecretsManagerSecret, WebhookEndpoint
before = []
for name, inputs in {endpoints!r}.items():
    opts = pulumi.ResourceOptions(depends_on=before)
    adopt = {{"adopt": Adopt(**inputs["adopt"])}} if "adopt" in inputs else {{}}
    endpoint = WebhookEndpoint(name, **{{"url": f"https://example.com/{{name}}", **inputs, **adopt}}, opts=opts)
    value = {{"secret": endpoint.secret, "declared": inputs}}
    before = [SecretsManagerSecret(f"{{name}}-secret", secret_name=f"signa/{{name}}", secret_json=value)]
"""


def declaring(**endpoints: Mapping[str, Any]) -> str:
    """
    Give the program of a stack that `Project.audit` can judge.

    Args:
        endpoints: Inputs of the endpoints by name, `adopt` as the arguments of `Adopt`. Each one's secret goes into the
            Secrets Manager secret `signa/<name>`, beside these inputs, so that every edit writes both; and one follows
            the other.
    """
    return _DECLARING.format(endpoints=endpoints)


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

    def held(self, name: str = "alerts") -> dict[str, Any]:
        """Give what the state holds of a resource as its outputs, secrets in plain text."""
        return _plain(self.resources(show_secrets=True)[name]["outputs"])

    def outputs(self) -> dict[str, Any]:
        """Give the stack's outputs, secrets in plain text."""
        return dict(json.loads(self.cli("stack", "output", "--json", "--show-secrets")))

    def endpoints(self) -> list[dict[str, Any]]:
        """Give what Signa really has, secrets included."""
        return list(requests.get(f"{self.signa.control_url}/state", timeout=10).json()["endpoints"])

    def handed_over(self, stage: str = "AWSCURRENT", name: str = "alerts") -> str | None:
        """Give the signing secret of an endpoint of `declaring` that Secrets Manager has at a stage."""
        secret: str | None = json.loads(self.aws.values(stage)[f"signa/{name}"]).get("secret")
        return secret

    def audit(self) -> Audit:
        """
        Compare a stack of `declaring` with what Signa and AWS really have.

        A state without a previous secret is no difference: where somebody else has rotated, it was never told one.
        """
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
        readable = {secret["secret_name"]: secret["secret_json"].get("secret") for secret in secrets.values()}
        real = {**endpoints, **secrets}
        return Audit(
            orphans=sorted(real.keys() - held.keys()),
            lost_secrets=[
                id_
                for id_ in endpoints.keys() & held.keys()
                # In an overlap the secret before verifies too, so they are also compared.
                if not held[id_].get("secret") == readable.get(f"signa/{held[id_]['name']}") == endpoints[id_]["secret"]
                or not self.verifies(endpoints[id_]["secret"], id_)
            ],
            differences={
                f"{properties['name']}.{key}": (properties.get(key), value)
                for id_, properties in held.items()
                for key, value in real.get(id_, {"id": None}).items()
                if key != "object" and properties.get(key) != value
                if not (key in _PREVIOUS and properties.get(key) is None)
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

    def make_outside(self, **body: Any) -> dict[str, Any]:
        """Make an endpoint past Pulumi, and give it with its secret."""
        defaults = {"url": "https://example.com/alerts", "enabled_events": ["alert.created"]}
        return self.signa_call("POST", "/webhooks", uuid.uuid4().hex, {**defaults, **body})

    def rotate_outside(self, endpoint_id: str) -> dict[str, Any]:
        """Rotate a secret past Pulumi, and give the endpoint with the new one."""
        return self.signa_call("POST", f"/webhooks/{endpoint_id}/rotate-secret", uuid.uuid4().hex, {})

    def advance(self, seconds: float) -> None:
        """Move Signa's clock forward, and the plugin's alike."""
        requests.post(f"{self.signa.control_url}/clock", json={"advance_s": seconds}, timeout=10).raise_for_status()
        offset = float(self.environment.get(CLOCK_VARIABLE, "0")) + seconds
        self.environment[CLOCK_VARIABLE] = str(offset)

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
        for endpoint in self.endpoints():
            self._issued |= {endpoint["secret"], endpoint["previous_secret"]} - {None}
        assert not [value for value in (API_KEY, *self._issued) if value.removeprefix("whsec_") in printed]

    def verifies(self, secret: str, endpoint_id: str) -> bool:
        """Let Signa sign a delivery, and tell whether a receiver that has this secret takes it for genuine."""
        organization = self.signa.organization
        now = organization.clock.now()
        delivery = sign(
            new_event("alert.created", None, now), organization.endpoints.get(endpoint_id), attempt=1, now=now
        )
        try:
            # The receiver's clock is Signa's: a signature is good for five minutes.
            with time_machine.travel(now, tick=False):
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
