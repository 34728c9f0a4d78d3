"""
The life of a secret in AWS Secrets Manager.

The value is an input only. The state holds its hash, as a secret, to tell whether the value has changed. A current
version that is not ours means that somebody else has put a value, and the next update puts ours again. With
`without_value` the value is theirs: the secret has a mark instead of a version of ours, and its versions are no drift.

Each verb raises `LifecycleError` where we refuse, and each verb that asks AWS raises `AwsError` where AWS refuses or
cannot be reached.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pulumi_signa.aws.errors import SecretDeletedError, SecretNotFoundError
from pulumi_signa.lifecycle.context import Checked
from pulumi_signa.lifecycle.errors import LifecycleError
from pulumi_signa.lifecycle.places import claim, region_problems
from pulumi_signa.lifecycle.progress import Progress
from pulumi_signa.lifecycle.secrets_manager_secret import messages, previewing, schema
from pulumi_signa.lifecycle.secrets_manager_secret.creation import find, made_or_taken_over
from pulumi_signa.lifecycle.secrets_manager_secret.planning import Plan, plan_of
from pulumi_signa.lifecycle.secrets_manager_secret.schema import VALUE_PROPERTIES, Declared
from pulumi_signa.lifecycle.secrets_manager_secret.settling import (
    as_found,
    replicate,
    retag,
    set_description_and_key,
    tags_of,
    warn_of_replicas,
)
from pulumi_signa.lifecycle.secrets_manager_secret.stand_in import stands_in
from pulumi_signa.lifecycle.secrets_manager_secret.state import State
from pulumi_signa.lifecycle.secrets_manager_secret.versions import Lineage

if TYPE_CHECKING:
    from pulumi_signa.aws.secrets_manager import SecretsManager
    from pulumi_signa.lifecycle.context import Context
    from pulumi_signa.lifecycle.values import Properties


def check(context: Context, properties: Properties, *, is_new: bool) -> Checked:  # noqa: ARG001 - of every `check`
    """Report everything that is wrong at once, without a call to AWS."""
    context.roster.declare(context.urn)
    normal = Declared.normalized(properties)
    problems = [*context.settings.aws_problems, *schema.problems(normal)]
    problems += schema.own_region_problems(normal, normal["region"] or context.settings.aws_region)
    if normal["region"] is None:
        problems += region_problems(context.settings)
    if not problems:
        for warning in schema.warnings(Declared(**normal)):
            context.warn(warning)
    return Checked(normal, problems)


def plan(context: Context, state: State, declared: Declared) -> Plan:
    """Compare the state with the declaration: another name or region replaces, and whatever is unknown may differ."""
    planned = plan_of(context, state, declared)
    if declared.has_value:
        claim(context, state.id)
    context.roster.compare(state.id, context.urn, is_replaced=bool(planned.replaces))
    is_refresh = context.roster.is_refresh(state.id, context.urn)
    if planned.writes and state.fingerprint is None and not declared.without_value and not is_refresh:
        of_others = messages.PUTS_VALUE_OVER_OTHERS if state.version_id is None else messages.PUTS_VALUE
        context.inform(of_others.format(version_id=state.version_id))
    return planned


def preview(context: Context, state: State | None, declared: Declared) -> dict[str, Any]:
    """Return the outputs after a create, without a state, or after an update, `UNKNOWN` where AWS decides."""
    planned = None if state is None else plan_of(context, state, declared)
    return (
        previewing.after_create(declared) if planned is None or planned.replaces else previewing.after_update(planned)
    )


def create(context: Context, declared: Declared) -> State:
    """Create the secret, or take over one that has the name; the value in it is this resource's, if it has one."""
    _require(declared)
    _require_own_value(declared)
    state = made_or_taken_over(context, declared)
    if declared.has_value:
        context.destinations.take(state.id, context.urn)
    return state


