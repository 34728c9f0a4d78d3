"""What a stack of `e2e.harness.declaring` and both servers must agree on."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Properties = Mapping[str, Any]

_PREVIOUS = ("previous_secret", "previous_secret_expires_at")


@dataclass(frozen=True)
class Audit:
    """
    What is wrong; nothing, as a rule.

    Attributes:
        orphans: Ids of endpoints, and ARNs of secrets, that the stack does not hold.
        lost_secrets: Ids of endpoints whose secret, as Signa signs with it, is not both in the state and in Secrets
            Manager.
        differences: Stored value and real one by resource and field, where they are not equal.
    """

    orphans: list[str] = field(default_factory=list)
    lost_secrets: list[str] = field(default_factory=list)
    differences: dict[str, tuple[Any, Any]] = field(default_factory=dict)


def compare(
    held: Mapping[str, Properties],
    endpoints: Iterable[Properties],
    secrets: Iterable[Properties],
    verifies: Callable[[str, str], bool],
) -> Audit:
    """
    Compare the state with both servers.

    A state without a previous secret is no difference: after a rotation elsewhere it never had one.

    Args:
        held: Properties of each resource in the state, by id, with its logical name as `name`.
        endpoints: What Signa has.
        secrets: What Secrets Manager has.
        verifies: Whether a receiver with a secret accepts a delivery of an endpoint.
    """
    real_endpoints = {endpoint["id"]: endpoint for endpoint in endpoints}
    real_secrets = {secret["id"]: secret for secret in secrets}
    real = {**real_endpoints, **real_secrets}
    readable = {secret["secret_name"]: secret["secret_json"].get("secret") for secret in real_secrets.values()}
    return Audit(
        orphans=sorted(real.keys() - held.keys()),
        lost_secrets=[
            id_
            for id_ in real_endpoints.keys() & held.keys()
            for secret in [real_endpoints[id_]["secret"]]
            # In an overlap the secret before verifies too, so the values are compared as well.
            if not held[id_].get("secret") == readable.get(f"signa/{held[id_]['name']}") == secret
            or not verifies(secret, id_)
        ],
        differences={
            f"{properties['name']}.{key}": (properties.get(key), value)
            for id_, properties in held.items()
            for key, value in real.get(id_, {"id": None}).items()
            if key != "object" and properties.get(key) != value
            if not (key in _PREVIOUS and properties.get(key) is None)
        },
    )
