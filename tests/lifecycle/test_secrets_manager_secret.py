"""The life of a secret, against a local Secrets Manager; where AWS answers otherwise, against stubbed answers."""

import json
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st

from pulumi_signa.aws.errors import AwsError
from pulumi_signa.aws.secrets_manager import SecretsManager
from pulumi_signa.inputs import UNKNOWN
from pulumi_signa.lifecycle import URN, LifecycleError
from pulumi_signa.lifecycle.kept import Kept
from pulumi_signa.lifecycle.secrets_manager_secret import (
    FINGERPRINT,
    changes,
    create,
    delete,
    read,
    region_of,
    update,
)

REGION = "eu-west-1"
NAME = "signa/prod"
ARN = f"arn:aws:secretsmanager:{REGION}:123456789012:secret:{NAME}-AbCdEf"
KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
DECLARED: dict[str, Any] = {"secret_name": NAME, "secret_string": "s3cret-one", URN: "urn:pulumi:dev::p::t::stored"}
NOW = datetime(2026, 6, 12, tzinfo=timezone.utc)

Warner = Callable[[str], None]


@pytest.fixture
def manager(aws: str) -> SecretsManager:
    """Give a Secrets Manager that is empty."""
    return SecretsManager(REGION)


@pytest.fixture
def fake_aws(monkeypatch: pytest.MonkeyPatch) -> Callable[[SecretsManager], Stubber]:
    """Give what stubs the answers of AWS to one manager."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")

    def stub(manager: SecretsManager) -> Stubber:
        stubber = Stubber(manager._client)
        stubber.activate()
        return stubber

    return stub


@pytest.fixture
def by_hand(aws: str) -> Any:
    """Give boto3's own client, for what others do to a secret."""
    return boto3.client("secretsmanager", region_name=REGION)


def no_warning(message: str) -> None:
    """Fail on a warning."""
    raise AssertionError(message)


def made(manager: SecretsManager, warn: Warner, **changes_: object) -> dict[str, Any]:
    """Create the secret with some properties changed, and give the outputs."""
    return create(manager, {**DECLARED, **changes_}, namespace="", kept=Kept(), warn=warn)


def versions(by_hand: Any) -> dict[str, list[str]]:
    """Give the labels of every version of the secret."""
    found: dict[str, list[str]] = by_hand.describe_secret(SecretId=NAME)["VersionIdsToStages"]
    return found


def value(by_hand: Any, stage: str = "AWSCURRENT") -> str:
    """Give the value with a label."""
    text: str = by_hand.get_secret_value(SecretId=NAME, VersionStage=stage)["SecretString"]
    return text


# What counts as a change

_SECRETS = st.fixed_dictionaries(
    {
        "secret_name": st.just(NAME),
        "description": st.one_of(st.none(), st.text(max_size=5)),
        "kms_key_id": st.sampled_from([None, "", "alias/a", KEY_ID, f"arn:aws:kms:eu-west-1:1:key/{KEY_ID}"]),
        "tags": st.one_of(st.none(), st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=3)),
        "recovery_window_in_days": st.sampled_from([None, 0, 7, 30]),
        "region": st.sampled_from([None, "", REGION]),
    }
)
_VALUES = st.one_of(
    st.text(min_size=1).map(lambda text: {"secret_string": text}),
    st.dictionaries(st.text(max_size=3), st.one_of(st.booleans(), st.integers(), st.text(max_size=3))).map(
        lambda members: {"secret_json": members}
    ),
)


@given(_SECRETS, _VALUES)
def test_equal_is_no_change(properties: dict[str, Any], declared_value: dict[str, Any]) -> None:
    """Outputs that come from a declaration do not differ from it."""
    declared = {**properties, **declared_value}
    stored = {**properties, "arn": ARN, FINGERPRINT: _fingerprint(declared_value)}

    assert changes(stored, declared).changed == ()


@given(_SECRETS, st.sampled_from(["secret_name", "description", "kms_key_id", "tags", "region"]))
def test_unknown_counts_as_changed(properties: dict[str, Any], name: str) -> None:
    """A value that is not known yet may be another one; only name and region would replace."""
    declared = {**properties, "secret_string": "x"}
    stored = {**properties, "arn": ARN, FINGERPRINT: _fingerprint(declared)}

    found = changes(stored, {**declared, name: UNKNOWN})

    assert found.changed == (name,)
    assert found.replaces == ((name,) if name in ("secret_name", "region") else ())


