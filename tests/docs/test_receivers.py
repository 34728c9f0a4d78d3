"""What the pages about receivers say is what `signa_receiver` does: programs and commands are run, tables compared."""

import inspect
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import boto3
import pytest

import signa_receiver
from emulator.harness import API_KEY, Api, Receiver
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
    program: dict[str, Any] = {"__name__": "program"}
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


def test_commands_of_the_guide_reach_a_receiver() -> None:
    """All but the first, which starts the emulator; the addresses are those of this test."""
    script = blocks(GUIDE, "sh")[-1].partition("\n")[2]
    receiver = Receiver()
    with EmulatorServer([API_KEY]) as emulator:
        for old, new in (
            ("http://127.0.0.1:8000", emulator.base_url.removesuffix("/v1")),
            ("http://127.0.0.1:9000/hooks/signa", receiver.url),
            ("sig_test", API_KEY),
            ("curl ", "curl --fail --noproxy '*' "),
        ):
            assert old in script
            script = script.replace(old, new)
        done = subprocess.run(["bash", "-ec", script], capture_output=True, text=True, check=False)
        api = Api(emulator.base_url, emulator)
        api.idle()
        api.close()
    receiver.close()

    assert done.returncode == 0, done.stderr
    assert [json.loads(one.body)["type"] for one in receiver.received] == ["webhook.test", "alert.created"]
    assert '"secret_version":2' in done.stdout.replace(" ", "")


@pytest.mark.parametrize(("page", "most"), [(GUIDE, 120), (README, 80)])
def test_page_is_short_and_its_links_lead_somewhere(page: str, most: int) -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)", page) if "://" not in link]

    assert len(page.splitlines()) <= most
    assert [link for link in links if not (REPOSITORY / "docs/guides" / link).exists()] == []


def test_guide_names_everything_that_is_exported() -> None:
    assert [name for name in signa_receiver.__all__ if name not in GUIDE and name != "Event"] == []
