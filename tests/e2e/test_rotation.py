"""Rotation in place: when it happens, what a preview says of it, and that each one happens once."""

import json
from datetime import timedelta

import pytest

from e2e.audit import Audit
from e2e.harness import DAY_S, MakeProject, Project, declaring
from e2e.host import TYPES, name_in_states
from pulumi_signa.lifecycle.times import moment, text_of

pytestmark = pytest.mark.e2e

PREVIOUS = {"previous_secret", "previous_secret_expires_at"}
"""Outputs that are there while Signa signs with two secrets; the engine stores nothing that is None."""

NEWER_THAN_THE_STATE = {
    *("rotate_trigger", "rotation_period_days", "force_rotation_reason", "on_stale_secret"),
    *("secret_rotated_at", "next_rotation_at", *PREVIOUS),
}
"""Properties that older code knew nothing of."""


@pytest.fixture
def stack(make_project: MakeProject) -> Project:
    """Return a stack that is up, with `rotate_trigger` at 1."""
    project = make_project(declaring(alerts={"rotate_trigger": "1"}))
    assert project.up().succeeded
    return project


def test_changed_trigger_rotates_once_and_hands_over(stack: Project) -> None:
    """The preview says why and calls nobody; after the run receivers find both secrets, and both verify."""
    before = stack.endpoint()
    stack.write(declaring(alerts={"rotate_trigger": "2"}))

    with stack.counted() as calls_of_preview:
        preview = stack.preview()
    with stack.counted() as calls:
        run = stack.up()
    with stack.counted() as calls_again:
        again = stack.up(expect_no_changes=True)

    assert preview.steps()["alerts"] == "update"
    assert any("rotate_trigger" in line and "24 hours" in line for line in preview.diagnostics("info"))
    assert (calls_of_preview.signa, calls_of_preview.aws) == ({}, [])
    assert run.succeeded, run.output
    assert (calls.signa, calls.aws) == ({"rotate": 1}, ["PutSecretValue"])
    after = stack.endpoint()
    held = stack.held()
    assert (after["id"], after["secret_version"], held["secret_version"]) == (before["id"], 2, 2)
    assert held["previous_secret"] == before["secret"] != after["secret"]
    assert held["secret_rotated_at"] == after["updated_at"]
    assert (stack.handed_over(), stack.handed_over("AWSPREVIOUS")) == (after["secret"], before["secret"])
    assert stack.verifies(after["secret"], after["id"])
    assert stack.verifies(before["secret"], after["id"])
    assert stack.audit() == Audit()
    assert again.succeeded, again.output
    assert (calls_again.signa, calls_again.aws) == ({}, [])


def test_previous_secret_is_encrypted_in_the_state(stack: Project) -> None:
    """The exported state has neither secret in plain text, after the rotation and after a refresh of it."""
    before = stack.endpoint()
    stack.write(declaring(alerts={"rotate_trigger": "2"}))

    exported = []
    for command in (stack.up, stack.refresh):
        run = command(debug=True)
        assert run.succeeded, run.output
        exported.append(stack.cli("stack", "export"))

    after = stack.endpoint()
    material = [endpoint["secret"].removeprefix("whsec_") for endpoint in (before, after)]
    assert not [text for text in exported for secret in material if secret in text]
    assert "ciphertext" in stack.resources()["alerts"]["outputs"]["previous_secret"]
    assert stack.held()["previous_secret"] == before["secret"]


def test_run_that_refreshes_first_patches_and_rotates_once(stack: Project) -> None:
    """`up --refresh` compares twice; the PATCH comes first, so that nothing can fail once a secret is issued."""
    stack.write(declaring(alerts={"rotate_trigger": "2", "description": "edited"}))

    with stack.counted() as calls:
        run = stack.up(refresh=True)

    assert run.succeeded, run.output
    assert calls.signa == {"list": 1, "update": 1, "rotate": 1}
    methods = [entry["method"] for entry in stack.signa.organization.requests.entries()]
    assert methods == ["POST", "GET", "PATCH", "POST"]
    assert stack.audit() == Audit()


