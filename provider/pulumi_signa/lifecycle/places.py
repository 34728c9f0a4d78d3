"""Where in AWS a secret is: regions, and the ARNs and names that lead to a secret."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pulumi_signa.aws.errors import AwsError
from pulumi_signa.lifecycle.errors import LifecycleError
from pulumi_signa.lifecycle.roster import names_apart
from pulumi_signa.lifecycle.rules import matching, optional

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.context import Context
    from pulumi_signa.settings import Settings

MAX_NAME, MAX_ARN = 512, 2048

NAME = re.compile(r"[A-Za-z0-9/_+=.@-]+", re.ASCII)
"""The characters of a secret's name; `MAX_NAME` of them at most."""

ARN = re.compile(r"arn:[^:]+:secretsmanager:[^:]+:[^:]*:secret:.+")
"""What AWS answers for an ARN of a secret, whatever its parts."""

_REGION = re.compile(r"[a-z]{2,8}(-[a-z]+)+-\d{1,2}", re.ASCII)
_ARN = re.compile(r"arn:[a-z-]+:secretsmanager:([a-z0-9-]+):[0-9]*:secret:([^\s]+)", re.ASCII)
_ENDING = re.compile(r"-[A-Za-z0-9]{6}\Z", re.ASCII)

_SHARED = (
    "{secret} is written by the resources {one!r} and {another!r}, and has one current value: give each endpoint a "
    "secret of its own, and set without_value on a SecretsManagerSecret that is a destination"
)

region = optional(matching(_REGION, "must be an AWS region, such as eu-west-1"))
"""The rule of a region that may be left out."""


def is_region(value: object) -> bool:
    """Return whether a value has the form of an AWS region."""
    return isinstance(value, str) and _REGION.fullmatch(value) is not None


def ends_like_an_arn(name: str) -> bool:
    """Return whether a name ends in a hyphen and six characters, as AWS ends the ARN of a secret."""
    return _ENDING.search(name) is not None


def region_of(secret_id: str) -> str | None:
    """Return the region in `arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-abcdef`; None for what is no such ARN."""
    match = _ARN.fullmatch(secret_id)
    return None if match is None else match[1]


def leads_to(secret_id: str, arn: str) -> bool:
    """Return whether a name or an ARN, with or without the six characters at its end, is that of this secret."""
    match = _ARN.fullmatch(arn)
    name = "" if match is None else match[2]
    return secret_id in {arn, name, _ENDING.sub("", arn), _ENDING.sub("", name)} - {""}


def region_problems(settings: Settings) -> list[str]:
    """Return what is wrong where only boto3's own chain can name the region; its library takes a while to load."""
    from pulumi_signa.aws.session import require_region  # noqa: PLC0415

    if settings.aws_region is not None:
        return []
    try:
        require_region(settings.aws_profile)
    except AwsError as error:
        return [str(error)]
    return []


def claim(context: Context, secret: str) -> None:
    """
    Record that a resource writes the value of a secret, named by its ARN, or by what a program says of it.

    Raises:
        LifecycleError: Another resource of the run does so too, and each would overwrite the other's value.
    """
    rival = context.destinations.claim(secret, context.urn)
    if rival is not None:
        one, another = names_apart(context.urn, rival)
        raise LifecycleError(_SHARED.format(secret=secret, one=one, another=another))
