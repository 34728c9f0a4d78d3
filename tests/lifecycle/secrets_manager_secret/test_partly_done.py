"""A create or an update of which a later step fails: what is recorded, and that the next run does just the rest."""

from itertools import count
from typing import Any

import boto3
import pytest
import requests
from botocore.exceptions import ClientError

from fake_host import URN, Outputs, secrets
from pulumi_signa.aws.errors import AwsError
from pulumi_signa.aws.secrets_manager import SecretsManager
from pulumi_signa.lifecycle.errors import InterruptedRunError, LifecycleError
from pulumi_signa.lifecycle.secrets_manager_secret.schema import MARK

REGION, NORTH, SOUTH = "eu-west-1", "eu-north-1", "eu-south-1"
NAME = "signa/prod"
URN_OF_STORED = "urn:pulumi:dev::p::t::stored"
DECLARED: dict[str, Any] = {
    URN: URN_OF_STORED,
    "secret_name": NAME,
    "secret_string": "one",
    "description": "first",
    "tags": {"a": "b", "c": "d"},
    "replica_regions": [NORTH],
    "recovery_window_in_days": 7,
}
EDITED = {
    "description": "second",
    "tags": {"a": "c", "e": "f"},
    "replica_regions": [SOUTH],
    "recovery_window_in_days": 30,
}
LEFT = {"secret_string": None, "without_value": True}
DESCRIBING = ("DescribeSecret", "ListSecretVersionIds")


def forget_all(aws: str) -> None:
    """Delete every secret, replicas too."""
    requests.post(f"{aws}/moto-api/reset", timeout=10).raise_for_status()


class Stack:
    """
    A stack of one secret, whose engine records what was done of a call that failed.

    Attributes:
        asked: Every action that AWS was asked for, but descriptions.
        recorded: The outputs of the call that failed last; None where the failure had none.
    """

    def __init__(self, aws: str) -> None:
        forget_all(aws)
        self.by_hand = boto3.client("secretsmanager", region_name=REGION)
        self.manager = SecretsManager(REGION)
        self.asked: list[str] = []
        self.outputs: Outputs | None = None
        self.recorded: Outputs | None = None
        self._left: int | None = None
        self.manager._client.meta.events.register("before-call.secrets-manager", self._ask)

    def up(self, declared: Outputs) -> None:
        """Create or update, where there is something to do; a failure is raised as users read it."""
        run: dict[str, Any] = {"warn": lambda _message: None}
        self.recorded = None
        if self.outputs is None:
            self.outputs = secrets.create(self.manager, declared, **run, records=self._record)[1]
        elif secrets.plan(self.outputs["arn"], self.outputs, declared, **run).is_needed:
            arn, outputs = self.outputs["arn"], self.outputs
            self.outputs = secrets.update(self.manager, arn, outputs, declared, **run, records=self._record)

    def fail(self, declared: Outputs, at: int) -> bool:
        """Have one action of a run fail, and return whether there was such an action."""
        self._left = at
        try:
            self.up(declared)
        except InterruptedRunError:
            return True
        self._left = None
        return False

    def assert_settled(self, declared: Outputs) -> None:
        """See that AWS has what is declared, the state says so, and nothing is left to do."""
        assert self.outputs is not None
        found = self.by_hand.describe_secret(SecretId=NAME)
        tags = {tag["Key"]: tag["Value"] for tag in found.get("Tags", [])}
        assert (MARK in tags) is declared.get("without_value", False)
        tags.pop(MARK, None)
        replicas = [each["Region"] for each in found.get("ReplicationStatus", [])]
        assert (found["Description"], tags, replicas) == (
            declared["description"], declared["tags"], declared["replica_regions"],
        )  # fmt: skip
        assert all(self.outputs[name] == declared[name] for name in EDITED)
        if declared.get("without_value"):
            assert self.outputs["version_id"] is None
        else:
            assert self.value() == declared["secret_string"]
            assert found["VersionIdsToStages"][self.outputs["version_id"]] == ["AWSCURRENT"]
        asked = len(self.asked)
        self.up(declared)
        assert len(self.asked) == asked
        assert secrets.read(self.manager, self.outputs["arn"], self.outputs).inputs is None  # type: ignore[union-attr]

    def value(self) -> str:
        """Return what a receiver reads."""
        text: str = self.by_hand.get_secret_value(SecretId=NAME)["SecretString"]
        return text

    def _ask(self, model: Any, **_: Any) -> None:
        if model.name in DESCRIBING:
            return
        if self._left == 0:
            self._left = None
            raise InterruptedRunError
        self._left = None if self._left is None else self._left - 1
        self.asked.append(model.name)

    def _record(self, arn: str, outputs: Outputs) -> None:
        assert arn == self.by_hand.describe_secret(SecretId=NAME)["ARN"] == outputs["arn"]
        self.outputs = self.recorded = outputs


