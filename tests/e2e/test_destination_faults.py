"""
Destinations that AWS refuses to write to in every way, and what a run, and the one after it, make of that.

All refusals happen in the same run, each to one endpoint that is made, one that is adopted and one that is rotated. AWS
here has no permissions and no keys, so the refusals are made up.
"""

import re
from collections.abc import Mapping

import pytest

from e2e.audit import Audit
from e2e.harness import MakeProject, Project, Tally, storing
from e2e.local_aws import Loss, Refusal

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

MATRIX = "fault matrix"

LOOK, WRITE = "look", "write"

OVERCOME: dict[str, Refusal | Loss] = {
    "throttled": Refusal("ThrottlingException", "Rate exceeded", times=2),
    "time-out-after-commit": Loss(times=2),
}
"""What passes by itself."""

REPORTED: dict[str, tuple[Refusal | Loss, str]] = {
    "denied": (Refusal("AccessDeniedException", "No."), '"Effect": "Allow"'),
    "throttled-for-ever": (Refusal("ThrottlingException", "Rate exceeded"), "run (the same command|`pulumi up`) again"),
    "encryption-failure": (Refusal("EncryptionFailure", "No."), "kms_key_id"),
    "decryption-failure": (Refusal("DecryptionFailure", "No."), "kms_key_id"),
    "gone": (
        Refusal("ResourceNotFoundException", "Secrets Manager can't find the specified secret."),
        "there is no secret|ResourceNotFoundException",
    ),
    "scheduled-for-deletion": (
        Refusal(
            "InvalidRequestException",
            "You can't perform this operation on the secret because it was scheduled for deletion.",
        ),
        "scheduled for deletion",
    ),
    "time-out-after-commit-for-ever": (Loss(), "AWS cannot be reached"),
}
"""What stays until somebody mends it, and an expression that the one line matches."""

WARNED = ("gone", "scheduled-for-deletion")
"""What is no failure of a refresh, but news."""

NOTICED = "time-out-after-commit-for-ever"
"""What is no failure of a repair: a look shows that AWS has done it."""

REPAIRS = [name for name in (*OVERCOME, *REPORTED) if name != "decryption-failure"]
"""Refusals of a refresh and of a repair, which tell one failure of a key as the other."""

ACTIONS = {
    LOOK: {"made": ("DescribeSecret", 0), "adopted": ("DescribeSecret", 0), "rotated": ("PutSecretValue", 0)},
    WRITE: {"made": ("PutSecretValue", 0), "adopted": ("PutSecretValue", 0), "rotated": ("PutSecretValue", 1)},
}
"""The request at each point, and how many of its kind come before: the look of a rotation is a put that AWS refuses."""


@pytest.mark.parametrize("point", ACTIONS)
def test_transient_refusals_are_overcome_in_the_same_run(make_project: MakeProject, tally: Tally, point: str) -> None:
    project, _ = _about_to(make_project, OVERCOME, point)

    run = project.up()

    assert run.succeeded, run.output
    assert project.aws.refuse == {}, "each refusal has happened"
    _assert_stored(project, tally, cells=len(ACTIONS[point]) * len(OVERCOME))


@pytest.mark.parametrize("point", ACTIONS)
def test_refusal_is_one_clear_line_and_loses_nothing(make_project: MakeProject, tally: Tally, point: str) -> None:
    """Create, adoption and rotation say why they fail, and the next run does what the one before could not."""
    project, outside = _about_to(make_project, {name: refusal for name, (refusal, _) in REPORTED.items()}, point)
    before = {endpoint["id"]: endpoint for endpoint in project.endpoints()}

    with project.counted() as calls:
        refused = project.up(continue_on_error=True)
    meanwhile = _receivers_verify(project, outside)
    project.aws.refuse.clear()
    run = project.up()

    errors = refused.errors()
    words = {
        f"{kind}-{number}": words for number, (_, words) in enumerate(REPORTED.values()) for kind in ACTIONS[point]
    }
    assert errors.keys() == words.keys()
    assert [error for name, error in errors.items() if not re.search(words[name], error)] == []
    assert meanwhile
    if point == LOOK:
        assert calls.signa == {}
    assert run.succeeded, run.output
    raised = [
        endpoint["secret_version"] - before[endpoint["id"]]["secret_version"]
        for endpoint in project.endpoints()
        if endpoint["id"] in before
    ]
    assert raised == [1] * 2 * len(REPORTED), "each adoption and each rotation has rotated once"
    _assert_stored(project, tally, cells=len(words))


