"""Rotation in place: when it happens, what a preview says of it, and that each one happens once."""

import json
from datetime import timedelta
from typing import Any

import pytest

from e2e.harness import Audit, MakeProject, Project, declaring
from pulumi_signa.lifecycle.times import moment, text_of

pytestmark = pytest.mark.e2e

DAY_S = 86_400.0

PREVIOUS = {"previous_secret", "previous_secret_expires_at"}
"""Outputs that are there while Signa signs with two secrets; the engine stores nothing that is None."""

NEWER_THAN_THE_STATE = {
    *("rotate_trigger", "rotation_period_days", "force_rotation_reason", "on_stale_secret"),
    *("secret_rotated_at", "next_rotation_at", *PREVIOUS),
}
"""Properties that older code knew nothing of."""


@pytest.fixture
def stack(make_project: MakeProject) -> Project:
    """Give a stack that is up, with `rotate_trigger` at 1."""
    project = make_project(declaring(alerts={"rotate_trigger": "1"}))
    assert project.up().succeeded
    return project


def test_preview_says_why_and_touches_nothing(stack: Project) -> None:
    """A changed trigger shows as an update, with the reason on the resource, and nobody is called."""
    stack.write(declaring(alerts={"rotate_trigger": "2"}))

    with stack.counted() as calls:
        run = stack.preview()

    assert run.succeeded, run.output
    assert run.steps()["alerts"] == "update"
    assert run.diagnostics("info") == [
        "rotates the secret: rotate_trigger has changed; the one before stays valid for 24 hours"
    ]
    assert (calls.signa, calls.aws) == ({}, [])


def test_changed_trigger_rotates_once_and_hands_over(stack: Project) -> None:
    """One call; after the same run receivers find both secrets in Secrets Manager, and both verify."""
    (before,) = stack.endpoints()
    stack.write(declaring(alerts={"rotate_trigger": "2"}))

    with stack.counted() as calls:
        run = stack.up()
    with stack.counted() as calls_again:
        again = stack.up(expect_no_changes=True)

    assert run.succeeded, run.output
    assert (calls.signa, calls.aws) == ({"rotate": 1}, ["PutSecretValue"])
    (after,) = stack.endpoints()
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
    (before,) = stack.endpoints()
    stack.write(declaring(alerts={"rotate_trigger": "2"}))

    exported = []
    for command in (stack.up, stack.refresh):
        run = command(debug=True)
        assert run.succeeded, run.output
        exported.append(stack.cli("stack", "export"))

    (after,) = stack.endpoints()
    material = [endpoint["secret"].removeprefix("whsec_") for endpoint in (before, after)]
    assert not [text for text in exported for secret in material if secret in text]
    assert "ciphertext" in stack.resources()["alerts"]["outputs"]["previous_secret"]
    assert stack.held()["previous_secret"] == before["secret"]


def test_fields_are_patched_before_the_rotation(stack: Project) -> None:
    """An edit that comes with a rotation is made first, so that nothing can fail once a secret is issued."""
    stack.write(declaring(alerts={"rotate_trigger": "2", "description": "edited"}))

    with stack.counted() as calls:
        run = stack.up()

    assert run.succeeded, run.output
    assert calls.signa == {"update": 1, "rotate": 1}
    assert [entry["method"] for entry in stack.signa.organization.requests.entries()] == ["POST", "PATCH", "POST"]
    assert stack.audit() == Audit()


def test_rotation_in_a_run_that_refreshes_first_happens_once(stack: Project) -> None:
    """`up --refresh` compares twice, and rotates once."""
    stack.write(declaring(alerts={"rotate_trigger": "2"}))

    with stack.counted() as calls:
        run = stack.up(refresh=True)

    assert run.succeeded, run.output
    assert calls.signa == {"list": 1, "rotate": 1}
    assert stack.audit() == Audit()


def test_trigger_that_is_taken_out_asks_for_nothing(stack: Project) -> None:
    """The state forgets the trigger without a call to Signa."""
    stack.write(declaring(alerts={}))

    with stack.counted() as calls:
        run = stack.up()

    assert run.succeeded, run.output
    assert calls.signa == {}
    assert "rotate_trigger" not in stack.held()
    assert stack.audit() == Audit()


