"""Which resource of a run has which object."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from pulumi_signa.lifecycle.roster import Roster

ALERTS, SPARE = "urn:pulumi:dev::p::t::alerts", "urn:pulumi:dev::p::t::spare"
LONG_S = 30.0
"""Far longer than anything here takes."""


class WatchedCondition(threading.Condition):
    """A condition that records when somebody waits for it, and has let go of its lock."""

    def __init__(self) -> None:
        super().__init__()
        self.is_awaited = threading.Event()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait; whoever takes the lock after the event is set comes while this waits."""
        self.is_awaited.set()
        return super().wait(timeout)


@pytest.fixture
def roster() -> Roster:
    """Return the roster of a run that has just begun."""
    return Roster(settle_s=0)


# What must stay


def test_object_of_a_declared_resource_must_stay(roster: Roster) -> None:
    roster.declare(ALERTS)
    roster.compare("id", ALERTS)

    assert roster.must_stay("id")
    assert not roster.must_stay("other")


def test_refresh_which_checks_nothing_keeps_nothing(roster: Roster) -> None:
    roster.take("id", ALERTS)
    roster.compare("id", ALERTS)

    assert not roster.must_stay("id")


def test_replaced_object_need_not_stay(roster: Roster) -> None:
    roster.declare(ALERTS)
    roster.compare("id", ALERTS)
    roster.compare("id", ALERTS, is_replaced=True)

    assert not roster.must_stay("id")


def test_object_that_was_taken_over_must_stay(roster: Roster) -> None:
    roster.take("id", ALERTS)

    assert roster.must_stay("id")


# What is known and free


@pytest.mark.parametrize("settle_s", [0, 0.01])
def test_object_that_no_resource_has_is_free_in_the_end(settle_s: float) -> None:
    roster = Roster(settle_s=settle_s)
    roster.see("whk_1")

    assert [roster.is_free_after_settling(id_) for id_ in ("whk_1", "whk_2")] == [False, True]
    assert [roster.is_known(id_) for id_ in ("whk_1", "whk_2")] == [True, False]


def test_object_that_is_compared_while_the_run_settles_is_not_free() -> None:
    roster = Roster(settle_s=LONG_S)
    roster._changed = condition = WatchedCondition()

    with ThreadPoolExecutor() as pool:
        is_free = pool.submit(roster.is_free_after_settling, "whk_1")
        assert condition.is_awaited.wait(LONG_S)
        condition.is_awaited.clear()
        roster.compare("whk_2", SPARE)
        assert condition.is_awaited.wait(LONG_S), "another object settles nothing"
        roster.compare("whk_1", ALERTS)

        assert not is_free.result(LONG_S)


# Who is to take over what


def test_claim_keeps_the_object_from_its_former_resource(roster: Roster) -> None:
    assert roster.claim("whk_1", ALERTS) is None

    assert roster.must_stay("whk_1")
    assert roster.is_claimed_by("whk_1", ALERTS)
    assert not roster.is_claimed_by("whk_1", SPARE)


def test_claim_on_what_a_resource_has_names_that_resource(roster: Roster) -> None:
    roster.declare(ALERTS)
    roster.compare("whk_1", ALERTS)

    assert roster.claim("whk_1", SPARE) == ALERTS
    assert roster.must_stay("whk_1")


def test_comparison_of_what_another_resource_claims_names_that_resource(roster: Roster) -> None:
    roster.claim("whk_1", SPARE)

    assert roster.compare("whk_1", ALERTS) == SPARE


def test_second_comparison_of_an_object_names_the_resource_of_the_first(roster: Roster) -> None:
    for urn in (ALERTS, SPARE):
        roster.declare(urn)

    assert roster.compare("id", ALERTS) is None
    assert roster.compare("id", SPARE) == ALERTS
    assert roster.compare("id", ALERTS) == SPARE


def test_resource_that_is_not_declared_any_more_is_no_rival(roster: Roster) -> None:
    roster.declare(SPARE)

    roster.compare("id", ALERTS)

    assert roster.compare("id", SPARE) is None


def test_second_claim_names_the_first_one(roster: Roster) -> None:
    roster.claim("whk_1", ALERTS)
    roster.compare("whk_1", "urn:former")

    assert roster.claim("whk_1", SPARE) == ALERTS


def test_resource_is_no_rival_to_itself(roster: Roster) -> None:
    roster.declare(ALERTS)
    for _ in range(2):
        assert roster.claim("whk_1", ALERTS) is None
        assert roster.compare("whk_1", ALERTS) is None
        assert roster.compare("whk_2", SPARE) is None


# What is a refresh


def test_refresh_reads_what_nothing_declares(roster: Roster) -> None:
    roster.read("whk_1")

    assert roster.is_refresh("whk_1", ALERTS)
    assert not roster.is_refresh("whk_2", ALERTS)
    roster.declare(ALERTS)
    assert not roster.is_refresh("whk_1", ALERTS)
