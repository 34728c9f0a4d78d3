"""
The secret in AWS Secrets Manager that signing secrets are written to, so that no state holds them.

The id of a version is the request token of the write that made it. Ours are pages of the journal, derived from the
endpoint and the version of its secret. So the same secret is never written twice, whichever run writes it, and the id
of a version tells whose secret it holds. No value is ever read.

Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pulumi_signa.aws.errors import (
    AccessDeniedError,
    AwsError,
    SecretDeletedError,
    SecretExistsError,
    SecretNotFoundError,
)
from pulumi_signa.lifecycle.errors import LifecycleError
from pulumi_signa.lifecycle.journal import pages
from pulumi_signa.lifecycle.places import claim, region_of, region_problems
from pulumi_signa.lifecycle.webhook_endpoint import messages
from pulumi_signa.lifecycle.webhook_endpoint.keeping import (
    InSecretsManager,
    InState,
    Keeper,
    Kept,
    Move,
    NotKeptError,
    Nowhere,
    SigningSecret,
    StateKeeper,
)
from pulumi_signa.lifecycle.webhook_endpoint.schema import CURRENT, OVERWRITTEN, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulumi_signa.aws.descriptions import Description
    from pulumi_signa.aws.secrets_manager import SecretsManager, Version
    from pulumi_signa.lifecycle.context import Context
    from pulumi_signa.lifecycle.webhook_endpoint.held_secret import HeldSecret
    from pulumi_signa.lifecycle.webhook_endpoint.planning import Plan
    from pulumi_signa.lifecycle.webhook_endpoint.schema import Declared, Destination

_MAX_TOKENS = 10
"""Tokens that are tried for one secret. A token is used up where an adoption was given another value for a version."""

_FINAL = (AccessDeniedError, SecretDeletedError, SecretNotFoundError)
"""Refusals after which nothing is stored, and nothing will be before somebody has mended something."""


@dataclass(frozen=True, slots=True)
class DestinationKeeper:
    """Writes secrets into one secret of Secrets Manager, which was there and could be written when it was looked at."""

    context: Context
    manager: SecretsManager
    arn: str

    def keep(self, secret: SigningSecret, before: Kept) -> InSecretsManager:  # noqa: ARG002 - of every keeper
        """Write a secret as the current version; the version before becomes AWSPREVIOUS by itself."""
        try:
            version = self._put(secret)
            if not version.is_current:
                _make_current(self.manager, self.manager.describe(self.arn), version.version_id)
        except AwsError as error:
            reason = error.edited(lambda quote: self.context.quoted(quote, secret.value))
            raise NotKeptError(self.arn, reason, is_final=isinstance(error, _FINAL)) from None
        return InSecretsManager(self.arn, version.version_id, secret.fingerprint)

    def find(self, endpoint_id: str, version: int) -> Kept:
        """Return the current version of the destination where its id tells that it holds this very secret."""
        current = self.manager.describe(self.arn).current_version
        if current is None or current not in [*pages(*_identity(endpoint_id, version), limit=_MAX_TOKENS)]:
            return Nowhere()
        return InSecretsManager(self.arn, current, None)

    def _put(self, secret: SigningSecret) -> Version:
        for token in pages(*_identity(secret.endpoint_id, secret.version), limit=_MAX_TOKENS):
            with contextlib.suppress(SecretExistsError):
                return self.manager.put(self.arn, secret.value, token=token)
        raise NotKeptError(self.arn, messages.OTHER_VALUES, is_final=True)


def settings_problems(context: Context, wanted: object) -> list[str]:
    """Return what is wrong with the settings for AWS, where a destination needs them."""
    if wanted is None:
        return []
    named = wanted if isinstance(wanted, Mapping) else {}
    secret_id = named.get("secret_id")
    # The id that a preview does not know may be an ARN, which names the region.
    has_region = not isinstance(secret_id, str) or named.get("region") is not None or region_of(secret_id) is not None
    return [*context.settings.aws_problems, *([] if has_region else region_problems(context.settings))]


def keeper_for(context: Context, declared: Declared, kept: Kept) -> Keeper:
    """Return what keeps the secrets that Signa issues; a destination is looked at before Signa is asked for one."""
    wanted = declared.destination
    return StateKeeper() if wanted is None else looked_at(context, wanted, kept)


def moved(context: Context, planned: Plan, held: HeldSecret, keeper: Keeper) -> Kept:
    """Return the declared place of the held secret; a rotation puts the secret there that it issues."""
    kept, endpoint_id = held.kept, planned.state.id
    if planned.moves is Move.OUT:
        return Nowhere()
    if planned.moves is Move.IN and isinstance(kept, InState):
        return keeper.keep(SigningSecret(endpoint_id, held.version, kept.value), Nowhere())
    if planned.moves is Move.FOUND:
        return keeper.find(endpoint_id, held.version)
    if planned.moves is Move.BACK and isinstance(kept, InSecretsManager):
        return brought_back(context, kept)
    return kept


def looked_at(context: Context, destination: Destination, kept: Kept) -> DestinationKeeper:
    """
    Look at a destination before Signa is asked for a secret, and return what writes into the destination.

    Whether a version can be put is seen by a put that AWS refuses, for which there has to be a version. A secret
    without one is only described.

    Raises:
        LifecycleError: The destination does not exist, or is scheduled for deletion.
        AwsError: A permission is missing, its key cannot be used, or AWS cannot be reached.
    """
    secret_id = destination.secret_id
    if secret_id is None:
        raise LifecycleError(messages.NO_VALUE.format(name="secret_destination.secret_id"))
    known = kept if isinstance(kept, InSecretsManager) and kept.is_at(destination) else None
    # Without a declared region a secret stays where it is, whatever the environment says today.
    region = region_of(known.arn if known else secret_id) or destination.region or context.settings.aws_region
    manager = context.secrets_manager(region)
    try:
        is_current = known is not None and known.status == CURRENT
        arn, current = (known.arn, known.version_id) if known and is_current else _described(manager, secret_id)
        claim(context, arn)
        if current is not None:
            manager.check_put(arn, current)
    except SecretNotFoundError:
        if known is not None:
            # A secret that was deleted and made again has the same name and another ARN.
            return looked_at(context, destination, Nowhere())
        where = region or "the region of boto3's own chain"
        raise LifecycleError(messages.NO_DESTINATION.format(id=secret_id, where=where)) from None
    except SecretDeletedError:
        raise LifecycleError(messages.DESTINATION_ON_ITS_WAY_OUT.format(id=secret_id)) from None
    return DestinationKeeper(context, manager, arn)


def _described(manager: SecretsManager, secret_id: str) -> tuple[str, str | None]:
    """Return the ARN and the current version of a secret; raise `SecretDeletedError` where it is on its way out."""
    found = manager.describe(secret_id)
    if found.is_deleted:
        raise SecretDeletedError
    return found.arn, found.current_version


def observed(context: Context, kept: InSecretsManager) -> InSecretsManager:
    """Return the place with the status that it has now; a description of the secret tells, and not its value."""
    manager = context.secrets_manager(region_of(kept.arn))
    return replace(kept, status=_status(manager, kept, _find(manager.described, kept.arn)))


def brought_back(context: Context, kept: InSecretsManager) -> InSecretsManager:
    """Make our version the current one again, where the secret still has the version."""
    manager = context.secrets_manager(region_of(kept.arn))
    found = _find(manager.describe, kept.arn)
    status = _status(manager, kept, found)
    if found is not None and status == OVERWRITTEN:
        _make_current(manager, found, kept.version_id)
        status = CURRENT
    elif status == UNKNOWN:
        context.warn(messages.CANNOT_BE_BROUGHT_BACK.format(arn=kept.arn, version=kept.version_id))
    return replace(kept, status=status)


def _make_current(manager: SecretsManager, found: Description, version_id: str) -> None:
    try:
        manager.make_current(found.arn, version_id, instead_of=found.current_version or "")
    except AwsError:
        # A move whose answer was lost is sent again, and AWS refuses to move a label that is there already.
        with contextlib.suppress(AwsError):
            if manager.describe(found.arn).current_version == version_id:
                return
        raise


def _find(describe: Callable[[str], Description], arn: str) -> Description | None:
    try:
        found = describe(arn)
    except SecretNotFoundError:
        return None
    return None if found.is_deleted else found


def _status(manager: SecretsManager, kept: InSecretsManager, found: Description | None) -> str:
    if found is None:
        return UNKNOWN
    if found.current_version == kept.version_id:
        return CURRENT
    if found.checked_version == kept.version_id:
        return UNKNOWN
    # AWS describes only versions with a label: ours loses its last one when another one is put twice.
    is_there = kept.version_id in found.versions.values() or manager.has_version(kept.arn, kept.version_id)
    return OVERWRITTEN if is_there else UNKNOWN


def _identity(endpoint_id: str, version: int) -> tuple[str | int, ...]:
    return ("signing secret", endpoint_id, version)
