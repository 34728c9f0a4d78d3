"""Subjects side by side, each operation of one after the same of the others, in another order each round."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from sandbox.aws import LocalAws

from bench.engine import CREATE, DESTROY, LEAVE_NOTHING, OPERATIONS, BenchError, Stack
from bench.results import Conditions, Measurement
from bench.signa import Signa, emulator
from bench.subjects import Subject

_PROGRAM_IMPORT = "import in the program"
_PLUGIN_IMPORT = "import in the plugin"


@dataclass(frozen=True)
class _Entrant:
    """A subject in one round: a stack and a Signa that nobody else uses; an AWS has secrets of all subjects."""

    subject: Subject
    stack: Stack
    signa: Signa
    aws: LocalAws | None


def one(conditions: Conditions | None, subjects: Sequence[Subject], number: int) -> Iterator[Measurement]:
    """
    Measure one round; without conditions that of the imports.

    Args:
        number: Of the round; it says who begins.

    Raises:
        BenchError: A command failed otherwise than by the rate limit, or the endpoints are not as they must be.
    """
    return _stacks(conditions, subjects, number) if conditions else _imports(subjects, number)


def _stacks(conditions: Conditions, subjects: Sequence[Subject], number: int) -> Iterator[Measurement]:
    """Measure the life of a new stack of each subject; with a `--parallel`, the two operations that it tells on."""
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="pulumi-signa-bench-")))
        aws = opened.enter_context(LocalAws()) if conditions.secrets else None
        if aws:
            aws.reset()
        entrants = []
        for subject in _in_turn(subjects, number):
            signa = opened.enter_context(emulator(conditions))
            stack = Stack(
                folder / subject.name,
                subject,
                endpoints=conditions.endpoints,
                base_url=signa.base_url,
                aws=aws.environment if aws else None,
            )
            stack.init()
            entrants.append(_Entrant(subject, stack, signa, aws))
        for operation in (CREATE, DESTROY) if conditions.parallel else OPERATIONS:
            for entrant in entrants:
                yield _measured(entrant, operation, conditions, number)


def _imports(subjects: Sequence[Subject], number: int) -> Iterator[Measurement]:
    """Measure what each subject's program and plugin import, Python's own start and that of Pulumi's SDK included."""
    with tempfile.TemporaryDirectory(prefix="pulumi-signa-bench-") as folder:
        for operation in (_PROGRAM_IMPORT, _PLUGIN_IMPORT):
            for subject in _in_turn(subjects, number):
                stack = Stack(Path(folder) / operation / subject.name, subject)
                statement = subject.program_import if operation == _PROGRAM_IMPORT else subject.plugin_import
                # The first time compiles what lies beside the program.
                stack.interpret(statement)
                run = stack.interpret(statement)
                yield Measurement(number, subject.name, operation, run.seconds, run.cpu_seconds)


def _in_turn(subjects: Sequence[Subject], number: int) -> Sequence[Subject]:
    first = number % len(subjects)
    return [*subjects[first:], *subjects[:first]]


def _measured(entrant: _Entrant, operation: str, conditions: Conditions, number: int) -> Measurement:
    entrant.signa.start_over()
    run = entrant.stack.run(operation, parallel=conditions.parallel)
    calls = entrant.signa.calls()
    refused = entrant.signa.refused()
    if not run.succeeded:
        what = f"{entrant.subject.name}: {operation}, {conditions.title}"
        if not refused:
            raise BenchError(f"{what} failed:\n{run.output}{run.errors}")
        _finish_without_limit(entrant, operation, what)
    _verify(entrant, operation, conditions)
    return Measurement(
        number,
        entrant.subject.name,
        operation,
        run.seconds,
        run.cpu_seconds,
        sum(calls.values()),
        refused,
        run.succeeded,
        entrant.stack.state_bytes(),
    )


def _finish_without_limit(entrant: _Entrant, operation: str, what: str) -> None:
    """Do what the rate limit prevented, so that the next operation finds what it needs."""
    with entrant.signa.unlimited():
        run = entrant.stack.run(operation)
    if not run.succeeded:
        raise BenchError(f"{what} failed without the limit too:\n{run.output}{run.errors}")


def _verify(entrant: _Entrant, operation: str, conditions: Conditions) -> None:
    expected = 0 if operation in LEAVE_NOTHING else conditions.endpoints
    found = {"resources in the state": entrant.stack.resources() // (2 if entrant.aws else 1)}
    if entrant.subject.calls_servers:
        found["endpoints at Signa"] = entrant.signa.endpoints()
        if entrant.aws:
            names = entrant.aws.values()
            found["secrets"] = sum(name.startswith(entrant.subject.secret_prefix) for name in names)
    for what, count in found.items():
        if count != expected:
            raise BenchError(f"{entrant.subject.name}: {operation}, {conditions.title}: {count} {what}, not {expected}")
