"""The life of a secret whose value others write, against a local Secrets Manager."""

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from fake_host import STACK, URN, Outputs, secrets
from pulumi_signa.aws.errors import AwsError
from pulumi_signa.aws.secrets_manager import SecretsManager
from pulumi_signa.lifecycle.errors import LifecycleError
from pulumi_signa.lifecycle.journal import page
from pulumi_signa.lifecycle.roster import Roster
from pulumi_signa.lifecycle.secrets_manager_secret.schema import FINGERPRINT, MARK, VALUE_INPUT
from pulumi_signa.lifecycle.values import UNKNOWN

REGION = "eu-west-1"
NAME = "signa/prod"
ARN = f"arn:aws:secretsmanager:{REGION}:123456789012:secret:{NAME}-AbCdEf"
URN_OF_STORED = "urn:pulumi:dev::p::t::stored"
DECLARED: dict[str, Any] = {"secret_name": NAME, "without_value": True, URN: URN_OF_STORED}
WITH_VALUE: dict[str, Any] = {"secret_name": NAME, "secret_string": "s3cret", URN: URN_OF_STORED}
OF_THIS_STACK = page("5ca1ab1e", "", "t::stored", NAME)

NOW = datetime(2026, 6, 12, tzinfo=timezone.utc)

Warner = Callable[[str], None]


@pytest.fixture
def manager(aws: str) -> SecretsManager:
    """Return a Secrets Manager that is empty."""
    return SecretsManager(REGION)


@pytest.fixture
def by_hand(aws: str) -> Any:
    """Return boto3's own client, for what others do to a secret."""
    return boto3.client("secretsmanager", region_name=REGION)


@pytest.fixture
def actions(manager: SecretsManager) -> list[str]:
    """Return the names of the actions that the manager asks of AWS, in order."""
    asked: list[str] = []
    events = manager._client.meta.events
    events.register("before-call.secrets-manager", lambda model, **_: asked.append(model.name))
    return asked


