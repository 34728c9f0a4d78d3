"""One identity a stack, which our resources wait for and do not depend on."""

from collections.abc import Callable
from typing import Any

import pulumi

from pulumi_signa import SecretsManagerSecret, WebhookEndpoint

URL = "https://example.com/hook"

Run = Callable[..., Any]


def both() -> Any:
    """Declare one resource of each kind."""
    endpoint = WebhookEndpoint("alerts", url=URL)
    stored = SecretsManagerSecret("stored", secret_name="a", secret_string=endpoint.secret)
    return pulumi.Output.all(endpoint.urn, stored.urn)


def test_resources_of_a_stack_share_one_identity(run: Run) -> None:
    engine = run(both)

    assert [name for name in engine.registered if name == "signa"] == ["signa"]
    assert engine.registered["alerts"]["__stack"] == engine.registered["stored"]["__stack"] == "signa-id"


def test_identity_is_no_dependency(run: Run) -> None:
    engine = run(both)

    assert not engine.requests["alerts"].dependencies
    assert not any("signa:StackIdentity" in urn for urn in engine.requests["stored"].dependencies)


def test_next_stack_of_the_process_has_its_own(run: Run) -> None:
    """A program of the Automation API may be run again, or beside another one."""
    assert "signa" in run(both).registered
    assert "signa" in run(both).registered


def test_identity_that_the_preview_does_not_know_is_unknown(run: Run) -> None:
    """A saved plan would not allow a property that comes later."""
    engine = run(both, preview=True)

    assert "__stack" in engine.requests["alerts"].object
