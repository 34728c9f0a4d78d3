"""
When the secret is rotated: because the user asks for it, because the schedule says so, or because it is of no use.

Comparing decides that, so that a preview shows it. Only a rotation that is asked for may be forced inside the overlap,
and fails where Signa refuses it; the others wait for a later run.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum, auto
from typing import TYPE_CHECKING

from pulumi_signa.lifecycle.values import is_unknown
from pulumi_signa.lifecycle.webhook_endpoint.keeping import Move, Nowhere, move
from pulumi_signa.lifecycle.webhook_endpoint.schedule import Schedule
from pulumi_signa.lifecycle.webhook_endpoint.schema import ROTATE, STALE, UNKNOWN

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.webhook_endpoint.schema import Declared
    from pulumi_signa.lifecycle.webhook_endpoint.state import State


class Why(Enum):
    """What makes a rotation due."""

    TRIGGER = auto()  # `rotate_trigger` has changed
    STALE = auto()  # the held secret is not Signa's current one (`on_stale_secret`)
    DESTINATION = auto()  # the secret cannot be read from the destination before
    UNHELD = auto()  # no secret is held (`on_stale_secret`)
    SCHEDULE = auto()  # `rotation_period_days` have passed
    ADOPTION = auto()  # `adopt` asks for a secret
    REISSUE = auto()  # the secret was told to a run that ended, and Signa does not repeat it


@dataclass(frozen=True, slots=True)
class Rotation:
    """
    A rotation that is due, with the reason with which it may be forced, and the date of the schedule, or None.

    Attributes:
        is_inside_overlap: Whether the rotation before is known to be less than 24 hours ago.
        held_version: The version of the secret that the state holds, or None; what else the same update does to the
            secret's place does not count.
        recorded_trigger: The last `rotate_trigger` of the state, which changes when a rotation was recorded.
    """

    why: Why
    reason: str | None = None
    is_inside_overlap: bool = False
    since: datetime | None = None
    held_version: int | None = field(default=None, compare=False)
    recorded_trigger: str | None = field(default=None, compare=False)

    @property
    def can_wait(self) -> bool:
        """Whether a later run may carry it out: nobody has asked for this very rotation."""
        return self.why in (Why.STALE, Why.UNHELD, Why.SCHEDULE)

    @property
    def is_refused(self) -> bool:
        """Whether Signa is known to refuse it, and there is no reason to force it."""
        return self.is_inside_overlap and self.reason is None and not self.can_wait


def due(state: State, declared: Declared, now: datetime) -> Rotation | None:
    """Return the rotation that is due, or None; nothing is concluded from an unknown input."""
    rotation = _due(state, declared, now)
    if rotation is None:
        return None
    held_version = None if isinstance(state.held.kept, Nowhere) else state.held.version
    return replace(rotation, held_version=held_version, recorded_trigger=state.recorded_trigger)


def _due(state: State, declared: Declared, now: datetime) -> Rotation | None:
    held = state.held
    is_inside_overlap = held.overlap_end(now) is not None
    trigger = declared.rotate_trigger
    # A trigger that is taken out asks for nothing.
    if trigger is not None and not is_unknown(trigger) and trigger != state.declared.rotate_trigger:
        return Rotation(Why.TRIGGER, declared.force_rotation_reason, is_inside_overlap)
    moved = move(held.kept, declared)
    if moved is Move.ELSEWHERE:
        return Rotation(Why.DESTINATION, declared.force_rotation_reason, is_inside_overlap)
    status = UNKNOWN if moved is Move.OUT else held.status
    if declared.on_stale_secret == ROTATE and status in (STALE, UNKNOWN):
        return Rotation(Why.STALE if status == STALE else Why.UNHELD)
    schedule = Schedule.declared(declared.rotation_period_days, held, state.schedule)
    if schedule is not None and schedule.next_at <= now and not is_inside_overlap:
        return Rotation(Why.SCHEDULE, since=schedule.next_at)
    return None
