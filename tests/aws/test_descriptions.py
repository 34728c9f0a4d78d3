"""What the reads of a run have found of each secret."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.stub import Stubber

from pulumi_signa.aws.descriptions import Description, Descriptions
from pulumi_signa.aws.errors import AwsError, SecretNotFoundError
from pulumi_signa.aws.secrets_manager import SecretsManager

ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:signa/prod-AbCdEf"
OTHER = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:signa/test-AbCdEf"
PATIENCE_S = 30


class FakeAws:
    """
    An AWS whose answers are numbered, and that answers when it may.

    Attributes:
        asked: The ids that were asked for, in order.
        failures: Raised by the next calls, one each.
        hold: Makes each call wait until `may_answer` is set.
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.failures: list[Exception] = []
        self.is_asked, self.may_answer = threading.Event(), threading.Event()
        self.may_answer.set()

    def describe(self, secret_id: str) -> Description:
        """Return a description that says how many calls there were."""
        self.asked.append(secret_id)
        number = len(self.asked)
        self.is_asked.set()
        self.may_answer.wait(PATIENCE_S)
        if self.failures:
            raise self.failures.pop()
        return Description(secret_id, "signa/prod", f"call {number}", None, is_deleted=False)


@pytest.fixture
def aws() -> FakeAws:
    """Return an AWS that answers at once."""
    return FakeAws()


@pytest.fixture
def descriptions(aws: FakeAws) -> Descriptions:
    """Return a cache in which nothing is."""
    return Descriptions(aws.describe)


def test_secret_is_described_once(aws: FakeAws, descriptions: Descriptions) -> None:
    assert descriptions.find(ARN) is descriptions.find(ARN)
    assert descriptions.find(OTHER).arn == OTHER
    assert aws.asked == [ARN, OTHER]


def test_second_of_two_readers_waits_for_the_first(aws: FakeAws, descriptions: Descriptions) -> None:
    aws.may_answer.clear()

    with ThreadPoolExecutor(2) as threads:
        found = [threads.submit(descriptions.find, ARN) for _ in range(2)]
        assert aws.is_asked.wait(PATIENCE_S)
        aws.may_answer.set()

    assert found[0].result() is found[1].result()
    assert aws.asked == [ARN]


def test_reader_of_one_secret_does_not_wait_for_another(aws: FakeAws, descriptions: Descriptions) -> None:
    descriptions.find(OTHER)
    aws.is_asked.clear()
    aws.may_answer.clear()

    with ThreadPoolExecutor(1) as threads:
        threads.submit(descriptions.find, ARN)
        assert aws.is_asked.wait(PATIENCE_S)
        assert descriptions.find(OTHER).description == "call 1"
        aws.may_answer.set()


def test_failure_is_not_kept(aws: FakeAws, descriptions: Descriptions) -> None:
    aws.failures.append(SecretNotFoundError("gone"))

    with pytest.raises(SecretNotFoundError):
        descriptions.find(ARN)

    assert descriptions.find(ARN).description == "call 2"


@pytest.mark.parametrize(("changed", "number"), [(ARN, 3), ("signa/prod", 3), (OTHER, 1)])
def test_change_is_seen(aws: FakeAws, descriptions: Descriptions, changed: str, number: int) -> None:
    descriptions.find(ARN)
    descriptions.find(OTHER)

    descriptions.drop(changed)

    assert descriptions.find(ARN).description == f"call {number}"


def test_answer_that_was_on_its_way_before_a_change_is_not_kept(aws: FakeAws, descriptions: Descriptions) -> None:
    aws.may_answer.clear()

    with ThreadPoolExecutor(1) as threads:
        before = threads.submit(descriptions.find, ARN)
        assert aws.is_asked.wait(PATIENCE_S)
        descriptions.drop(ARN)
        aws.may_answer.set()

    assert before.result().description == "call 1"
    assert descriptions.find(ARN).description == "call 2"


WRITES: dict[str, tuple[dict[str, Any], Callable[[SecretsManager], object]]] = {
    "put_secret_value": (
        {"ARN": ARN, "VersionId": "t" * 32, "VersionStages": ["AWSCURRENT"]},
        lambda manager: manager.put(ARN, "value", token="t" * 32),
    ),
    "update_secret_version_stage": (
        {"ARN": ARN},
        lambda manager: manager.make_current(ARN, "t" * 32, instead_of="o" * 32),
    ),
    "update_secret": ({"ARN": ARN}, lambda manager: manager.update(ARN, description=None, kms_key_id=None)),
    "tag_resource": ({}, lambda manager: manager.tag(ARN, {"a": "b"})),
    "untag_resource": ({}, lambda manager: manager.untag(ARN, ["a"])),
    "replicate_secret_to_regions": ({"ARN": ARN}, lambda manager: manager.replicate(ARN, ["us-east-1"])),
    "remove_regions_from_replication": ({"ARN": ARN}, lambda manager: manager.unreplicate(ARN, ["us-east-1"])),
    "restore_secret": ({"ARN": ARN}, lambda manager: manager.restore(ARN)),
    "delete_secret": ({"ARN": ARN}, lambda manager: manager.delete(ARN, recovery_window_in_days=7)),
}


@pytest.mark.parametrize("is_refused", [False, True], ids=["done", "refused"])
@pytest.mark.parametrize("operation", WRITES)
def test_every_write_of_a_client_is_seen_by_its_reads(
    monkeypatch: pytest.MonkeyPatch, operation: str, *, is_refused: bool
) -> None:
    """A write that fails may have been carried out."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    manager = SecretsManager("eu-west-1")
    stubber = Stubber(manager._client)
    stubber.activate()
    answer, write = WRITES[operation]
    stubber.add_response("describe_secret", {"ARN": ARN, "Name": "before"})
    if is_refused:
        stubber.add_client_error(operation, "AccessDeniedException")
    else:
        stubber.add_response(operation, answer)
    stubber.add_response("describe_secret", {"ARN": ARN, "Name": "after"})

    before = [manager.described(ARN).name for _ in range(2)]
    try:
        write(manager)
    except AwsError:
        assert is_refused
    after = [manager.described(ARN).name for _ in range(2)]

    assert (before, after) == (["before"] * 2, ["after"] * 2)
    stubber.assert_no_pending_responses()
