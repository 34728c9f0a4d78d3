"""The canary: a known API key and the secret that Signa issued stand nowhere in plain text."""

from pathlib import Path

import pytest
from sandbox.stack import PASSPHRASE

from e2e.harness import API_KEY, SECRET_NAME, MakeProject, Project
from e2e.host import MARKED, code_in
from e2e.run import Run

pytestmark = pytest.mark.e2e


def test_key_and_secret_are_nowhere_in_plain_text(project: Project) -> None:
    """Output, events, debug logs, errors, exported state, history and backups hide the key and the secret."""
    del project.environment["SIGNA_API_KEY"]
    project.cli("config", "set", "--secret", "signa:apiKey", API_KEY)
    project.environment["SIGNA_LOG_LEVEL"] = "DEBUG"
    project.environment["PULUMI_KEEP_CHECKPOINTS"] = "true"
    loud = {"debug": True, "diff": True}

    runs = [project.preview(**loud), project.up(**loud)]
    endpoint = project.endpoint()
    project.config(description="edited")
    runs += [project.up(**loud), project.refresh(debug=True)]
    for kind in ({"kind": "status", "status": 400}, {"kind": "body", "body": '{"secret": 1}'}, {"kind": "truncate"}):
        project.fault(operation="update", times=9, **kind)
        project.config(description=f"edited under {kind['kind']}")
        runs.append(project.up(**loud))
        project.signa.organization.faults.clear()
    project.aws.refuse["PutSecretValue"] = ("InternalServiceError", "no")
    project.aws.secrets_manager.put_secret_value(SecretId=SECRET_NAME, SecretString="by hand")
    project.environment["SIGNA_MAX_WAIT_S"] = "0"
    runs += [project.refresh(debug=True), project.up(**loud)]
    printed = [
        project.cli("stack", "export"),
        project.cli("stack"),
        project.cli("config"),
        project.cli("stack", "history"),
    ]
    runs.append(project.destroy(debug=True))

    assert [run.succeeded for run in runs] == [True] * 4 + [False] * 3 + [True, False, True]
    assert "POST /webhooks: 201" in runs[1].output, "our own debug log was on"
    hidden = {"key": API_KEY, "secret": endpoint["secret"], "key material": endpoint["secret"].removeprefix("whsec_")}
    for what, value in hidden.items():
        for number, run in enumerate(runs):
            assert value not in run.output, f"{what} in the output of run {number}"
            assert value not in repr(run.events), f"{what} in the events of run {number}"
        assert not any(value in text for text in printed), what
        assert _files_with(project.folder.parent, value) == [], what


def test_canary_would_sing(project: Project) -> None:
    """The search for plain text finds a value that is there, so the check can fail."""
    project.cli("config", "set", "url", API_KEY)

    assert _files_with(project.folder.parent, API_KEY) == ["Pulumi.dev.yaml"]
    assert API_KEY in repr(Run(succeeded=True, output=API_KEY, events=[]))


def test_state_holds_ciphertext_and_the_name_of_a_provider(project: Project) -> None:
    """After create, update and refresh every secret is encrypted; of our code only a short constant name is stored."""
    project.up()
    states = [project.resources()]
    project.config(description="edited")
    project.up()
    states.append(project.resources())
    project.refresh()
    states.append(project.resources())

    for state in states:
        assert all(len(code_in(resource)) < 200 for resource in state.values())
        assert set(state["alerts"]["outputs"]["secret"]) == {SIGNATURE, "ciphertext"}
        assert set(state["alerts-signing-secret"]["inputs"]["secret_string"]) == {SIGNATURE, "ciphertext"}
        assert set(state["alerts-signing-secret"]["outputs"]["__fingerprint"]) == {SIGNATURE, "ciphertext"}
        assert "secret_string" not in state["alerts-signing-secret"]["outputs"]


QUOTED = """
import pulumi
from pulumi_signa import SecretsManagerSecret, WebhookEndpoint
WebhookEndpoint("hook", url="https://example.com/h", metadata={"tok": pulumi.Output.secret("m3mber-of-metadata")})
SecretsManagerSecret("stored", secret_name="signa/pem", secret_string=%r)
"""
PEM = "-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END KEY-----\n"


def test_servers_that_quote_what_they_were_sent_are_not_quoted(make_project: MakeProject) -> None:
    """Signa quotes a member of the metadata and, where the text is cut, the key; AWS quotes a PEM key as it is."""
    project = make_project(QUOTED % PEM)
    detail = f"{'m3mber-of-metadata is bad. ':-<370}Authorization: Bearer {API_KEY}"
    project.fault(operation="create", kind="status", status=400, detail=detail)
    project.aws.refuse["CreateSecret"] = ("ValidationException", f"value {PEM} is bad")

    run = project.up(continue_on_error=True)

    assert not run.succeeded
    errors = "\n".join(run.diagnostics("error"))
    assert f"{MARKED} is bad" in errors
    assert "value [secret] is bad" in errors
    assert "m3mber" not in run.output
    assert not any(API_KEY[at : at + 8] in run.output for at in range(len(API_KEY) - 7))
    assert not any(line in run.output for line in PEM.split("\n")[1:3])


SIGNATURE = "4dabf18193072939515e22adb298388d"
"""Key of the engine's mark for a secret."""


def _files_with(folder: Path, value: str) -> list[str]:
    """Return the names of all files below a folder that hold a value, the passphrase being no file's business."""
    assert value != PASSPHRASE
    return [path.name for path in sorted(folder.rglob("*")) if path.is_file() and value.encode() in path.read_bytes()]