def test_rotation_inside_the_overlap_is_refused_at_preview(stack: Project) -> None:
    """
    Preview and up name the moment from which a rotation is possible, and call nobody.

    A refresh before this moment keeps the previous secret in the state; a refresh after it drops the secret.
    """
    stack.write(declaring(alerts={"rotate_trigger": "2"}))
    stack.up()
    before = stack.held()
    stack.write(declaring(alerts={"rotate_trigger": "3", "description": "edited"}))

    with stack.counted() as calls:
        errors = [stack.preview().error(), stack.up().error()]
    unchanged = stack.held()
    stack.advance(DAY_S - 3600)
    stack.refresh()
    inside = stack.held()
    stack.advance(3600)
    stack.refresh()
    after = stack.held()
    later = stack.up()

    endpoint = stack.endpoint()
    assert all(before["previous_secret_expires_at"] in error for error in errors)
    assert all("force_rotation_reason" in error for error in errors)
    assert (calls.signa, calls.aws) == ({}, [])
    assert unchanged == before
    assert inside.keys() >= PREVIOUS
    assert not after.keys() & PREVIOUS
    assert later.succeeded, later.output
    assert (endpoint["secret_version"], endpoint["description"]) == (3, "edited")
    assert stack.audit() == Audit()


def test_reason_forces_a_rotation_inside_the_overlap(stack: Project) -> None:
    """A forced rotation ends both older secrets at once, the preview says so, and Signa's audit log has the reason."""
    first = stack.endpoint()
    stack.write(declaring(alerts={"rotate_trigger": "2"}))
    stack.up()
    second = stack.endpoint()
    stack.write(declaring(alerts={"rotate_trigger": "3", "force_rotation_reason": "it leaked"}))

    preview = stack.preview()
    with stack.counted() as calls:
        run = stack.up()

    third = stack.endpoint()
    held = stack.held()
    assert any("rotate_trigger" in line and "24 hours" not in line for line in preview.diagnostics("info"))
    assert run.succeeded, run.output
    assert calls.signa == {"rotate": 1}
    assert [event.reason for event in stack.signa.organization.audit_events] == ["it leaked"]
    assert held["secret_version"] == 3
    assert not held.keys() & PREVIOUS
    assert [stack.verifies(endpoint["secret"], third["id"]) for endpoint in (first, second, third)] == [
        False,
        False,
        True,
    ]
    assert stack.audit() == Audit()
    assert stack.up(expect_no_changes=True).succeeded


def test_schedule_rotates_once_for_all_dates_that_passed_and_does_not_drift(make_project: MakeProject) -> None:
    """
    Nothing happens before the date; a run that comes three dates late rotates once and keeps the dates.

    A refresh does not take a rotation that is due for drift.
    """
    project = make_project(declaring(alerts={"rotation_period_days": 30}))
    project.up()
    held = project.held()
    created = moment(held["created_at"])

    project.advance(29 * DAY_S)
    with project.counted() as calls_early:
        early = project.up(expect_no_changes=True)
    project.advance(80 * DAY_S)
    with project.counted() as calls_of_refresh:
        refreshed = [project.refresh(expect_no_changes=True), project.refresh(expect_no_changes=True, run_program=True)]
    preview = project.preview()
    with project.counted() as calls:
        run = project.up()
    with project.counted() as calls_again:
        again = project.up(expect_no_changes=True)

    assert held["next_rotation_at"] == text_of(created + timedelta(days=30))
    assert early.succeeded, early.output
    assert calls_early.signa == {}
    assert all(one.succeeded for one in refreshed), refreshed
    assert calls_of_refresh.signa == {"list": 2}
    assert preview.steps()["alerts"] == "update"
    assert any(
        held["next_rotation_at"] in line and "rotation_period_days" in line for line in preview.diagnostics("info")
    )
    assert run.succeeded, run.output
    assert (calls.signa, calls.aws) == ({"rotate": 1}, ["PutSecretValue"])
    assert project.held()["next_rotation_at"] == text_of(created + timedelta(days=120))
    assert project.audit() == Audit()
    assert again.succeeded, again.output
    assert (calls_again.signa, calls_again.aws) == ({}, [])


