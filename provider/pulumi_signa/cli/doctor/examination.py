"""The whole examination, in an order in which each part needs only those before it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pulumi_signa.cli import projects
from pulumi_signa.cli.doctor import aws, clock, machine, plugin, project, pulumi, signa
from pulumi_signa.cli.doctor.stack import StackReader
from pulumi_signa.cli.findings import Finding


@dataclass(frozen=True, slots=True)
class Concern:
    """
    `Concern` is a part of the examination.

    Attributes:
        title: What the part looks at.
        findings: They come one by one, as they are made.
    """

    title: str
    findings: Iterator[Finding]


def examine(folder: Path, stack: str | None, account: str | None, export: Any) -> Iterator[Concern]:
    """
    Yield the parts of the examination; each must be used up before the next is asked for.

    Args:
        folder: The project's, or one inside it.
        stack: Its configuration and state count; those of the selected stack for None.
        account: The name of the organization; None for the default one.
        export: What `pulumi stack export` has printed, to be looked at instead of a stack; or None.
    """
    broken: list[str] = []
    told: list[Finding] = []
    known = projects.known(folder)
    runtime = projects.PYTHON if known is None else known.runtime
    reader = StackReader(folder, stack, account, export)

    def noted(findings: Iterator[Finding]) -> Iterator[Finding]:
        for finding in findings:
            if finding.verdict == "problem":
                broken.append(finding.subject)
            yield finding

    def of_project() -> Iterator[Finding]:
        yield from project.findings(folder, is_needed=stack is not None)
        needed = (machine.HOME, pulumi.CLI, project.PROJECT)
        yield from reader.findings([subject for subject in broken if subject in needed])
        if known is not None:
            yield from plugin.findings(known, broken, is_needed=reader.needs_plugin)

    def of_signa() -> Iterator[Finding]:
        seen = signa.look(reader.setup)
        yield from signa.findings(reader.setup, seen)
        if seen.skew is not None:
            told.append(clock.finding(seen.skew, "the server's clock"))
        yield from told

    yield Concern("the machine", noted(machine.findings()))
    yield Concern("Pulumi", noted(pulumi.findings(runtime)))
    yield Concern("the project", noted(of_project()))
    yield Concern("Signa", noted(of_signa()))
    yield Concern("AWS", noted(aws.findings(reader.setup, told[0] if told else None, broken)))
