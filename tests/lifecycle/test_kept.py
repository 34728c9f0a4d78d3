"""What is kept although its deletion is asked for, and what is not."""

from pulumi_signa.lifecycle.kept import Kept

URN = "urn:pulumi:dev::p::t::alerts"


def test_object_of_a_declared_resource_is_kept() -> None:
    """It was checked and compared: the program has it, and keeps it."""
    kept = Kept()
    kept.declare(URN)

    kept.compare("id", URN, is_replaced=False)

    assert "id" in kept


def test_refresh_keeps_nothing() -> None:
    """It compares without a check, perhaps before a destroy in the same run."""
    kept = Kept()

    kept.compare("id", URN, is_replaced=False)

    assert "id" not in kept


def test_replaced_object_is_not_kept() -> None:
    """Whatever was thought of it before."""
    kept = Kept()
    kept.declare(URN)
    kept.compare("id", URN, is_replaced=False)

    kept.compare("id", URN, is_replaced=True)

    assert "id" not in kept


def test_object_that_was_taken_over_is_kept() -> None:
    """The resource that had it before is deleted after that."""
    kept = Kept()

    kept.take("id", "urn")

    assert "id" in kept
    assert "other" not in kept


def test_holder_is_the_resource_that_has_the_object() -> None:
    """Whether it was compared with its declaration or got the object just now; the last word counts."""
    kept = Kept()
    kept.declare(URN)

    kept.compare("compared", URN, is_replaced=False)
    kept.take("taken", "urn")
    kept.take("compared twice", "urn")
    kept.compare("compared twice", URN, is_replaced=False)

    found = [kept.holder(id_) for id_ in ("compared", "taken", "compared twice", "other")]
    assert found == [URN, "urn", URN, None]


def test_refresh_takes_the_holder_away() -> None:
    """What it compares may be about to be destroyed."""
    kept = Kept()
    kept.take("id", URN)

    kept.compare("id", URN, is_replaced=False)

    assert kept.holder("id") is None
    assert not kept.is_declared(URN)


def test_check_declares_a_resource() -> None:
    """That one alone, before it is compared with anything."""
    kept = Kept()

    kept.declare(URN)

    assert kept.is_declared(URN)
    assert not kept.is_declared("urn")
    assert "id" not in kept
