"""The dynamic provider of `DeliveryCheck`."""

from pulumi_signa.hosting.kinds import DELIVERY_CHECK
from pulumi_signa.providers.host.provider import Provider


class DeliveryCheckProvider(Provider):
    """Check, diff, create, read, update and delete one delivery check."""

    kind = DELIVERY_CHECK
