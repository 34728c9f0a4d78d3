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
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pulumi_signa.aws.errors import AwsError, SecretDeletedError, SecretExistsError, SecretNotFoundError
from pulumi_signa.lifecycle.context import Checked
from pulumi_signa.lifecycle.errors import LifecycleError
from pulumi_signa.lifecycle.places import claim, region_problems
from pulumi_signa.lifecycle.schema import differing
from pulumi_signa.lifecycle.secrets_manager_secret import messages, schema
from pulumi_signa.lifecycle.secrets_manager_secret.schema import RECOVERY_DAYS, VALUE_PROPERTIES, Declared
from pulumi_signa.lifecycle.secrets_manager_secret.stand_in import stands_for, stands_in
from pulumi_signa.lifecycle.secrets_manager_secret.state import State
from pulumi_signa.lifecycle.secrets_manager_secret.versions import Lineage, unmarked
from pulumi_signa.lifecycle.values import UNKNOWN, Properties, is_unknown

if TYPE_CHECKING:
    from pulumi_signa.aws.descriptions import Description
    from pulumi_signa.aws.secrets_manager import SecretsManager
    from pulumi_signa.lifecycle.context import Context

VALUE = "value"  # stands in a plan for either form of the value, and for the mark of a secret without one
_AWS_KEY = "alias/aws/secretsmanager"


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
    planned = _plan(context, state, declared)
    if declared.has_value:
        claim(context, state.id)
    context.roster.compare(state.id, context.urn, is_replaced=bool(planned.replaces))
    is_refresh = context.roster.is_refresh(state.id, context.urn)
    if VALUE in planned.changed and state.fingerprint is None and not declared.without_value and not is_refresh:
        of_others = messages.PUTS_VALUE_OVER_OTHERS if state.declared.without_value else messages.PUTS_VALUE
        context.inform(of_others.format(version_id=state.version_id))
    return planned


def create(context: Context, declared: Declared) -> State:
    """Create the secret, or take over one that has the name; the value in it is this resource's, if it has one."""
    state = _create(context, declared)
    if declared.has_value:
        context.destinations.take(state.id, context.urn)
    return state


def _create(context: Context, declared: Declared) -> State:
    """
    Create the secret, or take over one that has the name.

    A secret is taken over where its deletion is scheduled, where an earlier run of ours made it, and where the stack
    says so.
    """
    _require(declared)
    _require_own_value(declared)
    manager = context.secrets_manager(declared.region or context.settings.aws_region)
    lineage = _lineage(context, declared)
    # The secret is looked for first. A create that repeats a known token and value succeeds and does nothing, even if
    # that version is history by now, and would hide that the secret was there. Without a value there is no token.
    found = None if declared.without_value else _find(manager.describe, declared.secret_name)
    if found is None:
        try:
            return _make(context, manager, declared, lineage)
        except (SecretExistsError, SecretDeletedError):
            found = manager.describe(declared.secret_name)
    if found.is_deleted:
        version_id = _restore(context, manager, found, declared, lineage)
    else:
        version_id = _take_over(context, manager, found, declared, lineage)
        context.roster.take(found.arn, context.urn)
    _align(context, manager, found, declared)
    return _stored(found.arn, declared, version_id)


