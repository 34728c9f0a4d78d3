"""What is compared."""

from bench.subjects import properties

from pulumi_signa.lifecycle.webhook_endpoint.schema import DECIDED, KEPT, SENT


def test_same_properties_are_the_same() -> None:
    """The provider that measures what our properties cost has all of them, and no other."""
    assert {"url", *properties.DECLARED} == {*SENT, *KEPT}
    assert properties.DECIDED.keys() == set(DECIDED)
