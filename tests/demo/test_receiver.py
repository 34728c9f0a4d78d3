"""The demo's receiver on a socket: what it answers, shows and remembers."""

import http.client
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest
import requests
from demo.receiver import Receiver
from sandbox.aws import LocalAws
from standardwebhooks import Webhook

from demo import receiver as module

NAME = "signa/alerts"
OLD, NEW, FORGED = (f"whsec_{letter * 43}=" for letter in "ABC")


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    """Yield an AWS that has the old secret."""
    with LocalAws() as server:
        server.reset()
        server.secrets_manager.create_secret(Name=NAME, SecretString=OLD)
        yield server


@pytest.fixture
def receiver(aws: LocalAws) -> Iterator[Receiver]:
    """Yield a receiver that has read nothing."""
    with Receiver(aws.secrets_manager, NAME) as receiver:
        yield receiver


def signed(*secrets: str, id_: str = "alt_1") -> Any:
    """Return body and headers of a delivery that is signed with these secrets."""
    at, body = datetime.now(timezone.utc), b'{"type": "t", "data": {}}'
    headers = {
        "webhook-id": id_,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(id_, at, body.decode()) for secret in secrets),
    }
    return {"data": body, "headers": headers}


def post(receiver: Receiver, delivery: Any) -> int:
    """Send a delivery, and return the status of the answer."""
    return requests.post(receiver.url, timeout=30, **delivery).status_code


def test_accepted_delivery_shows_the_secret_that_it_fits(aws: LocalAws, receiver: Receiver) -> None:
    """The first of the secrets held, and after a rotation by force the new one at once."""
    statuses = [post(receiver, signed(OLD)), post(receiver, signed(NEW, OLD))]
    aws.secrets_manager.put_secret_value(SecretId=NAME, SecretString=NEW)
    statuses.append(post(receiver, signed(NEW)))

    assert (statuses, [one.secret for one in receiver.accepted]) == ([204] * 3, [OLD, OLD, NEW])
    assert OLD not in repr(receiver.accepted)


def test_refused_delivery_gets_the_status_of_its_error(receiver: Receiver) -> None:
    missing = signed(OLD)
    del missing["headers"]["webhook-id"]

    assert [post(receiver, signed(FORGED)), post(receiver, missing)] == [401, 400]
    assert receiver.rejected == ["alt_1", ""]


@pytest.mark.parametrize("length", [None, "", "-1", "many", "1000000", "9" * 5000])
def test_body_of_no_or_a_wild_length_is_refused_unread(receiver: Receiver, length: str | None) -> None:
    connection = http.client.HTTPConnection(receiver.url.split("/")[2], timeout=30)
    connection.putrequest("POST", "/")
    if length is not None:
        connection.putheader("Content-Length", length)
    connection.endheaders()

    assert connection.getresponse().status == 400
    connection.close()


def test_memory_is_bounded(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """The latest ids are kept, and of a long one its beginning."""
    monkeypatch.setattr(module, "_REMEMBERED", 2)

    for number in range(4):
        post(receiver, signed(OLD, id_=f"alt_{number}"))
        post(receiver, signed(FORGED, id_=f"evt_{number}" + "x" * 200))

    assert [one.id for one in receiver.accepted] == ["alt_2", "alt_3"]
    assert receiver.rejected == [f"evt_{number}" + "x" * 95 for number in (2, 3)]