def read(context: Context, arn: str, state: State | None) -> State | None:
    """
    Describe the secret, without its value; return None where one that the state knows is gone, or on its way out.

    For a secret that the stack does not manage there is no state, and a program may name anything as its ARN.
    """
    if state is not None:
        context.roster.read(state.id)
    before = state or State.of(arn, {"replica_regions": []})
    found = find(context.secrets_manager(before.region).described, before.id)
    if found is None or found.is_deleted:
        if state is None:
            raise LifecycleError((messages.ABSENT if found is None else messages.ON_ITS_WAY_OUT).format(arn=arn))
        return None
    declared = as_found(before.declared, found)
    if state is None and before.region != context.settings.aws_region:
        declared = replace(declared, region=before.region)
    if declared.replica_regions is not None:
        warn_of_replicas(context, found.arn, found.replicas)
    is_same_version = found.current_version == before.version_id
    is_ours = is_same_version or Lineage.of(context, declared.secret_name).predecessor_in(found)[0]
    if before.has_value and found.current_version is not None and not is_ours:
        value = before.value_input or " or ".join(VALUE_PROPERTIES)
        context.warn(messages.OVERWRITTEN.format(arn=found.arn, version_id=found.current_version, value=value))
    return State(
        id=found.arn,
        declared=declared,
        version_id=None if declared.without_value else found.current_version,
        fingerprint=before.fingerprint if is_same_version else None,
        value_input=before.value_input,
    )


def update(context: Context, state: State, declared: Declared) -> State:
    """Change what differs: the value first, so that receivers get it even if the rest fails."""
    _require(declared, otherwise=messages.NO_VALUE_AFTER_NONE if state.declared.without_value else messages.NO_VALUE)
    planned = plan_of(context, state, declared)
    changed = planned.changed
    version_id, fingerprint = (None, None) if declared.without_value else (state.version_id, state.fingerprint)
    if not planned.is_needed and not (declared.without_value and context.renamed_from):  # only another name
        return State(state.id, declared, version_id, fingerprint, declared.value_input)
    manager = context.secrets_manager(state.region)
    lineage = Lineage.of(context, declared.secret_name)
    # After a move or a renaming the secret still has the mark of the stack and the name that it came from.
    before = replace(context, stack=context.moved_from or context.stack, urn=context.renamed_from or context.urn)
    former = Lineage.of(before, declared.secret_name)
    progress = Progress(state)
    gone = (SecretNotFoundError, SecretDeletedError)
    is_handed_over = state.declared.without_value or declared.without_value
    try:
        with progress.recorded(*gone):
            if planned.writes:
                _require_own_value(declared)
                fingerprint = declared.fingerprint
                version_id = _write(manager, state, declared, lineage)
                if not is_handed_over:
                    progress.reach(state.holding(version_id, declared))
            if "description" in changed or "kms_key_id" in changed:
                set_description_and_key(manager, state.id, declared, progress)
            retag(manager, state.id, tags_of(state.declared, former), tags_of(declared, lineage), progress)
            if planned.writes and is_handed_over:
                # The mark belongs to a value of others, so both are recorded together.
                progress.reach(progress.state.holding(version_id, declared))
                progress.note(without_value=declared.without_value)
            if "replica_regions" in changed:
                replicate(context, manager, manager.describe(state.id), declared, progress)
    except gone:
        raise LifecycleError(messages.GONE_AT_UPDATE.format(arn=state.id)) from None
    return State(state.id, declared, version_id, fingerprint, declared.value_input)


def delete(context: Context, state: State) -> None:
    """Delete the secret, after the recovery window; one that is gone or on its way out is as good."""
    if context.roster.must_stay(state.id):
        context.inform(messages.KEPT.format(arn=state.id))
        return
    manager = context.secrets_manager(state.region)
    with contextlib.suppress(SecretNotFoundError, SecretDeletedError):
        if state.declared.replica_regions:
            replicas = manager.describe(state.id).replicas
            removed = [region for region in state.declared.replica_regions if region in replicas]
            if removed:
                manager.unreplicate(state.id, removed)
        manager.delete(state.id, recovery_window_in_days=state.declared.recovery_window_in_days)


def _write(manager: SecretsManager, state: State, declared: Declared, lineage: Lineage) -> str | None:
    """Put the value, unless it is left to others from now on; return the id of our version."""
    if declared.without_value:
        return None
    was_left = state.declared.without_value
    after = lineage.replaced_in(manager.describe(state.id)) if was_left else state.version_id
    return lineage.put(manager, state.id, declared.value, after=after)


def _require(declared: Declared, *, otherwise: str = messages.NO_VALUE) -> None:
    # The engine drops unknown inputs before `Check`, and an output can be null. So an absent input was not necessarily
    # left out of the program, and an error of `check` would end the whole run.
    if declared.secret_name is None:
        raise LifecycleError(messages.NO_NAME)
    if not declared.has_value and not declared.without_value:
        raise LifecycleError(otherwise)


def _require_own_value(declared: Declared) -> None:
    if stands_in(declared):
        raise LifecycleError(messages.VALUE_IS_IGNORED.format(name=declared.secret_name, value=declared.value_input))
