"""The dynamic provider of `SecretsManagerSecret`."""

from pulumi_signa.lifecycle.secrets_manager_secret import life
from pulumi_signa.lifecycle.secrets_manager_secret.schema import SECRETS, Declared
from pulumi_signa.lifecycle.secrets_manager_secret.state import State
from pulumi_signa.providers.host.provider import Provider


class SecretsManagerSecretProvider(Provider):
    """Check, diff, create, read, update and delete one secret."""

    thing = "Secrets Manager secret"
    life = life
    declared = Declared
    state = State
    secrets = SECRETS
