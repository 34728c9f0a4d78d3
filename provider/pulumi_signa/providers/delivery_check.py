"""The dynamic provider of `DeliveryCheck`."""

from pulumi_signa.lifecycle.delivery_check import life
from pulumi_signa.lifecycle.delivery_check.schema import Declared
from pulumi_signa.lifecycle.delivery_check.state import State
from pulumi_signa.providers.host.provider import Provider


class DeliveryCheckProvider(Provider):
    """Check, diff, create, read, update and delete one delivery check."""

    thing = "delivery check"
    life = life
    declared = Declared
    state = State
    secrets = ()
