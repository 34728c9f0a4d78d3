"""What a stack of `e2e.harness.declaring` or `e2e.harness.storing` and both servers must agree on."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Properties = Mapping[str, Any]

_PREVIOUS = ("previous_secret", "previous_secret_expires_at")


_VALUES = ("secret", *_PREVIOUS)


@dataclass(frozen=True)
class Versions:
    """
    The versions of one secret of Secrets Manager.

    Attributes:
        labels: Version ids by label.
        values: Values by version id, those without a label too.
    """

    arn: str
    labels: Mapping[str, str]
    values: Mapping[str, str]

    def read(self, label: str) -> str | None:
        """Return the value with a label."""
        return self.values.get(self.labels.get(label, ""))

    def received(self) -> list[str]:
        """Return what a receiver tries: the current value, and the one before."""
        return [value for label in ("AWSCURRENT", "AWSPREVIOUS") for value in [self.read(label)] if value is not None]


@dataclass(frozen=True)
class Audit:
    """
    What is wrong; nothing, as a rule.

    Attributes:
        orphans: Ids of endpoints, and ARNs of secrets, that the stack does not hold.
        lost_secrets: Ids of endpoints whose secret, as Signa signs with it, is not both in the state and in Secrets
            Manager; where it has a destination, is not the current value there.
        unverifiable: Ids of endpoints whose deliveries, signed now, a receiver refuses that reads Secrets Manager.
        differences: Stored value and real one by resource and field, where they are not equal.
    """

    orphans: list[str] = field(default_factory=list)
    lost_secrets: list[str] = field(default_factory=list)
    unverifiable: list[str] = field(default_factory=list)
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
        unverifiable=[
            id_
            for id_ in real_endpoints.keys() & held.keys()
            for secret in [readable.get(f"signa/{held[id_]['name']}")]
            if secret is None or not verifies(secret, id_)
        ],
        differences={
            f"{properties['name']}.{key}": (properties.get(key), value)
            for id_, properties in held.items()
            for key, value in real.get(id_, {"id": None}).items()
            if key != "object" and properties.get(key) != value
            if not (key in _PREVIOUS and properties.get(key) is None)
        },
    )


def compare_stored(
    held: Mapping[str, Properties],
    endpoints: Iterable[Properties],
    containers: Mapping[str, Versions],
    verifies: Callable[[str, str], bool],
) -> Audit:
    """
    Compare a state that holds no secret with both servers.

    Args:
        held: As `compare` has it, and so are `endpoints` and `verifies`.
        containers: What Secrets Manager has, by name.
    """
    real = {endpoint["id"]: endpoint for endpoint in endpoints}
    issued = {endpoint[key] for endpoint in real.values() for key in ("secret", "previous_secret")} - {None}
    known = {id_: containers[f"signa/{held[id_]['name']}"] for id_ in real.keys() & held.keys()}
    expected = {
        id_: {
            **{key: value for key, value in real[id_].items() if key not in ("object", *_VALUES)},
            "secret": None,
            "previous_secret": None,
            "secret_status": "current",
            "secret_arn": container.arn,
            "secret_version_id": container.labels.get("AWSCURRENT"),
            "secret_fingerprint": hashlib.sha256(real[id_]["secret"].encode()).hexdigest()[:16],
        }
        for id_, container in known.items()
    }
    return Audit(
        orphans=sorted(real.keys() - held.keys()),
        lost_secrets=[id_ for id_, container in known.items() if container.read("AWSCURRENT") != real[id_]["secret"]],
        unverifiable=[
            id_ for id_, container in known.items() if not any(verifies(value, id_) for value in container.received())
        ],
        differences={
            **{
                f"{properties['name']}.{key}": (properties.get(key), value)
                for id_, properties in held.items()
                for key, value in expected.get(id_, {"id": None}).items()
                if properties.get(key) != value
            },
            **{
                f"{properties['name']} in the state": ("a secret", None)
                for properties in held.values()
                if any(value.removeprefix("whsec_") in repr(properties) for value in issued)
            },
            **{
                f"versions of {name}": (len(container.values), len(values))
                for name, container in containers.items()
                for values in [set(container.values.values())]
                if len(values) != len(container.values)
            },
        },
    )