def _fingerprint(declared: dict[str, Any]) -> str:
    from pulumi_signa.lifecycle import secrets_manager_secret  # noqa: PLC0415 - a name that is nobody else's business

    return secrets_manager_secret._fingerprint(declared)


@pytest.mark.parametrize(
    ("change", "changed", "replaces"),
    [
        ({"secret_string": "other"}, ("value",), ()),
        ({"secret_string": UNKNOWN}, ("value",), ()),
        ({"secret_string": None, "secret_json": {"a": UNKNOWN}}, ("value",), ()),
        ({"secret_string": None, "secret_json": {"a": 1}}, ("value",), ()),
        ({"description": "x"}, ("description",), ()),
        ({"tags": {"a": "b"}}, ("tags",), ()),
        ({"recovery_window_in_days": 7}, ("recovery_window_in_days",), ()),
        ({"kms_key_id": KEY_ID}, ("kms_key_id",), ()),
        ({"kms_key_id": "alias/aws/secretsmanager"}, (), ()),
        ({"secret_name": "other"}, ("secret_name",), ("secret_name",)),
        ({"region": "us-east-1"}, ("region",), ("region",)),
        ({"region": REGION}, (), ()),
        ({"adopt_existing": True}, (), ()),
        ({URN: "urn:other"}, (), ()),
    ],
)
def test_change_is_named(change: dict[str, Any], changed: tuple[str, ...], replaces: tuple[str, ...]) -> None:
    """Each property is told apart, and only another name or region needs another secret."""
    stored = {"secret_name": NAME, "arn": ARN, "version_id": "v", FINGERPRINT: _fingerprint(DECLARED)}

    found = changes(stored, {**DECLARED, **change})

    assert (found.changed, found.replaces) == (changed, replaces)


@pytest.mark.parametrize("name", [KEY_ID, f"arn:aws:kms:eu-west-1:123456789012:key/{KEY_ID}"])
@pytest.mark.parametrize("other", [KEY_ID, f"arn:aws:kms:eu-west-1:123456789012:key/{KEY_ID}"])
def test_key_has_two_names(name: str, other: str) -> None:
    """The id and the ARN of a key are one key."""
    stored = {"secret_name": NAME, "arn": ARN, "kms_key_id": name, FINGERPRINT: _fingerprint(DECLARED)}

    assert changes(stored, {**DECLARED, "kms_key_id": other}).changed == ()


def test_state_without_fingerprint_has_another_value() -> None:
    """After somebody else's version nobody knows what is stored."""
    assert changes({"secret_name": NAME, "arn": ARN}, DECLARED).changed == ("value",)


def test_region_is_read_from_the_arn() -> None:
    """In every partition."""
    assert region_of(ARN) == REGION
    assert region_of("arn:aws-cn:secretsmanager:cn-north-1:1:secret:a-AbCdEf") == "cn-north-1"


# Create


def test_create_stores_the_value(*, manager: SecretsManager, warn: Warner, warned: list[str], by_hand: Any) -> None:
    """Value, description and tags arrive; the outputs are the whole state, and the value is not among them."""
    outputs = made(manager, warn, description="d", tags={"a": "b"})

    found = by_hand.describe_secret(SecretId=NAME)
    assert value(by_hand) == "s3cret-one"
    assert (found["Description"], found["Tags"]) == ("d", [{"Key": "a", "Value": "b"}])
    assert versions(by_hand) == {outputs["version_id"]: ["AWSCURRENT"]}
    assert outputs["arn"] == found["ARN"]
    assert "s3cret-one" not in json.dumps(outputs)
    assert warned == []


def test_object_is_stored_as_json(manager: SecretsManager, warn: Warner, by_hand: Any) -> None:
    """Readers get one JSON object."""
    made(manager, warn, secret_string=None, secret_json={"secret": "x", "n": 1})

    assert json.loads(value(by_hand)) == {"secret": "x", "n": 1}


def test_create_after_a_crash_makes_no_second_version(
    manager: SecretsManager, warn: Warner, warned: list[str], by_hand: Any
) -> None:
    """The same create twice is one create."""
    first = made(manager, warn)

    second = made(manager, warn)

    assert second == first
    assert len(versions(by_hand)) == 1
    assert [warning.split(",")[0] for warning in warned] == [f"took over {first['arn']}"]


