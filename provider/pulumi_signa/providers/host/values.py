"""
Properties as the dynamic host takes them.

The host takes an output as a secret only in the raw envelope of its wire format. It tells a provider neither the
resource's URN nor the resource's options, so the program passes both as hidden properties (`hosting.hidden`).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pulumi.output import UNKNOWN as PULUMI_UNKNOWN
from pulumi.runtime import rpc

from pulumi_signa.hosting.values import sent


def to_host(properties: Mapping[str, Any], *, secret: Iterable[str] = ()) -> dict[str, Any]:
    """
    Return properties as the host takes them, without those that are None, the named ones as Pulumi secrets.

    `pulumi.Output.secret` would need an event loop, and its value would be written in plain text, since the plugin's
    side does not negotiate secrets.
    """
    hosted = {name: sent(value, PULUMI_UNKNOWN) for name, value in properties.items() if value is not None}
    for name in secret:
        if name in hosted:
            hosted[name] = rpc.wrap_rpc_secret(hosted[name])
    return hosted
