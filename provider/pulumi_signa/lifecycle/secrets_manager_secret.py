"""
The life of a secret in AWS Secrets Manager.

**The value** is an input only. The outputs hold its hash, as a secret, to tell whether it has changed.

**Drift.** A current version that is not ours means that somebody else has put a value: the next update puts ours.
"""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_signa.aws.errors import AwsError, SecretDeletedError, SecretExistsError, SecretNotFoundError
from pulumi_signa.inputs import Properties, is_unknown
from pulumi_signa.inputs.secrets_manager_secret import RECOVERY_DAYS, VALUE_PROPERTIES, normalized, value_text
from pulumi_signa.lifecycle import URN, LifecycleError, Warn
from pulumi_signa.lifecycle.secret_versions import Lineage

if TYPE_CHECKING:
    from pulumi_signa.aws.secrets_manager import Description, SecretsManager, Version
    from pulumi_signa.lifecycle.kept import Kept

FINGERPRINT = "__fingerprint"
"""Hidden output, a Pulumi secret: SHA-256 of the stored value."""

SECRET_OUTPUTS = (FINGERPRINT,)

FIELDS = ("secret_name", "description", "kms_key_id", "tags", "recovery_window_in_days", "region", "adopt_existing")
"""The inputs that are outputs too; the value is not among them."""

OUTPUTS = ("arn", "version_id")

_AWS_KEY = "alias/aws/secretsmanager"


@dataclass(frozen=True, slots=True)
class Changes:
    """
    How the declared inputs differ from the stored outputs.

    Attributes:
        changed: Names of what differs; `value` stands for either form of it.
        replaces: Those among them that need another secret.
    """

    changed: tuple[str, ...]
    replaces: tuple[str, ...]


def region_of(arn: str) -> str:
    """Give the region of `arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-abcdef`."""
    return arn.split(":")[3]


def changes(old: Properties, new: Properties) -> Changes:
    """Compare the stored outputs with the declared inputs; whatever is unknown may differ."""
    before, after = normalized(old), normalized(new)
    changed = []
    if is_unknown([after.get(name) for name in VALUE_PROPERTIES]) or old.get(FINGERPRINT) != _fingerprint(after):
        changed.append("value")
    changed += [
        name
        for name in ("description", "tags", "recovery_window_in_days")
        if is_unknown(after[name]) or before[name] != after[name]
    ]
    if is_unknown(after["kms_key_id"]) or _key_name(before["kms_key_id"]) != _key_name(after["kms_key_id"]):
        changed.append("kms_key_id")
    replaces = []
    if is_unknown(after["secret_name"]) or before["secret_name"] != after["secret_name"]:
        replaces.append("secret_name")
    # Without a declared region a secret stays where it is, whatever the environment says today.
    if after["region"] is not None and (is_unknown(after["region"]) or after["region"] != region_of(old["arn"])):
        replaces.append("region")
    return Changes(tuple(changed + replaces), tuple(replaces))


def create(manager: SecretsManager, inputs: Properties, *, namespace: str, kept: Kept, warn: Warn) -> dict[str, Any]:
    """
    Create the secret, or take over one that has the name.

    That is done where its deletion is scheduled, where an earlier run of ours made it, and where the stack says so.

    Args:
        kept: Takes the ARN of a living secret that is taken over; `delete` leaves it alone.

    Returns:
        The outputs; the id is the ARN.

    Raises:
        AwsError: AWS refused or could not be reached.
        LifecycleError: Somebody else's secret has the name.
    """
    declared = normalized(inputs)
    lineage = Lineage.of(declared["secret_name"], declared.get(URN), namespace)
    # Looked for first: a create that repeats a known token and value succeeds and does nothing, even if that version
    # is history by now, and would hide that the secret was there.
    found = _find(manager, declared["secret_name"])
    if found is None:
        try:
            version = manager.create(
                declared["secret_name"],
                value_text(declared),
                token=lineage.successor(None),
                description=declared["description"],
                kms_key_id=declared["kms_key_id"],
                tags=declared["tags"],
            )
            return _outputs(declared, version.arn, version.version_id)
        except (SecretExistsError, SecretDeletedError):
            found = manager.describe(declared["secret_name"])
    if found.is_deleted:
        version = _restore(manager, found, declared, lineage, warn)
    else:
        version = _take_over(manager, found, declared, lineage, warn)
        kept.take(found.arn, declared.get(URN, ""))
    _align(manager, found, declared)
    return _outputs(declared, version.arn, version.version_id)


def read(manager: SecretsManager, arn: str, old: Properties) -> dict[str, Any] | None:
    """
    Describe the secret, without its value; None where it is gone or scheduled for deletion.

    Returns:
        The outputs. Where the current version is not the one we stored they hold no fingerprint, so that the value
        counts as changed.

    Raises:
        AwsError: AWS refused or could not be reached; never taken for "gone".
    """
    found = _find(manager, arn)
    if found is None or found.is_deleted:
        return None
    outputs = {
        **old,
        "arn": found.arn,
        "secret_name": found.name,
        "description": found.description,
        "kms_key_id": found.kms_key_id,
        "tags": dict(found.tags),
        "version_id": found.current_version,
    }
    if found.current_version != old.get("version_id"):
        outputs.pop(FINGERPRINT, None)
    return outputs