def test_value_edited_after_a_crash_becomes_current(
    manager: SecretsManager, warn: Warner, warned: list[str], by_hand: Any
) -> None:
    """The secret of the dead run is recognized, taken over, and gets the new value; the old one stays reachable."""
    made(manager, warn)

    outputs = made(manager, warn, secret_string="s3cret-two")

    assert (value(by_hand), value(by_hand, "AWSPREVIOUS")) == ("s3cret-two", "s3cret-one")
    assert versions(by_hand)[outputs["version_id"]] == ["AWSCURRENT"]
    assert len(warned) == 1
    assert warned[0].startswith(f"took over {outputs['arn']}")


def test_second_crash_after_an_edit_makes_no_third_version(manager: SecretsManager, warn: Warner, by_hand: Any) -> None:
    """However often a run dies, a value is written once, and AWSPREVIOUS is not pushed out by a copy."""
    made(manager, warn)
    first = made(manager, warn, secret_string="s3cret-two")

    again = made(manager, warn, secret_string="s3cret-two")

    assert again == first
    assert len(versions(by_hand)) == 2
    assert value(by_hand, "AWSPREVIOUS") == "s3cret-one"


def test_other_properties_edited_after_a_crash_are_set(manager: SecretsManager, warn: Warner, by_hand: Any) -> None:
    """AWS ignores a create that it knows, description and tags included; they are set nevertheless."""
    made(manager, warn, description="old", tags={"a": "1", "b": "2"})

    made(manager, warn, description="new", tags={"b": "3"})

    found = by_hand.describe_secret(SecretId=NAME)
    assert (found["Description"], found["Tags"]) == ("new", [{"Key": "b", "Value": "3"}])
    assert len(versions(by_hand)) == 1


def test_name_that_somebody_else_has_is_refused(manager: SecretsManager, warn: Warner, by_hand: Any) -> None:
    """The value of another secret is never overwritten unasked; the message says how to go on."""
    by_hand.create_secret(Name=NAME, SecretString="theirs")

    with pytest.raises(LifecycleError, match=rf"^a secret named {NAME} exists already: .*adopt_existing=True"):
        made(manager, warn)

    assert value(by_hand) == "theirs"


@pytest.mark.parametrize("other", [{URN: "urn:other"}, {URN: None}])
def test_other_resource_is_somebody_else(
    manager: SecretsManager, warn: Warner, by_hand: Any, other: dict[str, Any]
) -> None:
    """Two resources with one name do not overwrite each other; nor does one that nobody can tell."""
    made(manager, warn)

    with pytest.raises(LifecycleError, match="exists already"):
        made(manager, warn, **other, secret_string="other")

    assert value(by_hand) == "s3cret-one"


def test_other_namespace_is_somebody_else(manager: SecretsManager, warn: Warner) -> None:
    """The namespace keeps two stacks with the same URNs apart."""
    made(manager, warn)

    with pytest.raises(LifecycleError, match="exists already"):
        create(manager, DECLARED, namespace="team-b", kept=Kept(), warn=warn)


def test_existing_secret_is_adopted_when_asked(manager: SecretsManager, warn: Warner, by_hand: Any) -> None:
    """Its value becomes AWSPREVIOUS, and description and tags what is declared."""
    by_hand.create_secret(
        Name=NAME,
        SecretString="theirs",
        Description="old",
        Tags=[{"Key": "x", "Value": "1"}, {"Key": "y", "Value": "2"}],
    )

    outputs = made(manager, warn, adopt_existing=True, description="ours", tags={"y": "3"})

    found = by_hand.describe_secret(SecretId=NAME)
    assert (value(by_hand), value(by_hand, "AWSPREVIOUS")) == ("s3cret-one", "theirs")
    assert (found["Description"], found["Tags"]) == ("ours", [{"Key": "y", "Value": "3"}])
    assert outputs["arn"] == found["ARN"]


def test_adoption_that_is_repeated_keeps_their_value(manager: SecretsManager, warn: Warner, by_hand: Any) -> None:
    """A run that died in the middle of adopting leaves their value where a rollback finds it."""
    by_hand.create_secret(Name=NAME, SecretString="theirs")
    made(manager, warn, adopt_existing=True)

    made(manager, warn, adopt_existing=True)

    assert value(by_hand, "AWSPREVIOUS") == "theirs"
    assert len(versions(by_hand)) == 2


