"""A Pulumi stack on a real engine, with both servers at hand."""

import atexit
import functools
import io
import json
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
import time_machine
import yaml
from pulumi.automation.events import EngineEvent
from sandbox.stack import NAME, PULUMI, Stack
from standardwebhooks import Webhook, WebhookVerificationError

from e2e import transit
from e2e.audit import Audit, compare, compare_stored
from e2e.gate import Gate, Hold
from e2e.host import PLUGIN_COMMAND, by_python_names, in_python, is_declared, program_of_host
from e2e.local_aws import CountedAws
from e2e.run import Run
from signa_emulator.server import EmulatorServer
from signa_emulator.signing import new_event, sign

REPOSITORY = Path(__file__).resolve().parents[2]
API_KEY = "sig_" + "c0ffee" * 8
KEY_WITHOUT_SCOPE = API_KEY.replace("c0ffee", "5c09e5")

STACK_PROGRAM = (REPOSITORY / "__main__.py").read_text()
"""The program of the repository itself."""

SECRET_NAME = "signa/dev/webhook-endpoint"
"""The Secrets Manager secret of `STACK_PROGRAM`."""

_STACK = "dev"

CLOCK_VARIABLE = "SIGNA_CLOCK_OFFSET_S"

DAY_S = 86_400.0

_DECLARING = """
import pulumi
from pulumi_signa import Adopt, SecretsManagerSecret, WebhookEndpoint
before = []
for name, inputs in {endpoints!r}.items():
    opts = pulumi.ResourceOptions(depends_on={depends_on})
    adopt = {{"adopt": Adopt(**inputs["adopt"])}} if "adopt" in inputs else {{}}
    endpoint = WebhookEndpoint(name, **{{"url": f"https://example.com/{{name}}", **inputs, **adopt}}, opts=opts)
    value = {{"secret": endpoint.secret, "declared": inputs}}
    before = [SecretsManagerSecret(f"{{name}}-secret", secret_name=f"signa/{{name}}", secret_json=value)]
"""


def declaring(**endpoints: Mapping[str, Any]) -> str:
    """
    Return the program of a stack that `Project.audit` can judge.

    Args:
        endpoints: Inputs of the endpoints by name, `adopt` as the arguments of `Adopt`. Each one's secret goes into the
            Secrets Manager secret `signa/<name>`, beside these inputs, so that every edit writes both; and one follows
            the other.
    """
    return _DECLARING.format(endpoints=endpoints, depends_on="before")


def side_by_side(**endpoints: Mapping[str, Any]) -> str:
    """Return the program of `declaring` with endpoints none of which waits for another."""
    return _DECLARING.format(endpoints=endpoints, depends_on=None)


_STORING = """
import pulumi
from pulumi_signa import Adopt, SecretsManagerDestination, WebhookEndpoint
for name, inputs in {endpoints!r}.items():
    adopt = {{"adopt": Adopt(**inputs["adopt"])}} if "adopt" in inputs else {{}}
    destination = SecretsManagerDestination(f"signa/{{name}}")
    url = f"https://example.com/{{name}}"
    WebhookEndpoint(name, **{{"url": url, **inputs, **adopt}}, secret_destination=destination)
"""


def storing(**endpoints: Mapping[str, Any]) -> str:
    """
    Return the program of a stack that `Project.audit_stored` can judge.

    Args:
        endpoints: As `declaring` has them. Each one's secret goes to the destination `signa/<name>`, which
            `Project.make_container` makes; none waits for another.
    """
    return _STORING.format(endpoints=endpoints)


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


@functools.cache
def _initialised() -> Path:
    """Return a folder in which `pulumi stack init` was run, once a process: copies of it cost no command."""
    folder = Path(tempfile.mkdtemp(prefix="pulumi-signa-e2e-"))
    atexit.register(shutil.rmtree, folder)
    stack = Stack(folder, "", transit.environment())
    with stack.start(PULUMI, "stack", "init", _STACK, "--secrets-provider", transit.SECRETS_PROVIDER) as process:
        output, _ = process.communicate()
    assert process.returncode == 0, output
    (stack.folder / "__main__.py").unlink()
    return folder


