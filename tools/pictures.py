"""
Pictures of what `pulumi-signa` shows on a terminal, for the docs: `.venv/bin/python -m tools.pictures` draws them anew.

The command runs in this process, at an emulator with a few endpoints, on a terminal of 80 columns.
"""

from __future__ import annotations

import io
import json
import re
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text
from standardwebhooks import Webhook
from typer.testing import CliRunner

from pulumi_signa.cli.app import app
from pulumi_signa.cli.findings import Finding, table_of
from pulumi_signa.cli.screen import Screen
from pulumi_signa.cli.tables import Cell
from signa_emulator.rules.validation import NewEndpoint
from signa_emulator.server import EmulatorServer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "pictures"

_BROKEN = FOLDER.parents[1] / "tests" / "cli" / "screens" / "doctor_piped.txt"

_API_KEY = "sig_pictures"
_SECRET = "whsec_cGljdHVyZXM="  # noqa: S105 - it signs a made-up delivery
_AT = datetime(2026, 11, 30, 14, tzinfo=timezone.utc)
_COLUMNS = 80
_TERMINAL = {"TTY_COMPATIBLE": "1", "TERM": "xterm-256color", "COLUMNS": str(_COLUMNS), "NO_COLOR": None}
# A picture fetches nothing, not even a font.
_FORMAT = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)

_URL = "https://hooks.example.com/signa"
_ENDPOINTS: Sequence[dict[str, Any]] = (
    {"url": f"{_URL}/brand", "description": "Alerts of the brand team", "last_success_ago_h": 2},
    {"url": f"{_URL}/legal", "last_success_ago_h": 72, "last_failure_ago_h": 1, "consecutive_failures": 2},
    {"url": f"{_URL}/old", "last_failure_ago_h": 72, "consecutive_failures": 20, "status": "disabled"},
)


def pictures() -> Iterator[tuple[str, str]]:
    """Yield each picture's name, and the SVG."""
    with tempfile.TemporaryDirectory() as folder, EmulatorServer([_API_KEY]) as emulator:
        ids = [_make(emulator, **endpoint) for endpoint in _ENDPOINTS]
        environment = {"SIGNA_API_KEY": _API_KEY, "SIGNA_BASE_URL": emulator.base_url, "SIGNA_WEBHOOK_SECRET": _SECRET}
        Path(folder, "prod.json").write_text(json.dumps(_export(ids[:2])), encoding="utf-8")
        Path(folder, "request.http").write_bytes(_altered_delivery())
        for command in ("list", "orphans prod.json", f"verify request.http --at {_AT:%Y-%m-%dT%H:%MZ}"):
            name, *arguments = command.split()
            files = [str(Path(folder, each)) if Path(folder, each).exists() else each for each in arguments]
            shown = CliRunner().invoke(app, [name, *files], env={**_TERMINAL, **environment}).stdout
            for number, id_ in enumerate(ids):
                shown = shown.replace(id_, f"whk_018f9b2e-9b6c-7c9c-b4f1-{number:012}")
            yield f"command-{name}", _drawn(command, shown)
    yield "command-doctor", _drawn("doctor", _diagnosis())


def _diagnosis() -> str:
    """Return what `doctor` shows of the broken set-up of its tests: that of this machine would be another every day."""
    lines = _BROKEN.read_text(encoding="utf-8").splitlines()
    findings = [Finding(*line.split("\t")) for line in lines]  # type: ignore[arg-type] # a verdict is a text
    with CliRunner().isolation(env=_TERMINAL) as (stdout, *_):
        Screen().show(findings[0], findings, table_of(findings, Cell("")))
        return stdout.getvalue().decode()


def _altered_delivery() -> bytes:
    """Return a signed request to whose body something has added a line break."""
    body = json.dumps({"type": "alert.created", "data": {"severity": "high"}})
    id_ = "alt_018f9b2e-9b6c-7c9c-b4f1-000000000000"
    headers = {
        "webhook-id": id_,
        "webhook-timestamp": f"{_AT.timestamp():.0f}",
        "webhook-signature": Webhook(_SECRET).sign(id_, _AT, body),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST /hooks/signa HTTP/1.1\r\n{head}\r\n{body}\n".encode()


def _make(emulator: EmulatorServer, *, url: str, description: str | None = None, **given: Any) -> str:
    """Make an endpoint past the API, with what only Signa can set, and return its id."""
    organization = emulator.organization
    now = organization.clock.now()
    new = NewEndpoint(url, description, ["alert.created"], {})
    endpoint = organization.endpoints.create(new, organization.settings, now - timedelta(days=4))
    for name, value in given.items():
        if name.endswith("_ago_h"):
            setattr(endpoint, name.replace("_ago_h", "_at"), now - timedelta(hours=value))
        else:
            setattr(endpoint, name, value)
    return endpoint.id


def _export(ids: Sequence[str]) -> dict[str, Any]:
    """Return what `pulumi stack export` prints for a stack with these endpoints."""
    type_ = "pulumi-python:dynamic/signa:WebhookEndpoint"
    resources = [
        {"urn": f"urn:pulumi:prod::alerts::{type_}::{id_}", "custom": True, "id": id_, "type": type_} for id_ in ids
    ]
    return {"version": 3, "deployment": {"resources": resources}}


def _drawn(command: str, shown: str) -> str:
    console = Console(record=True, width=_COLUMNS, file=io.StringIO(), color_system="truecolor", force_terminal=True)
    console.print(Text(f"$ pulumi-signa {command}\n", style="bold"), Text.from_ansi(shown.rstrip("\n")), sep="")
    # Without an id of its own each picture would differ from the last one in every line.
    return console.export_svg(
        title="pulumi-signa", code_format=_FORMAT, unique_id=f"picture-{command.split(maxsplit=1)[0]}"
    )


if __name__ == "__main__":
    for name, svg in pictures():
        (FOLDER / f"{name}.svg").write_text(svg, encoding="utf-8")