@pytest.fixture
def stubbed(monkeypatch: pytest.MonkeyPatch) -> tuple[SecretsManager, Stubber]:
    """Return a manager, and what answers in place of AWS."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    manager = SecretsManager(REGION)
    stubber = Stubber(manager._client)
    stubber.activate()
    return manager, stubber


def made(manager: SecretsManager, properties: Outputs, **run: Any) -> Outputs:
    """Create the secret, and return the outputs."""
    return secrets.create(manager, properties, **run)[1]


def update(manager: SecretsManager, outputs: Outputs, declared: Outputs, **run: Any) -> Outputs:
    """Update the secret, and return the outputs."""
    return secrets.update(manager, outputs["arn"], outputs, declared, **run)


def changes(outputs: Outputs, declared: Outputs, **run: Any) -> Any:
    """Return the plan of an update."""
    return secrets.plan(outputs["arn"], outputs, declared, **run)


def tags(by_hand: Any) -> dict[str, str]:
    """Return the tags that the secret really has."""
    return {tag["Key"]: tag["Value"] for tag in by_hand.describe_secret(SecretId=NAME).get("Tags", [])}


def value(by_hand: Any, stage: str = "AWSCURRENT") -> str:
    """Return the value with a label."""
    text: str = by_hand.get_secret_value(SecretId=NAME, VersionStage=stage)["SecretString"]
    return text


# Create


def test_create_is_one_call_with_the_mark(manager: SecretsManager, actions: list[str], by_hand: Any) -> None:
    outputs = made(manager, {**DECLARED, "tags": {"a": "b"}, "description": "d"})

    assert actions == ["CreateSecret"]
    assert tags(by_hand) == {"a": "b", MARK: OF_THIS_STACK}
    assert (outputs["tags"], outputs["description"], outputs["without_value"]) == ({"a": "b"}, "d", True)
    assert (outputs["version_id"], outputs[FINGERPRINT], outputs[VALUE_INPUT]) == (None, None, None)
    assert changes(outputs, {**DECLARED, "tags": {"a": "b"}, "description": "d"}).changed == ()
    with pytest.raises(by_hand.exceptions.ResourceNotFoundException):
        value(by_hand)


def test_answer_of_aws_without_a_version_is_taken(stubbed: tuple[SecretsManager, Stubber]) -> None:
    manager, stubber = stubbed
    stubber.add_response("create_secret", {"ARN": ARN, "Name": NAME})

    assert made(manager, DECLARED)["arn"] == ARN


def test_resource_without_an_identity_has_no_mark(manager: SecretsManager, by_hand: Any) -> None:
    made(manager, {**DECLARED, STACK: None})

    assert tags(by_hand) == {}


@pytest.mark.parametrize("edited", [{}, {"description": "edited", "tags": {"b": "2"}}])
def test_secret_of_a_run_that_died_is_taken_over(
    *, manager: SecretsManager, warn: Warner, warned: list[str], actions: list[str], by_hand: Any, edited: Outputs
) -> None:
    first = made(manager, {**DECLARED, "tags": {"a": "1"}})
    by_hand.put_secret_value(SecretId=NAME, SecretString="theirs")
    actions.clear()

    second = made(manager, {**DECLARED, "tags": {"a": "1"}, **edited}, warn=warn)

    assert second["arn"] == first["arn"]
    assert actions == [
        "CreateSecret",
        "DescribeSecret",
        *(["UntagResource", "TagResource", "UpdateSecret"] if edited else []),
    ]
    assert tags(by_hand) == {**second["tags"], MARK: OF_THIS_STACK}
    assert value(by_hand) == "theirs"
    assert warned == [f"took over {first['arn']}, which this resource wrote before"]


def test_secret_that_died_with_a_value_is_known_without_one(
    manager: SecretsManager, warn: Warner, warned: list[str], by_hand: Any
) -> None:
    made(manager, WITH_VALUE)

    made(manager, DECLARED, warn=warn)

    assert (value(by_hand), tags(by_hand)) == ("s3cret", {MARK: OF_THIS_STACK})
    assert len(warned) == 1


@pytest.mark.parametrize("theirs", [None, "theirs"])
def test_secret_that_died_without_a_value_is_known_with_one(
    *, manager: SecretsManager, warn: Warner, warned: list[str], by_hand: Any, theirs: str | None
) -> None:
    made(manager, DECLARED)
    if theirs:
        by_hand.put_secret_value(SecretId=NAME, SecretString=theirs)

    outputs = made(manager, WITH_VALUE, warn=warn)

    assert (value(by_hand), tags(by_hand)) == ("s3cret", {})
    assert changes(outputs, WITH_VALUE).changed == ()
    assert len(warned) == 1


@pytest.mark.parametrize("other", [{URN: "urn:pulumi:dev::p::t::other"}, {STACK: "0ther"}, {STACK: None}])
def test_secret_of_another_resource_is_refused(manager: SecretsManager, by_hand: Any, other: Outputs) -> None:
    made(manager, DECLARED)

    with pytest.raises(LifecycleError, match=rf"^a secret named {NAME} exists already: .*takes it over"):
        made(manager, {**DECLARED, **other, "description": "theirs"})

    assert "Description" not in by_hand.describe_secret(SecretId=NAME)


def test_secret_of_others_is_adopted_with_its_value(manager: SecretsManager, by_hand: Any) -> None:
    by_hand.create_secret(
        Name=NAME, SecretString="theirs", Tags=[{"Key": str(number), "Value": ""} for number in range(50)]
    )

    outputs = made(manager, {**DECLARED, "adopt_existing": True, "tags": {"a": "b"}})

    assert (value(by_hand), tags(by_hand)) == ("theirs", {"a": "b", MARK: OF_THIS_STACK})
    assert len(by_hand.describe_secret(SecretId=NAME)["VersionIdsToStages"]) == 1
    assert outputs["version_id"] is None


def test_scheduled_deletion_is_called_off(
    *, manager: SecretsManager, warn: Warner, warned: list[str], actions: list[str], by_hand: Any
) -> None:
    first = made(manager, DECLARED)
    by_hand.put_secret_value(SecretId=NAME, SecretString="theirs")
    secrets.delete(manager, first["arn"], first)
    actions.clear()

    outputs = made(manager, DECLARED, warn=warn)

    assert outputs == first
    assert actions == ["CreateSecret", "DescribeSecret", "RestoreSecret"]
    assert value(by_hand) == "theirs"
    assert warned == [
        f"restored {ARN[:-6]}{first['arn'][-6:]}, which was scheduled for deletion, with the versions that it had"
    ]


def test_scheduled_deletion_is_called_off_where_aws_says_so(
    stubbed: tuple[SecretsManager, Stubber], warn: Warner, warned: list[str]
) -> None:
    manager, stubber = stubbed
    message = "You can't create this secret because a secret with this name is already scheduled for deletion."
    stubber.add_client_error("create_secret", "InvalidRequestException", message)
    stubber.add_response("describe_secret", {"ARN": ARN, "Name": NAME, "DeletedDate": NOW}, {"SecretId": NAME})
    stubber.add_response("restore_secret", {"ARN": ARN, "Name": NAME}, {"SecretId": ARN})
    stubber.add_response("tag_resource", {}, {"SecretId": ARN, "Tags": [{"Key": MARK, "Value": OF_THIS_STACK}]})

    made(manager, DECLARED, warn=warn)

    stubber.assert_no_pending_responses()
    assert len(warned) == 1


def test_restored_secret_that_cannot_be_marked_is_deleted_again(stubbed: tuple[SecretsManager, Stubber]) -> None:
    """A later run would take a restored secret without the mark for somebody else's."""
    manager, stubber = stubbed
    stubber.add_client_error("create_secret", "ResourceExistsException", "exists")
    stubber.add_response("describe_secret", {"ARN": ARN, "Name": NAME, "DeletedDate": NOW})
    stubber.add_response("restore_secret", {"ARN": ARN, "Name": NAME})
    stubber.add_client_error("tag_resource", "AccessDeniedException", "no")
    stubber.add_response("delete_secret", {"ARN": ARN}, {"SecretId": ARN, "RecoveryWindowInDays": 30})

    with pytest.raises(AwsError, match="AccessDenied"):
        made(manager, DECLARED)

    stubber.assert_no_pending_responses()


