"""Where boto3 goes: the region and the account that its own chain leads to, and how its clients are set up."""

from __future__ import annotations

from typing import Any, TypeVar, cast

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import NoRegionError

from pulumi_signa.aws.boto_errors import MAX_ATTEMPTS, errors_of, errors_of_connecting
from pulumi_signa.aws.models import CallerIdentity, parse
from pulumi_signa.deadline import within

Client = TypeVar("Client")

_CONNECT_TIMEOUT_S = 5
_READ_TIMEOUT_S = 30
_MOST_IDLE = 128
"""Connections that are kept for the next operation; boto3 warns of any beyond that, and connects anew. It keeps 10."""
DEADLINE_S = 60.0
"""Time for one operation with all attempts of boto3."""


class _Bounded:
    """`_Bounded` is a boto3 client each of whose operations has a deadline."""

    def __init__(self, client: Any, deadline_s: float) -> None:
        self._client = client
        self._deadline_s = deadline_s

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._client, name)
        if not callable(member):
            return member
        return lambda **request: within(self._deadline_s, lambda: member(**request))


def bounded(client: Client, deadline_s: float) -> Client:
    """Return a boto3 client each of whose operations ends within so many seconds, or raises `DeadlineError`."""
    return cast("Client", _Bounded(client, deadline_s))


def client_config() -> Config:
    """Return the time-outs, retries and connections of every client."""
    return Config(
        connect_timeout=_CONNECT_TIMEOUT_S,
        read_timeout=_READ_TIMEOUT_S,
        max_pool_connections=_MOST_IDLE,
        # `max_attempts` would not count the first one.
        retries={"mode": "standard", "total_max_attempts": MAX_ATTEMPTS},
    )


def require_region(profile: str | None) -> None:
    """
    Check that botocore finds a region by itself; nothing is sent.

    Raises:
        AwsError: There is no region, or the profile does not exist.
    """
    with errors_of_connecting():
        if not botocore.session.Session(profile=profile).get_config_variable("region"):
            raise NoRegionError


def account_id(profile: str | None, region: str | None) -> str:
    """
    Return the account of the credentials, 12 digits; AWS is asked where the credentials do not say.

    Raises:
        AwsError: There are no credentials, or AWS refuses or cannot be reached.

    Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
    """
    with errors_of_connecting():
        session = boto3.Session(profile_name=profile, region_name=region)
        credentials = session.get_credentials()
    with errors_of("GetCallerIdentity", "*"):
        # AWS is asked here where a role is assumed. Older versions of botocore do not know the account.
        frozen = None if credentials is None else within(DEADLINE_S, credentials.get_frozen_credentials)
        known: str | None = getattr(frozen, "account_id", None)
    if known:
        return known
    with errors_of_connecting():
        client = bounded(session.client("sts", config=client_config()), DEADLINE_S)
    with errors_of("GetCallerIdentity", "*"):
        return parse(client.get_caller_identity(), CallerIdentity).account
