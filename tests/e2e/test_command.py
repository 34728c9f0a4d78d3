"""The command `pulumi-signa` beside a real stack."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from e2e.harness import API_KEY, MakeProject, Project
from e2e.host import TYPES, only
from signa_emulator.rules.validation import NewEndpoint

pytestmark = pytest.mark.e2e

COMMAND = f"{sys.prefix}/bin/pulumi-signa"
THOUSAND = 1_000

LOOP = """
from pulumi_signa import WebhookEndpoint
for name in {names!r}:
    WebhookEndpoint(name, url=f"https://example.com/{{name}}")
"""

AWKWARD: list[dict[str, Any]] = [
    {"url": "https://example.com/hooks", "metadata": {"team": {"name": "brand", "ids": [1, 2.5, True, []]}, "a b": {}}},
    {"url": "https://example.com/hooks", "description": 'the "second" with this URL, isn\'t it'},
    {"url": "https://example.com/hooks?tenant=%C3%BC", "description": "Ü" * 2_000},
    {
        "url": "https://example.com:8443/",
        "description": "two\nlines\tand a \\ and \u202e",
        "metadata": {'"': "'", "😀": -0.5},
    },
    {"url": "https://bücher.example/pfad", "metadata": {"list": ["x" * 60, {"deep": [[["y" * 30]]]}], "big": 2**53}},
    {"url": "https://example.com/off", "metadata": {"on": False}},
]


def run(project: Project, *arguments: str) -> tuple[int, str, str]:
    """Run the command in the project's folder; return its exit code, what it printed, and what it warned of."""
    with project.start(COMMAND, *arguments, stderr=subprocess.PIPE) as process:
        output, errors = process.communicate()
    assert "Traceback" not in errors
    assert API_KEY not in output + errors
    return process.returncode, output, errors


def _pending_creates(project: Project) -> int:
    """Return how many creates the state has begun; none while the engine writes it."""
    (state,) = (project.state / ".pulumi/stacks").glob("*/dev.json")
    try:
        return len(json.loads(state.read_text())["checkpoint"]["latest"].get("pending_operations") or [])
    except ValueError:
        return 0


def test_orphans_of_an_interrupted_and_edited_stack_are_found_among_a_thousand(
    make_project: MakeProject, tmp_path: Path
) -> None:
    """The engine dies amid creates that the next program no longer declares: exactly those count, and are deleted."""
    project = make_project(LOOP.format(names=["kept"]))
    organization = project.signa.organization
    organization.change_settings(rate_limit=None)
    assert project.up().succeeded
    (kept,) = project.endpoints()
    project.write(LOOP.format(names=["kept", *(f"lost-{number}" for number in range(8))]))
    project.fault(operation="create", kind="hang", after_commit=True, times=None, skip=2)
    process = project.begin("up", "--yes", "--skip-preview", "--parallel=4")
    # With four creates begun and recorded the engine is idle: killed while it writes, it leaves half a state.
    while len(project.endpoints()) < 1 + 2 + 4 or _pending_creates(project) < 4:
        assert process.poll() is None, process.communicate()
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    organization.faults.clear()
    project.cli("cancel", "--yes")
    project.write(LOOP.format(names=["kept"]))
    edited = project.up()
    lost = {endpoint["id"] for endpoint in project.endpoints()} - {kept["id"]}
    new = NewEndpoint("https://example.com/others", None, ["alert.created"], {})
    others = [
        organization.endpoints.create(new, organization.settings, organization.clock.now()).id
        for _ in range(THOUSAND - 1 - len(lost))
    ]
    export = tmp_path / "others.json"
    export.write_text(json.dumps({"version": 3, "deployment": {"resources": [*map(_resource, others)]}}))

    with project.counted() as calls:
        code, output, _ = run(project, "orphans", str(export), "--stack", "dev", "--json")
    deleted = run(project, "orphans", str(export), "--stack", "dev", "--delete", "--yes", "--older-than", "0")
    after = run(project, "orphans", str(export), "--stack", "dev")

    found = json.loads(output)
    assert edited.succeeded, edited.output
    assert lost
    assert code == 1
    assert {orphan["id"] for orphan in found["orphans"]} == lost
    assert found["endpoints"] == THOUSAND
    assert sum(calls.signa.values()) <= 11, calls.signa
    assert deleted[0] == 0, deleted
    assert {endpoint["id"] for endpoint in project.endpoints()} == {kept["id"], *others}
    assert (after[0], after[1]) == (0, ""), after


def test_adopted_program_previews_and_changes_nothing_at_signa(make_project: MakeProject) -> None:
    """What `adopt` prints takes over awkward endpoints as they are, each once, by the stack's own key."""
    project = make_project("")
    made = [project.make_outside(**body)["id"] for body in AWKWARD]
    project.signa_call("PATCH", f"/webhooks/{made[-1]}", {"status": "disabled"})
    before = project.endpoints()
    # The key is in the stack's configuration alone.
    del project.environment["SIGNA_API_KEY"]
    project.cli("config", "set", "--secret", "signa:apiKey", API_KEY)

    _, plain, _ = run(project, "adopt", *made[1:])
    _, stored, _ = run(project, "adopt", made[0], "--stored")
    project.write(f"{plain}\n{stored}")
    preview = project.preview()
    with project.counted() as calls:
        up = project.up()
    again = run(project, "adopt", "--stack", "dev")
    orphans = run(project, "orphans", "--all-stacks")
    listed = run(project, "list", "--fail-on", "disabled", "--fail-on", "failing")

    assert preview.succeeded, preview.output
    assert up.succeeded, up.output
    assert calls.signa == {"retrieve": len(AWKWARD)}
    assert project.endpoints() == before
    assert (again[0], again[1]) == (0, ""), again
    assert (orphans[0], orphans[1]) == (0, ""), orphans
    assert listed[0] == 1
    assert listed[1].startswith(made[-1])


@only("native")
def test_import_that_is_printed_takes_the_endpoint_into_the_stack(make_project: MakeProject) -> None:
    project = make_project(LOOP.format(names=["kept"]))
    assert project.up().succeeded
    made = project.make_outside(url="https://example.com/outside")
    before = project.endpoints()

    _, program, _ = run(project, "adopt", "--stack", "dev")
    (line,) = [line for line in program.splitlines() if "pulumi import" in line]
    project.cli(*line.partition(": pulumi ")[2].split(), "--yes", "--generate-code=false")
    left = run(project, "orphans", "--stack", "dev")

    assert program.startswith("from pulumi_signa.native import ")
    assert project.resources()["example-com-outside"]["id"] == made["id"]
    assert project.endpoints() == before
    assert (left[0], left[1]) == (0, "")


def _resource(id_: str) -> dict[str, Any]:
    """Return a resource as a stack's export has it."""
    type_ = f"{TYPES}WebhookEndpoint"
    return {"urn": f"urn:pulumi:other::other::{type_}::{id_}", "custom": True, "id": id_, "type": type_}
