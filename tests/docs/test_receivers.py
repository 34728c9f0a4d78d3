"""What the pages about receivers say is what `signa_receiver` does: programs and commands are run, tables compared."""

import inspect
import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest

import signa_receiver
from emulator.harness import API_KEY, Api
from receiver.deliveries import FORGED, NAME, OLD, signed
from signa_emulator.server import EmulatorServer
from signa_receiver import VerificationError

REPOSITORY = Path(__file__).resolve().parents[2]
GUIDE = (REPOSITORY / "docs/guides/receivers.md").read_text()
README = (REPOSITORY / "receiver/README.md").read_text()


def blocks(page: str, language: str) -> list[str]:
    """Return the code blocks of a page."""
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.DOTALL | re.MULTILINE)


@pytest.fixture
def stored(aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Store the secret where the programs look for it."""
    monkeypatch.setenv("SIGNA_SECRET_ID", NAME)
    boto3.client("secretsmanager", region_name="eu-west-1").create_secret(Name=NAME, SecretString=OLD)


def test_program_of_the_readme_answers_right(stored: None) -> None:
    program: dict[str, Any] = {"__name__": "receiver_of_the_readme"}
    exec(blocks(README, "python")[0], program)  # noqa: S102
    client = program["app"].test_client()

    statuses = [
        client.post("/hooks/signa", data=delivery.body, headers=delivery.headers).status_code
        for delivery in (signed(OLD), signed(FORGED))
    ]

    assert statuses == [204, 401]


def test_program_of_the_guide_answers_right(stored: None) -> None:
    program: dict[str, Any] = {}
    exec(blocks(GUIDE, "python")[0], program)  # noqa: S102

    answers = [program["answer"](delivery.body, delivery.headers) for delivery in (signed(OLD), signed(FORGED))]

    assert [status for status, _ in answers] == [204, 401]


def test_table_of_errors_has_every_error_with_its_status() -> None:
    errors = {
        name: error.http_status
        for name, error in vars(signa_receiver).items()
        if inspect.isclass(error) and issubclass(error, VerificationError) and error is not VerificationError
    }

    rows = re.findall(r"^\| `(\w+Error)` \| (\d+) \|", GUIDE, re.MULTILINE)
    assert {name: int(status) for name, status in rows} == errors


def test_policy_has_what_a_receiver_asks_of_aws() -> None:
    (policy,) = blocks(GUIDE, "json")

    actions = [statement["Action"] for statement in json.loads(policy)["Statement"]]

    assert actions == ["secretsmanager:GetSecretValue", "kms:Decrypt"]


def test_commands_of_the_guide_reach_the_receiver_of_the_example(tmp_path: Path) -> None:
    """All but the first, which starts the emulator; the addresses are those of this test."""
    (line,) = re.findall(r"^receiver = .*FixedSecrets.*$", GUIDE, re.MULTILINE)
    example = (REPOSITORY / "examples/receivers/flask_receiver.py").read_text().replace("SecretsManagerS", "FixedS")
    (tmp_path / "flask_receiver.py").write_text(re.sub("^receiver = .*$", line, example, flags=re.MULTILINE))
    script = blocks(GUIDE, "sh")[-1].partition("\n")[2]
    with EmulatorServer([API_KEY]) as emulator:
        for old, new in (
            ("http://127.0.0.1:8000", emulator.base_url.removesuffix("/v1")),
            ("9000", str(free_port())),
            ("sig_test", API_KEY),
            ("curl ", "curl --noproxy '*' "),
        ):
            assert old in script
            script = script.replace(old, new)
        environment = {**os.environ, "PATH": f"{sys.prefix}/bin{os.pathsep}{os.environ['PATH']}"}
        api = Api(emulator.base_url, emulator)
        with (
            (tmp_path / "printed").open("w") as output,
            subprocess.Popen(
                ["bash", "-ec", script],
                cwd=tmp_path,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            ) as process,
        ):
            try:
                ended = process.wait()
                rows = [row for each in api.organization.endpoints.newest_first() for row in api.deliveries(each.id)]
            finally:
                # The receiver, which the commands have started, is in their group.
                os.killpg(process.pid, signal.SIGTERM)
        api.close()
    printed = (tmp_path / "printed").read_text()

    assert ended == 0, printed
    assert [(row["event_type"], row["http_status"]) for row in rows] == [("alert.created", 204), ("webhook.test", 204)]
    assert sorted(re.findall(r"INFO in flask_receiver: (\S+)", printed)) == ["alert.created", "webhook.test"]
    assert '"secret_version":2' in printed.replace(" ", "")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@pytest.mark.parametrize(("page", "most"), [(GUIDE, 130), (README, 80)])
def test_page_is_short_and_its_links_lead_somewhere(page: str, most: int) -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)", page) if "://" not in link]

    assert len(page.splitlines()) <= most
    assert [link for link in links if not (REPOSITORY / "docs/guides" / link).exists()] == []


def test_guide_names_everything_that_is_exported() -> None:
    assert [name for name in signa_receiver.__all__ if name not in GUIDE and name != "Event"] == []
