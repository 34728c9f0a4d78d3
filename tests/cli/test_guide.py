"""The guide of the command says what the command does."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from pulumi_signa.cli.adopt import Adoptable, Adoption
from pulumi_signa.cli.doctor import aws, clock, machine, plugin, project, pulumi, signa, stack
from pulumi_signa.cli.doctor.command import Diagnosis
from pulumi_signa.cli.exit_codes import MEANINGS
from pulumi_signa.cli.findings import Finding
from pulumi_signa.cli.listing import ListedEndpoint, Listing
from pulumi_signa.cli.orphans import Orphan, Orphans
from pulumi_signa.cli.verify.command import Verification

GUIDE = (Path(__file__).parents[2] / "docs/guides/command.md").read_text(encoding="utf-8")


def test_exit_codes_are_those_of_the_command() -> None:
    rows = re.findall(r"^\| (\d+) +\| (.*?) +\|$", GUIDE, re.MULTILINE)

    assert {int(code): meaning for code, meaning in rows} == MEANINGS


@pytest.mark.parametrize(
    ("command", "report", "record"),
    [
        ("list", Listing, ListedEndpoint),
        ("orphans", Orphans, Orphan),
        ("adopt", Adoption, Adoptable),
        ("doctor", Diagnosis, Finding),
        ("verify", Verification, Finding),
    ],
)
def test_json_has_the_members_that_the_guide_names_in_this_order(command: str, report: Any, record: Any) -> None:
    section = GUIDE.split(f"\n## `{command}`\n")[1].split("\n## ")[0]
    named = re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", section.split("`--json`: ")[1]))
    members = [member.name for member in fields(report)]
    # The records stand where the guide names the list of them.
    at = members.index(next(name for name in ("orphans", "endpoints", "findings") if name in members)) + 1

    assert named == [*members[:at], *(member.name for member in fields(record)), *members[at:]]


def test_guide_names_whatever_the_doctor_looks_at() -> None:
    section = GUIDE.split("\n## `doctor`\n")[1].split("\n## ")[0]

    named = re.findall(r"^\| `([^`]+)`", section, re.MULTILINE)

    looked_at = [
        *(
            machine.HOME,
            machine.DISK,
            pulumi.CLI,
            pulumi.HOST,
            project.VERSIONS,
            project.PROJECT,
            project.VIRTUALENV,
            stack.SUBJECT,
            plugin.SUBJECT,
        ),
        *(*signa.RUNGS, signa.CONFIGURATION, clock.SUBJECT),
        *(aws.REGION, aws.IDENTITY, aws.ACCOUNT, aws.PERMISSIONS, aws.CONFIGURATION),
    ]
    assert sorted(named) == sorted(looked_at)
