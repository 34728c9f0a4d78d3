"""The Secrets Manager of the lifecycles' tests: it answers as moto does."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from fake_secrets_manager import FakeClient

NAME = "signa/alerts"
A, B, C = ("a" * 64, "b" * 64, "c" * 64)


class Pair:
    """The stand-in and moto, each with a secret of one name."""

    def __init__(self) -> None:
        self.fake = FakeClient()
        self.fake.make(NAME)
        self.moto = boto3.client("secretsmanager", region_name="eu-west-1")
        self.moto.create_secret(Name=NAME)

    def same(self, operation: str, **request: Any) -> Any:
        """Send one request to both, and return the one outcome that both have."""
        outcomes = [self._outcome(client, operation, request) for client in (self.fake, self.moto)]
        assert outcomes[0] == outcomes[1]
        return outcomes[0]

    def _outcome(self, client: Any, operation: str, request: dict[str, Any]) -> Any:
        try:
            answer = getattr(client, operation)(SecretId=NAME, **request)
        except ClientError as error:
            return error.response["Error"]["Code"]
        return {
            "stages": sorted(answer.get("VersionStages", [])),
            "labelled": {
                version: sorted(labels) for version, labels in answer.get("VersionIdsToStages", {}).items() if labels
            },
            "listed": sorted(version["VersionId"] for version in answer.get("Versions", [])),
            "is_deleted": "DeletedDate" in answer,
        }

    def put(self, token: str, value: str, **request: Any) -> Any:
        """Put a value."""
        return self.same("put_secret_value", ClientRequestToken=token, SecretString=value, **request)

    def move(self, *, to: str, instead_of: str) -> Any:
        """Move AWSCURRENT."""
        return self.same(
            "update_secret_version_stage",
            VersionStage="AWSCURRENT",
            MoveToVersionId=to,
            RemoveFromVersionId=instead_of,
        )

    def labelled(self) -> Any:
        """Return the labels of each version that has one."""
        return self.same("describe_secret")["labelled"]


@pytest.fixture
def pair(aws: str) -> Pair:
    """Return the two."""
    return Pair()


def test_put_is_idempotent_and_never_changes_a_version(pair: Pair) -> None:
    pair.put(A, "one")

    assert pair.put(A, "one")["stages"] == ["AWSCURRENT"]
    assert pair.put(A, "two") == "ResourceExistsException"
    assert pair.labelled() == {A: ["AWSCURRENT"]}


def test_labels_move_with_each_put(pair: Pair) -> None:
    for token in (A, B, C):
        pair.put(token, token)

    assert pair.labelled() == {B: ["AWSPREVIOUS"], C: ["AWSCURRENT"]}
    assert pair.same("list_secret_version_ids", IncludeDeprecated=True)["listed"] == [A, B, C]
    assert pair.put(B, B)["stages"] == ["AWSPREVIOUS"]
    assert pair.put(A, A)["stages"] == []


def test_first_version_is_the_current_one_whatever_its_labels(pair: Pair) -> None:
    pair.put(A, "one", VersionStages=["checked"])

    assert pair.labelled() == {A: ["AWSCURRENT", "checked"]}


def test_label_of_ours_leaves_the_current_version_alone(pair: Pair) -> None:
    pair.put(A, "one")
    pair.put(B, "two", VersionStages=["checked"])

    assert pair.labelled() == {A: ["AWSCURRENT"], B: ["checked"]}


def test_current_version_is_moved_where_both_versions_are_named(pair: Pair) -> None:
    for token in (A, B, C):
        pair.put(token, token)

    assert pair.move(to=A, instead_of=B) == "InvalidParameterException"
    pair.move(to=A, instead_of=C)
    assert pair.labelled() == {A: ["AWSCURRENT"], C: ["AWSPREVIOUS"]}
    pair.move(to=C, instead_of=A)
    assert pair.labelled() == {A: ["AWSPREVIOUS"], C: ["AWSCURRENT"]}


def test_secret_that_is_scheduled_for_deletion_is_only_described(pair: Pair) -> None:
    pair.put(A, "one")
    pair.fake.secrets[NAME].is_deleted = True
    pair.moto.delete_secret(SecretId=NAME)

    assert pair.same("describe_secret")["is_deleted"]
    # moto takes a value then; AWS documents that it does not.
    with pytest.raises(ClientError, match="InvalidRequestException"):
        pair.fake.put_secret_value(SecretId=NAME, ClientRequestToken=B, SecretString="two")


def test_secret_that_is_not_there_is_not_found(pair: Pair) -> None:
    del pair.fake.secrets[NAME]
    pair.moto.delete_secret(SecretId=NAME, ForceDeleteWithoutRecovery=True)

    assert pair.same("describe_secret") == "ResourceNotFoundException"
    assert pair.put(A, "one") == "ResourceNotFoundException"
