"""The dynamic provider of `SecretsManagerSecret`."""

from pulumi_signa.hosting.kinds import SECRETS_MANAGER_SECRET
from pulumi_signa.providers.host.provider import Provider


class SecretsManagerSecretProvider(Provider):
    """Check, diff, create, read, update and delete one secret."""

    kind = SECRETS_MANAGER_SECRET
