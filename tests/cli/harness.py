"""What every test of the command stands on: an organization, a Pulumi CLI of our own, and approved screens."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from typer.testing import Result

from signa_emulator.organization import Organization
from signa_emulator.rules.endpoints import Endpoint
from signa_emulator.rules.validation import NewEndpoint

NOW = datetime(2026, 5, 8, 12, tzinfo=timezone.utc)
"""What the clock of the command says."""

TYPE = "pulumi-python:dynamic/signa:WebhookEndpoint"

_EXPORTS = Path(__file__).parent / "exports"
_SCREENS = Path(__file__).parent / "screens"
TERMINAL = {"TTY_COMPATIBLE": "1", "TERM": "dumb", "COLUMNS": "80"}
"""A terminal of 80 columns without colours."""

PULUMI = """\
#!{python}
import json, pathlib, sys
folder = pathlib.Path({folder!r})
answers = json.loads((folder / "answers.json").read_text())
asked = " ".join(sys.argv[1:]).removesuffix(" --non-interactive --color never")
with (folder / "asked").open("a") as log:
    print(asked, file=log)
answer = answers.get(asked, "error: no stack named so found")
if isinstance(answer, str):
    print("warning: something else", answer, sep="\\n", file=sys.stderr)
    sys.exit(255)
print(json.dumps(answer))
"""


class Signa:
    """
    The organization at the emulator, filled past its API.

    Attributes:
        organization: Everything that the emulator remembers.
    """

    def __init__(self, organization: Organization) -> None:
        self.organization = organization

    def make(self, url: str = "https://example.com/alerts", **given: Any) -> Endpoint:
        """Make an endpoint; the arguments are its fields, and those of Signa's that a program cannot set."""
        new = NewEndpoint(
            url,
            given.pop("description", None),
            given.pop("enabled_events", ["alert.created"]),
            given.pop("metadata", {}),
        )
        endpoint = self.organization.endpoints.create(new, self.organization.settings, NOW)
        for name, value in given.items():
            setattr(endpoint, name, value)
        return endpoint

    def ids(self) -> list[str]:
        """Return the ids of all endpoints, the oldest first."""
        return [endpoint.id for endpoint in reversed(self.organization.endpoints.newest_first())]

    def calls(self) -> list[str]:
        """Return the calls that Signa was asked for, oldest first."""
        return [f"{entry['method']} {entry['path']}" for entry in self.organization.requests.entries()]


@dataclass
class FakePulumi:
    """
    A Pulumi CLI on the PATH that answers what it was told to.

    Attributes:
        answers: By the arguments of the command: the JSON that it prints, or the error that it ends with.
    """

    folder: Path
    answers: dict[str, Any] = field(default_factory=dict)

    def answer(self, arguments: str, answer: Any) -> None:
        """Answer a command so from now on."""
        self.answers[arguments] = answer
        (self.folder / "answers.json").write_text(json.dumps(self.answers))

    def asked(self) -> list[str]:
        """Return the commands that were run."""
        log = self.folder / "asked"
        return log.read_text().splitlines() if log.exists() else []


Run = Callable[..., Result]
"""Runs the command with these arguments; `on_terminal`, `stdin`, and environment variables by name."""


def assert_shows(shown: str, name: str, ids: list[str]) -> None:
    """Compare a screen with the file that somebody has looked at; each id stands there by its number."""
    for number, id_ in enumerate(ids):
        shown = shown.replace(id_, f"whk_00000000-0000-7000-8000-{number:012}")
    # Rich fills lines with spaces, which editors take away.
    lines = [line.rstrip(" ") for line in shown.splitlines()]

    assert lines == (_SCREENS / f"{name}.txt").read_text(encoding="utf-8").splitlines()


def export_of(*ids: str, **deployment: Any) -> dict[str, Any]:
    """Return what `pulumi stack export` prints for a stack with these endpoints."""
    return {"version": 3, "deployment": {"resources": [resource(id_) for id_ in ids], **deployment}}


def native_export(**ids: str) -> dict[str, Any]:
    """Return the export of a stack of the native host; its endpoints `alerts` and `stored` have these ids."""
    text = (_EXPORTS / "native.json").read_text(encoding="utf-8")
    for resource in json.loads(text)["deployment"]["resources"]:
        name = resource["urn"].rpartition("::")[2]
        if name in ids and resource["custom"]:
            text = text.replace(resource["id"], ids[name])
    exported: dict[str, Any] = json.loads(text)
    return exported


def resource(id_: str | None, type_: str = TYPE, name: str = "alerts", **more: Any) -> dict[str, Any]:
    """Return a resource as an export has it."""
    return {"urn": f"urn:pulumi:dev::test::{type_}::{name}", "custom": True, "id": id_, "type": type_, **more}
