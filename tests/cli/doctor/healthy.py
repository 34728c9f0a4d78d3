"""A set-up in which all is well: real servers, and programs that stand in for Pulumi's."""

import json
import stat
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
from sandbox.aws import LocalAws
from typer.testing import CliRunner

from fake_transport import API_KEY
from pulumi_signa.cli.app import app
from pulumi_signa.cli.findings import Finding
from signa_emulator.server import EmulatorServer

KEY_WITHOUT_SCOPE = API_KEY.replace("0123", "5c09")

VERSIONS = ["3.11.7", "3.272.0", version("pulumi-signa")]
"""What the project's Python has: itself, Pulumi's SDK, and this package."""

_PULUMI = """#!/bin/sh
case "$1" in
version) echo {version} ;;
config) cat '{folder}/config.json' ;;
stack) cat '{folder}/export.json' ;;
about) echo '{about}' ;;
package) exec "$3" ;;
esac
"""


class Iam(LocalAws):
    """
    A local AWS whose IAM answers what a test wants; moto has no simulation of policies.

    Attributes:
        decisions: IAM's word for an action; `allowed` for those that are not named.
        refuse: Error code and message, by action.
        asked: Names of the actions, in order.
        arn: Who the caller is.
        details: What IAM adds to each decision, in XML.
        simulated: The parameters of the last simulation, each as a list.
    """

    def __init__(self) -> None:
        super().__init__()
        self.decisions: dict[str, str] = {}
        self.refuse: dict[str, tuple[str, str]] = {}
        self.asked: list[str] = []
        self.arn = "arn:aws:iam::123456789012:user/deployer"
        self.details = ""
        self.simulated: dict[str, list[str]] = {}

    def serve(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Answer one request."""
        target = str(environ.get("HTTP_X_AMZ_TARGET", "")).removeprefix("secretsmanager.")
        form = {}
        if not target:
            form = parse_qs(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode())
        if not target and "Action" not in form:
            return _respond(start_response, 200, "<!doctype html>", "text/html")
        action = target or form["Action"][0]
        self.asked.append(action)
        if action in self.refuse:
            code, message = self.refuse[action]
            return _respond(start_response, 403, _refusal(code, message, is_json=bool(target)))
        if action == "SimulatePrincipalPolicy":
            self.simulated = _lists(form)
            return _respond(start_response, 200, self._simulation(self.simulated["ActionNames"]))
        if action == "GetCallerIdentity":
            return _respond(start_response, 200, _IDENTITY.format(arn=self.arn))
        if action == "GetRole":
            return _respond(start_response, 200, _ROLE)
        return super().serve(environ, start_response)

    def _simulation(self, names: list[str]) -> str:
        members = "".join(
            f"<member><EvalActionName>{name}</EvalActionName>"
            f"<EvalDecision>{self.decisions.get(name, 'allowed')}</EvalDecision>{self.details}</member>"
            for name in names
        )
        result = f"<EvaluationResults>{members}</EvaluationResults><IsTruncated>false</IsTruncated>"
        return (
            f"<SimulatePrincipalPolicyResponse><SimulatePrincipalPolicyResult>{result}"
            "</SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"
        )


_IDENTITY = """<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>{arn}</Arn><UserId>AIDA</UserId>
<Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"""
_ROLE = """<GetRoleResponse><GetRoleResult><Role><Path>/ci/</Path><RoleName>deploy</RoleName><RoleId>AROA</RoleId>
<Arn>arn:aws:iam::123456789012:role/ci/deploy</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate></Role></GetRoleResult>
</GetRoleResponse>"""


def _lists(form: Mapping[str, list[str]]) -> dict[str, list[str]]:
    lists: dict[str, list[str]] = {}
    for field, values in form.items():
        lists.setdefault(field.split(".")[0], []).extend(values)
    return lists


def _refusal(code: str, message: str, *, is_json: bool) -> str:
    if is_json:
        return json.dumps({"__type": code, "message": message})
    error = f"<Type>Sender</Type><Code>{code}</Code><Message>{message}</Message>"
    return f"<ErrorResponse><Error>{error}</Error><RequestId>r-1</RequestId></ErrorResponse>"


def _respond(start_response: Any, status: int, body: str, kind: str = "text/xml") -> list[bytes]:
    headers = [("Content-Length", str(len(body.encode()))), ("Content-Type", kind)]
    start_response(f"{status} Answered", headers)
    return [body.encode()]


class SetUp:
    """
    A project on a machine; a test breaks it.

    Attributes:
        project: The folder with `Pulumi.yaml`.
        bin: The folder on `PATH` that has Pulumi's programs.
        signa: The emulator.
        aws: The local AWS.
        key: The API key.
    """

    key = API_KEY

    def __init__(self, folder: Path, signa: EmulatorServer, aws: Iam, monkeypatch: pytest.MonkeyPatch) -> None:
        self.signa = signa
        self.aws = aws
        self.project = folder / "project"
        self.bin = folder / "bin"
        self.environment = monkeypatch
        self._folder = folder
        for made in (self.project, self.bin, folder / "home", self.project / ".venv/bin"):
            made.mkdir(parents=True)
        (self.project / "Pulumi.yaml").write_text(
            "name: p\nruntime:\n  name: python\n  options:\n    virtualenv: .venv\n"
        )
        # A real one takes a second to import Pulumi.
        script(self.project / ".venv/bin/python", f"#!/bin/sh\necho '{json.dumps(VERSIONS)}'\n")
        script(self.bin / "pulumi-language-python", "#!/bin/sh\n")
        self.pulumi()
        self.stack()
        settings = {
            **aws.environment,
            "AWS_ENDPOINT_URL": aws.url,
            "SIGNA_API_KEY": API_KEY,
            "SIGNA_BASE_URL": signa.base_url,
            "HOME": str(folder / "home"),
            "PATH": str(self.bin),
        }
        for name, value in settings.items():
            monkeypatch.setenv(name, value)

    def pulumi(self, says: str = "v3.274.1", about: str = "{}") -> None:
        """Make the `pulumi` on `PATH` anew."""
        text = _PULUMI.format(version=says, folder=self._folder, about=about)
        script(self.bin / "pulumi", text.replace("cat ", "/bin/cat "))

    def pulumi_refuses(self, why: str) -> None:
        """Let no stack be read."""
        text = (self.bin / "pulumi").read_text()
        script(self.bin / "pulumi", text.replace("config)", f"config) echo 'error: {why}' >&2; exit 255;"))

    def stack(self, config: Mapping[str, str] | None = None, resources: tuple[Mapping[str, Any], ...] = ()) -> None:
        """Write what the stack has."""
        values = {key: {"value": value, "secret": False} for key, value in (config or {}).items()}
        (self._folder / "config.json").write_text(json.dumps(values))
        (self._folder / "export.json").write_text(json.dumps({"deployment": {"resources": resources}}))

    def program(self, runtime: str, plugin: str | None = None) -> None:
        """Make the program one of another language; `plugin` is the folder that the project names for ours."""
        named = "" if plugin is None else f"plugins: {{providers: [{{name: signa, path: {plugin}}}]}}\n"
        (self.project / "Pulumi.yaml").write_text(f"name: p\nruntime: {runtime}\n{named}")
        (self.bin / "pulumi-language-python").unlink()
        script(self.bin / f"pulumi-language-{runtime}", "#!/bin/sh\n")

    def plugin(self, folder: Path, of: str = VERSIONS[2]) -> Path:
        """Install a plugin, which prints its schema as soon as it runs; the `pulumi` of the test runs it so."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "pulumi-resource-signa"
        script(path, f"#!/bin/sh\necho '{json.dumps({'name': 'signa', 'version': of})}'\n")
        return path

    def fault(self, **fault: Any) -> None:
        """Let the emulator misbehave."""
        requests.post(f"{self.signa.control_url}/faults", json=fault, timeout=10).raise_for_status()

    def examined(self, *options: str) -> dict[str, Finding]:
        """Run `pulumi-signa doctor`, and return the findings by subject."""
        ran = CliRunner().invoke(app, ["doctor", "--json", "--cwd", str(self.project), *options])
        assert ran.stdout, ran.stderr
        findings = [Finding(**finding) for finding in json.loads(ran.stdout)["findings"]]
        by_subject = {finding.subject: finding for finding in findings}
        assert len(by_subject) == len(findings)
        assert ran.exit_code == int(any(finding.verdict == "problem" for finding in findings))
        assert API_KEY not in ran.output
        return by_subject


def script(path: Path, text: str) -> None:
    """Write a program."""
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP)
