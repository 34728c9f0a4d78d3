"""What a person, and another program, see of the doctor: compared with screens that somebody has looked at."""

from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.doctor.healthy import SetUp
from cli.harness import TERMINAL, assert_shows
from pulumi_signa.cli.app import app
from pulumi_signa.cli.doctor import command
from pulumi_signa.cli.doctor.examination import Concern, examine
from pulumi_signa.cli.findings import Finding


@pytest.fixture
def somewhere(set_up: SetUp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SetUp:
    """Return a set-up in which all is well, on a machine whose folders and ports do not change."""
    port = set_up.signa.base_url.split(":")[2].split("/")[0]
    changing = {
        str(tmp_path): "/home/ada",
        port: "8000",
        f"pulumi-signa {version('pulumi-signa')}": "pulumi-signa 0.1.0",
        f"pulumi {version('pulumi')}": "pulumi 3.272.0",
    }

    def fixed(finding: Finding) -> Finding:
        if finding.subject in ("disk", "versions"):
            found = {"disk": "71,530 MiB are free at /home/ada/home"}
            finding = replace(
                finding, found=found.get(finding.subject, "pulumi-signa 0.1.0, pulumi 3.272.0, Python 3.11.7")
            )
        found, remedy = finding.found, finding.remedy
        for text, instead in changing.items():
            found, remedy = found.replace(text, instead), remedy.replace(text, instead)
        return replace(finding, found=found, remedy=remedy)

    def examine_(*arguments: Any) -> Iterator[Concern]:
        for concern in examine(*arguments):
            yield Concern(concern.title, map(fixed, concern.findings))

    monkeypatch.setattr(command, "examine", examine_)
    return set_up


def shown(set_up: SetUp, code: int, **environment: str) -> str:
    ran = CliRunner().invoke(app, ["doctor", "--cwd", str(set_up.project)], env=environment)
    assert ran.exit_code == code
    return ran.stdout


def break_much(set_up: SetUp) -> None:
    set_up.environment.setenv("SIGNA_API_KEY", "sig_" + "dead" * 12)
    set_up.environment.delenv("AWS_REGION")
    set_up.aws.refuse["GetCallerIdentity"] = ("ExpiredToken", "The security token included in the request is expired")
    set_up.pulumi(says="v3.150.0")
    (set_up.project / ".venv/bin/python").unlink()


def test_screen_on_which_all_is_well(somewhere: SetUp) -> None:
    assert_shows(shown(somewhere, 0, **TERMINAL), "doctor", [])


def test_screen_on_which_much_is_wrong(somewhere: SetUp) -> None:
    break_much(somewhere)

    assert_shows(shown(somewhere, 1, **TERMINAL), "doctor_broken", [])


def test_other_programs_get_a_line_for_each_finding(somewhere: SetUp) -> None:
    break_much(somewhere)

    assert_shows(shown(somewhere, 1), "doctor_piped", [])


def test_screen_on_which_something_was_skipped_says_so_instead_of_all_is_well(set_up: SetUp, tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, ["doctor", "--cwd", str(tmp_path)], env=TERMINAL)

    assert ran.exit_code == 0
    assert ran.stdout.splitlines()[-1].rstrip() == "No problem found; 4 things were skipped."
