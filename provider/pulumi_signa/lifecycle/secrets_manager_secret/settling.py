"""Bringing a secret to what is declared, whatever made it or found it: all but the value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pulumi_signa.lifecycle.secrets_manager_secret import messages
from pulumi_signa.lifecycle.secrets_manager_secret.schema import Declared, key_name

if TYPE_CHECKING:
    from pulumi_signa.aws.descriptions import Description
    from pulumi_signa.aws.secrets_manager import SecretsManager
    from pulumi_signa.lifecycle.context import Context
    from pulumi_signa.lifecycle.secrets_manager_secret.versions import Lineage


def align(context: Context, manager: SecretsManager, found: Description, declared: Declared) -> None:
    """Set the declared description, key and replicas where the secret has others."""
    has = (found.description, key_name(found.kms_key_id))
    if has != (declared.description, key_name(declared.kms_key_id)):
        manager.update(found.arn, description=declared.description, kms_key_id=declared.kms_key_id)
    replicate(context, manager, found, declared)


def tags_of(declared: Declared, lineage: Lineage) -> Mapping[str, str]:
    """Return the tags that a secret is to have: the declared ones, and the mark of one without a value."""
    return {**declared.tags, **lineage.mark} if declared.without_value else declared.tags


def retag(manager: SecretsManager, arn: str, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """Take away the tags that are no longer wanted, and set those that are missing or differ."""
    removed = sorted(before.keys() - after.keys())
    if removed:
        manager.untag(arn, removed)
    added = {key: value for key, value in after.items() if before.get(key) != value}
    if added:
        manager.tag(arn, added)


def replicate(context: Context, manager: SecretsManager, found: Description, declared: Declared) -> None:
    """Have copies in the declared regions and in no others, where regions are declared."""
    if declared.replica_regions is None:
        return
    removed = sorted(found.replicas.keys() - declared.replica_regions)
    if removed:
        manager.unreplicate(found.arn, removed)
    added = [region for region in declared.replica_regions if region not in found.replicas]
    if added:
        made = manager.replicate(found.arn, added)
        warn_of_replicas(context, found.arn, {region: made.get(region) for region in added})


def warn_of_replicas(context: Context, arn: str, replicas: Mapping[str, str | None]) -> None:
    """Warn of each region whose copy has failed, with the reason that AWS gives."""
    for region, reason in sorted(replicas.items()):
        if reason is not None:
            context.warn(messages.REPLICA_FAILED.format(arn=arn, region=region, reason=context.quoted(reason)))