@pytest.mark.parametrize("value", [{}, LEFT], ids=["value", "left to others"])
def test_taking_over_that_failed_at_any_step_is_completed(aws: str, value: Outputs) -> None:
    declared = {**DECLARED, **EDITED, **value, "adopt_existing": True}
    recorded = []
    for at in count():
        stack = Stack(aws)
        tags = [{"Key": "theirs", "Value": "x"}, {"Key": "a", "Value": "b"}]
        stack.by_hand.create_secret(Name=NAME, SecretString="theirs", Tags=tags)
        if not stack.fail(declared, at):
            break
        recorded.append(stack.recorded)

        stack.up(declared)

        stack.assert_settled(declared)
    first = 3 if value else 1  # what is left to others is this resource's from the mark on
    assert [each is not None for each in recorded] == [number >= first for number in range(len(recorded))]
    assert len(recorded) == 5
    assert [each["description"] for each in recorded if each][-2:] == ([None, "second"])


def test_restored_secret_that_cannot_be_claimed_is_recorded_as_nothing(aws: str) -> None:
    stack = Stack(aws)
    stack.by_hand.create_secret(Name=NAME, SecretString="theirs", Tags=[{"Key": "theirs", "Value": "x"}])
    stack.by_hand.delete_secret(SecretId=NAME)
    stack.manager._client.meta.events.register("before-call.secrets-manager.UntagResource", _refuse)

    with pytest.raises(AwsError):
        stack.up(DECLARED)

    assert stack.recorded is None
    assert "DeletedDate" in stack.by_hand.describe_secret(SecretId=NAME)


def _refuse(**_: Any) -> None:
    raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "No."}}, "UntagResource")


_UPDATES = [
    pytest.param(DECLARED, {**EDITED, "secret_string": "two"}, id="value and all else"),
    pytest.param(DECLARED, EDITED, id="all but the value"),
    pytest.param(DECLARED, {**EDITED, **LEFT}, id="left to others"),
    pytest.param({**DECLARED, **LEFT}, {**EDITED, "without_value": False, "secret_string": "two"}, id="ours again"),
]


@pytest.mark.parametrize(("first", "edit"), _UPDATES)
def test_update_that_failed_at_any_step_is_completed(aws: str, first: Outputs, edit: Outputs) -> None:
    declared = {**first, **edit}
    recorded = []
    for at in count():
        stack = Stack(aws)
        stack.up(first)
        if not stack.fail(declared, at):
            break
        recorded.append(stack.recorded)
        found = stack.by_hand.describe_secret(SecretId=NAME)
        if stack.recorded is not None:
            assert stack.recorded["description"] == found["Description"]
            tags = {tag["Key"]: tag["Value"] for tag in found.get("Tags", []) if tag["Key"] != MARK}
            assert stack.recorded["tags"] == tags
            assert stack.recorded["replica_regions"] == [each["Region"] for each in found.get("ReplicationStatus", [])]
            assert stack.recorded["recovery_window_in_days"] == 7
        puts = stack.asked.count("PutSecretValue")

        stack.up(declared)

        stack.assert_settled(declared)
        assert "secret_string" in edit or stack.asked.count("PutSecretValue") == puts
        versions = stack.by_hand.list_secret_version_ids(SecretId=NAME, IncludeDeprecated=True)["Versions"]
        assert len(versions) == (2 if edit.get("secret_string") and not first.get("without_value") else 1)
    assert recorded[0] is None
    assert None not in recorded[1:] or "without_value" in edit
    assert len(recorded) >= 5


def test_value_is_not_put_again_where_it_was_put_before(aws: str) -> None:
    stack, declared = Stack(aws), {**DECLARED, **EDITED, "secret_string": "two"}
    stack.up(DECLARED)

    assert stack.fail(declared, 1)
    assert stack.recorded is not None
    assert stack.value() == "two"
    assert secrets.plan(stack.recorded["arn"], stack.recorded, declared).changed == (
        "description", "tags", "recovery_window_in_days", "replica_regions",
    )  # fmt: skip


def test_secret_that_is_gone_by_the_next_step_is_recorded_as_nothing(aws: str) -> None:
    stack, declared = Stack(aws), {**DECLARED, **EDITED, "secret_string": "two"}
    stack.up(DECLARED)
    stack.manager._client.meta.events.register(
        "before-call.secrets-manager.UntagResource",
        lambda **_: forget_all(aws),
    )

    with pytest.raises(LifecycleError, match="no longer exists"):
        stack.up(declared)

    assert stack.recorded is None
