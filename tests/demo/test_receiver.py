"""The demo's receiver on a socket: under a flood of forged posts, around rotations, and while Secrets Manager hangs."""

import http.client
import io
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import requests
import time_machine
from demo.receiver import MINUTE_S, Receiver
from sandbox.aws import LocalAws
from standardwebhooks import Webhook

from demo import receiver as module

NAME = "signa/alerts"
OLD, NEW, FORGED = (f"whsec_{letter * 43}=" for letter in "ABC")
A_READ = ["AWSCURRENT", "AWSPREVIOUS"]


class WatchedAws(LocalAws):
    """
    A local AWS that records which versions are read, and hangs when told to.

    Attributes:
        reads: Version stages that were asked for, in order.
        goes_on: While it is cleared, reads wait.
    """

    def __init__(self) -> None:
        self.reads: list[str] = []
        self.goes_on = threading.Event()
        self.goes_on.set()
        super().__init__()

    def serve(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Answer one request."""
        if environ.get("HTTP_X_AMZ_TARGET") == "secretsmanager.GetSecretValue":
            body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            environ["wsgi.input"] = io.BytesIO(body)
            self.reads.append(json.loads(body).get("VersionStage", "AWSCURRENT"))
            self.goes_on.wait(30)
        return super().serve(environ, start_response)

    def store(self, secret: str) -> None:
        """Put a new version of the signing secret, as a rotation does."""
        self.secrets_manager.put_secret_value(SecretId=NAME, SecretString=secret)


@pytest.fixture
def aws() -> Iterator[WatchedAws]:
    """Yield an AWS that has the old secret."""
    with WatchedAws() as server:
        server.reset()
        server.secrets_manager.create_secret(Name=NAME, SecretString=OLD)
        yield server
        server.goes_on.set()


@pytest.fixture
def receiver(aws: WatchedAws) -> Iterator[Receiver]:
    """Yield a receiver that has read nothing."""
    with Receiver(aws.secrets_manager, NAME) as receiver:
        yield receiver


def signed(*secrets: str, id_: str = "alt_1", age_s: float = 0, body: bytes = b'{"id": "alt_1", "type": "t"}') -> Any:
    """Return body and headers of a delivery that is signed with these secrets."""
    at = datetime.now(timezone.utc) - timedelta(seconds=age_s)
    headers = {
        "webhook-id": id_,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(
            Webhook(secret).sign(id_, at, body.decode(errors="replace")) for secret in secrets
        ),
    }
    return {"data": body, "headers": headers}


def post(receiver: Receiver, delivery: Any) -> int:
    """Send a delivery, and return the status of the answer."""
    return requests.post(receiver.url, timeout=30, **delivery).status_code


def let_a_minute_pass(receiver: Receiver) -> None:
    """Move the last read for a failed signature into the past."""
    receiver._secrets._doubted_at -= MINUTE_S


def test_flood_of_forged_posts_makes_one_read_a_minute(aws: WatchedAws, receiver: Receiver) -> None:
    """Each forged post is refused, and each right one between them accepted at the first attempt."""
    deliveries = [signed(secret, id_=f"alt_{number}") for number in range(100) for secret in (FORGED, OLD)]

    with ThreadPoolExecutor(8) as posters:
        first_minute = list(posters.map(lambda delivery: post(receiver, delivery), deliveries))
        reads_of_first_minute = list(aws.reads)
        let_a_minute_pass(receiver)
        second_minute = list(posters.map(lambda delivery: post(receiver, delivery), deliveries))

    assert first_minute == second_minute == [401, 204] * 100
    assert reads_of_first_minute == A_READ * 2, "the first of all, and one for the forged posts"
    assert aws.reads == A_READ * 3


@pytest.mark.parametrize("age_s", [302, -302, 86_400])
def test_stale_delivery_is_refused_without_a_read(aws: WatchedAws, receiver: Receiver, age_s: float) -> None:
    statuses = [post(receiver, signed(secret, age_s=age_s)) for secret in (OLD, FORGED)]

    assert statuses == [401, 401]
    assert aws.reads == []


_BASE64 = "A" * 43 + "="


@pytest.mark.parametrize(
    "changes",
    [
        *({name: None} for name in ("webhook-id", "webhook-timestamp", "webhook-signature")),
        {"webhook-id": ""},
        *({"webhook-timestamp": text} for text in ("", "now", "1e9", "-1", "9" * 5000, "nan")),
        *({"webhook-signature": text} for text in ("", "v1", "v1,", "v1,short", _BASE64, f"v2,{_BASE64}")),
    ],
)
def test_malformed_headers_are_refused_without_a_read(
    aws: WatchedAws, receiver: Receiver, changes: dict[str, str | None]
) -> None:
    delivery = signed(FORGED)
    delivery["headers"] = {
        name: value for name, value in {**delivery["headers"], **changes}.items() if value is not None
    }

    assert post(receiver, delivery) == 401
    assert aws.reads == []


@pytest.mark.parametrize("oddity", ["body", "signature"])
def test_delivery_that_cannot_be_verified_at_all_makes_no_further_read(
    aws: WatchedAws, receiver: Receiver, oddity: str
) -> None:
    """A body that is no UTF-8, and a list of signatures that is none, are refused with what is in memory."""
    delivery = signed(FORGED, body=b"\xff" if oddity == "body" else b"{}")
    if oddity == "signature":
        delivery["headers"]["webhook-signature"] = f"junk {delivery['headers']['webhook-signature']}"

    assert post(receiver, delivery) == 401
    assert aws.reads == A_READ


@pytest.mark.parametrize("length", [None, "", "-1", "many", "1000000", "9" * 5000])
def test_body_of_no_or_a_wild_length_is_refused_unread(receiver: Receiver, length: str | None) -> None:
    connection = http.client.HTTPConnection(receiver.url.split("/")[2], timeout=30)
    connection.putrequest("POST", "/")
    if length is not None:
        connection.putheader("Content-Length", length)
    connection.endheaders()

    assert connection.getresponse().status == 400
    connection.close()


def test_rotation_with_an_overlap_needs_no_read(aws: WatchedAws, receiver: Receiver) -> None:
    """For 24 hours both secrets sign, and the one in memory goes on."""
    post(receiver, signed(OLD))
    aws.store(NEW)

    status = post(receiver, signed(NEW, OLD))

    assert (status, [one.secret for one in receiver.accepted]) == (204, [OLD, OLD])
    assert aws.reads == A_READ


def test_secret_that_was_rotated_by_force_is_read_at_once(aws: WatchedAws, receiver: Receiver) -> None:
    post(receiver, signed(OLD))
    aws.store(NEW)

    status = post(receiver, signed(NEW))

    assert (status, [one.secret for one in receiver.accepted]) == (204, [OLD, NEW])


def test_rotation_by_force_within_the_minute_of_a_flood_is_taken_up_after_it(
    aws: WatchedAws, receiver: Receiver
) -> None:
    """Signa sends again what was refused; a flood delays it for a minute at most, and loses nothing."""
    post(receiver, signed(FORGED))
    aws.store(NEW)

    at_once = post(receiver, signed(NEW))
    let_a_minute_pass(receiver)
    again = post(receiver, signed(NEW))

    assert (at_once, again) == (401, 204)


def test_right_delivery_waits_for_the_read_of_a_forged_one(
    aws: WatchedAws, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PATIENCE_S", 30)
    post(receiver, signed(OLD))
    aws.store(NEW)
    aws.goes_on.clear()

    with ThreadPoolExecutor(2) as posters:
        forged = posters.submit(post, receiver, signed(FORGED))
        while len(aws.reads) == len(A_READ):
            pass
        right = posters.submit(post, receiver, signed(NEW))
        aws.goes_on.set()

    assert (forged.result(), right.result()) == (401, 204)
    assert aws.reads == A_READ * 2


def test_secrets_manager_that_hangs_holds_nobody(aws: WatchedAws, receiver: Receiver) -> None:
    """While a read hangs, the secret in memory goes on; afterwards the new one is there."""
    post(receiver, signed(OLD))
    aws.store(NEW)
    aws.goes_on.clear()

    statuses = [post(receiver, signed(secret)) for secret in (FORGED, OLD, NEW, FORGED)]
    aws.goes_on.set()
    receiver._secrets._reader.join()
    statuses.append(post(receiver, signed(NEW)))

    assert statuses == [401, 204, 401, 401, 204]
    assert aws.reads == A_READ * 2


def test_secret_that_cannot_be_read_yet_is_read_a_minute_later(
    aws: WatchedAws, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    """The log names the secret and what AWS says."""
    aws.secrets_manager.delete_secret(SecretId=NAME, ForceDeleteWithoutRecovery=True)

    before = post(receiver, signed(OLD))
    aws.secrets_manager.create_secret(Name=NAME, SecretString=OLD)
    let_a_minute_pass(receiver)
    after = post(receiver, signed(OLD))

    assert (before, after) == (401, 204)
    assert NAME in caplog.text
    assert "ResourceNotFoundException" in caplog.text


def test_secret_of_before_the_rotation_is_accepted_for_a_day(aws: WatchedAws, receiver: Receiver) -> None:
    """It serves what was under way when the secret was rotated, and later only a thief."""
    aws.store(NEW)
    same_day = post(receiver, signed(OLD))
    receiver._secrets._read_at -= module.HOUR_S

    with time_machine.travel(datetime.now(timezone.utc) + timedelta(hours=25)):
        next_day = [post(receiver, signed(secret)) for secret in (OLD, NEW)]

    assert (same_day, next_day) == (204, [401, 204])


def test_memory_is_bounded(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """The latest ids are kept, and of a long one its beginning."""
    monkeypatch.setattr(module, "_REMEMBERED", 2)

    for number in range(4):
        post(receiver, signed(OLD, id_=f"alt_{number}", body=b'{"id": "alt_%d", "type": "t"}' % number))
        post(receiver, signed(FORGED, id_=f"evt_{number}" + "x" * 10_000))

    assert [one.id for one in receiver.accepted] == ["alt_2", "alt_3"]
    assert receiver.rejected == [f"evt_{number}" + "x" * 95 for number in (2, 3)]
