"""States that earlier code has written."""

import json
from pathlib import Path

import pytest

from e2e.harness import MakeProject, declaring
from e2e.host import WITH_A_STATE_OF_PYTHON

pytestmark = pytest.mark.e2e

STATES = Path(__file__).with_name("states")

PROGRAM = declaring(
    alerts={"description": "first", "rotation_period_days": 36_500, "metadata": {"team": "brand", "size": 1}},
    spare={"rotate_trigger": "1"},
)
"""The program with which the states were written."""


@pytest.mark.parametrize("state", sorted(STATES.glob("*.json")), ids=lambda path: path.stem)
def test_state_of_earlier_code_needs_no_call(make_project: MakeProject, state: Path) -> None:
    project = make_project(PROGRAM)
    # A stack's own key encrypts the secrets, which the file has in plain text.
    written = json.loads(state.read_text())
    written["deployment"]["secrets_providers"] = json.loads(project.cli("stack", "export"))["deployment"].get(
        "secrets_providers"
    )
    file = project.folder / "state.json"
    file.write_text(json.dumps(written))
    project.cli("stack", "import", "--file", str(file))

    with project.counted() as calls:
        preview, run, again = project.preview(), project.up(), project.up(expect_no_changes=True)

    assert preview.succeeded, preview.output
    assert run.succeeded, run.output
    assert len(run.steps()) == 4
    assert set(preview.steps().values()) == set(run.steps().values()) == {WITH_A_STATE_OF_PYTHON}
    assert again.succeeded, again.output
    assert (calls.signa, calls.aws) == ({}, [])
