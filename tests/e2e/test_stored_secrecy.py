"""
The canary of destinations: a signing secret that goes to Secrets Manager stands nowhere else, in no encoding.

Another stack, whose secret is in its state, is up as loudly. There the search finds the secret, so the search can fail.
"""

import base64
import re
import shutil
import urllib.parse
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from e2e.harness import API_KEY, MakeProject, Project, declaring, storing

pytestmark = pytest.mark.e2e

SHOW_THE_KEY = ("grpc-", "trace-", "environment-", "export")
"""How the names of files begin that show the configuration: Pulumi hands it to programs, and decrypts it when asked."""


@pytest.mark.timeout(600)
def test_stored_secret_stands_nowhere_else(make_project: MakeProject) -> None:
    """Logs, traces, plans, events, states, histories, environments and temporary files hold no secret, in any form."""
    project = _loud(make_project(storing(alerts={})))
    project.make_container("alerts")

    _run(project, "preview", "--save-plan", str(_logs(project) / "plan-of-create"))
    _run_and_look_inside(project, puts=1)
    project.write(storing(alerts={"rotate_trigger": "1"}))
    _run(project, "preview", "--save-plan", str(_logs(project) / "plan-of-rotation"))
    _run_and_look_inside(project, puts=2)
    project.aws.secrets_manager.put_secret_value(SecretId="signa/alerts", SecretString="of somebody else")
    _run(project, "refresh", "--yes", "--skip-preview")
    _run(project, "up", "--yes", "--skip-preview")
    for name, command in {
        "export": ("stack", "export", "--show-secrets"),
        "history": ("stack", "history", "--show-secrets"),
        "outputs": ("stack", "--show-secrets"),
    }.items():
        (_logs(project) / name).write_text(project.cli(*command))

    secrets = project.canaries() - {API_KEY}
    current = project.aws.values()["signa/alerts"].removeprefix("whsec_")
    assert len(secrets) == 2
    assert current in secrets, "the drift is repaired"
    assert [_files_with(project, secret) for secret in secrets] == [[], []]
    kinds = {path.name.split("-")[0] for path in _logs(project).iterdir() if path.is_file() and path.stat().st_size}
    assert kinds == {"grpc", "trace", "plan", "events", "output", "export", "history", "outputs", "environment"}
    assert [file for file in _files_with(project, API_KEY) if not file.startswith(SHOW_THE_KEY)] == []


def test_search_finds_a_secret_that_is_in_the_state(make_project: MakeProject) -> None:
    project = _loud(make_project(declaring(alerts={})))

    _run(project, "up", "--yes", "--skip-preview")

    (secret,) = project.canaries() - {API_KEY}
    assert _files_with(project, secret) == ["grpc-0", "trace-0"]


@pytest.mark.parametrize("before", ["", "a", "ab"])
def test_search_finds_every_encoding(before: str) -> None:
    secret = "whsec_MfKQ9r8G+YqrTw/jUPD8ILPZIo2LaLaSw=="
    text = f"{before}{secret}.".encode()
    encoded = [
        text,
        base64.b64encode(text),
        base64.urlsafe_b64encode(text),
        urllib.parse.quote(text, safe="").encode(),
        text.replace(b"+", b"%2b").replace(b"/", b"%2f").replace(b"=", b"%3d"),
        text.replace(b"/", b"\\/"),
        text.hex().encode(),
        text.hex().upper().encode(),
    ]

    assert [one for one in encoded if not any(form in one for form in _forms(secret.removeprefix("whsec_")))] == []


def _loud(project: Project) -> Project:
    """Let a stack keep everything that Pulumi writes, below its own folder."""
    _logs(project).mkdir()
    temporary = project.folder.parent / "temporary"
    temporary.mkdir()
    del project.environment["SIGNA_API_KEY"]
    project.cli("config", "set", "--secret", "signa:apiKey", API_KEY)
    project.environment |= {
        "TMPDIR": str(temporary),
        "PULUMI_EXPERIMENTAL": "true",
        "PULUMI_KEEP_CHECKPOINTS": "true",
        "SIGNA_LOG_LEVEL": "DEBUG",
    }
    return project


def _logs(project: Project) -> Path:
    return project.folder.parent / "logs"


def _run(project: Project, *command: str) -> None:
    """Run a command of the engine that must succeed, as loudly as Pulumi can."""
    logs = _logs(project)
    number = len(list(logs.glob("output-*")))
    project.environment["PULUMI_DEBUG_GRPC"] = str(logs / f"grpc-{number}")
    loud = ("--verbose=9", "--logtostderr", "--logflow", f"--tracing=file:{logs}/trace-{number}")
    with project.begin(*command, *loud, "--event-log", str(logs / f"events-{number}")) as process:
        output, _ = process.communicate()
    (logs / f"output-{number}").write_text(output)
    assert process.returncode == 0, output


def _run_and_look_inside(project: Project, *, puts: int) -> None:
    """Run `pulumi up`, and keep environments and temporary files as they are while the secret is being written."""
    logs = _logs(project)
    hold = project.hold("PutSecretValue", after_commit=True, skip=puts - 1)
    with ThreadPoolExecutor() as threads:
        run = threads.submit(_run, project, "up", "--yes", "--skip-preview")
        while not hold.reached.wait(0.1):
            assert not run.done(), run.result()
        for process in (project.plugin(), *project.processes()):
            (logs / f"environment-{puts}-{process}").write_bytes(Path(f"/proc/{process}/environ").read_bytes())
        shutil.copytree(project.folder.parent / "temporary", logs / f"temporary-{puts}", ignore=_ignore_sockets)
        hold.let_go()
        run.result()


def _ignore_sockets(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if not (path := Path(folder, name)).is_file() and not path.is_dir()]


def _files_with(project: Project, value: str) -> list[str]:
    """Return the names of all files of a stack that hold a value in any form."""
    forms = _forms(value)
    files = {path: path.read_bytes() for path in sorted(project.folder.parent.rglob("*")) if path.is_file()}
    return [path.name for path, content in files.items() if any(form in content for form in forms)]


def _forms(value: str) -> set[bytes]:
    """Return a value as a text may hold it: as it is, in base64 at each alignment, for a URL, for JSON, and in hex."""
    raw = value.encode()
    quoted = urllib.parse.quote(value, safe="")
    in_base64 = {
        # Characters that hold bits of what stands before or after are left out.
        base64.b64encode(bytes(before) + raw)[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]
        for before in range(3)
    }
    return {
        raw,
        *in_base64,
        *(form.translate(bytes.maketrans(b"+/", b"-_")) for form in in_base64),
        quoted.encode(),
        re.sub("%..", lambda escape: escape[0].lower(), quoted).encode(),
        raw.replace(b"/", b"\\/"),
        raw.hex().encode(),
        raw.hex().upper().encode(),
    }