@pytest.mark.parametrize("secret_string", ["s3cret-one", "s3cret-two"])
def test_scheduled_deletion_is_called_off(
    *, manager: SecretsManager, warn: Warner, warned: list[str], by_hand: Any, secret_string: str
) -> None:
    """Destroy and up again within the window: the same secret, with the value that is declared now."""
    first = made(manager, warn)
    delete(manager, first["arn"], first, kept=Kept(), warn=no_warning)

    outputs = made(manager, warn, secret_string=secret_string, description="d")

    found = by_hand.describe_secret(SecretId=NAME)
    assert "DeletedDate" not in found or found["DeletedDate"] is None
    assert value(by_hand) == secret_string
    assert (outputs["arn"], found["Description"]) == (first["arn"], "d")
    assert versions(by_hand)[outputs["version_id"]] == ["AWSCURRENT"]
    assert warned[0].startswith(f"restored {first['arn']}")


def test_someone_elses_scheduled_deletion_is_called_off_too(
    manager: SecretsManager, warn: Warner, by_hand: Any
) -> None:
    """A name that is on its way out is free to take."""
    by_hand.create_secret(Name=NAME, SecretString="theirs")
    by_hand.delete_secret(SecretId=NAME)

    made(manager, warn)

    assert (value(by_hand), value(by_hand, "AWSPREVIOUS")) == ("s3cret-one", "theirs")


def test_name_on_its_way_out_is_restored_where_aws_says_so(
    fake_aws: Callable[[SecretsManager], Stubber], warn: Warner, warned: list[str]
) -> None:
    """AWS itself answers InvalidRequestException to create; the steps are the same."""
    manager = SecretsManager(REGION)
    stubber = fake_aws(manager)
    message = "You can't create this secret because a secret with this name is already scheduled for deletion."
    stubber.add_client_error("describe_secret", "ResourceNotFoundException", "Secrets Manager can't find it yet.")
    stubber.add_client_error("create_secret", "InvalidRequestException", message)
    stubber.add_response(
        "describe_secret",
        {"ARN": ARN, "Name": NAME, "DeletedDate": NOW, "VersionIdsToStages": {"a" * 32: ["AWSCURRENT"]}},
        {"SecretId": NAME},
    )
    stubber.add_response("restore_secret", {"ARN": ARN, "Name": NAME}, {"SecretId": ARN})
    stubber.add_response("put_secret_value", {"ARN": ARN, "VersionId": "b" * 64, "VersionStages": ["AWSCURRENT"]})

    outputs = create(manager, DECLARED, namespace="", kept=Kept(), warn=warn)

    stubber.assert_no_pending_responses()
    assert (outputs["arn"], outputs["version_id"]) == (ARN, "b" * 64)
    assert len(warned) == 1


def test_other_invalid_request_is_no_deletion(fake_aws: Callable[[SecretsManager], Stubber], warn: Warner) -> None:
    """The code alone does not say that a secret is on its way out."""
    manager = SecretsManager(REGION)
    stubber = fake_aws(manager)
    stubber.add_client_error("describe_secret", "ResourceNotFoundException", "Secrets Manager can't find it.")
    stubber.add_client_error("create_secret", "InvalidRequestException", "A parameter value is not valid.")

    with pytest.raises(AwsError, match="A parameter value is not valid"):
        create(manager, DECLARED, namespace="", kept=Kept(), warn=warn)


# Read


def test_read_of_an_untouched_secret_changes_nothing(manager: SecretsManager, warn: Warner) -> None:
    """What was written is what is found, fingerprint included."""
    outputs = made(manager, warn, description="d", tags={"a": "b"})

    assert read(manager, outputs["arn"], outputs) == outputs


def test_read_never_asks_for_the_value(
    fake_aws: Callable[[SecretsManager], Stubber],
) -> None:
    """One DescribeSecret is all, so the permission GetSecretValue is not needed."""
    manager = SecretsManager(REGION)
    stubber = fake_aws(manager)
    stubber.add_response("describe_secret", {"ARN": ARN, "Name": NAME}, {"SecretId": ARN})

    found = read(manager, ARN, {"version_id": "v", FINGERPRINT: "f"})

    stubber.assert_no_pending_responses()
    assert found is not None
    assert FINGERPRINT not in found


