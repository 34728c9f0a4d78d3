"""What users read about a check."""

from pathlib import Path

from approved import assert_approved, assert_complete
from pulumi_signa.lifecycle.delivery_check import messages
from pulumi_signa.lifecycle.delivery_check.schema import Declared, Outcome
from pulumi_signa.signa_api.models import Delivery

ATTEMPT = "0190c2f4-0000-7000-8000-000000000001"
REQUIRED, WANTED = (Declared.of({"endpoint_id": "whk_1", "required": required}) for required in (True, False))


def undelivered(row: Delivery | None, *, excerpt: str | None = None, declared: Declared = REQUIRED) -> str:
    """Return what is said of an attempt."""
    status = None if row is None else row.http_status
    outcome = Outcome.of({"http_status": status, "attempt_id": ATTEMPT, "response_excerpt": excerpt})
    return messages.undelivered("whk_1", outcome, row, declared)


def answered(http_status: int) -> Delivery:
    """Return an attempt that the receiver has refused."""
    return Delivery(id=ATTEMPT, status="failed", http_status=http_status)


SAID = {
    "NO_VALUE": messages.NO_VALUE,
    "NOT_READ": messages.NOT_READ,
    "NO_ENDPOINT": messages.NO_ENDPOINT.format(id="whk_1"),
    "FOUND": messages.FOUND.format(id="whk_1"),
    "undelivered: refused": undelivered(answered(401), excerpt="no such signature"),
    "undelivered: no such path": undelivered(answered(404), excerpt="Not Found"),
    "undelivered: redirected": undelivered(answered(302)),
    "undelivered: failed": undelivered(answered(500), excerpt="Traceback"),
    "undelivered: failed, not required": undelivered(answered(500), declared=WANTED),
    "undelivered: no answer": undelivered(Delivery(id=ATTEMPT, status="failed")),
    "undelivered: not yet": undelivered(Delivery(id=ATTEMPT, status="pending")),
    "undelivered: not yet, in a word of the future": undelivered(Delivery(id=ATTEMPT, status="queued")),
    "undelivered: not listed": undelivered(None),
}


def test_messages_are_those_that_were_approved() -> None:
    assert_approved(SAID, Path(__file__).with_name("messages.txt"))


def test_every_message_was_approved() -> None:
    assert_complete(SAID, messages)
