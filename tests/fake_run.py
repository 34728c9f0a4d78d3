"""A run, as the lifecycle of an endpoint sees it, in which nothing else goes on."""

from collections.abc import Callable
from datetime import datetime, timezone

from pulumi_signa.lifecycle.kept import Kept
from pulumi_signa.lifecycle.known_endpoints import KnownEndpoints
from pulumi_signa.lifecycle.run import Run


def no_warning(message: str) -> None:
    """Fail on a warning."""
    raise AssertionError(message)


def fake_run(
    *,
    namespace: str = "",
    known: KnownEndpoints | None = None,
    kept: Kept | None = None,
    now: datetime | None = None,
    warn: Callable[[str], None] = no_warning,
    require_engine: Callable[[], None] = lambda: None,
) -> Run:
    """Give a run that knows of no other endpoint, warns of nothing, and whose engine is there."""
    return Run(
        namespace=namespace,
        known=known or KnownEndpoints(settle_s=0),
        kept=kept or Kept(),
        now=now or datetime.now(timezone.utc),
        warn=warn,
        require_engine=require_engine,
    )