# Read


def test_versions_of_others_are_no_drift(manager: SecretsManager, actions: list[str], by_hand: Any) -> None:
    outputs = made(manager, DECLARED)
    by_hand.put_secret_value(SecretId=NAME, SecretString="theirs")
    actions.clear()

    found = secrets.read(manager, outputs["arn"], outputs)

    assert found is not None
    assert (found.inputs, found.outputs) == (None, outputs)
    assert actions == ["DescribeSecret"]


def test_everything_else_is_drift(manager: SecretsManager, by_hand: Any) -> None:
    outputs = made(manager, {**DECLARED, "tags": {"a": "b"}})
    by_hand.update_secret(SecretId=NAME, Description="theirs")
    by_hand.tag_resource(SecretId=NAME, Tags=[{"Key": "c", "Value": "d"}])

    found = secrets.read(manager, outputs["arn"], outputs)

    assert found is not None
    assert found.inputs is not None
    assert (found.inputs["tags"], found.inputs["description"]) == ({"a": "b", "c": "d"}, "theirs")
    assert found.inputs.keys().isdisjoint({"secret_string", "secret_json"})
    assert secrets.check(found.inputs, is_new=False).problems == []
    assert changes(found.outputs, found.inputs).changed == ()
    assert changes(found.outputs, {**DECLARED, "tags": {"a": "b"}}).changed == ("description", "tags")
    update(manager, found.outputs, {**DECLARED, "tags": {"a": "b"}})
    assert tags(by_hand) == {"a": "b", MARK: OF_THIS_STACK}


def test_mark_does_not_show_to_those_who_read_the_secret_alone(manager: SecretsManager) -> None:
    outputs = made(manager, {**DECLARED, "tags": {"a": "b"}})

    found = secrets.read(manager, outputs["arn"], {})

    assert found is not None
    assert found.outputs["tags"] == {"a": "b"}


# Update


def test_value_that_is_left_to_others_stays(manager: SecretsManager, actions: list[str], by_hand: Any) -> None:
    outputs = made(manager, WITH_VALUE)
    actions.clear()

    planned = changes(outputs, DECLARED)
    left = update(manager, outputs, DECLARED)

    assert (planned.changed, planned.replaces) == (("without_value", "secret_string"), ())
    assert actions == ["TagResource"], "the mark, by which a forced replacement knows the secret"
    assert (value(by_hand), tags(by_hand)) == ("s3cret", {MARK: OF_THIS_STACK})
    assert (left["version_id"], left[FINGERPRINT], left[VALUE_INPUT]) == (None, None, None)
    assert changes(left, DECLARED).changed == ()
    assert secrets.read(manager, left["arn"], left) == (None, left)


@pytest.mark.parametrize("theirs", [None, "theirs"])
def test_value_that_is_ours_again_is_put(manager: SecretsManager, by_hand: Any, theirs: str | None) -> None:
    outputs = made(manager, DECLARED)
    if theirs:
        by_hand.put_secret_value(SecretId=NAME, SecretString=theirs)
    said: list[str] = []

    planned = changes(outputs, WITH_VALUE, inform=said.append)
    ours = update(manager, outputs, WITH_VALUE)

    assert planned.changed == ("without_value", "secret_string")
    assert said == ["puts the declared value in place of the one that others have written, if any"]
    assert (value(by_hand), tags(by_hand)) == ("s3cret", {})
    assert changes(ours, WITH_VALUE).changed == ()
    assert secrets.read(manager, ours["arn"], ours) == (None, ours)


