"""A secret that is imported: what is declared for it, and what its first updates do."""

from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from fake_host import URN, Outputs, context, secrets
from pulumi_signa.aws.secrets_manager import SecretsManager
from pulumi_signa.lifecycle.progress import Progress
from pulumi_signa.lifecycle.secrets_manager_secret import life
from pulumi_signa.lifecycle.secrets_manager_secret.schema import FINGERPRINT, MARK, VALUE_INPUT
from pulumi_signa.lifecycle.secrets_manager_secret.settling import retag
from pulumi_signa.lifecycle.secrets_manager_secret.state import State
from pulumi_signa.lifecycle.secrets_manager_secret.versions import unmarked

REGION, NAME = "eu-west-1", "signa/prod"
RUN: Outputs = {URN: "urn:pulumi:dev::p::t::stored"}


@pytest.fixture
def by_hand(aws: str) -> Any:
    """Return boto3's own client, for what others do to a secret."""
    return boto3.client("secretsmanager", region_name=REGION)


@pytest.fixture
def manager(aws: str) -> SecretsManager:
    """Return what the stack has of AWS."""
    return SecretsManager(REGION)


def imported(manager: SecretsManager, arn: str) -> tuple[Outputs, Outputs]:
    """Return the inputs and the outputs that an import gives; the check of the inputs finds nothing wrong."""
    state = life.read(context(RUN, manager), arn, None)
    assert state is not None
    inputs = {**state.inputs(), **RUN}
    assert secrets.check(inputs).problems == []
    return inputs, {**state.outputs(), **RUN}


def made(by_hand: Any, value: str | None = "theirs", **more: Any) -> str:
    """Make a secret as others do, and return its ARN."""
    arn: str = by_hand.create_secret(Name=NAME, **({} if value is None else {"SecretString": value}), **more)["ARN"]
    return arn


def value(by_hand: Any) -> str:
    """Return what a receiver reads."""
    text: str = by_hand.get_secret_value(SecretId=NAME)["SecretString"]
    return text


@pytest.mark.parametrize("first", ["theirs", None])
def test_import_declares_the_name_and_leaves_the_value_to_others(
    manager: SecretsManager, by_hand: Any, first: str | None
) -> None:
    arn = made(by_hand, first)

    inputs, outputs = imported(manager, arn)

    assert inputs == {"secret_name": NAME, "without_value": True, **RUN}
    assert not secrets.plan(arn, outputs, inputs).is_needed
    assert not secrets.plan(arn, secrets.read(manager, arn, outputs).outputs, inputs).is_needed  # type: ignore[union-attr]


def test_import_declares_what_is_no_default(manager: SecretsManager, by_hand: Any) -> None:
    replica = [{"Region": "us-east-1"}]
    arn = made(by_hand, Description="d", Tags=[{"Key": "a", "Value": "b"}], AddReplicaRegions=replica)

    inputs, outputs = imported(manager, arn)

    declared = {"description": "d", "tags": {"a": "b"}, "replica_regions": ["us-east-1"]}
    assert inputs == {"secret_name": NAME, "without_value": True, **declared, **RUN}
    assert not secrets.plan(arn, outputs, inputs).is_needed


def test_import_from_another_region_names_the_region(aws: str) -> None:
    arn = boto3.client("secretsmanager", region_name="us-east-1").create_secret(Name=NAME)["ARN"]

    inputs, outputs = imported(SecretsManager("us-east-1"), arn)

    assert inputs["region"] == "us-east-1"
    assert not secrets.plan(arn, outputs, inputs).is_needed


def test_tags_of_aws_itself_are_neither_declared_nor_taken_away() -> None:
    tags = {"aws:cloudformation:stack-name": "s", MARK: "m", "a": "b", "c": "d"}
    asked: list[Any] = []
    manager = SimpleNamespace(untag=lambda _arn, keys: asked.append(keys), tag=lambda _arn, added: asked.append(added))

    retag(manager, "arn", tags, {"a": "b"}, Progress(State.of("arn", {})))  # type: ignore[arg-type]

    assert asked == [["c", MARK]]
    assert unmarked(tags) == {"a": "b", "c": "d"}


def test_value_that_is_declared_after_an_import_is_put_by_the_next_run(manager: SecretsManager, by_hand: Any) -> None:
    arn = made(by_hand)
    _, outputs = imported(manager, arn)
    declared = {"secret_name": NAME, "secret_string": "ours", **RUN}
    said: list[str] = []

    planned = secrets.plan(arn, outputs, declared, inform=said.append)
    new = secrets.update(manager, arn, outputs, declared)

    assert (planned.changed, planned.replaces, planned.writes) == (("secret_string",), (), True)
    (sentence,) = said
    assert f"in place of version {outputs['version_id']}, whose value this stack does not know" in sentence
    assert (value(by_hand), new[VALUE_INPUT]) == ("ours", "secret_string")
    assert not secrets.plan(arn, new, declared).is_needed


def test_update_of_an_imported_secret_without_a_value_changes_the_mark_alone(
    manager: SecretsManager, by_hand: Any
) -> None:
    arn = made(by_hand)
    inputs, outputs = imported(manager, arn)
    declared = {**inputs, "recovery_window_in_days": 7}

    new = secrets.update(manager, arn, outputs, declared)

    found = by_hand.describe_secret(SecretId=NAME)
    assert [tag["Key"] for tag in found["Tags"]] == [MARK]
    assert (value(by_hand), len(found["VersionIdsToStages"])) == ("theirs", 1)
    assert new["version_id"] is new[FINGERPRINT] is None
    assert new == {**secrets.preview(arn, outputs, declared), **RUN}
    assert not secrets.plan(arn, new, declared).is_needed


def test_imported_secret_is_deleted_as_any_other(manager: SecretsManager, by_hand: Any) -> None:
    arn = made(by_hand)
    _, outputs = imported(manager, arn)

    secrets.delete(manager, arn, outputs)

    assert "DeletedDate" in by_hand.describe_secret(SecretId=NAME)


def test_own_value_is_declared_by_what_stands_in_for_it(manager: SecretsManager) -> None:
    declared = {"secret_name": NAME, "secret_json": {"a": 1}, **RUN}
    arn, outputs = secrets.create(manager, declared)

    inputs = State.of(arn, outputs).inputs()

    assert inputs.keys() == {"secret_name", "secret_json"}
    assert not secrets.plan(arn, outputs, inputs).is_needed
