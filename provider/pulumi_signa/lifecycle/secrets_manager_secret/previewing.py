"""The outputs before a create or an update is carried out, `UNKNOWN` where AWS decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_signa.lifecycle.secrets_manager_secret.schema import FINGERPRINT, VALUE_INPUT, Declared
from pulumi_signa.lifecycle.values import UNKNOWN

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.secrets_manager_secret.planning import Plan


def after_create(declared: Declared) -> dict[str, Any]:
    """Return the outputs of a new secret."""
    return {**declared.outputs(), "arn": UNKNOWN, **_written(declared)}


def after_update(planned: Plan) -> dict[str, Any]:
    """Return the outputs after an update; a value that stays has the version that it had."""
    state, declared = planned.state, planned.declared
    outputs = {**state.outputs(), **declared.outputs(), VALUE_INPUT: declared.value_input}
    return {**outputs, **_written(declared)} if planned.writes or declared.without_value is True else outputs


def _written(declared: Declared) -> dict[str, Any]:
    """Return what is recorded of a value that is put, or that is others' from now on."""
    if declared.is_value_unknown:
        return dict.fromkeys(("version_id", FINGERPRINT, VALUE_INPUT), UNKNOWN)
    return {
        "version_id": None if declared.without_value else UNKNOWN,
        FINGERPRINT: declared.fingerprint,
        VALUE_INPUT: declared.value_input,
    }