def test_version_of_somebody_else_is_drift(manager: SecretsManager, warn: Warner, by_hand: Any) -> None:
    """The state loses the fingerprint, so the value counts as changed, and the next update puts ours again."""
    outputs = made(manager, warn)
    by_hand.put_secret_value(SecretId=NAME, SecretString="theirs")

    found = read(manager, outputs["arn"], outputs)

    assert found is not None
    assert FINGERPRINT not in found
    assert changes(found, DECLARED).changed == ("value",)
    repaired = update(manager, outputs["arn"], found, DECLARED, namespace="")
    assert (value(by_hand), value(by_hand, "AWSPREVIOUS")) == ("s3cret-one", "theirs")
    assert changes(repaired, DECLARED).changed == ()
    assert read(manager, outputs["arn"], repaired) == repaired


def test_label_moved_back_by_hand_is_drift(manager: SecretsManager, warn: Warner) -> None:
    """A rollback to our own older version is noticed, and the declared value is put as a new version."""
    first = made(manager, warn)
    second = update(manager, first["arn"], first, {**DECLARED, "secret_string": "s3cret-two"}, namespace="")
    manager._client.update_secret_version_stage(
        SecretId=NAME,
        VersionStage="AWSCURRENT",
        MoveToVersionId=first["version_id"],
        RemoveFromVersionId=second["version_id"],
    )

    found = read(manager, second["arn"], second)
    assert found is not None
    third = update(manager, second["arn"], found, {**DECLARED, "secret_string": "s3cret-two"}, namespace="")

    assert found["version_id"] == first["version_id"]
    assert third["version_id"] not in (first["version_id"], second["version_id"])
    current = manager.describe(NAME).versions["AWSCURRENT"]
    assert current == third["version_id"]


def test_edits_of_the_rest_are_drift(manager: SecretsManager, warn: Warner, by_hand: Any) -> None:
    """Description and tags are compared, and set again."""
    outputs = made(manager, warn, description="d", tags={"a": "b"})
    by_hand.update_secret(SecretId=NAME, Description="theirs")
    by_hand.tag_resource(SecretId=NAME, Tags=[{"Key": "c", "Value": "d"}])
    declared = {**DECLARED, "description": "d", "tags": {"a": "b"}}

    found = read(manager, outputs["arn"], outputs)

    assert found is not None
    assert changes(found, declared).changed == ("description", "tags")
    update(manager, outputs["arn"], found, declared, namespace="")
    described = by_hand.describe_secret(SecretId=NAME)
    assert (described["Description"], described["Tags"]) == ("d", [{"Key": "a", "Value": "b"}])
    assert len(versions(by_hand)) == 1


@pytest.mark.parametrize("days", [0, 7])
def test_deleted_secret_is_gone(manager: SecretsManager, warn: Warner, by_hand: Any, days: int) -> None:
    """Whether it is lost already or still in its window."""
    outputs = made(manager, warn, recovery_window_in_days=days)
    delete(manager, outputs["arn"], outputs, kept=Kept(), warn=no_warning)

    assert read(manager, outputs["arn"], outputs) is None


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException", "InternalServiceError"])
def test_other_refusals_are_never_gone(fake_aws: Callable[[SecretsManager], Stubber], code: str) -> None:
    """Whatever else AWS answers fails the operation."""
    manager = SecretsManager(REGION)
    stubber = fake_aws(manager)
    stubber.add_client_error("describe_secret", code)
    stubber.add_client_error("delete_secret", code)

    with pytest.raises(AwsError) as of_read:
        read(manager, ARN, {})
    with pytest.raises(AwsError) as of_delete:
        delete(manager, ARN, {}, kept=Kept(), warn=no_warning)

    assert type(of_read.value) is type(of_delete.value) is AwsError


# Update


def test_new_value_keeps_the_old_one_as_previous(manager: SecretsManager, warn: Warner, by_hand: Any) -> None:
    """Receivers that still hold the old secret find it under AWSPREVIOUS."""
    outputs = made(manager, warn)

    new = update(manager, outputs["arn"], outputs, {**DECLARED, "secret_string": "s3cret-two"}, namespace="")

    assert (value(by_hand), value(by_hand, "AWSPREVIOUS")) == ("s3cret-two", "s3cret-one")
    assert new["version_id"] != outputs["version_id"]
    assert new.keys() == outputs.keys()


