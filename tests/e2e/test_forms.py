"""A Signa that keeps fields in a form of its own: nights are quiet, and edits made elsewhere still show."""

import json

import pytest

from e2e.harness import MakeProject
from normalizing import everything, keep_as

pytestmark = pytest.mark.e2e

TOKEN = "S3cr3tT0ken"
PROGRAM = f"""
import pulumi
from pulumi_signa import WebhookEndpoint
WebhookEndpoint(
    "hook", url=pulumi.Output.secret("HTTPS://Bücher.Example:443?t={TOKEN}"), description=" prod ",
    metadata={{"team": "brand", "size": 3}},
)
"""


def test_form_is_quiet_and_an_edit_is_undone(make_project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> None:
    """The form is told once, is no drift, and stands in the state encrypted; an edit is drift, and is undone."""
    project = make_project(PROGRAM)
    keep_as(project.signa.organization, monkeypatch, everything)

    first = project.up()
    kept = project.endpoint()
    quiet = [project.refresh(expect_no_changes=True), project.up(expect_no_changes=True)]
    project.signa_call("PATCH", f"/webhooks/{kept['id']}", {"description": "elsewhere"})
    drifted = project.refresh()
    found = project.held("hook")["description"]
    with project.counted() as calls:
        undone = project.up()
    quiet += [project.refresh(expect_no_changes=True), project.up(expect_no_changes=True)]

    assert any("another form" in line and "url" in line for line in first.diagnostics("info"))
    assert kept["url"] == f"https://xn--bcher-kva.example/?t={TOKEN}"
    assert all(run.succeeded for run in quiet), [run.output for run in quiet]
    assert drifted.steps() == {"hook": "refresh"}
    assert found == "elsewhere"
    assert undone.succeeded, undone.output
    assert calls.signa == {"update": 1}
    assert {name: project.endpoint()[name] for name in ("url", "description", "metadata")} == {
        name: kept[name] for name in ("url", "description", "metadata")
    }
    assert TOKEN not in json.dumps(project.resources())
    assert not any(TOKEN in run.output for run in (first, drifted, undone, *quiet))