class Project(Stack):
    """
    A stack at the servers of a test, driven by the real CLI.

    Attributes:
        signa: The emulator.
        aws: The local AWS.
        gate: Holds requests to Signa, by HTTP method or `ROTATE`, and by id or URL of an endpoint.
    """

    def __init__(self, folder: Path, signa: EmulatorServer, aws: CountedAws, program: str) -> None:
        """Make a stack in which nothing is up."""
        super().__init__(
            folder,
            program,
            {
                **aws.environment,
                **transit.environment(),
                "SIGNA_API_KEY": API_KEY,
                "SIGNA_BASE_URL": signa.base_url,
                "PULUMI_STACK": _STACK,
                # The option --event-log is there for those who debug alone.
                "PULUMI_DEBUG_COMMANDS": "true",
                # An engine lives for two seconds, and would tidy up for a tenth of them.
                "GOGC": "400",
            },
        )
        self.signa = signa
        self.aws = aws
        self.gate = signa._server.app = Gate(signa._server.app, _request_of)
        self._issued: set[str] = set()
        self._exports: dict[tuple[str | bytes, ...], str] = {}
        shutil.copytree(_initialised(), folder, dirs_exist_ok=True)

    def write(self, program: str) -> None:
        """Replace the program; the host under test serves its resources."""
        super().write(program_of_host(program))

    def config(self, **values: str) -> None:
        """Set configuration of the program, in the file in which `pulumi config set` does."""
        file = self.folder / f"Pulumi.{_STACK}.yaml"
        settings = yaml.safe_load(file.read_text())
        settings.setdefault("config", {}).update({f"{NAME}:{name}": value for name, value in values.items()})
        file.write_text(yaml.safe_dump(settings))

    def up(self, **options: Any) -> Run:
        """Run `pulumi up` without a preview; the options are those of the command."""
        return self._run("up", "--yes", "--skip-preview", **options)

    def preview(self, **options: Any) -> Run:
        """Run `pulumi preview`."""
        return self._run("preview", **options)

    def refresh(self, **options: Any) -> Run:
        """Run `pulumi refresh`."""
        return self._run("refresh", "--yes", "--skip-preview", **options)

    def destroy(self, **options: Any) -> Run:
        """Run `pulumi destroy`."""
        return self._run("destroy", "--yes", "--skip-preview", **options)

    def begin(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start a command of the CLI in a process group of its own, and return at once."""
        return self.start(PULUMI, *arguments, "--non-interactive", start_new_session=True)

    def begin_up(self) -> "subprocess.Popen[str]":
        """Start `pulumi up` without a preview, and return at once."""
        return self.begin("up", "--yes", "--skip-preview")

    def unlock(self) -> None:
        """Do what `pulumi cancel` does after a run that was killed, without the second that a command takes."""
        shutil.rmtree(self.state / ".pulumi" / "locks")

    def cli(self, *arguments: str) -> str:
        """Run a command that must succeed, and return what it prints."""
        with self.begin(*arguments) as process:
            output, _ = process.communicate()
        assert process.returncode == 0, output
        return output

    def resources(self, *, show_secrets: bool = False) -> dict[str, dict[str, Any]]:
        """Return the state of the resources that the program declares, by logical name."""
        state = json.loads(self._exported("--show-secrets") if show_secrets else self._exported())
        return {
            resource["urn"].rsplit("::", 1)[-1]: resource
            for resource in map(readable, state["deployment"].get("resources") or [])
            if is_declared(resource["type"])
        }

    def _exported(self, *options: str) -> str:
        """Return what `pulumi stack export` prints; a state that has not changed is exported once."""
        stacks = self.state / ".pulumi" / "stacks"
        about = (self.environment["PULUMI_BACKEND_URL"], self.environment.get("PULUMI_STACK", ""), *options)
        asked = (*about, *(file.read_bytes() for file in sorted(stacks.rglob("*.json"))))
        # Only our own back end shows whether a state has changed.
        if asked not in self._exports or self.environment["PULUMI_BACKEND_URL"] != self.state.as_uri():
            self._exports[asked] = self.cli("stack", "export", *options)
        return self._exports[asked]

    def urn(self, name: str) -> str:
        """Return the URN of a resource in the state."""
        return str(self.resources()[name]["urn"])

    def held(self, name: str = "alerts") -> dict[str, Any]:
        """Return the outputs of a resource in the state, secrets in plain text."""
        return self.every_held()[name]

    def every_held(self) -> dict[str, dict[str, Any]]:
        """Return the outputs of all resources in the state by logical name, secrets in plain text."""
        resources = self.resources(show_secrets=True)
        return {name: _plain(resource.get("outputs", {})) for name, resource in resources.items()}

    def outputs(self) -> dict[str, Any]:
        """Return the stack's outputs, secrets in plain text."""
        return dict(json.loads(self.cli("stack", "output", "--json", "--show-secrets")))

    def endpoints(self) -> list[dict[str, Any]]:
        """Return what Signa really has, secrets included."""
        return list(requests.get(f"{self.signa.control_url}/state", timeout=10).json()["endpoints"])

    def endpoint(self) -> dict[str, Any]:
        """Return the one endpoint that Signa really has, secrets included."""
        (endpoint,) = self.endpoints()
        return endpoint

    def handed_over(self, stage: str = "AWSCURRENT", name: str = "alerts") -> str | None:
        """Return the signing secret of an endpoint of `declaring` that Secrets Manager has at a stage."""
        secret: str | None = json.loads(self.aws.values(stage)[f"signa/{name}"]).get("secret")
        return secret

    def audit(self) -> Audit:
        """Compare a stack of `declaring` with what Signa and AWS really have."""
        return compare(self._held(), self.endpoints(), self.aws.secrets(), self.verifies)

    def make_container(self, name: str) -> None:
        """Make the destination of an endpoint of `storing`, past Pulumi and without a value."""
        self.aws.secrets_manager.create_secret(Name=f"signa/{name}")

    def audit_stored(self) -> Audit:
        """Compare a stack of `storing` with what Signa and AWS really have."""
        return compare_stored(self._held(), self.endpoints(), self.aws.containers(), self.verifies)

    @contextmanager
    def counted(self) -> Iterator[Calls]:
        """Count the calls to both servers in a block."""
        requests.delete(f"{self.signa.control_url}/calls", timeout=10).raise_for_status()
        self.aws.calls.clear()
        calls = Calls()
        yield calls
        counted = requests.get(f"{self.signa.control_url}/calls", timeout=10).json()["by_operation"]
        calls.signa = {operation: number for operation, number in counted.items() if number}
        calls.aws = list(self.aws.calls)

    def signa_call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Do something at Signa past Pulumi."""
        headers = {"Authorization": f"Bearer {API_KEY}", "Idempotency-Key": uuid.uuid4().hex}
        answer = requests.request(method, self.signa.base_url + path, json=body, headers=headers, timeout=10)
        answer.raise_for_status()
        return dict(answer.json())

    def make_outside(self, **body: Any) -> dict[str, Any]:
        """Make an endpoint past Pulumi, and return it with its secret."""
        defaults = {"url": "https://example.com/alerts", "enabled_events": ["alert.created"]}
        return self.signa_call("POST", "/webhooks", {**defaults, **body})

    def rotate_outside(self, endpoint_id: str) -> dict[str, Any]:
        """Rotate a secret past Pulumi, and return the endpoint with the new one."""
        return self.signa_call("POST", f"/webhooks/{endpoint_id}/rotate-secret", {})

    def delete_outside(self, endpoint_id: str) -> None:
        """Delete an endpoint past Pulumi."""
        self.signa_call("DELETE", f"/webhooks/{endpoint_id}")

    def advance(self, seconds: float) -> None:
        """Move Signa's clock forward, and the plugin's alike."""
        requests.post(f"{self.signa.control_url}/clock", json={"advance_s": seconds}, timeout=10).raise_for_status()
        offset = float(self.environment.get(CLOCK_VARIABLE, "0")) + seconds
        self.environment[CLOCK_VARIABLE] = str(offset)

    def fault(self, **description: Any) -> None:
        """Make Signa misbehave."""
        requests.post(f"{self.signa.control_url}/faults", json=description, timeout=10).raise_for_status()

    def processes(self) -> list[int]:
        """Return the ids of the processes in the project's folder: engine, language host, program, plugin."""
        return [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if _folder_of(entry) == self.folder]

    def plugin(self) -> int:
        """Return the id of the one plugin that serves our resources."""
        (plugin,) = [
            process for process in self.processes() if PLUGIN_COMMAND in Path(f"/proc/{process}/cmdline").read_bytes()
        ]
        return plugin

    def hold(self, request: str, *, of: str = "", after_commit: bool, skip: int = 0) -> Hold:
        """
        Hold the next request of a kind.

        Args:
            request: HTTP method of a request to Signa, `ROTATE` for that of a rotation, or name of a Secrets Manager
                action.
            of: Id of the endpoint that it is about, its URL where it is still to be made, or name of a secret; by
                default any.
            after_commit: Carry it out first, and hold the answer.
            skip: How many of the kind pass first.
        """
        gate = self.gate if request.isupper() else self.aws.gate
        return gate.hold(request, of=of, after_commit=after_commit, skip=skip)

    def canaries(self) -> set[str]:
        """Return what must stand nowhere in plain text: the API key, and every secret that Signa has issued."""
        for endpoint in self.endpoints():
            self._issued |= {endpoint["secret"], endpoint["previous_secret"]} - {None}
        return {API_KEY, *(secret.removeprefix("whsec_") for secret in self._issued)}

    def check_canary(self, printed: str) -> None:
        """Fail where a canary stands in what a run printed."""
        assert not [value for value in self.canaries() if value in printed]

    def verifies(self, secret: str, endpoint_id: str) -> bool:
        """Let Signa sign a delivery, and return whether a receiver with this secret accepts it."""
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

    def _held(self) -> dict[str, dict[str, Any]]:
        """Return the properties of each resource in the state, by id, with its logical name as `name`."""
        return {
            resource["id"]: {
                **_plain({**resource["inputs"], **resource["outputs"]}),
                "id": resource["id"],
                "name": name,
            }
            for name, resource in self.resources(show_secrets=True).items()
        }

    def _run(self, *command: str, **options: Any) -> Run:
        log = self.folder.parent / "events.jsonl"
        with self.begin(*command, "--event-log", str(log), "--color=never", *_flags(options)) as process:
            output, _ = process.communicate()
        # A command that is refused at once writes no log.
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        self.check_canary(output + "\n".join(lines))
        events = [EngineEvent.from_json(json.loads(line)) for line in lines]
        return Run(process.returncode == 0, in_python(output), events)


def readable(resource: dict[str, Any]) -> dict[str, Any]:
    """Return a resource of a state with its properties by the names of Python."""
    named = {bag: by_python_names(resource.get(bag) or {}) for bag in ("inputs", "outputs")}
    return {**resource, **named}


def _flags(options: Mapping[str, Any]) -> Iterable[str]:
    for name, value in options.items():
        option = f"--{name.replace('_', '-')}"
        yield from [option] if value is True else [f"{option}={one}" for one in value]


def _plain(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return exported properties with the secrets among them out of the engine's envelope."""
    return {
        name: json.loads(value["plaintext"]) if isinstance(value, dict) and "plaintext" in value else value
        for name, value in properties.items()
    }


def _request_of(environ: dict[str, Any]) -> tuple[str, str]:
    """Return the kind of a request to Signa, and what it is about; the request can be read again."""
    path = str(environ["PATH_INFO"])
    if not path.startswith("/v1/"):
        return "", ""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    kind = "ROTATE" if path.endswith("/rotate-secret") else str(environ["REQUEST_METHOD"])
    return kind, f"{path} {body.decode()}"


def _folder_of(process: Path) -> Path | None:
    try:
        return (process / "cwd").readlink()
    except OSError:  # it has ended meanwhile, or is somebody else's
        return None


MakeProject = Callable[..., Project]

Tally = Callable[..., None]
"""Takes the name of a matrix, and the audit after a cell of it."""

Figure = Callable[[str], None]
"""Takes a line for the summary of all tests."""
