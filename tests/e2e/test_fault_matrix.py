"""
Servers that misbehave in every way at every operation, and what a run, and the one after it, make of it.

One stack goes through all of it. At each step an endpoint is made, another one edited, the one of the step before
deleted, and their secrets in Secrets Manager likewise. A fault meets all three in the same run.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from e2e.audit import Audit
from e2e.harness import API_KEY, Project, Tally, side_by_side
from e2e.local_aws import CountedAws, Refusal
from signa_emulator.server import EmulatorServer

pytestmark = pytest.mark.e2e

MATRIX = "fault matrix"

SIGNA = {"create": ["create"], "update": ["update"], "delete": ["delete"], "refresh": ["list", "retrieve"]}
AWS = {"create": "CreateSecret", "update": "PutSecretValue", "delete": "DeleteSecret", "refresh": "DescribeSecret"}

OVERCOME: dict[str, dict[str, Any] | Refusal] = {
    "429": {"kind": "status", "status": 429},
    "429-with-retry-after": {"kind": "status", "status": 429, "retry_after": 1},
    "500": {"kind": "status", "status": 500},
    "502": {"kind": "status", "status": 502},
    "503": {"kind": "status", "status": 503},
    "503-after-commit": {"kind": "status", "status": 503, "after_commit": True},
    "504": {"kind": "status", "status": 504},
    "504-of-a-gateway": {"kind": "status", "status": 504, "body": "<html>"},
    "409-idempotency-processing": {
        "kind": "status",
        "status": 409,
        "type": "idempotency_processing",
        "retryable": True,
    },
    "retryable-418": {"kind": "status", "status": 418, "retryable": True},
    "dropped-before-commit": {"kind": "drop_before"},
    "dropped-after-commit": {"kind": "drop_after"},
    "truncated": {"kind": "truncate"},
    "slow": {"kind": "delay", "seconds": 0.5, "times": 1},
    "throttling": Refusal("ThrottlingException", "Rate exceeded", times=2),
    "internal-service-error": Refusal("InternalServiceError", "Try again.", status=500, times=2),
}
"""What passes by itself. It happens twice, if it is a failure, to each operation in the same run."""

REPORTED: dict[str, tuple[dict[str, Any] | Refusal, str]] = {
    "400": ({"kind": "status", "status": 400}, "400 validation_error"),
    "401": ({"kind": "status", "status": 401}, "SIGNA_API_KEY"),
    "403": ({"kind": "status", "status": 403}, "portfolios:manage"),
    "404-of-a-gateway": ({"kind": "status", "status": 404, "body": "<html>"}, "404"),
    "409-conflict": ({"kind": "status", "status": 409}, "409 conflict"),
    "another-shape": ({"kind": "body", "body": '{"id": 7, "data": 7}'}, "`$."),
    "429-for-ever": ({"kind": "status", "status": 429, "retry_after": 1}, "signa:maxWaitSeconds"),
    "503-for-ever": ({"kind": "status", "status": 503}, "503 service_unavailable"),
    "dropped-before-commit-for-ever": ({"kind": "drop_before"}, "127.0.0.1"),
    "dropped-after-commit-for-ever": ({"kind": "drop_after"}, "127.0.0.1"),
    "truncated-for-ever": ({"kind": "truncate"}, "127.0.0.1"),
    "internal-service-error-for-ever": (
        Refusal("InternalServiceError", "No.", status=500),
        "InternalServiceError",
    ),
    "access-denied": (Refusal("AccessDeniedException", "No."), '"Effect": "Allow"'),
    "decryption-failure": (Refusal("DecryptionFailure", "No."), "kms_key_id"),
}
"""What stays until somebody mends it, and words of the one line."""

IGNORED = {("another-shape", "delete")}
"""What an operation does not even notice."""

ENDPOINTS = 2
"""Of each step: one made, and the one that is edited."""


@pytest.fixture(scope="module")
def standing_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Yield the one stack, with something to edit and something to delete."""
    with CountedAws() as aws, EmulatorServer(api_keys=[API_KEY]) as signa:
        aws.reset()
        signa.organization.change_settings(rate_limit=None)
        project = Project(tmp_path_factory.mktemp("faults"), signa, aws, side_by_side(first={}, edited={}))
        assert project.up().succeeded
        yield project