def read(context: Context, arn: str, state: State | None) -> State | None:
    """
    Describe the secret, without its value; return None where one that the state knows is gone, or on its way out.

    For a secret that the stack does not manage there is no state, and a program may name anything as its ARN.
    """
    if state is not None:
        context.roster.read(state.id)
    before = state or State.of(arn, {})
    found = _find(context.secrets_manager(before.region).described, before.id)
    if found is None or found.is_deleted:
        if state is None:
            raise LifecycleError((messages.ABSENT if found is None else messages.ON_ITS_WAY_OUT).format(arn=arn))
        return None
    is_same_key = _key_name(found.kms_key_id) == _key_name(before.declared.kms_key_id)
    declared = replace(
        before.declared,
        secret_name=found.name,
        description=found.description,
        kms_key_id=before.declared.kms_key_id if is_same_key else found.kms_key_id,
        tags=unmarked(found.tags),
    )
    if state is None or before.declared.replica_regions is not None:
        declared = replace(declared, replica_regions=sorted(found.replicas))
        _warn_of_replicas(context, found.arn, found.replicas)
    is_same_version = found.current_version == before.version_id
    is_ours = is_same_version or _lineage(context, declared).predecessor_in(found)[0]
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
    changed = _plan(context, state, declared).changed
    version_id, fingerprint = state.version_id, state.fingerprint
    if not changed and not (declared.without_value and context.renamed_from):  # only another name
        return State(state.id, declared, version_id, fingerprint, declared.value_input)
    manager = context.secrets_manager(state.region)
    lineage = _lineage(context, declared)
    # After a move or a renaming the secret still has the mark of the stack and the name that it came from.
    before = replace(context, stack=context.moved_from or context.stack, urn=context.renamed_from or context.urn)
    former = _lineage(before, declared)
    try:
        if VALUE in changed:
            _require_own_value(declared)
            fingerprint = declared.fingerprint
            version_id = _write(manager, state, declared, lineage)
        if "description" in changed or "kms_key_id" in changed:
            manager.update(state.id, description=declared.description, kms_key_id=declared.kms_key_id)
        _retag(manager, state.id, _tags(state.declared, former), _tags(declared, lineage))
        if "replica_regions" in changed:
            _replicate(context, manager, manager.describe(state.id), declared)
    except (SecretNotFoundError, SecretDeletedError):
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


def _require(declared: Declared, *, otherwise: str = messages.NO_VALUE) -> None:
    # The engine drops unknown inputs before `Check`, and an output can be null. So an absent input was not necessarily
    # left out of the program, and an error of `check` would end the whole run.
    if declared.secret_name is None:
        raise LifecycleError(messages.NO_NAME)
    if not declared.has_value and not declared.without_value:
        raise LifecycleError(otherwise)


def _plan(context: Context, state: State, declared: Declared) -> Plan:
    before = state.declared
    changed = [*differing(("without_value",), before, declared)]
    is_same = not changed and (declared.without_value or _has_value(state, declared))
    # After a move the value is put again, as a version by which the stack that it came from knows the other one; a mark
    # is set anew for the same reason.
    if not is_same or (context.moved_from and not stands_in(declared)):
        changed.append(VALUE)
    changed += differing(("description", "tags", "replica_regions", "recovery_window_in_days"), before, declared)
    if is_unknown(declared.kms_key_id) or _key_name(before.kms_key_id) != _key_name(declared.kms_key_id):
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


def _require_own_value(declared: Declared) -> None:
    if stands_in(declared):
        raise LifecycleError(messages.VALUE_IS_IGNORED.format(name=declared.secret_name, value=declared.value_input))


def _lineage(context: Context, declared: Declared) -> Lineage:
    return Lineage.of(context, declared.secret_name)


def _find(describe: Callable[[str], Description], secret_id: str) -> Description | None:
    try:
        return describe(secret_id)
    except SecretNotFoundError:
        return None


def _make(context: Context, manager: SecretsManager, declared: Declared, lineage: Lineage) -> State:
    made = manager.create(
        declared.secret_name,
        None if declared.without_value else declared.value,
        token=None if declared.without_value else lineage.first,
        description=declared.description,
        kms_key_id=declared.kms_key_id,
        tags=_tags(declared, lineage),
        replica_regions=declared.replica_regions or (),
    )
    _warn_of_replicas(context, made.arn, made.replicas)
    return _stored(made.arn, declared, made.version_id)


