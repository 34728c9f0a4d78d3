"""
Destinations that AWS refuses to write to in every way, and what a run, and the one after it, make of that.

One stack goes through all of it. At each step one endpoint is made, one adopted and one rotated, all three refused at
once; those of the step before are deleted. AWS here has no permissions and no keys, so the refusals are made up.
"""

import re
from collections.abc import Iterator

import pytest

from e2e.audit import Audit
from e2e.harness import API_KEY, DAY_S, Project, Tally, storing
from e2e.local_aws import CountedAws, Loss, Refusal
from signa_emulator.server import EmulatorServer

pytestmark = pytest.mark.e2e

MATRIX = "fault matrix"

LOOK, WRITE = "look", "write"

OVERCOME: dict[str, Refusal | Loss] = {
    "throttled": Refusal("ThrottlingException", "Rate exceeded", times=2),
    "time-out-after-commit": Loss(times=2),
}
"""What passes by itself."""

REPORTED: dict[str, tuple[Refusal | Loss, str]] = {
    "denied": (Refusal("AccessDeniedException", "No."), '"Effect": "Allow"'),
    "throttled-for-ever": (Refusal("ThrottlingException", "Rate exceeded"), "run `pulumi up` again"),
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


ENDPOINTS = 3
"""Of each step: one made, one adopted, and the one that is rotated."""


@pytest.fixture(scope="module")
def standing_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Yield the one stack, with one endpoint, whose secret is stored."""
    with CountedAws() as aws, EmulatorServer(api_keys=[API_KEY]) as signa:
        aws.reset()
        signa.organization.change_settings(rate_limit=None)
        project = Project(tmp_path_factory.mktemp("faults"), signa, aws, storing(rotated={}))
        project.make_container("rotated")
        run = project.up()
        assert run.succeeded, run.output
        yield project


@pytest.fixture
def stack(standing_stack: Project) -> Iterator[Project]:
    """Yield the one stack; what a failed cell leaves behind does not burden the next."""
    yield standing_stack
    standing_stack.aws.refuse.clear()
    if len(standing_stack.endpoints()) > ENDPOINTS:
        for orphan in standing_stack.audit_stored().orphans:
            standing_stack.delete_outside(orphan)


@pytest.mark.parametrize("name", OVERCOME)
@pytest.mark.parametrize("point", ACTIONS)
def test_transient_refusal_is_overcome_in_the_same_run(stack: Project, tally: Tally, point: str, name: str) -> None:
    _declare_step(stack)
    _refuse(stack, point, OVERCOME[name])

    run = stack.up()

    assert run.succeeded, run.output
    assert stack.aws.refuse == {}, "each refusal has happened"
    _assert_stored(stack, tally, cells=3)


@pytest.mark.parametrize("name", REPORTED)
@pytest.mark.parametrize("point", ACTIONS)
def test_refusal_is_one_clear_line_and_loses_nothing(stack: Project, tally: Tally, point: str, name: str) -> None:
    """Create, adoption and rotation say why they fail, and the next run does what the one before could not."""
    refusal, words = REPORTED[name]
    outside = _declare_step(stack)
    versions = {endpoint["id"]: endpoint["secret_version"] for endpoint in stack.endpoints()}
    _refuse(stack, point, refusal)

    with stack.counted() as calls:
        refused = stack.up(continue_on_error=True)
    meanwhile = _receivers_verify(stack, outside)
    stack.aws.refuse.clear()
    run = stack.up()

    errors = refused.diagnostics("error")
    assert len(errors) == 3, refused.output
    assert [error for error in errors if not re.search(words, error) or "\n" in error] == []
    assert meanwhile
    if point == LOOK:
        assert calls.signa.keys() <= {"delete"}
    assert run.succeeded, run.output
    raised = {
        endpoint["id"]: endpoint["secret_version"] - versions[endpoint["id"]]
        for endpoint in stack.endpoints()
        if endpoint["id"] in versions
    }
    assert set(raised.values()) == {1}, "adoption and rotation have rotated once"
    _assert_stored(stack, tally, cells=3)


@pytest.mark.parametrize("name", REPAIRS)
def test_refused_repair_and_refresh_are_made_up_for(stack: Project, tally: Tally, name: str) -> None:
    """A value of somebody else is seen, and replaced, as soon as AWS lets us."""
    refusal, words = (OVERCOME[name], "") if name in OVERCOME else REPORTED[name]
    secret = "signa/rotated"
    before = stack.endpoints()
    stack.aws.secrets_manager.put_secret_value(SecretId=secret, SecretString=f"of somebody else: {name}")

    if name == "scheduled-for-deletion":
        stack.aws.secrets_manager.delete_secret(SecretId=secret)
    else:
        stack.aws.refuse["DescribeSecret", secret] = refusal
    refresh = stack.refresh()
    stack.aws.refuse.clear()
    if name == "scheduled-for-deletion":
        stack.aws.secrets_manager.restore_secret(SecretId=secret)
    if name not in OVERCOME:
        again = stack.refresh()
        assert again.succeeded, again.output
    stack.aws.refuse["UpdateSecretVersionStage", secret] = refusal
    repair = stack.up()
    stack.aws.refuse.clear()
    run = stack.up()

    if name in OVERCOME:
        assert refresh.succeeded, refresh.output
    else:
        assert refresh.warns("is gone") if name in WARNED else re.search(words, refresh.error()), refresh.output
    if name in OVERCOME or name == NOTICED:
        assert repair.succeeded, repair.output
    else:
        assert re.search(words, repair.error())
    assert run.succeeded, run.output
    assert stack.endpoints() == before, "nothing is rotated"
    _assert_stored(stack, tally, cells=2)


def _declare_step(project: Project) -> dict[str, str]:
    """Declare an endpoint to be made, one to be adopted and a rotation, a day later; return what is to be adopted."""
    # Not the words of the refusal: a message shows no input that a server quotes.
    name = str(len(project.aws.containers()))
    # Signa rotates a secret once a day.
    project.advance(DAY_S + 1)
    outside = project.make_outside()
    for kind in ("made", "adopted"):
        project.make_container(f"{kind}-{name}")
    adopt = {"adopt": {"id": outside["id"], "rotate": True}}
    project.write(storing(**{f"made-{name}": {}, f"adopted-{name}": adopt}, rotated={"rotate_trigger": name}))
    return outside


def _refuse(project: Project, point: str, refusal: Refusal | Loss) -> None:
    for kind, (action, after) in ACTIONS[point].items():
        project.aws.refuse[action, f"signa/{kind}"] = refusal._replace(after=after)


def _receivers_verify(project: Project, outside: dict[str, str]) -> bool:
    """Return whether receivers of the adopted endpoint, and of the rotated one, accept what is delivered now."""
    (rotated,) = [endpoint["id"] for endpoint in project.endpoints() if endpoint["url"].endswith("/rotated")]
    received = project.aws.containers()["signa/rotated"].received()
    return project.verifies(outside["secret"], outside["id"]) and any(
        project.verifies(value, rotated) for value in received
    )


def _assert_stored(project: Project, tally: Tally, *, cells: int) -> None:
    audit = project.audit_stored()
    tally(MATRIX, audit, cells=cells)
    assert audit == Audit()
