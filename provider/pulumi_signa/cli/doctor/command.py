"""`pulumi-signa doctor`: everything that a deployment needs, looked at in a few seconds."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from pulumi_signa.cli import configuration, options, stacks
from pulumi_signa.cli.doctor.examination import examine
from pulumi_signa.cli.errors import CommandError
from pulumi_signa.cli.exit_codes import ExitCode
from pulumi_signa.cli.findings import Finding, has_problem, table_of
from pulumi_signa.cli.screen import Screen
from pulumi_signa.cli.tables import Cell, Tone


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """
    `Diagnosis` is what `doctor` finds.

    Attributes:
        account: The name of the organization; None for the default one.
        stack: The stack that was named; None for the selected one.
        findings: In the order in which one needs the other.
    """

    account: str | None
    stack: str | None
    findings: tuple[Finding, ...]


def command(
    *,
    account: options.Account = None,
    stack: options.Stack = None,
    export: Annotated[
        Path | None,
        typer.Option("--export", metavar="FILE", help=f"{stacks.EXPORT} It is looked at instead of a stack."),
    ] = None,
    folder: options.Folder = options.HERE,
    as_json: options.AsJson = False,
) -> None:
    """
    Look at everything that a deployment needs, and say what to do about what is wrong.

    The machine, Pulumi, the project and its stack, Signa and AWS. Nothing is changed, and Signa gets at most two calls.
    Ends with exit code 1 where there is a problem. Piped, each finding is a line; between its fields, which are those
    of --json in this order, are tabs.
    """
    configuration.require_name(account)
    if stack is not None and export is not None:
        raise CommandError("name --stack or --export, and not both")
    state = None if export is None else stacks.export_in(export)
    screen = Screen(as_json=as_json)
    findings: list[Finding] = []
    for concern in examine(folder.resolve(), stack, account, state):
        with screen.doing(f"looking at {concern.title}"):
            findings += concern.findings
    screen.show(Diagnosis(account, stack, tuple(findings)), findings, table_of(findings, _without_problems(findings)))
    if has_problem(findings):
        raise typer.Exit(ExitCode.ATTENTION)


def _without_problems(findings: list[Finding]) -> Cell:
    skipped = sum(finding.verdict == "skipped" for finding in findings)
    if not skipped:
        return Cell("All is well.", Tone.GOOD)
    return Cell(f"No problem found; {skipped} thing{'s were' if skipped > 1 else ' was'} skipped.")
