"""Bringing a secret to what is declared, whatever made it or found it: all but the value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from pulumi_signa.lifecycle.secrets_manager_secret import messages
from pulumi_signa.lifecycle.secrets_manager_secret.schema import Declared, is_tag_of_aws, key_name
from pulumi_signa.lifecycle.secrets_manager_secret.versions import unmarked

if TYPE_CHECKING:
    from pulumi_signa.aws.descriptions import Description
    from pulumi_signa.aws.secrets_manager import SecretsManager
    from pulumi_signa.lifecycle.context import Context
    from pulumi_signa.lifecycle.progress import Progress
    from pulumi_signa.lifecycle.secrets_manager_secret.versions import Lineage


def as_found(declared: Declared, found: Description) -> Declared:
    """Return a declaration as it would be if it declared the secret that was found; replicas where it declares any."""
    is_same_key = key_name(found.kms_key_id) == key_name(declared.kms_key_id)
    return replace(
        declared,
        secret_name=found.name,
        description=found.description,
        kms_key_id=declared.kms_key_id if is_same_key else found.kms_key_id,
        tags=unmarked(found.tags),
        replica_regions=None if declared.replica_regions is None else sorted(found.replicas),
    )


def align(
    context: Context, manager: SecretsManager, found: Description, declared: Declared, progress: Progress
) -> None:
    """Set the declared description, key and replicas where the secret has others."""
    has = (found.description, key_name(found.kms_key_id))
    if has != (declared.description, key_name(declared.kms_key_id)):
        set_description_and_key(manager, found.arn, declared, progress)
    replicate(context, manager, found, declared, progress)


def set_description_and_key(manager: SecretsManager, arn: str, declared: Declared, progress: Progress) -> None:
    """Set the declared description and key."""
    manager.update(arn, description=declared.description, kms_key_id=declared.kms_key_id)
    progress.note(description=declared.description, kms_key_id=declared.kms_key_id)


def tags_of(declared: Declared, lineage: Lineage) -> Mapping[str, str]:
    """Return the tags that a secret is to have: the declared ones, and the mark of one without a value."""
    return {**declared.tags, **lineage.mark} if declared.without_value else declared.tags


def retag(
    manager: SecretsManager, arn: str, before: Mapping[str, str], after: Mapping[str, str], progress: Progress
) -> None:
    """Take away the tags that are no longer wanted, and set those that are missing or differ."""
    removed = sorted(key for key in before.keys() - after.keys() if not is_tag_of_aws(key))
    if removed:
        manager.untag(arn, removed)
        progress.note(tags=unmarked({key: value for key, value in before.items() if key in after}))
    added = {key: value for key, value in after.items() if before.get(key) != value}
    if added:
        manager.tag(arn, added)
        progress.note(tags=unmarked(after))


def replicate(
    context: Context, manager: SecretsManager, found: Description, declared: Declared, progress: Progress
) -> None:
    """Have copies in the declared regions and in no others, where regions are declared."""
    if declared.replica_regions is None:
        return
    removed = sorted(found.replicas.keys() - declared.replica_regions)
    if removed:
        manager.unreplicate(found.arn, removed)
        progress.note(replica_regions=sorted(found.replicas.keys() - removed))
    added = [region for region in declared.replica_regions if region not in found.replicas]
    if added:
        made = manager.replicate(found.arn, added)
        progress.note(replica_regions=declared.replica_regions)
        warn_of_replicas(context, found.arn, {region: made.get(region) for region in added})


def warn_of_replicas(context: Context, arn: str, replicas: Mapping[str, str | None]) -> None:
    """Warn of each region whose copy has failed, with the reason that AWS gives."""
    for region, reason in sorted(replicas.items()):
        if reason is not None:
            context.warn(messages.REPLICA_FAILED.format(arn=arn, region=region, reason=context.quoted(reason)))
