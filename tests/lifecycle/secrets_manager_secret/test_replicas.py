"""Copies of a secret in other regions, at a local Secrets Manager."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest

from fake_host import URN, Outputs, secrets
from pulumi_signa.aws.errors import AwsError
from pulumi_signa.aws.secrets_manager import SecretsManager

REGION, NORTH, SOUTH = "eu-west-1", "eu-north-1", "us-east-1"
NAME = "signa/replicated"
DECLARED: dict[str, Any] = {"secret_name": NAME, "secret_string": "s3cret", URN: "urn:pulumi:dev::p::t::stored"}

Warner = Callable[[str], None]


@pytest.fixture
def manager(aws: str) -> SecretsManager:
    """Return a Secrets Manager that is empty."""
    return SecretsManager(REGION)


def client(region: str) -> Any:
    """Return boto3's own client, for what others do."""
    return boto3.client("secretsmanager", region_name=region)


def regions() -> list[str]:
    """Return where the secret really has replicas."""
    return sorted(each["Region"] for each in client(REGION).describe_secret(SecretId=NAME).get("ReplicationStatus", []))


def made(manager: SecretsManager, warn: Warner, *replicas: str) -> Outputs:
    """Create the secret with replicas, and return the outputs."""
    return secrets.create(manager, {**DECLARED, "replica_regions": list(replicas)}, warn=warn)[1]


def update(manager: SecretsManager, outputs: Outputs, replicas: list[str] | None, **run: Any) -> Outputs:
    """Update the secret to these replicas, and return the outputs."""
    return secrets.update(manager, outputs["arn"], outputs, {**DECLARED, "replica_regions": replicas}, **run)


def test_create_makes_the_replicas(manager: SecretsManager, warn: Warner, warned: list[str]) -> None:
    outputs = made(manager, warn, SOUTH, NORTH)

    assert regions() == outputs["replica_regions"] == [NORTH, SOUTH]
    assert client(SOUTH).get_secret_value(SecretId=NAME)["SecretString"] == "s3cret"
    assert secrets.plan(outputs["arn"], outputs, {**DECLARED, "replica_regions": [SOUTH, NORTH]}).changed == ()
    assert warned == []


def test_replicas_are_changed_in_place(manager: SecretsManager, warn: Warner) -> None:
    outputs = made(manager, warn, NORTH)

    planned = secrets.plan(outputs["arn"], outputs, {**DECLARED, "replica_regions": [SOUTH]})
    outputs = update(manager, outputs, [SOUTH])

    assert (planned.changed, planned.replaces) == (("replica_regions",), ())
    assert regions() == outputs["replica_regions"] == [SOUTH]
    assert update(manager, outputs, [])["replica_regions"] == regions() == []


def test_replicas_that_others_changed_are_drift(manager: SecretsManager, warn: Warner) -> None:
    outputs = made(manager, warn, NORTH)
    client(REGION).remove_regions_from_replication(SecretId=NAME, RemoveReplicaRegions=[NORTH])
    client(REGION).replicate_secret_to_regions(SecretId=NAME, AddReplicaRegions=[{"Region": SOUTH}])

    found = secrets.read(manager, outputs["arn"], outputs, warn=warn)

    assert found is not None
    assert found.inputs is not None
    assert found.inputs["replica_regions"] == found.outputs["replica_regions"] == [SOUTH]
    update(manager, found.outputs, [NORTH])
    assert regions() == [NORTH]


def test_replicas_that_nobody_declared_are_left_alone(manager: SecretsManager, warn: Warner) -> None:
    outputs = secrets.create(manager, DECLARED, warn=warn)[1]
    client(REGION).replicate_secret_to_regions(SecretId=NAME, AddReplicaRegions=[{"Region": SOUTH}])

    found = secrets.read(manager, outputs["arn"], outputs, warn=warn)
    again = secrets.create(manager, DECLARED, warn=warn)[1]

    assert found is not None
    assert found.outputs == outputs == again
    assert regions() == [SOUTH]


def test_replica_that_is_there_before_it_is_declared_is_not_made_twice(manager: SecretsManager, warn: Warner) -> None:
    outputs = secrets.create(manager, DECLARED, warn=warn)[1]
    client(REGION).replicate_secret_to_regions(SecretId=NAME, AddReplicaRegions=[{"Region": SOUTH}])

    update(manager, outputs, [NORTH, SOUTH])

    assert regions() == [NORTH, SOUTH]


def test_replicas_are_made_by_the_run_that_takes_the_secret_over(manager: SecretsManager, warn: Warner) -> None:
    made(manager, warn, NORTH)

    made(manager, warn, SOUTH)

    assert regions() == [SOUTH]


def test_replica_that_failed_is_warned_of_with_the_reason(
    manager: SecretsManager, warn: Warner, warned: list[str]
) -> None:
    outputs = made(manager, warn)
    client(SOUTH).create_secret(Name=NAME, SecretString="theirs")

    outputs = update(manager, outputs, [SOUTH], warn=warn)
    secrets.read(manager, outputs["arn"], outputs, warn=warn)

    assert [SOUTH in warning and "already exists in region" in warning for warning in warned] == [True, True]


def test_replica_that_a_create_could_not_make_is_warned_of(
    manager: SecretsManager, warn: Warner, warned: list[str]
) -> None:
    client(SOUTH).create_secret(Name=NAME, SecretString="theirs")

    made(manager, warn, NORTH, SOUTH)

    assert [SOUTH in warning and "already exists in region" in warning for warning in warned] == [True]


def test_declared_replicas_are_deleted_with_the_secret(manager: SecretsManager, warn: Warner) -> None:
    outputs = made(manager, warn, NORTH, SOUTH)
    client(REGION).remove_regions_from_replication(SecretId=NAME, RemoveReplicaRegions=[NORTH])

    secrets.delete(manager, outputs["arn"], outputs)
    secrets.delete(manager, outputs["arn"], outputs)

    assert client(REGION).describe_secret(SecretId=NAME)["DeletedDate"]
    assert client(SOUTH).list_secrets()["SecretList"] == []


def test_refusal_of_a_replicated_secret_says_which_command_helps(manager: SecretsManager, warn: Warner) -> None:
    outputs = secrets.create(manager, DECLARED, warn=warn)[1]
    client(REGION).replicate_secret_to_regions(SecretId=NAME, AddReplicaRegions=[{"Region": SOUTH}, {"Region": NORTH}])

    with pytest.raises(AwsError) as caught:
        secrets.delete(manager, outputs["arn"], outputs)

    assert (
        f"run `aws secretsmanager remove-regions-from-replication --region {REGION} --secret-id {outputs['arn']} "
        f"--remove-replica-regions {SOUTH} {NORTH}`"
    ) in str(caught.value)


@pytest.mark.parametrize(
    ("regions", "problem"),
    [
        ("us-east-1", "must be a list"),
        ({"us-east-1": 1}, "must be a list"),
        (["us-east"], "must be an AWS region"),
        ([5], "must be an AWS region"),
        (["us-east-1", "us-east-1"], "twice"),
        (["us-east-1", REGION], f"'{REGION}' is where the secret itself is"),
    ],
)
def test_replica_regions_are_refused(regions: object, problem: str) -> None:
    (found,) = secrets.check({**DECLARED, "replica_regions": regions}).problems

    assert found.startswith("replica_regions: ")
    assert problem in found
