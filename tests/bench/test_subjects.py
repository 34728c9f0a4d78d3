"""What is compared."""

from bench.subjects import properties

from pulumi_signa.inputs.webhook_endpoint import FIELDS, ROTATION_FIELDS
from pulumi_signa.lifecycle.webhook_endpoint import OUTPUTS


def test_same_properties_are_the_same() -> None:
    """The provider that measures what our properties cost has all of them, and no other."""
    assert {"url", *properties.DECLARED} == {*FIELDS, *ROTATION_FIELDS}
    assert properties.DECIDED.keys() == set(OUTPUTS)
