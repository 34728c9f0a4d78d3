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
