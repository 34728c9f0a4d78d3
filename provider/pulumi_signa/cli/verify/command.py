"""`pulumi-signa verify`: whether a saved delivery is genuine, and if not, why."""

import os
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated

import typer

from pulumi_signa import settings
from pulumi_signa.cli import files, options
from pulumi_signa.cli.errors import CommandError
from pulumi_signa.cli.exit_codes import ExitCode
from pulumi_signa.cli.findings import Finding, has_problem, table_of
from pulumi_signa.cli.screen import Screen
from pulumi_signa.cli.tables import Cell, Tone
from pulumi_signa.cli.verify import deliveries, secrets
from pulumi_signa.cli.verify.deliveries import Delivery
from pulumi_signa.cli.verify.judgement import judged
from pulumi_signa.cli.verify.secrets import Held

VARIABLE = "SIGNA_WEBHOOK_SECRET"

_LARGEST = 2**24
"""Bytes of a file; Signa's deliveries have a few thousand."""


@dataclass(frozen=True, slots=True)
class Verification:
    """
    `Verification` is what `verify` finds.

    Attributes:
        is_genuine: Whether a receiver that holds the secret would accept the delivery.
        secret: The secret that signed the delivery, as far as one is known; None if none is.
        stage: Its label in Secrets Manager; None for one that was given.
        fingerprint: The first 16 hexadecimal digits of its SHA-256, as in the output `secret_fingerprint`.
    """

    is_genuine: bool
    secret: str | None
    stage: str | None
    fingerprint: str | None
    findings: tuple[Finding, ...]


def command(  # noqa: PLR0913 - one argument an option
    *,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="A raw HTTP request, or JSON with headers and body; - is stdin."),
    ] = None,
    headers: Annotated[
        Path | None, typer.Option("--headers", metavar="FILE", help="The headers alone: lines, or a JSON object.")
    ] = None,
    body: Annotated[Path | None, typer.Option("--body", metavar="FILE", help="The body alone, byte for byte.")] = None,
    secret_id: Annotated[
        str | None,
        typer.Option(
            "--secret-id", metavar="NAME|ARN", help="The secret in Secrets Manager: AWSCURRENT and AWSPREVIOUS."
        ),
    ] = None,
    secret_file: Annotated[
        Path | None,
        typer.Option("--secret-file", metavar="FILE", help=f"A file with the secret; {VARIABLE} by default."),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            "--at", metavar="TIME", help="When it was received: ISO 8601, or seconds of Unix; now by default."
        ),
    ] = None,
    ignore_age: Annotated[bool, typer.Option("--ignore-age", help="Leave its age out.")] = False,
    as_json: options.AsJson = False,
) -> None:
    """
    Check a saved delivery, and say why a receiver refuses it.

    FILE may also be the event of an AWS Lambda function. Ends with exit code 1 where a receiver would refuse the
    delivery. The secret is never an argument, since other users of a machine can read command lines.
    """
    screen = Screen(as_json=as_json)
    delivery = _delivery(file, headers, body)
    moment = None if ignore_age else _moment(at)
    judgement = judged(delivery, _held(screen, secret_id, secret_file), moment, is_given=at is not None)
    secret = judgement.secret
    found = Verification(
        is_genuine=not has_problem(judgement.findings),
        secret=secret.name if secret else None,
        stage=secret.held.stage if secret else None,
        fingerprint=secret.fingerprint if secret else None,
        findings=judgement.findings,
    )
    screen.show(found, found.findings, table_of(found.findings, Cell("The delivery is genuine.", Tone.GOOD)))
    if not found.is_genuine:
        raise typer.Exit(ExitCode.ATTENTION)


def _delivery(file: Path | None, headers: Path | None, body: Path | None) -> Delivery:
    if file is not None and headers is None and body is None:
        return deliveries.parsed(_read(file), files.named(file))
    if file is None and headers is not None and body is not None and [headers, body].count(files.STDIN) < 2:  # noqa: PLR2004
        return Delivery(deliveries.headers_in(_read(headers), files.named(headers)), _read(body))
    raise CommandError("name one FILE, or - for stdin, or both --headers and --body")


def _read(file: Path) -> bytes:
    content = files.read(file, _LARGEST + 1)
    if len(content) > _LARGEST:
        raise CommandError(f"{files.named(file)} is larger than {_LARGEST:,} bytes, and no delivery of Signa's")
    return content


def _moment(text: str | None) -> datetime:
    if text is None:
        return datetime.now(timezone.utc)
    try:
        if text.isdigit():
            return datetime.fromtimestamp(int(text), tz=timezone.utc)
        # fromisoformat of Python 3.10 does not know the suffix Z.
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
        return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).astimezone(timezone.utc)
    except (OSError, OverflowError, ValueError):
        raise CommandError("--at takes ISO 8601, such as 2026-11-30T14:00:00Z, or the seconds of Unix") from None


def _held(screen: Screen, secret_id: str | None, secret_file: Path | None) -> list[Held]:
    if secret_id is not None and secret_file is not None:
        raise CommandError("name --secret-id or --secret-file, and not both")
    if secret_id is not None:
        if secret_id.startswith("whsec_"):
            raise CommandError(f"--secret-id takes the name of a secret, never the secret: put it into {VARIABLE}")
        with screen.doing("asking Secrets Manager"):
            return secrets.from_secrets_manager(secret_id, settings.load({}).aws_region)
    if secret_file is not None:
        return secrets.given(_read(secret_file).decode(errors="replace"), files.named(secret_file))
    if os.environ.get(VARIABLE):
        return secrets.given(os.environ[VARIABLE], VARIABLE)
    if screen.is_interactive:
        return secrets.given(typer.prompt("Signing secret", hide_input=True, err=True), "the secret that was typed")
    raise CommandError(f"no secret: name --secret-id or --secret-file, or set {VARIABLE}")