def test_value_that_is_ours_again_is_put_once_however_often_the_update_is_repeated(
    manager: SecretsManager, by_hand: Any
) -> None:
    outputs = made(manager, DECLARED)
    by_hand.put_secret_value(SecretId=NAME, SecretString="theirs")
    first = update(manager, outputs, WITH_VALUE)

    second = update(manager, outputs, WITH_VALUE)

    assert second == first
    assert (value(by_hand), value(by_hand, "AWSPREVIOUS")) == ("s3cret", "theirs")


def test_fifty_tags_of_a_secret_with_a_value_become_forty_nine_and_the_mark(
    manager: SecretsManager, by_hand: Any
) -> None:
    fifty = {f"{number:02}": "" for number in range(50)}
    outputs = made(manager, {**WITH_VALUE, "tags": fifty})
    fewer = {key: tag for key, tag in fifty.items() if key != "00"}

    update(manager, outputs, {**DECLARED, "tags": fewer})

    assert tags(by_hand) == {**fewer, MARK: OF_THIS_STACK}


@pytest.mark.parametrize("after", [DECLARED, WITH_VALUE])
def test_stack_that_a_secret_was_moved_from_no_longer_knows_it(
    manager: SecretsManager, by_hand: Any, after: Outputs
) -> None:
    outputs = made(manager, DECLARED)

    run = {"moved_from": "5ca1ab1e"}
    assert changes(outputs, {**after, STACK: "0ther"}, **run).is_needed
    moved = update(manager, outputs, {**after, STACK: "0ther"}, **run)

    with pytest.raises(LifecycleError, match="exists already"):
        made(manager, DECLARED)
    assert changes(moved, {**after, STACK: "0ther"}).changed == ()
    assert made(manager, {**after, STACK: "0ther"}, warn=lambda _message: None)["arn"] == outputs["arn"]


@pytest.mark.parametrize("edit", [{}, {"tags": {"team": "brand"}}], ids=["nothing else", "tags too"])
def test_renamed_resource_is_known_by_its_new_name_alone(
    manager: SecretsManager, actions: list[str], edit: dict[str, Any]
) -> None:
    """A replacement under the new name finds the secret, and another resource with the old name does not."""
    outputs = made(manager, DECLARED)
    actions.clear()
    after = {**DECLARED, **edit, URN: "urn:pulumi:dev::p::t::renamed"}

    update(manager, outputs, after, renamed_from=DECLARED[URN])

    assert actions == ["TagResource"]
    with pytest.raises(LifecycleError, match="exists already"):
        made(manager, DECLARED)
    assert made(manager, after, warn=lambda _message: None)["arn"] == outputs["arn"]


def test_forced_replacement_keeps_the_secret(
    manager: SecretsManager, warn: Warner, warned: list[str], by_hand: Any
) -> None:
    roster = Roster(settle_s=0)
    old = update(manager, made(manager, WITH_VALUE), DECLARED)
    by_hand.put_secret_value(SecretId=NAME, SecretString="theirs")
    by_hand.put_secret_value(SecretId=NAME, SecretString="theirs, another")

    new = made(manager, DECLARED, roster=roster, warn=warn)
    secrets.delete(manager, old["arn"], old, roster=roster)

    assert new == old
    assert value(by_hand) == "theirs, another"
    assert len(warned) == 1


def test_unknown_without_value_may_change_the_value(manager: SecretsManager) -> None:
    outputs = made(manager, WITH_VALUE)

    planned = changes(outputs, {**WITH_VALUE, "without_value": UNKNOWN})

    assert planned.is_needed
    preview = secrets.preview(outputs["arn"], outputs, {**WITH_VALUE, "without_value": UNKNOWN})
    assert (preview["version_id"], preview[FINGERPRINT]) == (UNKNOWN, UNKNOWN)


def test_state_of_older_code_has_a_value(manager: SecretsManager) -> None:
    outputs = made(manager, WITH_VALUE)
    del outputs["without_value"]

    assert changes(outputs, WITH_VALUE).changed == ()
    found = secrets.read(manager, outputs["arn"], outputs)
    assert found is not None
    assert found.inputs is None


def test_value_that_neither_side_writes_is_refused(manager: SecretsManager) -> None:
    outputs = made(manager, DECLARED)

    with pytest.raises(LifecycleError, match=r"has no value.* take it out of ignore_changes"):
        update(manager, outputs, {**DECLARED, "without_value": False})
