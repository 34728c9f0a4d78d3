"""
The outputs before a create or an update is carried out.

Every declared input is known as the output that it will be. Of what Signa and AWS decide, only what may be promised is
known: what Signa documents, and what follows from the state. What users do not see is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_signa.lifecycle.values import UNKNOWN, Unknown, is_unknown
from pulumi_signa.lifecycle.webhook_endpoint import schema
from pulumi_signa.lifecycle.webhook_endpoint.keeping import InSecretsManager, InState, Move, fingerprint_of
from pulumi_signa.lifecycle.webhook_endpoint.rotation import Why
from pulumi_signa.lifecycle.webhook_endpoint.schema import CURRENT, DECIDED, Recorded
from pulumi_signa.lifecycle.webhook_endpoint.settling import rescheduled
from pulumi_signa.lifecycle.webhook_endpoint.state import State

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.context import Context
    from pulumi_signa.lifecycle.webhook_endpoint.planning import Plan
    from pulumi_signa.lifecycle.webhook_endpoint.schema import Declared

_PLACE = ("secret_arn", "secret_version_id", "secret_fingerprint")
_VALUES = ("secret", "previous_secret")
_ROTATING = ("rotate_trigger", "rotation_period_days", "on_stale_secret", "secret_destination")

# Source: https://docs.signa.so/api-reference/monitoring/webhooks/create
_FRESH = {
    "secret_version": 1,
    "secret_status": CURRENT,
    "previous_secret": None,
    "previous_secret_expires_at": None,
    "consecutive_failures": 0,
    "last_success_at": None,
    "last_failure_at": None,
}


def after_create(declared: Declared) -> dict[str, Any]:
    """Return the outputs of a new endpoint; Signa decides everything about one that is taken over."""
    decided: dict[str, Any] = dict.fromkeys(DECIDED, UNKNOWN)
    adoption = declared.adoption
    if adoption is None:
        decided |= _FRESH
    elif adoption.secret is None and adoption.rotate is False:
        decided |= dict.fromkeys(_VALUES)
    return {**declared.outputs(), **decided, **_absent(declared)}


def after_update(context: Context, planned: Plan) -> dict[str, Any]:
    """Return the outputs after an update; what Signa has counted so far stays."""
    state, declared = planned.state, planned.declared
    held = state.held.without_expired(context.now)
    expected = State(state.id, declared, held, rescheduled(declared, held, state), state.observed)
    # An input that is not known yet may have the secret rotated, or put elsewhere.
    may_rotate = any(is_unknown(getattr(declared, name)) for name in _ROTATING)
    decided: dict[str, Any] = {}
    if may_rotate:
        decided = dict.fromkeys(Recorded.rows(), UNKNOWN)
    elif planned.rotation is not None:
        decided = _rotated(planned)
    elif planned.moves is not None:
        decided = _moved(planned)
    if planned.fields or planned.rotation or may_rotate:
        decided["updated_at"] = UNKNOWN
    if "status" in planned.fields and state.observed.consecutive_failures:
        decided["consecutive_failures"] = UNKNOWN  # whether Signa counts anew is not documented
    return {**expected.outputs(), **decided, **_absent(declared)}


def _rotated(planned: Plan) -> dict[str, Any]:
    """Return what a rotation makes of the secret, as far as the state tells that Signa does not refuse it."""
    held, rotation, destination = planned.state.held, planned.rotation, planned.declared.destination
    decided: dict[str, Any] = dict.fromkeys(Recorded.rows(), UNKNOWN)
    is_current = held.status == CURRENT
    if rotation is not None and (not rotation.can_wait or (rotation.why is Why.SCHEDULE and is_current)):
        decided["secret_status"] = CURRENT
        if is_current:
            decided["secret_version"] = held.version + 1
    if isinstance(held.kept, InSecretsManager) and destination is not None and held.kept.is_at(destination):
        decided["secret_arn"] = held.kept.arn
    return decided


def _moved(planned: Plan) -> dict[str, Any]:
    """Return what another place makes of a secret that stays the same."""
    held = planned.state.held
    if planned.moves is Move.IN and isinstance(held.kept, InState):
        place: dict[str, Any] = dict.fromkeys(_PLACE, UNKNOWN)
        return {**place, "secret_fingerprint": fingerprint_of(held.kept.value)}
    if planned.moves is Move.OUT:
        # Of a secret that is held nowhere, Signa's own version is recorded.
        is_followed = held.is_stale and bool(planned.fields)
        versions = dict.fromkeys(("secret_version", "secret_rotated_at"), UNKNOWN) if is_followed else {}
        return {**versions, "secret_status": schema.UNKNOWN}
    if planned.moves is Move.BACK:
        return {"secret_status": UNKNOWN}
    return {**dict.fromkeys(Recorded.rows(), UNKNOWN), "secret_fingerprint": None}


def _absent(declared: Declared) -> dict[str, None]:
    """Return the outputs that will have no value, whatever Signa decides."""
    names = () if declared.rotation_period_days is not None else ("next_rotation_at",)
    wanted: object = declared.secret_destination  # in a preview it may be unknown
    if isinstance(wanted, Unknown):
        return dict.fromkeys(names)
    return dict.fromkeys((*names, *(_PLACE if wanted is None else _VALUES)))