@pytest.fixture
def stack(standing_stack: Project) -> Iterator[Project]:
    """Yield the one stack; what a failed cell leaves behind does not burden the next."""
    yield standing_stack
    _behave(standing_stack)
    if max(len(standing_stack.endpoints()), len(standing_stack.aws.secrets())) > ENDPOINTS:
        for orphan in standing_stack.audit().orphans:
            if orphan.startswith("arn:"):
                standing_stack.aws.secrets_manager.delete_secret(SecretId=orphan, ForceDeleteWithoutRecovery=True)
            else:
                standing_stack.delete_outside(orphan)


@pytest.mark.parametrize("name", OVERCOME)
def test_transient_fault_is_overcome_in_the_same_run(stack: Project, tally: Tally, name: str) -> None:
    """Every operation is tried again until it succeeds, and takes effect once."""
    _declare_step(stack, name)
    for operation in SIGNA:
        _misbehave(stack, operation, OVERCOME[name], times=2)

    run = stack.up(refresh=True)

    left = _behave(stack)
    audit = stack.audit()
    tally(MATRIX, audit, cells=len(SIGNA))
    assert run.succeeded, run.output
    assert left < {"list", "retrieve"}, "each fault has happened"
    assert audit == Audit()
    assert len(stack.endpoints()) == ENDPOINTS


@pytest.mark.parametrize("name", REPORTED)
def test_permanent_fault_is_one_clear_line_and_loses_nothing(
    stack: Project, tally: Tally, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Each operation fails by itself and says why; the next run does what the one before could not."""
    fault, words = REPORTED[name]
    monkeypatch.setitem(stack.environment, "SIGNA_MAX_WAIT_S", "0")
    failing = _declare_step(stack, name)
    if isinstance(fault, Refusal):
        failing = {operation: f"{resource}-secret" for operation, resource in failing.items()}
    failing = {operation: resource for operation, resource in failing.items() if (name, operation) not in IGNORED}

    for operation in failing:
        _misbehave(stack, operation, fault, times=None)
    errors = stack.up(continue_on_error=True).errors()
    _behave(stack)
    _misbehave(stack, "refresh", fault, times=None)
    unread = stack.refresh(target=["**::edited", "**::edited-secret"]).error()
    _behave(stack)
    run = stack.up()

    audit = stack.audit()
    tally(MATRIX, audit, cells=len(failing) + 1)
    assert errors.keys() == set(failing.values())
    assert [error for error in (*errors.values(), unread) if words not in error] == []
    assert run.succeeded, run.output
    assert audit == Audit()
    assert len(stack.endpoints()) == ENDPOINTS


@pytest.mark.parametrize(("name", "operation"), IGNORED)
def test_fault_that_does_not_matter_is_ignored(stack: Project, tally: Tally, name: str, operation: str) -> None:
    """A run succeeds although the body of the answer to a delete is not as documented."""
    _declare_step(stack, f"{name}-of-{operation}")
    fault, _ = REPORTED[name]
    _misbehave(stack, operation, fault, times=None)

    run = stack.up()

    _behave(stack)
    audit = stack.audit()
    tally(MATRIX, audit)
    assert run.succeeded, run.output
    assert audit == Audit()
    assert len(stack.endpoints()) == ENDPOINTS


def _declare_step(project: Project, name: str) -> dict[str, str]:
    """Declare one endpoint more, and an edit, and no longer the endpoint of the step before; return whose each is."""
    (before,) = {endpoint["url"].rsplit("/", 1)[-1] for endpoint in project.endpoints()} - {"edited"}
    project.write(side_by_side(**{name: {}}, edited={"description": f"step {name}"}))
    return {"create": name, "update": "edited", "delete": before}


def _misbehave(project: Project, operation: str, fault: dict[str, Any] | Refusal, *, times: int | None) -> None:
    if isinstance(fault, Refusal):
        project.aws.refuse[AWS[operation]] = fault
    else:
        for name in SIGNA[operation]:
            project.fault(**{"operation": name, "times": times, **fault})


def _behave(project: Project) -> set[str]:
    """End all faults, and return the operations at which some had still been to come."""
    faults = project.signa.organization.faults
    left = {*(fault.operation for fault in faults.pending()), *project.aws.refuse}
    faults.clear()
    project.aws.refuse.clear()
    return left
