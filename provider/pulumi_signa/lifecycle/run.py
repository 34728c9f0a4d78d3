"""What the life of an endpoint needs of the run that it goes on in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pulumi_signa.lifecycle import Warn
    from pulumi_signa.lifecycle.kept import Kept
    from pulumi_signa.lifecycle.known_endpoints import KnownEndpoints


@dataclass(frozen=True, slots=True)
class Run:
    """
    One run, as it is to one of its resources.

    Attributes:
        namespace: Keeps two stacks with the same URNs apart.
        known: What this run knows of other endpoints.
        kept: The endpoints that the program's own resources have; `delete` leaves them alone.
        now: The time.
        warn: Shows a line on the resource.
        require_engine: Raises where nobody would record what is done next.
    """

    namespace: str
    known: KnownEndpoints
    kept: Kept
    now: datetime
    warn: Warn
    require_engine: Callable[[], None]