def _take_over(
    context: Context, manager: SecretsManager, found: Description, declared: Declared, lineage: Lineage
) -> str | None:
    if lineage.predecessor_in(found)[0] or lineage.has_marked(found):
        context.warn(messages.TOOK_OVER.format(arn=found.arn))
    elif not declared.adopt_existing:
        taken = messages.NAME_IS_TAKEN_WITHOUT_VALUE if declared.without_value else messages.NAME_IS_TAKEN
        raise LifecycleError(taken.format(name=declared.secret_name))
    return _claim(manager, found, declared, lineage, after=lineage.replaced_in(found))


def _restore(
    context: Context, manager: SecretsManager, found: Description, declared: Declared, lineage: Lineage
) -> str | None:
    """Call off the deletion and claim the secret; if that fails the deletion is scheduled again, for the next run."""
    manager.restore(found.arn)
    try:
        version_id = _claim(manager, found, declared, lineage, after=found.current_version)
    except (AwsError, LifecycleError):
        with contextlib.suppress(AwsError):
            manager.delete(found.arn, recovery_window_in_days=declared.recovery_window_in_days or RECOVERY_DAYS[0])
        raise
    restored = messages.RESTORED_WITHOUT_VALUE if declared.without_value else messages.RESTORED
    context.warn(restored.format(arn=found.arn))
    return version_id


def _claim(
    manager: SecretsManager, found: Description, declared: Declared, lineage: Lineage, *, after: str | None
) -> str | None:
    """Make a secret that exists ours: by a version with the value, or by the mark among its tags."""
    version_id = None if declared.without_value else lineage.put(manager, found.arn, declared.value, after=after)
    _retag(manager, found.arn, found.tags, _tags(declared, lineage))
    return version_id


def _write(manager: SecretsManager, state: State, declared: Declared, lineage: Lineage) -> str | None:
    """Put the value, unless it is left to others from now on; return the id of our version."""
    if declared.without_value:
        return None
    was_left = state.declared.without_value
    after = lineage.replaced_in(manager.describe(state.id)) if was_left else state.version_id
    return lineage.put(manager, state.id, declared.value, after=after)


def _tags(declared: Declared, lineage: Lineage) -> Mapping[str, str]:
    return {**declared.tags, **lineage.mark} if declared.without_value else declared.tags


def _align(context: Context, manager: SecretsManager, found: Description, declared: Declared) -> None:
    """Set the declared description, key and replicas where the secret has others."""
    has = (found.description, _key_name(found.kms_key_id))
    if has != (declared.description, _key_name(declared.kms_key_id)):
        manager.update(found.arn, description=declared.description, kms_key_id=declared.kms_key_id)
    _replicate(context, manager, found, declared)


def _retag(manager: SecretsManager, arn: str, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    removed = sorted(before.keys() - after.keys())
    if removed:
        manager.untag(arn, removed)
    added = {key: value for key, value in after.items() if before.get(key) != value}
    if added:
        manager.tag(arn, added)


def _replicate(context: Context, manager: SecretsManager, found: Description, declared: Declared) -> None:
    if declared.replica_regions is None:
        return
    removed = sorted(found.replicas.keys() - declared.replica_regions)
    if removed:
        manager.unreplicate(found.arn, removed)
    added = [region for region in declared.replica_regions if region not in found.replicas]
    if added:
        made = manager.replicate(found.arn, added)
        _warn_of_replicas(context, found.arn, {region: made.get(region) for region in added})


def _warn_of_replicas(context: Context, arn: str, replicas: Mapping[str, str | None]) -> None:
    for region, reason in sorted(replicas.items()):
        if reason is not None:
            context.warn(messages.REPLICA_FAILED.format(arn=arn, region=region, reason=context.quoted(reason)))


def _key_name(kms_key_id: str | None) -> str | None:
    """Return a key's id or alias, which AWS may answer as an ARN; its own key it does not name at all."""
    name = None if kms_key_id is None else kms_key_id.rsplit(":", 1)[-1].removeprefix("key/")
    return None if name == _AWS_KEY else name


def _stored(arn: str, declared: Declared, version_id: str | None) -> State:
    return State(arn, declared, version_id, declared.fingerprint, declared.value_input)
