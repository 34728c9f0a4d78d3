"""
The life of a delivery check: create and update send a test where one is wanted, and wait for the receiver's answer.

A check has no object at Signa, so to read and to delete it costs no call. Each verb raises `LifecycleError` where we
refuse or a required test is not delivered, and create and update raise `SignaError` where Signa refuses or cannot be
reached.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pulumi_signa.lifecycle.context import Checked
from pulumi_signa.lifecycle.delivery_check import messages
from pulumi_signa.lifecycle.delivery_check.schema import Declared, Outcome
from pulumi_signa.lifecycle.delivery_check.sending import carry_out, record_deletion
from pulumi_signa.lifecycle.delivery_check.state import State
from pulumi_signa.lifecycle.errors import LifecycleError
from pulumi_signa.lifecycle.schema import differing
from pulumi_signa.lifecycle.values import UNKNOWN, Properties

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.context import Context

_REPLACING = Declared.names(lambda columns: columns.replaces)
_SENDING = ("endpoint_id", "triggers")
_SETTINGS = ("timeout_seconds", "required")


@dataclass(frozen=True, slots=True)
class Plan:
    """What an update has to do: the inputs that differ, and whether a test is sent."""

    state: State
    declared: Declared
    changed: tuple[str, ...]
    sends: bool
    replaces: tuple[str, ...]

    @property
    def is_needed(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.changed) or self.sends


def check(context: Context, properties: Properties, *, is_new: bool) -> Checked:  # noqa: ARG001 - of every `check`
    """Report everything that is wrong at once, without a call to Signa."""
    context.roster.declare(context.urn)
    normal = Declared.normalized(properties)
    return Checked(normal, [*context.settings.signa_problems, *Declared.problems(normal)])


def plan(context: Context, state: State, declared: Declared) -> Plan:  # noqa: ARG001 - of every `plan`
    """Compare the state with the declaration; whatever is unknown may differ, and another account replaces."""
    return _plan(state, declared)


def preview(context: Context, state: State | None, declared: Declared) -> dict[str, Any]:  # noqa: ARG001 - of each
    """Return the outputs after a create, without a state, or after an update, `UNKNOWN` where a receiver decides."""
    if state is None or _plan(state, declared).sends:
        return {**declared.outputs(), **dict.fromkeys(Outcome.rows(), UNKNOWN)}
    return {**declared.outputs(), **state.outcome.outputs()}


def create(context: Context, declared: Declared) -> State:
    """Send a test, and wait for the receiver's answer."""
    _require(declared)
    outcome = carry_out(context, declared, recorded_attempt=None)
    return State(outcome.attempt_id or "", declared, outcome)


def read(context: Context, check_id: str, state: State | None) -> State | None:  # noqa: ARG001 - of every `read`
    """Return the state as it is: what was proved does not change."""
    return state


def update(context: Context, state: State, declared: Declared) -> State:
    """Send another test where one is wanted; a test that fails the run leaves the state as it was, for the next one."""
    if not _plan(state, declared).sends:
        return replace(state, declared=declared)
    _require(declared)
    outcome = carry_out(context, declared, recorded_attempt=state.outcome.attempt_id)
    return State(state.id, declared, outcome)


def delete(context: Context, state: State) -> None:  # noqa: ARG001 - of every `delete`
    """Delete nothing, since a check has made nothing that lasts."""
    record_deletion(context)


def _plan(state: State, declared: Declared) -> Plan:
    before = state.declared
    # What is required from now on has to be delivered, and what was undelivered before is not.
    is_missing = declared.required is True and not state.outcome.delivered
    replaces = differing(_REPLACING, before, declared)
    return Plan(
        state,
        declared,
        changed=differing((*_SENDING, *_SETTINGS, *_REPLACING), before, declared),
        sends=bool(differing(_SENDING, before, declared) or replaces or is_missing),
        replaces=replaces,
    )


def _require(declared: Declared) -> None:
    # The engine drops unknown inputs before `Check`, and an output can be null, so `check` lets an absent id pass.
    if declared.endpoint_id is None:
        raise LifecycleError(messages.NO_VALUE)
