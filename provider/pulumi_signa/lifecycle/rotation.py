"""
When a secret is rotated, and that it is rotated once although the run may die and be repeated.

A rotation is due because the user asks for it (`rotate_trigger`), because the schedule says so
(`rotation_period_days`), or because the secret held is of no use (`on_stale_secret`). Comparing decides that, so a
preview shows it. Only one that is asked for may be forced inside the overlap, and is an error where Signa refuses it;
the others wait.

The key of a rotation is derived from the version that it makes, so that one whose answer was lost is replayed.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pulumi_signa.inputs import Properties, is_unknown
from pulumi_signa.lifecycle import LifecycleError, derived
from pulumi_signa.lifecycle.held_secret import CURRENT, OVERLAP, STALE, HeldSecret
from pulumi_signa.lifecycle.times import moment, text_of
from pulumi_signa.signa_api.errors import ConflictError

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.run import Run
    from pulumi_signa.signa_api.client import Issued, SignaClient
    from pulumi_signa.signa_api.models import WebhookEndpoint

ROTATE = "rotate"
"""What `on_stale_secret` says where a secret that is of no use is to be rotated."""

_MAX_KEYS = 10
"""Of one rotation: each one that was made within 24 hours and never held uses one up."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """
    A rotation that is due.

    Attributes:
        why: What makes it due, in words for the user.
        is_asked: Whether the user has asked for this one; if not, it can wait.
        reason: With which it may be forced, or None.
        is_inside_overlap: Whether the one before is known to be less than 24 hours ago.
    """

    why: str
    is_asked: bool = False
    reason: str | None = None
    is_inside_overlap: bool = False

    def __str__(self) -> str:
        """Say what will be done, and why."""
        if self.is_inside_overlap:
            before = "ends at once (force_rotation_reason)"
        elif self.reason is not None:
            before = (
                "stays valid for 24 hours, unless others rotated in the last 24: then it ends (force_rotation_reason)"
            )
        else:
            before = "stays valid for 24 hours"
        return f"rotates the secret: {self.why}; the one before {before}"


def due(endpoint_id: str, old: Properties, declared: Properties, now: datetime) -> Rotation | None:
    """
    Give the rotation that is due, or None.

    Args:
        old: The stored outputs.
        declared: The inputs in normal form; of an unknown one nothing is concluded.

    Raises:
        LifecycleError: It is asked for, Signa would refuse it, and there is no reason to force it.
    """
    held = HeldSecret.of_state(old)
    overlap_end = held.overlap_end(now)
    trigger, reason = declared.get("rotate_trigger"), declared.get("force_rotation_reason")
    # A trigger that is taken out asks for nothing.
    if trigger is not None and not is_unknown(trigger) and trigger != old.get("rotate_trigger"):
        if overlap_end is not None and reason is None:
            raise LifecycleError(
                f"the secret of {endpoint_id} was rotated at {held.rotated_at}, and Signa rotates it again from "
                f"{text_of(overlap_end)} on: set rotate_trigger back until then, or give force_rotation_reason to end "
                "the secret before at once"
            )
        return Rotation(
            "rotate_trigger has changed", is_asked=True, reason=reason, is_inside_overlap=overlap_end is not None
        )
    if declared["on_stale_secret"] == ROTATE and held.status != CURRENT:
        what = "the secret held is stale" if held.status == STALE else "no secret is held"
        return Rotation(f"{what} (on_stale_secret)")
    scheduled = _scheduled(old, declared, held)
    if scheduled is not None and scheduled <= now and overlap_end is None:
        return Rotation(f"due since {text_of(scheduled)} (rotation_period_days)")
    return None


def next_rotation_at(old: Properties, declared: Properties, held: HeldSecret) -> str | None:
    """
    Give the moment of the next rotation that the schedule asks for, or None without a schedule.

    A run that comes late does not move the schedule, and however many dates have passed, one rotation is all that they
    ask for. A rotation before its date, or another period, begins the schedule anew.

    Args:
        old: The stored outputs; empty at create.
        held: The secret held now.
    """
    scheduled = _scheduled(old, declared, held)
    if scheduled is None or held.rotated_at is None:
        return None
    if old.get("secret_version") not in (None, held.version):
        period = timedelta(days=declared["rotation_period_days"])
        passed = (moment(held.rotated_at) - scheduled) // period + 1
        scheduled = scheduled + passed * period if passed > 0 else moment(held.rotated_at) + period
    return text_of(scheduled)


def carry_out(  # noqa: PLR0913 - the first five are those of every step
    client: SignaClient,
    endpoint_id: str,
    held: HeldSecret,
    rotation: Rotation,
    run: Run,
    *,
    known_by: tuple[str | int, ...] = (),
) -> tuple[WebhookEndpoint, HeldSecret]:
    """
    Rotate, or find what an earlier run of the same rotation has made.

    Args:
        known_by: What every run knows the rotation by; empty for the version that follows the one held.

    Returns:
        The endpoint as it is, and the secret held now.

    Raises:
        ConflictError: Signa does not rotate yet.
        SignaError: Signa refused or could not be reached.
    """
    # The version that an unknown secret has is Signa's, and a run that died has made it another one.
    known_by = known_by or (endpoint_id, "none held" if held.value is None else held.version + 1)
    for _ in range(_MAX_KEYS):
        try:
            issued, is_forced = _send(client, endpoint_id, known_by, rotation, run)
        except ConflictError:
            if rotation.reason is None:
                raise
            # Force meets no overlap: an earlier run has used the key, with another reason.
        else:
            current = client.get_webhook_endpoint(endpoint_id) if issued.is_replay else issued.endpoint
            if issued.endpoint.secret is not None and issued.endpoint.secret_version == current.secret_version:
                return current, held.rotated(issued.endpoint, forced=is_forced)
        # What that key made is lost, or others have rotated since. The next key follows from it, and not from what
        # Signa has now: it too may have been used by a run that died.
        known_by = (*known_by, "next")
    raise LifecycleError(f"the secret of {endpoint_id} is rotated elsewhere again and again: find out by whom")


def _send(
    client: SignaClient, endpoint_id: str, known_by: tuple[str | int, ...], rotation: Rotation, run: Run
) -> tuple[Issued, bool]:
    """
    Send the rotation that goes by a key, and tell whether it was forced.

    One with a reason is sent both ways, the likelier one first: Signa may know of an overlap that the state does not
    know of; and what a run that died has sent is replayed only to the same body.
    """
    key = f"pulumi-rotate-{derived(*known_by)}"

    def rotate(reason: str | None) -> tuple[Issued, bool]:
        run.require_engine()
        return client.rotate_secret(endpoint_id, idempotency_key=key, force_reason=reason), reason is not None

    if rotation.reason is None:
        return rotate(None)
    likelier, other = (rotation.reason, None) if rotation.is_inside_overlap else (None, rotation.reason)
    with contextlib.suppress(ConflictError):
        return rotate(likelier)
    return rotate(other)


def refused_until(endpoint: WebhookEndpoint) -> str:
    """Give when Signa rotates at the latest, where somebody else has rotated: no later than the last change."""
    return text_of(moment(endpoint.updated_at) + OVERLAP)


def _scheduled(old: Properties, declared: Properties, held: HeldSecret) -> datetime | None:
    days = declared.get("rotation_period_days")
    if days is None or is_unknown(days):
        return None
    if old.get("next_rotation_at") is not None and old.get("rotation_period_days") == days:
        return moment(old["next_rotation_at"])
    rotated_at = (HeldSecret.of_state(old) if old else held).rotated_at
    return None if rotated_at is None else moment(rotated_at) + timedelta(days=days)
