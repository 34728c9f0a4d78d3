"""The dynamic provider of the stack's identity."""

from typing import Any

import pytest
from pulumi.dynamic.dynamic import PROVIDER_KEY

from pulumi_signa.providers.stack_identity import StackIdentityProvider


@pytest.mark.parametrize(("olds", "changes"), [({PROVIDER_KEY: "reference"}, False), ({}, True)])
def test_state_of_the_native_host_is_written_anew(olds: dict[str, Any], *, changes: bool) -> None:
    """The dynamic host finds the class of a provider in the state, and could not delete the resource without it."""
    assert StackIdentityProvider().diff("id", olds, {PROVIDER_KEY: "reference"}).changes is changes
