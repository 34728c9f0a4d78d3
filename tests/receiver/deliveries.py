"""Signed deliveries, and a Secrets Manager that counts, hangs and fails when told to."""

import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from botocore.exceptions import ClientError
from standardwebhooks import Webhook

OLD, NEW, FORGED = (f"whsec_{letter * 43}=" for letter in "ABC")
BODY = b'{"data":{"alert_id":"alt_1"},"id":"alt_1","timestamp":"2026-05-08T14:32:11.428Z","type":"alert.created"}'
A_READ = ["AWSCURRENT", "AWSPREVIOUS"]
NAME = "signa/alerts"


@dataclass
class Delivery:
    """A request of Signa's."""

    body: bytes
    headers: dict[str, str]


def signed(*secrets: str, id_: str = "alt_1", age_s: float = 0, body: bytes = BODY, attempt: int = 1) -> Delivery:
    """Return a delivery that is signed with these secrets."""
    at = datetime.now(timezone.utc) - timedelta(seconds=age_s)
    signatures = [Webhook(secret).sign(id_, at, body.decode(errors="replace")) for secret in secrets]
    headers = {
        "webhook-id": id_,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
        "webhook-attempt": str(attempt),
    }
    return Delivery(body, headers)


def _set_event() -> threading.Event:
    event = threading.Event()
    event.set()
    return event


@dataclass
class CountedSecretsManager:
    """
    The one call of boto3's client that a receiver makes, for one secret.

    Attributes:
        values: By stage, with the moment of storing; what is missing is refused as AWS does.
        reads: Stages that were asked for, in order.
        goes_on: While it is cleared, reads wait.
        failures: Raised by the reads of a stage.
    """

    values: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    reads: list[str] = field(default_factory=list)
    goes_on: threading.Event = field(default_factory=_set_event)
    failures: dict[str, Exception] = field(default_factory=dict)

    def store(self, secret: str) -> None:
        """Put a new version, as a rotation does."""
        if "AWSCURRENT" in self.values:
            self.values["AWSPREVIOUS"] = self.values["AWSCURRENT"]
        self.values["AWSCURRENT"] = (secret, datetime.now(timezone.utc))

    def get_secret_value(self, *, SecretId: str, VersionStage: str) -> dict[str, Any]:  # noqa: N803 - boto3's names
        """Return a version."""
        assert SecretId == NAME
        self.reads.append(VersionStage)
        self.goes_on.wait(30)
        if VersionStage in self.failures:
            raise self.failures[VersionStage]
        if VersionStage not in self.values:
            raise refused("ResourceNotFoundException")
        value, created = self.values[VersionStage]
        return {"SecretString": value, "CreatedDate": created}


def refused(code: str) -> ClientError:
    """Return an error as boto3 raises it."""
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "GetSecretValue")


class Clock:
    """A clock that runs, and that a test can put forward."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def monotonic(self) -> float:
        """Return seconds."""
        return time.monotonic() + self.ahead_s
