"""`SecretsManagerSecrets`: the signing secret in AWS Secrets Manager, and for a day the one before."""

import json
import math
import os
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from signa_receiver.cache import LOGGER, Cache
from signa_receiver.signing_secrets import HOUR_S, readable, usable

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

_ARN = re.compile(r"arn:aws[a-z-]*:secretsmanager:([a-z0-9-]+):")

_TIMEOUTS: Any = {"connect_timeout": 3, "read_timeout": 5, "retries": {"mode": "standard"}}
"""Seconds; boto3's own are 60, and a connection that hangs would keep the next attempt from being made."""

_OVERLAP_S = 86_400
"""How long Signa signs with the secret of before a rotation too. Later, only whoever found it would use it."""


class Client(Protocol):
    """The one call of boto3's client that is made."""

    @property
    def get_secret_value(self) -> Any:
        """Takes `SecretId` and `VersionStage`, and returns `SecretString` and, of boto3 always, `CreatedDate`."""


@dataclass(frozen=True)
class _Versions:
    """
    What a read found.

    Attributes:
        current: The secret of AWSCURRENT.
        previous: That of AWSPREVIOUS, if any.
        overlap_ends_at: Until when `previous` counts, Unix seconds.
    """

    current: Sequence[str] = field(repr=False)
    previous: Sequence[str] = field(repr=False)
    overlap_ends_at: float


class SecretsManagerSecrets:
    """
    AWSCURRENT, and AWSPREVIOUS for 24 hours after AWSCURRENT was made; held in memory as by `CachedSecrets`.

    A read is one `GetSecretValue`, and during these hours two. The role needs `secretsmanager:GetSecretValue` on the
    secret, and `kms:Decrypt` where a key of your own encrypts the secret.

    Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
    """

    def __init__(
        self,
        secret_id: str,
        client: Client | None = None,
        max_age_s: float = HOUR_S,
        *,
        json_key: str | None = None,
    ) -> None:
        """
        Hold the secret of AWS; nothing is read before the first delivery.

        Args:
            secret_id: The secret's ARN or name. With an ARN, its region is used.
            client: boto3's client for Secrets Manager. None makes one, which needs the extra `aws`; its region is that
                of the ARN, else AWS_REGION, else where boto3 finds one.
            max_age_s: Seconds after which the secret is read again; 0 reads before each delivery.
            json_key: For a value that is a JSON object: the member that has the signing secret.

        Raises:
            ImportError: boto3 is not installed.
            ValueError: No region is known.
        """
        self._secret_id = secret_id
        self._json_key = json_key
        self._client = _new_client(secret_id) if client is None else client
        self._cache = Cache(self._read, name=f"the signing secret {secret_id}", max_age_s=max_age_s)

    def get(self, *, refresh: bool = False) -> Sequence[str]:
        """
        Return the secrets; wait up to five seconds for the first read, and one second for a later one.

        Raises:
            SecretsUnavailableError: The first read has failed or hangs.
        """
        held = self._cache.get(refresh=refresh)
        counts = time.time() < held.overlap_ends_at
        return [*held.current, *(held.previous if counts else ())]

    def _read(self) -> _Versions:
        current = self._client.get_secret_value(SecretId=self._secret_id, VersionStage="AWSCURRENT")
        # A stand-in for boto3's client may tell no date, and a delivery that Signa signed must pass there too.
        created = current.get("CreatedDate")
        overlap_ends_at = math.inf if created is None else created.timestamp() + _OVERLAP_S
        counts = time.time() < overlap_ends_at
        return _Versions(readable(self._value(current)), self._previous() if counts else (), overlap_ends_at)

    def _previous(self) -> Sequence[str]:
        try:
            previous = self._client.get_secret_value(SecretId=self._secret_id, VersionStage="AWSPREVIOUS")
            return usable(self._value(previous))
        except Exception as error:  # noqa: BLE001 - Signa signs with the current secret too, which is there
            # Before the first rotation there is no such version.
            if _code(error) != "ResourceNotFoundException":
                what = f"AWSPREVIOUS of the signing secret {self._secret_id}"
                LOGGER.warning("%s cannot be read: %s: %s", what, type(error).__name__, error)
            return ()

    def _value(self, version: Mapping[str, Any]) -> str:
        if "SecretString" not in version:
            raise ValueError("the secret holds bytes, and a signing secret is a text")
        text = str(version["SecretString"])
        if self._json_key is None:
            return text
        try:
            value = json.loads(text)[self._json_key]
        except (ValueError, LookupError, TypeError):
            # The error of the parser holds the value.
            value = None
        if isinstance(value, str):
            return value
        raise ValueError(f"the secret is no JSON object with a text under {self._json_key!r}")


def _code(error: Exception) -> str | None:
    """Return the code of an error of AWS; None for another error, whose `response` may be anything."""
    response = getattr(error, "response", None)
    details = response.get("Error") if isinstance(response, Mapping) else None
    return details.get("Code") if isinstance(details, Mapping) else None


def _new_client(secret_id: str) -> "SecretsManagerClient":
    try:
        import boto3  # noqa: PLC0415 - only here, since a client of the caller's own needs no boto3 of ours
        from botocore.config import Config  # noqa: PLC0415
        from botocore.exceptions import NoRegionError  # noqa: PLC0415
    except ImportError as error:
        raise ImportError("SecretsManagerSecrets needs boto3: pip install 'signa-receiver[aws]'") from error
    arn = _ARN.match(secret_id)
    # boto3 itself reads AWS_DEFAULT_REGION only; AWS Lambda and the other SDKs go by AWS_REGION.
    region = arn[1] if arn else os.environ.get("AWS_REGION") or None
    try:
        return boto3.client("secretsmanager", region_name=region, config=Config(**_TIMEOUTS))
    except NoRegionError:
        raise ValueError("no AWS region is known: give the ARN of the secret, or set AWS_REGION") from None