def update(manager: SecretsManager, arn: str, old: Properties, new: Properties, *, namespace: str) -> dict[str, Any]:
    """
    Change what differs: the value first, so that receivers get it even if the rest fails.

    Raises:
        AwsError: AWS refused or could not be reached.
        LifecycleError: The secret is gone.
    """
    declared = normalized(new)
    changed = changes(old, new).changed
    try:
        version_id = old["version_id"]
        if "value" in changed:
            lineage = Lineage.of(declared["secret_name"], declared.get(URN), namespace)
            version_id = lineage.put(manager, arn, value_text(declared), after=version_id).version_id
        if "description" in changed or "kms_key_id" in changed:
            manager.update(arn, description=declared["description"], kms_key_id=declared["kms_key_id"])
        _retag(manager, arn, normalized(old)["tags"], declared["tags"])
    except (SecretNotFoundError, SecretDeletedError):
        raise LifecycleError(
            f"{arn} no longer exists, or is scheduled for deletion: run `pulumi refresh`, and the next `pulumi up` "
            "creates or restores it"
        ) from None
    return _outputs(declared, arn, version_id)


def delete(manager: SecretsManager, arn: str, old: Properties, *, kept: Kept, warn: Warn) -> None:
    """
    Delete the secret, after the recovery window; one that is gone or on its way out is as good.

    Raises:
        AwsError: AWS refused or could not be reached.
    """
    if arn in kept:
        warn(f"kept {arn}: what replaces it is the same secret")
        return
    try:
        manager.delete(arn, recovery_window_in_days=normalized(old)["recovery_window_in_days"])
    except (SecretNotFoundError, SecretDeletedError):
        return


def _find(manager: SecretsManager, secret_id: str) -> Description | None:
    try:
        return manager.describe(secret_id)
    except SecretNotFoundError:
        return None


def _take_over(
    manager: SecretsManager, found: Description, declared: Properties, lineage: Lineage, warn: Warn
) -> Version:
    is_ours, predecessor = lineage.predecessor_in(found)
    if is_ours:
        warn(f"took over {found.arn}, written by a run that ended before its state was saved")
    elif not declared["adopt_existing"]:
        raise LifecycleError(
            f"a secret named {declared['secret_name']} exists already: choose another secret_name, or set "
            "adopt_existing=True to put a new version into it (its value becomes AWSPREVIOUS, and destroying this "
            "resource deletes it)"
        )
    # A write of ours is repeated, so that an unchanged value makes no further version and AWSPREVIOUS stays.
    after = predecessor if is_ours else found.current_version
    return lineage.put(manager, found.arn, value_text(declared), after=after)


def _restore(
    manager: SecretsManager, found: Description, declared: Properties, lineage: Lineage, warn: Warn
) -> Version:
    """Call off the deletion and put the value; if that fails the deletion is scheduled again, for the next run."""
    manager.restore(found.arn)
    try:
        version = lineage.put(manager, found.arn, value_text(declared), after=found.current_version)
    except AwsError:
        with contextlib.suppress(AwsError):
            manager.delete(found.arn, recovery_window_in_days=declared["recovery_window_in_days"] or RECOVERY_DAYS[0])
        raise
    warn(f"restored {found.arn}, which was scheduled for deletion, and put the new value into it")
    return version


def _align(manager: SecretsManager, found: Description, declared: Properties) -> None:
    """Give the secret the declared description, key and tags, where it has others."""
    differs = (found.description, _key_name(found.kms_key_id)) != (
        declared["description"],
        _key_name(declared["kms_key_id"]),
    )
    if differs:
        manager.update(found.arn, description=declared["description"], kms_key_id=declared["kms_key_id"])
    _retag(manager, found.arn, dict(found.tags), declared["tags"])


def _retag(manager: SecretsManager, arn: str, before: dict[str, str], after: dict[str, str]) -> None:
    removed = sorted(before.keys() - after.keys())
    if removed:
        manager.untag(arn, removed)
    added = {key: value for key, value in after.items() if before.get(key) != value}
    if added:
        manager.tag(arn, added)


def _key_name(kms_key_id: str | None) -> str | None:
    """Give a key's id or alias, which AWS may answer as an ARN; its own key it does not name at all."""
    name = None if kms_key_id is None else kms_key_id.rsplit(":", 1)[-1].removeprefix("key/")
    return None if name == _AWS_KEY else name


def _fingerprint(declared: Properties) -> str:
    return hashlib.sha256(value_text(declared).encode(errors="surrogatepass")).hexdigest()


def _outputs(declared: Properties, arn: str, version_id: str) -> dict[str, Any]:
    """Give the whole state: whatever is not in here is forgotten, and the value is not."""
    kept = {name: declared.get(name) for name in (*FIELDS, URN)}
    return {**kept, "arn": arn, "version_id": version_id, FINGERPRINT: _fingerprint(declared)}
