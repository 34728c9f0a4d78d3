"""What an update of a secret has to do: the state and the declaration compared, without a call to AWS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_signa.lifecycle.schema import differing
from pulumi_signa.lifecycle.secrets_manager_secret import schema
from pulumi_signa.lifecycle.secrets_manager_secret.schema import Declared, key_name
from pulumi_signa.lifecycle.secrets_manager_secret.stand_in import stands_for, stands_in
from pulumi_signa.lifecycle.values import UNKNOWN, is_unknown

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.context import Context
    from pulumi_signa.lifecycle.secrets_manager_secret.state import State

VALUE = "value"  # stands in a plan for either form of the value, and for the mark of a secret without one


@dataclass(frozen=True, slots=True)
class Plan:
    """What an update has to do: the names of what differs, and those among them that need another secret."""

    state: State
    declared: Declared
    changed: tuple[str, ...]
    replaces: tuple[str, ...]

    @property
    def is_needed(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.changed)

    def preview(self) -> dict[str, Any]:
        """Return the outputs after the update, `UNKNOWN` where AWS or an unknown value decides."""
        outputs = {**self.state.outputs(), **self.declared.outputs()}
        if VALUE in self.changed:
            outputs["version_id"] = None if self.declared.without_value is True else UNKNOWN
            outputs[schema.FINGERPRINT] = UNKNOWN if self.declared.is_value_unknown else self.declared.fingerprint
        if self.replaces:
            outputs["arn"] = UNKNOWN
        return outputs


def plan_of(context: Context, state: State, declared: Declared) -> Plan:
    """Return the plan: another name or region replaces, and whatever is unknown may differ."""
    before = state.declared
    changed = [*differing(("without_value",), before, declared)]
    is_same = not changed and (declared.without_value or _has_value(state, declared))
    # After a move the value is put again, as a version by which the stack that it came from knows the other one; a mark
    # is set anew for the same reason.
    if not is_same or (context.moved_from and not stands_in(declared)):
        changed.append(VALUE)
    changed += differing(("description", "tags", "replica_regions", "recovery_window_in_days"), before, declared)
    if is_unknown(declared.kms_key_id) or key_name(before.kms_key_id) != key_name(declared.kms_key_id):
        changed.append("kms_key_id")
    replaces = [*differing(("secret_name",), before, declared)]
    # Without a declared region a secret stays where it is, whatever the environment says today.
    if declared.region is not None and (is_unknown(declared.region) or declared.region != state.region):
        replaces.append("region")
    return Plan(state, declared, (*changed, *replaces), tuple(replaces))


def _has_value(state: State, declared: Declared) -> bool:
    """Return whether a secret is known to have the declared value."""
    if not declared.has_value or declared.is_value_unknown:
        return False
    return state.fingerprint == declared.fingerprint or stands_for(declared, state.version_id)
