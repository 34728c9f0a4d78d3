"""What may have signed a delivery: the secrets of Secrets Manager, or the one that was given, and their forms."""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pulumi_signa.cli.errors import CommandError
from pulumi_signa.cli.exit_codes import ExitCode
from pulumi_signa.lifecycle.places import region_of
from pulumi_signa.lifecycle.webhook_endpoint.keeping import fingerprint_of

CURRENT, PREVIOUS = "AWSCURRENT", "AWSPREVIOUS"

_PREFIX = "whsec_"
_DEADLINE_S = 15.0


@dataclass(frozen=True, slots=True)
class Held:
    """
    `Held` is a value that is held somewhere as the signing secret.

    Attributes:
        source: Where, as one would write it.
        stage: Its label in Secrets Manager; None for one that was given.
        stored_at: When Secrets Manager got it.
    """

    source: str
    value: str = field(repr=False)
    stage: str | None = None
    stored_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Secret:
    """
    `Secret` is a signing secret inside a value that is held.

    Attributes:
        member: The member of the JSON object that it is in; None where the value is no object.
        defect: What else stands around it; empty where it is clean.
    """

    held: Held
    value: str = field(repr=False)
    member: str | None = None
    defect: str = ""

    @property
    def name(self) -> str:
        """What a message calls it."""
        return self.held.source if self.member is None else f"the member {self.member} of {self.held.source}"

    @property
    def fingerprint(self) -> str:
        """The first 16 hexadecimal digits of its SHA-256, as the output `secret_fingerprint` of an endpoint."""
        return fingerprint_of(self.value)


def secrets_in(held: Held) -> list[Secret]:
    """Return the signing secrets in a value, the likeliest first; none where there is none."""
    return [*_found(held, held.value, None, ())]


def _found(held: Held, text: str, member: str | None, defects: tuple[str, ...]) -> Iterator[Secret]:
    if is_signing_secret(text):
        yield Secret(held, text, member, " and ".join(defects))
        return
    for defect, inner in _unwrapped(text):
        if defect not in defects:
            yield from _found(held, inner, member, (*defects, defect))
    for name, value in _members(text):
        yield from _found(held, value, name, defects)


def is_signing_secret(text: str) -> bool:
    """Return whether a text is what Standard Webhooks signs with: Base64, with or without `whsec_` before it."""
    encoded = text.removeprefix(_PREFIX)
    try:
        return bool(base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)) and _may_be_key(text)
    except (binascii.Error, ValueError):
        return False


def _may_be_key(text: str) -> bool:
    # The Base64 of a whole secret is Base64 as well.
    return text.startswith(_PREFIX) or not _decoded(text).startswith(_PREFIX)


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except ValueError:
        return ""


def _unwrapped(text: str) -> Iterator[tuple[str, str]]:
    if text != text.strip():
        yield "white space", text.strip()
        return
    quoted = re.fullmatch(r"""(["'])(.*)\1""", text, re.DOTALL)
    if quoted:
        yield "quotes", quoted[2]
    if text.startswith("\ufeff"):
        yield "a byte order mark", text[1:]
    assigned = re.fullmatch(r"(?:export )?([A-Za-z_]\w*)=(.*)", text, re.DOTALL)
    if assigned:
        yield f"the name {assigned[1]}=", assigned[2]
    if text.startswith(("Bearer ", "Basic ")):
        yield "an authentication scheme", text.partition(" ")[2]
    decoded = _decoded(text)
    if decoded.strip().startswith(_PREFIX):
        yield "one more layer of Base64", decoded


def _members(text: str) -> Iterator[tuple[str, str]]:
    try:
        value = json.loads(text)
    except (RecursionError, ValueError):
        return
    if isinstance(value, dict):
        strings = [(name, each) for name, each in value.items() if isinstance(each, str)]
        prefixed = [(name, each) for name, each in strings if _PREFIX in each]
        yield from prefixed or strings


def from_secrets_manager(secret_id: str, region: str | None) -> list[Held]:
    """
    Return what a secret has under AWSCURRENT and, if there is one, under AWSPREVIOUS.

    Args:
        secret_id: Its name, or its ARN, which names its region.
        region: Where a name is; that of boto3's own chain for None.

    Raises:
        AwsError: AWS refuses, or there is no region.
        CommandError: There is no such secret, or it has no value.

    Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
    """
    import boto3  # noqa: PLC0415

    from pulumi_signa.aws.boto_errors import errors_of_connecting  # noqa: PLC0415
    from pulumi_signa.aws.errors import SecretNotFoundError  # noqa: PLC0415
    from pulumi_signa.aws.session import bounded, client_config  # noqa: PLC0415

    with errors_of_connecting():
        client = bounded(
            boto3.client("secretsmanager", region_name=region_of(secret_id) or region, config=client_config()),
            _DEADLINE_S,
        )
    try:
        held = [_held(client, secret_id, CURRENT)]
    except SecretNotFoundError:
        missing = f"Secrets Manager has no secret {secret_id} with a value in {client.meta.region_name}"
        remedy = "check the name, the region (AWS_REGION), and the account (AWS_PROFILE)"
        raise CommandError(f"{missing}: {remedy}", ExitCode.REFUSED) from None
    with contextlib.suppress(SecretNotFoundError):
        held.append(_held(client, secret_id, PREVIOUS))
    return held


def _held(client: Any, secret_id: str, stage: str) -> Held:
    from pulumi_signa.aws.boto_errors import errors_of  # noqa: PLC0415

    with errors_of("GetSecretValue", secret_id):
        answer = client.get_secret_value(SecretId=secret_id, VersionStage=stage)
        value = answer.get("SecretString")
        if value is None:
            value = answer["SecretBinary"].decode(errors="replace")
        return Held(f"{stage} of {answer['Name']}", value, stage, answer["CreatedDate"])


def given(text: str, source: str) -> list[Held]:
    """Return a secret that was given; raise `CommandError` where it is empty."""
    # An editor ends a file with a line break, and `$(cat FILE)` drops it.
    value = text.removesuffix("\n").removesuffix("\r")
    if not value.strip():
        raise CommandError(f"{source} is empty: it must hold the signing secret, whsec_…")
    return [Held(source, value)]