def test_rotation_whose_answer_was_lost_is_replayed(stack: Project) -> None:
    """After a run that gave up once Signa had rotated, the next run gets the same secret, lost answer or not."""
    before = stack.endpoint()
    stack.write(declaring(alerts={"rotate_trigger": "2"}))
    stack.environment["SIGNA_MAX_WAIT_S"] = "0"
    stack.fault(operation="rotate", kind="status", status=503, after_commit=True)

    failed = stack.up()
    rotated = stack.endpoint()
    del stack.environment["SIGNA_MAX_WAIT_S"]
    stack.fault(operation="rotate", kind="drop_after")
    with stack.counted() as calls:
        run = stack.up()

    after = stack.endpoint()
    assert "503" in failed.error()
    assert run.succeeded, run.output
    assert calls.signa == {"rotate": 2, "retrieve": 1}
    assert (after["secret"], after["secret_version"]) == (rotated["secret"], 2)
    assert stack.held()["previous_secret"] == before["secret"]
    assert stack.audit() == Audit()


def test_hand_over_that_failed_is_repaired_without_another_rotation(stack: Project) -> None:
    """Secrets Manager refuses the new secret: one line; the next run writes it, and Signa is not asked."""
    before = stack.endpoint()
    stack.write(declaring(alerts={"rotate_trigger": "2"}))
    stack.aws.refuse["PutSecretValue"] = ("AccessDeniedException", "No.")

    error = stack.up().error()
    stack.aws.refuse.clear()
    with stack.counted() as calls:
        run = stack.up()

    after = stack.endpoint()
    assert "secretsmanager:PutSecretValue" in error
    assert run.succeeded, run.output
    assert (calls.signa, calls.aws) == ({}, ["PutSecretValue"])
    assert after["secret_version"] == 2
    assert (stack.handed_over(), stack.handed_over("AWSPREVIOUS")) == (after["secret"], before["secret"])
    assert stack.audit() == Audit()


def test_state_of_older_code_goes_on_and_can_be_rotated(make_project: MakeProject) -> None:
    """A state without the properties of rotation has nothing to do, and can be rotated with a trigger."""
    project = make_project(declaring(alerts={}))
    project.up()
    before = project.endpoint()
    _import_without(project, NEWER_THAN_THE_STATE)
    imported = set(project.resources()["alerts"]["outputs"])

    with project.counted() as calls:
        same = project.up(expect_no_changes=True)
    project.write(declaring(alerts={"rotate_trigger": "1"}))
    run = project.up()

    assert not imported & NEWER_THAN_THE_STATE
    assert same.succeeded, same.output
    assert (calls.signa, calls.aws) == ({}, [])
    assert run.succeeded, run.output
    held = project.held()
    assert (held["secret_version"], held["previous_secret"]) == (2, before["secret"])
    assert project.handed_over("AWSPREVIOUS") == before["secret"]
    assert project.audit() == Audit()


def _import_without(project: Project, names: set[str]) -> None:
    """Import a stack's own state without these properties of its endpoints."""
    state = json.loads(project.cli("stack", "export"))
    written = {name_in_states(name) for name in names}
    for resource in state["deployment"]["resources"]:
        if resource["type"] == f"{TYPES}WebhookEndpoint":
            for part in ("inputs", "outputs"):
                resource[part] = {name: value for name, value in resource[part].items() if name not in written}
            resource["additionalSecretOutputs"] = ["secret"]
    file = project.folder / "state-of-older-code.json"
    file.write_text(json.dumps(state))
    project.cli("stack", "import", "--file", file.name)