def test_update_repeated_after_a_crash_makes_one_version(manager: SecretsManager, warn: Warner, by_hand: Any) -> None:
    """The same update of the same state twice is one update."""
    outputs = made(manager, warn)
    declared = {**DECLARED, "secret_string": "s3cret-two"}
    first = update(manager, outputs["arn"], outputs, declared, namespace="")

    second = update(manager, outputs["arn"], outputs, declared, namespace="")

    assert second == first
    assert len(versions(by_hand)) == 2


def test_value_edited_between_crash_and_rerun_wins(manager: SecretsManager, warn: Warner, by_hand: Any) -> None:
    """The version of the dead run has another value; ours follows it."""
    outputs = made(manager, warn)
    update(manager, outputs["arn"], outputs, {**DECLARED, "secret_string": "s3cret-two"}, namespace="")

    new = update(manager, outputs["arn"], outputs, {**DECLARED, "secret_string": "s3cret-three"}, namespace="")

    assert (value(by_hand), value(by_hand, "AWSPREVIOUS")) == ("s3cret-three", "s3cret-two")
    assert versions(by_hand)[new["version_id"]] == ["AWSCURRENT"]


def test_value_that_goes_there_and_back_is_written_each_time(
    manager: SecretsManager, warn: Warner, by_hand: Any
) -> None:
    """An old value that is declared again is a new version, never mistaken for the old one."""
    outputs = made(manager, warn)

    for text in ("s3cret-two", "s3cret-one", "s3cret-two"):
        outputs = update(manager, outputs["arn"], outputs, {**DECLARED, "secret_string": text}, namespace="")
        assert value(by_hand) == text

    assert changes(outputs, {**DECLARED, "secret_string": "s3cret-two"}).changed == ()


def test_update_of_tags_touches_nothing_else(
    fake_aws: Callable[[SecretsManager], Stubber],
) -> None:
    """Removed keys are untagged, new and changed ones tagged; no version is made."""
    manager = SecretsManager(REGION)
    stubber = fake_aws(manager)
    old = {
        **DECLARED, "arn": ARN, "version_id": "v", "tags": {"a": "1", "b": "2", "c": "3"},
        FINGERPRINT: _fingerprint(DECLARED),
    }  # fmt: skip
    stubber.add_response("untag_resource", {}, {"SecretId": ARN, "TagKeys": ["a"]})
    stubber.add_response(
        "tag_resource",
        {},
        {"SecretId": ARN, "Tags": [{"Key": "c", "Value": "9"}, {"Key": "d", "Value": "4"}]},
    )

    new = update(manager, ARN, old, {**DECLARED, "tags": {"b": "2", "c": "9", "d": "4"}}, namespace="")

    stubber.assert_no_pending_responses()
    assert (new["version_id"], new["tags"]) == ("v", {"b": "2", "c": "9", "d": "4"})


def test_cleared_description_and_key_are_sent_as_empty(
    fake_aws: Callable[[SecretsManager], Stubber],
) -> None:
    """That is how AWS is told to drop them."""
    manager = SecretsManager(REGION)
    stubber = fake_aws(manager)
    old = {
        **DECLARED, "arn": ARN, "version_id": "v", "description": "d", "kms_key_id": KEY_ID,
        FINGERPRINT: _fingerprint(DECLARED),
    }  # fmt: skip
    stubber.add_response(
        "update_secret",
        {"ARN": ARN},
        {"SecretId": ARN, "Description": "", "KmsKeyId": ""},
    )

    new = update(manager, ARN, old, DECLARED, namespace="")

    stubber.assert_no_pending_responses()
    assert (new["description"], new["kms_key_id"]) == (None, None)


@pytest.mark.parametrize("change", [{"secret_string": "s3cret-two"}, {"description": "x"}, {"tags": {"a": "b"}}])
def test_update_of_a_vanished_secret_says_what_to_do(
    manager: SecretsManager, warn: Warner, change: dict[str, Any]
) -> None:
    """The command that repairs it."""
    outputs = made(manager, warn, recovery_window_in_days=0)
    delete(manager, outputs["arn"], outputs, kept=Kept(), warn=no_warning)

    with pytest.raises(LifecycleError, match=r"no longer exists, .*run `pulumi refresh`"):
        update(manager, outputs["arn"], outputs, {**DECLARED, **change}, namespace="")


