"""
Making a secret, or taking over one that has the name.

A secret is taken over where its deletion is scheduled, where an earlier run of ours made it, and where the stack says
so.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from pulumi_signa.aws.errors import AwsError, SecretDeletedError, SecretExistsError, SecretNotFoundError
from pulumi_signa.lifecycle.errors import LifecycleError
from pulumi_signa.lifecycle.progress import Progress
from pulumi_signa.lifecycle.secrets_manager_secret import messages
from pulumi_signa.lifecycle.secrets_manager_secret.schema import RECOVERY_DAYS, Declared
from pulumi_signa.lifecycle.secrets_manager_secret.settling import align, as_found, retag, tags_of, warn_of_replicas
from pulumi_signa.lifecycle.secrets_manager_secret.state import State
from pulumi_signa.lifecycle.secrets_manager_secret.versions import Lineage

if TYPE_CHECKING:
    from pulumi_signa.aws.descriptions import Description
    from pulumi_signa.aws.secrets_manager import SecretsManager
    from pulumi_signa.lifecycle.context import Context


def made_or_taken_over(context: Context, declared: Declared) -> State:
    """Return the state of the secret that was made or taken over; the value in it is this resource's, if it has one."""
    manager = context.secrets_manager(declared.region or context.settings.aws_region)
    lineage = Lineage.of(context, declared.secret_name)
    # The secret is looked for first. A create that repeats a known token and value succeeds and does nothing, even if
    # that version is history by now, and would hide that the secret was there. Without a value there is no token.
    found = None if declared.without_value else find(manager.describe, declared.secret_name)
    if found is None:
        try:
            return _made(context, manager, declared, lineage)
        except (SecretExistsError, SecretDeletedError):
            found = manager.describe(declared.secret_name)
    progress = Progress(State(found.arn, as_found(declared, found), None, None, None))
    claim = _restored if found.is_deleted else _taken_over
    with progress.recorded(SecretNotFoundError, SecretDeletedError):
        claim(context, manager, found, declared, lineage, progress=progress)
        align(context, manager, found, declared, progress)
    return _stored(found.arn, declared, progress.state.version_id)


def find(describe: Callable[[str], Description], secret_id: str) -> Description | None:
    """Return what AWS says of a secret, or None where there is none."""
    try:
        return describe(secret_id)
    except SecretNotFoundError:
        return None


def _made(context: Context, manager: SecretsManager, declared: Declared, lineage: Lineage) -> State:
    made = manager.create(
        declared.secret_name,
        None if declared.without_value else declared.value,
        token=None if declared.without_value else lineage.first,
        description=declared.description,
        kms_key_id=declared.kms_key_id,
        tags=tags_of(declared, lineage),
        replica_regions=declared.replica_regions or (),
    )
    warn_of_replicas(context, made.arn, made.replicas)
    return _stored(made.arn, declared, made.version_id)


def _taken_over(  # noqa: PLR0913 - as of `_restored`
    context: Context,
    manager: SecretsManager,
    found: Description,
    declared: Declared,
    lineage: Lineage,
    *,
    progress: Progress,
) -> None:
    if lineage.predecessor_in(found)[0] or lineage.has_marked(found):
        context.warn(messages.TOOK_OVER.format(arn=found.arn))
    elif not declared.adopt_existing:
        taken = messages.NAME_IS_TAKEN_WITHOUT_VALUE if declared.without_value else messages.NAME_IS_TAKEN
        raise LifecycleError(taken.format(name=declared.secret_name))
    context.roster.take(found.arn, context.urn)
    _claim(manager, found, declared, lineage, progress=progress, after=lineage.replaced_in(found))


def _restored(  # noqa: PLR0913 - what was found, what is wanted, and how far it has come
    context: Context,
    manager: SecretsManager,
    found: Description,
    declared: Declared,
    lineage: Lineage,
    *,
    progress: Progress,
) -> None:
    """Call off the deletion and claim the secret; if that fails the deletion is scheduled again, for the next run."""
    manager.restore(found.arn)
    claimed = Progress(progress.state)
    try:
        _claim(manager, found, declared, lineage, progress=claimed, after=found.current_version)
    except (AwsError, LifecycleError):
        with contextlib.suppress(AwsError):
            manager.delete(found.arn, recovery_window_in_days=declared.recovery_window_in_days or RECOVERY_DAYS[0])
        raise
    progress.reach(claimed.state)
    restored = messages.RESTORED_WITHOUT_VALUE if declared.without_value else messages.RESTORED
    context.warn(restored.format(arn=found.arn))


def _claim(  # noqa: PLR0913 - as above
    manager: SecretsManager,
    found: Description,
    declared: Declared,
    lineage: Lineage,
    *,
    progress: Progress,
    after: str | None,
) -> None:
    """Make a secret that exists ours: by a version with the value, or by the mark among its tags."""
    tags = tags_of(declared, lineage)
    if declared.without_value:
        # Before the mark is there, the secret is nobody's: tags that were taken away are no step to record.
        retag(manager, found.arn, found.tags, tags, Progress(progress.state))
        progress.note(tags=declared.tags)
        return
    version_id = lineage.put(manager, found.arn, declared.value, after=after)
    progress.reach(progress.state.holding(version_id, declared))
    retag(manager, found.arn, found.tags, tags, progress)


def _stored(arn: str, declared: Declared, version_id: str | None) -> State:
    return State(arn, declared, version_id, declared.fingerprint, declared.value_input)