def test_rotation_inside_the_overlap_is_refused_at_preview(stack: Project) -> None:
    """Preview and up name the moment from which it is possible, and call nobody; from then on it is carried out."""
    stack.write(declaring(alerts={"rotate_trigger": "2"}))
    stack.up()
    before = stack.resources(show_secrets=True)
    stack.write(declaring(alerts={"rotate_trigger": "3", "description": "edited"}))

    with stack.counted() as calls:
        errors = [stack.preview().error(), stack.up().error()]
    unchanged = stack.resources(show_secrets=True)
    stack.advance(DAY_S)
    later = stack.up()

    (endpoint,) = stack.endpoints()
    possible_from = before["alerts"]["outputs"]["previous_secret_expires_at"]
    assert all(f"Signa rotates it again from {possible_from} on" in error for error in errors)
    assert all("force_rotation_reason" in error for error in errors)
    assert (calls.signa, calls.aws) == ({}, [])
    assert _outputs(unchanged) == _outputs(before)
    assert later.succeeded, later.output
    assert (endpoint["secret_version"], endpoint["description"]) == (3, "edited")
    assert stack.audit() == Audit()


def test_reason_forces_a_rotation_inside_the_overlap(stack: Project) -> None:
    """Both secrets before end at once, the preview says so, and Signa's audit log has the reason."""
    (first,) = stack.endpoints()
    stack.write(declaring(alerts={"rotate_trigger": "2"}))
    stack.up()
    (second,) = stack.endpoints()
    stack.write(declaring(alerts={"rotate_trigger": "3", "force_rotation_reason": "it leaked"}))

    preview = stack.preview()
    with stack.counted() as calls:
        run = stack.up()

    (third,) = stack.endpoints()
    held = stack.held()
    assert any("the one before ends at once" in line for line in preview.diagnostics("info"))
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
    """Nothing happens before the date; a run that comes three dates late rotates once and keeps the dates."""
    project = make_project(declaring(alerts={"rotation_period_days": 30}))
    project.up()
    held = project.held()
    created = moment(held["created_at"])

    project.advance(29 * DAY_S)
    with project.counted() as calls_early:
        early = project.up(expect_no_changes=True)
    project.advance(80 * DAY_S)
    preview = project.preview()
    with project.counted() as calls:
        run = project.up()
    with project.counted() as calls_again:
        again = project.up(expect_no_changes=True)

    assert held["next_rotation_at"] == text_of(created + timedelta(days=30))
    assert early.succeeded, early.output
    assert calls_early.signa == {}
    assert preview.steps()["alerts"] == "update"
    assert any(
        f"due since {held['next_rotation_at']} (rotation_period_days)" in line for line in preview.diagnostics("info")
    )
    assert run.succeeded, run.output
    assert (calls.signa, calls.aws) == ({"rotate": 1}, ["PutSecretValue"])
    assert project.held()["next_rotation_at"] == text_of(created + timedelta(days=120))
    assert project.audit() == Audit()
    assert again.succeeded, again.output
    assert (calls_again.signa, calls_again.aws) == ({}, [])


@pytest.mark.parametrize("options", [{}, {"run_program": True}], ids=str)
def test_refresh_does_not_take_a_due_rotation_for_drift(make_project: MakeProject, options: dict[str, Any]) -> None:
    """A refresh looks for changes made elsewhere: it finds none, rotates nothing, and the rotation stays due."""
    project = make_project(declaring(alerts={"rotation_period_days": 30}))
    project.up()
    project.advance(31 * DAY_S)

    with project.counted() as calls:
        refreshed = project.refresh(expect_no_changes=True, **options)
    preview = project.preview()

    assert refreshed.succeeded, refreshed.output
    assert calls.signa == {"list": 1}
    assert preview.steps()["alerts"] == "update"
    assert [endpoint["secret_version"] for endpoint in project.endpoints()] == [1]