def test_update_of_a_secret_on_its_way_out_says_what_to_do(fake_aws: Callable[[SecretsManager], Stubber]) -> None:
    """AWS refuses to put a value into it; the same command repairs it."""
    manager = SecretsManager(REGION)
    stubber = fake_aws(manager)
    message = "You can't perform this operation on the secret because it was marked for deletion."
    stubber.add_client_error("put_secret_value", "InvalidRequestException", message)
    old = {**DECLARED, "arn": ARN, "version_id": "v"}

    with pytest.raises(LifecycleError, match="scheduled for deletion: run `pulumi refresh`"):
        update(manager, ARN, old, DECLARED, namespace="")


# Delete


@pytest.mark.parametrize(
    ("days", "request_"),
    [
        (None, {"RecoveryWindowInDays": 30}),
        (7, {"RecoveryWindowInDays": 7}),
        (0, {"ForceDeleteWithoutRecovery": True}),
    ],
)
def test_delete_uses_the_window(
    fake_aws: Callable[[SecretsManager], Stubber], days: int | None, request_: dict[str, Any]
) -> None:
    """The declared number of days, 30 by default, or at once."""
    manager = SecretsManager(REGION)
    stubber = fake_aws(manager)
    stubber.add_response("delete_secret", {}, {"SecretId": ARN, **request_})

    delete(manager, ARN, {"recovery_window_in_days": days}, kept=Kept(), warn=no_warning)

    stubber.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ResourceNotFoundException", "Secrets Manager can't find the specified secret."),
        ("InvalidRequestException", "You tried to perform the operation on a secret that's currently marked deleted."),
        (
            "InvalidRequestException",
            "You can't perform this operation on the secret because it was marked for deletion.",
        ),
    ],
)
def test_delete_of_what_is_gone_is_as_good(
    fake_aws: Callable[[SecretsManager], Stubber], code: str, message: str
) -> None:
    """Neither absence nor a scheduled deletion is an error."""
    manager = SecretsManager(REGION)
    stubber = fake_aws(manager)
    stubber.add_client_error("delete_secret", code, message)

    delete(manager, ARN, {}, kept=Kept(), warn=no_warning)

    stubber.assert_no_pending_responses()


def test_delete_twice_against_a_server(manager: SecretsManager, warn: Warner) -> None:
    """A second destroy finds nothing to do."""
    outputs = made(manager, warn, recovery_window_in_days=7)
    delete(manager, outputs["arn"], outputs, kept=Kept(), warn=no_warning)

    delete(manager, outputs["arn"], outputs, kept=Kept(), warn=no_warning)

    assert manager.describe(NAME).is_deleted


def test_restore_that_cannot_be_finished_is_taken_back(
    fake_aws: Callable[[SecretsManager], Stubber], warn: Warner, warned: list[str]
) -> None:
    """Where the put is refused the deletion is scheduled again, so the next run finds what this one found."""
    manager = SecretsManager(REGION)
    stubber = fake_aws(manager)
    stubber.add_response(
        "describe_secret",
        {"ARN": ARN, "Name": NAME, "DeletedDate": NOW, "VersionIdsToStages": {"a" * 32: ["AWSCURRENT"]}},
        {"SecretId": NAME},
    )
    stubber.add_response("restore_secret", {"ARN": ARN, "Name": NAME}, {"SecretId": ARN})
    stubber.add_client_error("put_secret_value", "AccessDeniedException", "no")
    stubber.add_response("delete_secret", {}, {"SecretId": ARN, "RecoveryWindowInDays": 30})

    with pytest.raises(AwsError, match="AccessDenied"):
        create(manager, DECLARED, namespace="", kept=Kept(), warn=warn)

    stubber.assert_no_pending_responses()
    assert warned == []


def test_secret_that_this_run_took_over_outlives_the_deletion_of_its_predecessor(
    manager: SecretsManager, warn: Warner, warned: list[str], by_hand: Any
) -> None:
    """A forced replacement creates first: what it finds, and what it then deletes, are one and the same secret."""
    kept = Kept()
    old = made(manager, warn)

    new = create(manager, DECLARED, namespace="", kept=kept, warn=warn)
    delete(manager, old["arn"], old, kept=kept, warn=warn)

    assert new["arn"] == old["arn"]
    assert value(by_hand) == "s3cret-one"
    assert warned[-1] == f"kept {old['arn']}: what replaces it is the same secret"
