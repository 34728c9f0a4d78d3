"""What an update of a secret has to do: the state and the declaration compared, without a call to AWS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_signa.lifecycle.schema import differing
from pulumi_signa.lifecycle.secrets_manager_secret.schema import VALUE_PROPERTIES, Declared, key_name
from pulumi_signa.lifecycle.secrets_manager_secret.stand_in import stands_for, stands_in
from pulumi_signa.lifecycle.values import is_unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pulumi_signa.lifecycle.context import Context
    from pulumi_signa.lifecycle.secrets_manager_secret.state import State


@dataclass(frozen=True, slots=True)
class Plan:
    """
    What an update has to do.

    Attributes:
        changed: The declared properties that differ; another value has the name of its input.
        replaces: Those among them that need another secret.
        writes: Whether the value is put, or is left to others from now on.
    """

    state: State
    declared: Declared
    changed: tuple[str, ...]
    replaces: tuple[str, ...]
    writes: bool

    @property
    def is_needed(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.changed) or self.writes


def plan_of(context: Context, state: State, declared: Declared) -> Plan:
    """Return the plan: another name or region replaces, and whatever is unknown may differ."""
    before = state.declared
    is_left = declared.without_value is True and not state.has_value  # the value was others' before, too
    changed = [] if is_left else [*differing(("without_value",), before, declared)]
    has_value = is_left or (not changed and _has_value(state, declared))
    if not has_value:
        changed += _value_inputs(state, declared)
    changed += differing(("description", "tags", "recovery_window_in_days"), before, declared)
    # No replicas are those of a secret that was found without any, and that no replicas are declared for.
    if before.replica_regions or declared.replica_regions is not None:
        changed += differing(("replica_regions",), before, declared)
    if is_unknown(declared.kms_key_id) or key_name(before.kms_key_id) != key_name(declared.kms_key_id):
        changed.append("kms_key_id")
    replaces = [*differing(("secret_name",), before, declared)]
    # Without a declared region a secret stays where it is, whatever the environment says today.
    if declared.region is not None and (is_unknown(declared.region) or declared.region != state.region):
        replaces.append("region")
    # After a move the value is put again, as a version by which the stack that it came from knows the other one; a mark
    # is set anew for the same reason.
    writes = not has_value or bool(context.moved_from and not stands_in(declared))
    return Plan(state, declared, (*changed, *replaces), tuple(replaces), writes)


def _has_value(state: State, declared: Declared) -> bool:
    """Return whether a secret is known to have the declared value."""
    if not declared.has_value or declared.is_value_unknown:
        return False
    return state.fingerprint == declared.fingerprint or stands_for(declared, state.version_id)


def _value_inputs(state: State, declared: Declared) -> Iterable[str]:
    """Return the inputs of a value that differs: the one that has it, and the one that had it."""
    names = dict.fromkeys(filter(None, (declared.value_input, state.value_input)))
    return names or VALUE_PROPERTIES[:1]
