"""What is compared."""

from bench.subjects import properties

from pulumi_signa.lifecycle.secrets_manager_secret import schema as secret
from pulumi_signa.lifecycle.webhook_endpoint.schema import DECIDED, KEPT, SENT


def test_same_properties_are_the_same() -> None:
    """The provider that measures what our properties cost has all of them, and no other."""
    assert {"url", *properties.DECLARED} == {*SENT, *KEPT}
    assert properties.DECIDED.keys() == set(DECIDED)


def test_same_properties_of_a_secret_are_the_same() -> None:
    """The same holds for the second resource."""
    declared = {"secret_name", "secret_string", *properties.DECLARED_OF_SECRET}
    assert declared == secret.Declared.rows().keys()
    assert properties.DECIDED_OF_SECRET.keys() == secret.Recorded.rows().keys()
