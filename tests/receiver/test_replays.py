"""Copies of a delivery are refused, and whatever Signa itself sends again is not."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from emulator.harness import Api
from receiver.deliveries import FORGED, NEW, OLD, Clock, signed
from signa_emulator.signing import ALERT_EVENT, new_event, sign
from signa_receiver import (
    FixedSecrets,
    MalformedDeliveryError,
    MemoryReplays,
    Receiver,
    ReplayedError,
    SignatureError,
)


class RecordingReplays:
    """A store of somebody's own, as of Redis."""

    def __init__(self) -> None:
        self.kept: dict[str, int] = {}

    def add(self, key: str, *, seconds: int) -> bool:
        """Keep a key, and return whether it is new."""
        is_new = key not in self.kept
        self.kept[key] = seconds
        return is_new


@pytest.fixture
def receiver(clock: Clock) -> Receiver:
    """Return a receiver that refuses copies."""
    return Receiver(FixedSecrets(NEW, OLD), replays=MemoryReplays())


def test_copy_is_refused(receiver: Receiver) -> None:
    delivery = signed(OLD)
    receiver.verify(delivery.body, delivery.headers)

    with pytest.raises(ReplayedError) as caught:
        receiver.verify(delivery.body, delivery.headers)

    assert caught.value.http_status == 409


def test_copy_is_accepted_where_nobody_asked_for_replay_protection() -> None:
    receiver, delivery = Receiver(FixedSecrets(OLD)), signed(OLD)

    assert [receiver.verify(delivery.body, delivery.headers).id for _ in range(2)] == ["alt_1"] * 2


@pytest.mark.parametrize(
    "changes",
    [{"webhook-attempt": "2"}, {"webhook-attempt": ""}, {"webhook-signature": "old"}, {"webhook-signature": "swapped"}],
)
def test_copy_with_other_headers_that_are_not_signed_is_refused(receiver: Receiver, changes: dict[str, str]) -> None:
    """The attempt's number, and which of the two signatures of a rotation come along, are the sender's choice."""
    delivery = signed(NEW, OLD)
    new, old = delivery.headers["webhook-signature"].split()
    signatures = {"old": old, "swapped": f"{old} {new}"}
    receiver.verify(delivery.body, delivery.headers)

    with pytest.raises(ReplayedError):
        receiver.verify(
            delivery.body,
            {**delivery.headers, **{name: signatures.get(value, value) for name, value in changes.items()}},
        )


def test_retry_and_redelivery_pass_with_the_id_of_the_first_attempt(receiver: Receiver) -> None:
    """Signa signs each attempt anew; the first may have timed out before its handler was done."""
    attempts = [signed(OLD, age_s=age_s, attempt=number) for age_s, number in ((9, 1), (5, 2), (1, 2))]

    events = [receiver.verify(attempt.body, attempt.headers) for attempt in attempts]

    assert [(event.id, event.attempt) for event in events] == [("alt_1", 1), ("alt_1", 2), ("alt_1", 2)]


def test_redelivery_within_the_second_of_the_first_attempt_passes(signa: Api, clock: Clock) -> None:
    """The timestamp in the headers is the same, and that in the body, which is signed too, has milliseconds."""
    created = signa.create()
    endpoint = signa.organization.endpoints.get(created["id"])
    now = signa.organization.clock.now().replace(microsecond=0)
    event = new_event(ALERT_EVENT, None, now)
    receiver = Receiver(FixedSecrets(created["secret"]), replays=MemoryReplays())

    attempts = [sign(event, endpoint, attempt=n, now=now + timedelta(milliseconds=n)) for n in (1, 2)]

    assert [receiver.verify(one.body, one.headers).id for one in attempts] == [event.id] * 2
    assert attempts[0].headers["webhook-timestamp"] == attempts[1].headers["webhook-timestamp"]


def test_two_events_of_one_second_pass(receiver: Receiver) -> None:
    deliveries = [signed(OLD, id_=id_) for id_ in ("alt_1", "alt_2")]

    assert [receiver.verify(one.body, one.headers).id for one in deliveries] == ["alt_1", "alt_2"]


def test_forged_or_malformed_delivery_takes_no_room() -> None:
    replays = RecordingReplays()
    receiver = Receiver(FixedSecrets(OLD), replays=replays)
    forged, malformed, right = signed(FORGED), signed(OLD, body=b"[]"), signed(OLD)

    for delivery, error in ((forged, SignatureError), (malformed, MalformedDeliveryError)):
        with pytest.raises(error):
            receiver.verify(delivery.body, delivery.headers)
    before = dict(replays.kept)
    receiver.verify(right.body, right.headers)

    assert before == {}
    assert list(replays.kept.values()) == [600], "a timestamp from the edge of the future lives for ten minutes"


def test_one_of_many_copies_at_once_is_accepted(receiver: Receiver) -> None:
    delivery = signed(OLD)

    def is_accepted(_: int) -> bool:
        try:
            receiver.verify(delivery.body, delivery.headers)
        except ReplayedError:
            return False
        return True

    with ThreadPoolExecutor(8) as posters:
        assert sum(posters.map(is_accepted, range(100))) == 1


def test_memory_is_bounded_by_time_and_by_number(clock: Clock) -> None:
    replays = MemoryReplays(max_entries=2)

    assert [replays.add(key, seconds=600) for key in "aab"] == [True, False, True]
    assert replays.add("c", seconds=600)
    assert [replays.add(key, seconds=600) for key in "bc"] == [False, False], "the oldest is forgotten first"
    clock.ahead_s += 600
    assert [replays.add(key, seconds=600) for key in "bc"] == [True, True]
    assert len(replays._ends) == 2


def test_memory_for_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="1 or more"):
        MemoryReplays(max_entries=0)