@pytest.mark.parametrize("command", ["refresh", "up"])
def test_expired_previous_secret_leaves_the_state(stack: Project, command: str) -> None:
    """The next refresh or update after the overlap forgets it, and only then."""
    stack.write(declaring(alerts={"rotate_trigger": "2"}))
    stack.up()
    stack.write(declaring(alerts={"rotate_trigger": "2", "description": "edited"}))
    stack.advance(DAY_S - 3600)
    stack.refresh()
    inside = stack.held()
    stack.advance(3600)

    run = getattr(stack, command)()

    after = stack.held()
    assert inside.keys() >= PREVIOUS
    assert run.succeeded, run.output
    assert not after.keys() & PREVIOUS
    assert after["secret_version"] == 2


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "drop_after"},
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 503, "after_commit": True},
        {"kind": "status", "status": 504, "body": "<html>", "after_commit": True},
    ],
    ids=str,
)
def test_answer_that_is_lost_makes_no_second_version(stack: Project, fault: dict[str, Any]) -> None:
    """The rotation is asked for again in the same run, and Signa replays it."""
    (before,) = stack.endpoints()
    stack.write(declaring(alerts={"rotate_trigger": "2"}))
    stack.fault(operation="rotate", **fault)

    run = stack.up()

    assert run.succeeded, run.output
    assert stack.signa.organization.faults.pending() == []
    assert [endpoint["secret_version"] for endpoint in stack.endpoints()] == [2]
    assert stack.held()["previous_secret"] == before["secret"]
    assert stack.audit() == Audit()


@pytest.mark.parametrize(
    "fault", [{"kind": "status", "status": 503, "after_commit": True}, {"kind": "drop_after"}], ids=str
)
def test_rotation_whose_run_failed_is_replayed_by_the_next(stack: Project, fault: dict[str, Any]) -> None:
    """A run that gives up after Signa has rotated is followed by one that gets the same secret."""
    (before,) = stack.endpoints()
    stack.write(declaring(alerts={"rotate_trigger": "2"}))
    stack.environment["SIGNA_MAX_WAIT_S"] = "0"
    stack.fault(operation="rotate", times=None, **fault)

    error = stack.up().error()
    (rotated,) = stack.endpoints()
    stack.signa.organization.faults.clear()
    with stack.counted() as calls:
        run = stack.up()

    (after,) = stack.endpoints()
    assert "cannot update webhook endpoint" in error
    assert run.succeeded, run.output
    assert calls.signa == {"rotate": 1, "retrieve": 1}
    assert (after["secret"], after["secret_version"]) == (rotated["secret"], 2)
    assert stack.held()["previous_secret"] == before["secret"]
    assert stack.audit() == Audit()


def test_hand_over_that_failed_is_repaired_without_another_rotation(stack: Project) -> None:
    """Secrets Manager refuses the new secret: one line; the next run writes it, and Signa is not asked."""
    (before,) = stack.endpoints()
    stack.write(declaring(alerts={"rotate_trigger": "2"}))
    stack.aws.refuse["PutSecretValue"] = ("AccessDeniedException", "No.")

    error = stack.up().error()
    stack.aws.refuse.clear()
    with stack.counted() as calls:
        run = stack.up()

    (after,) = stack.endpoints()
    assert "secretsmanager:PutSecretValue" in error
    assert run.succeeded, run.output
    assert (calls.signa, calls.aws) == ({}, ["PutSecretValue"])
    assert after["secret_version"] == 2
    assert (stack.handed_over(), stack.handed_over("AWSPREVIOUS")) == (after["secret"], before["secret"])
    assert stack.audit() == Audit()


def test_state_of_older_code_goes_on_and_can_be_rotated(make_project: MakeProject) -> None:
    """A state without anything that rotation brought has nothing to do; a trigger rotates it."""
    project = make_project(declaring(alerts={}))
    project.up()
    (before,) = project.endpoints()
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


def _outputs(resources: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {name: resource["outputs"] for name, resource in resources.items()}


def _import_without(project: Project, names: set[str]) -> None:
    """Put a stack's state back without these properties of its endpoints."""
    state = json.loads(project.cli("stack", "export"))
    for resource in state["deployment"]["resources"]:
        if resource["type"].endswith("signa:WebhookEndpoint"):
            for part in ("inputs", "outputs"):
                resource[part] = {name: value for name, value in resource[part].items() if name not in names}
            resource["additionalSecretOutputs"] = ["secret"]
    file = project.folder / "state-of-older-code.json"
    file.write_text(json.dumps(state))
    project.cli("stack", "import", "--file", file.name)