def test_refused_repairs_and_refreshes_are_made_up_for(make_project: MakeProject, tally: Tally) -> None:
    """A value of somebody else is seen, and replaced, as soon as AWS lets us."""
    refused = {f"refused-{number}": name for number, name in enumerate(REPAIRS)}
    scheduled = next(f"signa/{endpoint}" for endpoint, name in refused.items() if name == "scheduled-for-deletion")
    refusals = {**OVERCOME, **{name: refusal for name, (refusal, _) in REPORTED.items()}}
    project = make_project(storing(**{endpoint: {} for endpoint in refused}))
    for endpoint in refused:
        project.make_container(endpoint)
    made = project.up()
    assert made.succeeded, made.output
    before = project.endpoints()
    manager = project.aws.secrets_manager

    refreshes = {}
    for endpoint, name in refused.items():
        secret = f"signa/{endpoint}"
        manager.put_secret_value(SecretId=secret, SecretString=f"of somebody else: {endpoint}")
        if secret == scheduled:
            manager.delete_secret(SecretId=secret)
        else:
            project.aws.refuse["DescribeSecret", secret] = refusals[name]
        refreshes[name] = project.refresh(target=[f"**::{endpoint}"])
    project.aws.refuse.clear()
    manager.restore_secret(SecretId=scheduled)
    again = project.refresh()
    project.aws.refuse = {
        ("UpdateSecretVersionStage", f"signa/{endpoint}"): refusals[name] for endpoint, name in refused.items()
    }
    repair = project.up(continue_on_error=True)
    project.aws.refuse.clear()
    run = project.up()

    for name, refresh in refreshes.items():
        if name in OVERCOME:
            assert refresh.succeeded, refresh.output
        elif name in WARNED:
            assert refresh.warns("is gone"), refresh.output
        else:
            assert re.search(REPORTED[name][1], refresh.error())
    assert again.succeeded, again.output
    errors = {refused[endpoint]: error for endpoint, error in repair.errors().items()}
    assert errors.keys() == set(REPAIRS) - OVERCOME.keys() - {NOTICED}
    assert [error for name, error in errors.items() if not re.search(REPORTED[name][1], error)] == []
    assert run.succeeded, run.output
    assert project.endpoints() == before, "nothing is rotated"
    _assert_stored(project, tally, cells=2 * len(REPAIRS))


def _about_to(
    make_project: MakeProject, refusals: Mapping[str, Refusal | Loss], point: str
) -> tuple[Project, list[dict[str, str]]]:
    """
    Return a stack that declares for each refusal an endpoint to be made, one to be adopted and a rotation.

    AWS refuses them at a point. What is to be adopted comes with the stack.
    """
    # Not the words of the refusals: a message shows no input that a server quotes.
    numbers = range(len(refusals))
    project = make_project(storing(**{f"rotated-{number}": {} for number in numbers}))
    project.signa.organization.change_settings(rate_limit=None)
    for number in numbers:
        for kind in ACTIONS[point]:
            project.make_container(f"{kind}-{number}")
    made = project.up()
    assert made.succeeded, made.output
    outside = [project.make_outside() for _ in numbers]
    endpoints = {}
    for number, (refusal, adopted) in enumerate(zip(refusals.values(), outside, strict=True)):
        endpoints[f"made-{number}"] = {}
        endpoints[f"adopted-{number}"] = {"adopt": {"id": adopted["id"], "rotate": True}}
        endpoints[f"rotated-{number}"] = {"rotate_trigger": "1"}
        for kind, (action, after) in ACTIONS[point].items():
            project.aws.refuse[action, f"signa/{kind}-{number}"] = refusal._replace(after=after)
    project.write(storing(**endpoints))
    return project, outside


def _receivers_verify(project: Project, outside: list[dict[str, str]]) -> bool:
    """Return whether receivers of what is to be adopted, and rotated, accept what is delivered now."""
    containers = project.aws.containers()
    return all(project.verifies(one["secret"], one["id"]) for one in outside) and all(
        any(project.verifies(value, endpoint["id"]) for value in containers[f"signa/{name}"].received())
        for endpoint in project.endpoints()
        for name in [endpoint["url"].rsplit("/", 1)[-1]]
        if name.startswith("rotated-")
    )


def _assert_stored(project: Project, tally: Tally, *, cells: int) -> None:
    audit = project.audit_stored()
    tally(MATRIX, audit, cells=cells)
    assert audit == Audit()
