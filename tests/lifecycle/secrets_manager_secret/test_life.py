"""The life of a secret, against a local Secrets Manager; where AWS answers otherwise, against stubbed answers."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fake_host import URN, Outputs, secrets
from pulumi_signa.aws.errors import AccessDeniedError, AwsError
from pulumi_signa.aws.secrets_manager import SecretsManager, Version
from pulumi_signa.lifecycle.errors import LifecycleError
from pulumi_signa.lifecycle.journal import page
from pulumi_signa.lifecycle.roster import Roster
from pulumi_signa.lifecycle.secrets_manager_secret import versions as version_ids
from pulumi_signa.lifecycle.secrets_manager_secret.schema import FINGERPRINT, VALUE_INPUT, Declared
from pulumi_signa.lifecycle.secrets_manager_secret.state import State
from pulumi_signa.lifecycle.secrets_manager_secret.versions import Lineage
from pulumi_signa.lifecycle.values import UNKNOWN

REGION = "eu-west-1"
NAME = "signa/prod"
ARN = f"arn:aws:secretsmanager:{REGION}:123456789012:secret:{NAME}-AbCdEf"
KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
DECLARED: dict[str, Any] = {"secret_name": NAME, "secret_string": "s3cret-one", URN: "urn:pulumi:dev::p::t::stored"}
NOW = datetime(2026, 6, 12, tzinfo=timezone.utc)

Warner = Callable[[str], None]


@pytest.fixture
def manager(aws: str) -> SecretsManager:
    """Return a Secrets Manager that is empty."""
    return SecretsManager(REGION)


@pytest.fixture
def fake_aws(monkeypatch: pytest.MonkeyPatch) -> Callable[[SecretsManager], Stubber]:
    """Return what stubs the answers of AWS to one manager."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")

    def stub(manager: SecretsManager) -> Stubber:
        stubber = Stubber(manager._client)
        stubber.activate()
        return stubber

    return stub


@pytest.fixture
def by_hand(aws: str) -> Any:
    """Return boto3's own client, for what others do to a secret."""
    return boto3.client("secretsmanager", region_name=REGION)


def made(manager: SecretsManager, warn: Warner, **changes: object) -> Outputs:
    """Create the secret with some properties changed, and return the outputs."""
    return secrets.create(manager, {**DECLARED, **changes}, warn=warn)[1]


def update(manager: SecretsManager, outputs: Outputs, declared: Outputs) -> Outputs:
    """Update the secret, and return the outputs."""
    return secrets.update(manager, outputs["arn"], outputs, declared)


def read(manager: SecretsManager, outputs: Outputs, **run: Any) -> Outputs | None:
    """Read the secret, and return the outputs, or None for what is gone."""
    found = secrets.read(manager, outputs["arn"], outputs, **run)
    return None if found is None else found.outputs


def changes(outputs: Outputs, declared: Outputs) -> Any:
    """Return the plan of an update."""
    return secrets.plan(outputs["arn"], outputs, declared)


def versions(by_hand: Any) -> dict[str, list[str]]:
    """Return the labels of every version of the secret."""
    found: dict[str, list[str]] = by_hand.describe_secret(SecretId=NAME)["VersionIdsToStages"]
    return found


def value(by_hand: Any, stage: str = "AWSCURRENT") -> str:
    """Return the value with a label."""
    text: str = by_hand.get_secret_value(SecretId=NAME, VersionStage=stage)["SecretString"]
    return text


# Required inputs that have no value


@pytest.mark.parametrize("name", ["secret_name", "secret_string"])
def test_create_without_a_required_value_asks_nothing_of_aws(name: str) -> None:
    absent = {**DECLARED, name: None}

    assert secrets.check(absent).problems == []
    with pytest.raises(LifecycleError, match=rf"^{name} has no value.*referenced stack lacks"):
        secrets.create(None, absent)


@pytest.mark.parametrize("name", ["secret_name", "secret_string"])
@pytest.mark.parametrize("fingerprint", [None, hashlib.sha256(b"None").hexdigest()])
def test_update_without_a_required_value_counts_as_a_change_and_asks_nothing_of_aws(
    name: str, fingerprint: str | None
) -> None:
    outputs = {**DECLARED, "arn": ARN, "version_id": "v1", FINGERPRINT: fingerprint}
    absent = {**DECLARED, name: None}

    plan = changes(outputs, absent)
    with pytest.raises(LifecycleError, match=rf"^{name} has no value"):
        secrets.update(None, ARN, outputs, absent)

    assert name in plan.changed
    assert "None" not in str(list(filter(None, secrets.preview(ARN, outputs, absent).values())))


# What counts as a change

_SECRETS = st.fixed_dictionaries(
    {
        "secret_name": st.just(NAME),
        "description": st.one_of(st.none(), st.text(max_size=5)),
        "kms_key_id": st.sampled_from([None, "", "alias/a", KEY_ID, f"arn:aws:kms:eu-west-1:1:key/{KEY_ID}"]),
        "tags": st.one_of(st.none(), st.dictionaries(st.text(min_size=1, max_size=3), st.text(max_size=3), max_size=3)),
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
    declared = {**properties, **declared_value}
    stored = {**properties, "arn": ARN, FINGERPRINT: _fingerprint(declared_value)}

    assert changes(stored, declared).changed == ()


@given(_SECRETS, st.sampled_from(["secret_name", "description", "kms_key_id", "tags", "region"]))
def test_unknown_counts_as_changed(properties: dict[str, Any], name: str) -> None:
    declared = {**properties, "secret_string": "x"}
    stored = {**properties, "arn": ARN, FINGERPRINT: _fingerprint(declared)}

    found = changes(stored, {**declared, name: UNKNOWN})

    assert found.changed == (name,)
    assert found.replaces == ((name,) if name in ("secret_name", "region") else ())


def _fingerprint(declared: dict[str, Any]) -> str:
    return Declared.of(declared).fingerprint


@pytest.mark.parametrize(
    ("change", "changed", "replaces"),
    [
        ({"secret_string": "other"}, ("secret_string",), ()),
        ({"secret_string": UNKNOWN}, ("secret_string",), ()),
        ({"secret_string": None, "secret_json": {"a": UNKNOWN}}, ("secret_json", "secret_string"), ()),
        ({"secret_string": None, "secret_json": {"a": 1}}, ("secret_json", "secret_string"), ()),
        ({"secret_string": None, "without_value": True}, ("without_value", "secret_string"), ()),
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
    value = {FINGERPRINT: _fingerprint(DECLARED), VALUE_INPUT: "secret_string"}
    stored = {"secret_name": NAME, "arn": ARN, "version_id": "v", **value}

    found = changes(stored, {**DECLARED, **change})

    assert (found.changed, found.replaces) == (changed, replaces)


@pytest.mark.parametrize("name", [KEY_ID, f"arn:aws:kms:eu-west-1:123456789012:key/{KEY_ID}"])
@pytest.mark.parametrize("other", [KEY_ID, f"arn:aws:kms:eu-west-1:123456789012:key/{KEY_ID}"])
def test_key_has_two_names(name: str, other: str) -> None:
    stored = {"secret_name": NAME, "arn": ARN, "kms_key_id": name, FINGERPRINT: _fingerprint(DECLARED)}

    assert changes(stored, {**DECLARED, "kms_key_id": other}).changed == ()


def test_state_without_fingerprint_has_another_value() -> None:
    assert changes({"secret_name": NAME, "arn": ARN}, DECLARED).changed == ("secret_string",)


def test_region_is_read_from_the_arn() -> None:
    assert State.of(ARN, {}).region == REGION
    assert State.of("arn:aws-cn:secretsmanager:cn-north-1:1:secret:a-AbCdEf", {}).region == "cn-north-1"


# Create


def test_create_stores_the_value(*, manager: SecretsManager, warn: Warner, warned: list[str], by_hand: Any) -> None:
    outputs = made(manager, warn, description="d", tags={"a": "b"})

    found = by_hand.describe_secret(SecretId=NAME)
    assert value(by_hand) == "s3cret-one"
    assert (found["Description"], found["Tags"]) == ("d", [{"Key": "a", "Value": "b"}])
    assert versions(by_hand) == {outputs["version_id"]: ["AWSCURRENT"]}
    assert outputs["arn"] == found["ARN"]
    assert "s3cret-one" not in json.dumps(outputs)
    assert warned == []


def test_object_is_stored_as_json(manager: SecretsManager, warn: Warner, by_hand: Any) -> None:
    made(manager, warn, secret_string=None, secret_json={"secret": "x", "n": 1})

    assert json.loads(value(by_hand)) == {"secret": "x", "n": 1}


def test_create_after_a_crash_makes_no_second_version(
    manager: SecretsManager, warn: Warner, warned: list[str], by_hand: Any
) -> None:
    first = made(manager, warn)

    second = made(manager, warn)

    assert second == first
    assert len(versions(by_hand)) == 1
    assert [warning.split(",")[0] for warning in warned] == [f"took over {first['arn']}"]


def test_value_edited_after_a_crash_becomes_current(
    manager: SecretsManager, warn: Warner, warned: list[str], by_hand: Any
) -> None:
    made(manager, warn)

    outputs = made(manager, warn, secret_string="s3cret-two")

    assert (value(by_hand), value(by_hand, "AWSPREVIOUS")) == ("s3cret-two", "s3cret-one")
    assert versions(by_hand)[outputs["version_id"]] == ["AWSCURRENT"]
    assert len(warned) == 1
    assert warned[0].startswith(f"took over {outputs['arn']}")


def test_second_crash_after_an_edit_makes_no_third_version(manager: SecretsManager, warn: Warner, by_hand: Any) -> None:
    made(manager, warn)
    first = made(manager, warn, secret_string="s3cret-two")

    again = made(manager, warn, secret_string="s3cret-two")

    assert again == first
    assert len(versions(by_hand)) == 2
    assert value(by_hand, "AWSPREVIOUS") == "s3cret-one"


def test_other_properties_edited_after_a_crash_are_set(manager: SecretsManager, warn: Warner, by_hand: Any) -> None:
    made(manager, warn, description="old", tags={"a": "1", "b": "2"})

    made(manager, warn, description="new", tags={"b": "3"})

    found = by_hand.describe_secret(SecretId=NAME)
    assert (found["Description"], found["Tags"]) == ("new", [{"Key": "b", "Value": "3"}])
    assert len(versions(by_hand)) == 1


def test_name_that_somebody_else_has_is_refused(manager: SecretsManager, warn: Warner, by_hand: Any) -> None:
    by_hand.create_secret(Name=NAME, SecretString="theirs")

    with pytest.raises(LifecycleError, match=rf"^a secret named {NAME} exists already: .*set adopt_existing"):
        made(manager, warn)

    assert value(by_hand) == "theirs"


@pytest.mark.parametrize("other", [{URN: "urn:other"}, {URN: None}])
def test_other_resource_is_somebody_else(
    manager: SecretsManager, warn: Warner, by_hand: Any, other: dict[str, Any]
) -> None:
    made(manager, warn)

    with pytest.raises(LifecycleError, match="exists already"):
        made(manager, warn, **other, secret_string="other")

    assert value(by_hand) == "s3cret-one"


def test_version_that_older_code_wrote_is_ours(manager: SecretsManager) -> None:
    """Older code derived its tokens from names alone; a forced replacement meets its own secret."""
    token = page("", DECLARED[URN], NAME)
    manager.create(NAME, "written by older code", token=token, description=None, kms_key_id=None, tags={})
    warnings: list[str] = []

    arn, _ = secrets.create(manager, DECLARED, warn=warnings.append)

    assert manager.describe(arn).previous_version == token
    (warning,) = warnings
    assert arn in warning


def test_other_namespace_is_somebody_else(manager: SecretsManager, warn: Warner) -> None:
    made(manager, warn)

    with pytest.raises(LifecycleError, match="exists already"):
        secrets.create(manager, DECLARED, namespace="team-b", warn=warn)


def test_existing_secret_is_adopted_when_asked(manager: SecretsManager, warn: Warner, by_hand: Any) -> None:
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
    by_hand.create_secret(Name=NAME, SecretString="theirs")
    made(manager, warn, adopt_existing=True)

    made(manager, warn, adopt_existing=True)

    assert value(by_hand, "AWSPREVIOUS") == "theirs"
    assert len(versions(by_hand)) == 2


@pytest.mark.parametrize("secret_string", ["s3cret-one", "s3cret-two"])
def test_scheduled_deletion_is_called_off(
    *, manager: SecretsManager, warn: Warner, warned: list[str], by_hand: Any, secret_string: str
) -> None:
    first = made(manager, warn)
    secrets.delete(manager, first["arn"], first)

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
    by_hand.create_secret(Name=NAME, SecretString="theirs")
    by_hand.delete_secret(SecretId=NAME)

    made(manager, warn)

    assert (value(by_hand), value(by_hand, "AWSPREVIOUS")) == ("s3cret-one", "theirs")


def test_name_on_its_way_out_is_restored_where_aws_says_so(
    fake_aws: Callable[[SecretsManager], Stubber], warn: Warner, warned: list[str]
) -> None:
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

    outputs = made(manager, warn)

    stubber.assert_no_pending_responses()
    assert (outputs["arn"], outputs["version_id"]) == (ARN, "b" * 64)
    assert len(warned) == 1


def test_other_invalid_request_is_no_deletion(fake_aws: Callable[[SecretsManager], Stubber], warn: Warner) -> None:
    manager = SecretsManager(REGION)
    stubber = fake_aws(manager)
    stubber.add_client_error("describe_secret", "ResourceNotFoundException", "Secrets Manager can't find it.")
    stubber.add_client_error("create_secret", "InvalidRequestException", "A parameter value is not valid.")

    with pytest.raises(AwsError, match="A parameter value is not valid"):
        made(manager, warn)


# Read


def test_read_of_an_untouched_secret_changes_nothing(manager: SecretsManager, warn: Warner) -> None:
    outputs = made(manager, warn, description="d", tags={"a": "b"})

    assert read(manager, outputs) == outputs


def test_read_never_asks_for_the_value(
    fake_aws: Callable[[SecretsManager], Stubber],
) -> None:
    manager = SecretsManager(REGION)
    stubber = fake_aws(manager)
    stubber.add_response("describe_secret", {"ARN": ARN, "Name": NAME}, {"SecretId": ARN})

    found = read(manager, {"arn": ARN, "version_id": "v", FINGERPRINT: "f"})

    stubber.assert_no_pending_responses()
    assert found is not None
    assert found[FINGERPRINT] is None


def test_version_of_somebody_else_is_drift(
    manager: SecretsManager, warn: Warner, warned: list[str], by_hand: Any
) -> None:
    outputs = made(manager, warn)
    by_hand.put_secret_value(SecretId=NAME, SecretString="theirs")

    found = read(manager, outputs, warn=warn)

    assert found is not None
    assert ["did not write" in warning and found["version_id"] in warning for warning in warned] == [True]
    assert read(manager, found) == found, "a second refresh says nothing more"
    assert found[FINGERPRINT] is None
    said: list[str] = []
    assert secrets.plan(found["arn"], found, DECLARED, inform=said.append).changed == ("secret_string",)
    assert ["in place of version" in line for line in said] == [True]
    repaired = update(manager, found, DECLARED)
    assert (value(by_hand), value(by_hand, "AWSPREVIOUS")) == ("s3cret-one", "theirs")
    assert changes(repaired, DECLARED).changed == ()
    assert read(manager, repaired) == repaired


def test_refresh_announces_no_value_that_only_an_update_puts(
    manager: SecretsManager, warn: Warner, by_hand: Any
) -> None:
    outputs = made(manager, warn)
    by_hand.put_secret_value(SecretId=NAME, SecretString="theirs")
    said: list[str] = []
    roster = Roster(settle_s=0)

    found = read(manager, outputs, warn=lambda _message: None, roster=roster)
    assert found is not None
    assert secrets.plan(found["arn"], found, DECLARED, inform=said.append, roster=roster).is_needed
    assert said == []

    roster.declare(DECLARED[URN])
    assert secrets.plan(found["arn"], found, DECLARED, inform=said.append, roster=roster).is_needed
    assert len(said) == 1


def test_label_moved_back_by_hand_is_drift(manager: SecretsManager, warn: Warner) -> None:
    first = made(manager, warn)
    second = update(manager, first, {**DECLARED, "secret_string": "s3cret-two"})
    manager._client.update_secret_version_stage(
        SecretId=NAME,
        VersionStage="AWSCURRENT",
        MoveToVersionId=first["version_id"],
        RemoveFromVersionId=second["version_id"],
    )

    found = read(manager, second)
    assert found is not None
    third = update(manager, found, {**DECLARED, "secret_string": "s3cret-two"})

    assert found["version_id"] == first["version_id"]
    assert third["version_id"] not in (first["version_id"], second["version_id"])
    current = manager.describe(NAME).versions["AWSCURRENT"]
    assert current == third["version_id"]


def test_edits_of_the_rest_are_drift(manager: SecretsManager, warn: Warner, by_hand: Any) -> None:
    outputs = made(manager, warn, description="d", tags={"a": "b"})
    by_hand.update_secret(SecretId=NAME, Description="theirs")
    by_hand.tag_resource(SecretId=NAME, Tags=[{"Key": "c", "Value": "d"}])
    declared = {**DECLARED, "description": "d", "tags": {"a": "b"}}

    found = read(manager, outputs)

    assert found is not None
    assert changes(found, declared).changed == ("description", "tags")
    update(manager, found, declared)
    described = by_hand.describe_secret(SecretId=NAME)
    assert (described["Description"], described["Tags"]) == ("d", [{"Key": "a", "Value": "b"}])
    assert len(versions(by_hand)) == 1


def drifted(manager: SecretsManager, outputs: Outputs, warn: Warner) -> tuple[Outputs, Outputs]:
    """Read a secret that has drifted, and return the inputs and the outputs."""
    found = secrets.read(manager, outputs["arn"], outputs, warn=warn)
    assert found is not None
    assert found.inputs is not None
    return found.inputs, found.outputs


_VALUE_FORMS = pytest.mark.parametrize("form", [{}, {"secret_string": None, "secret_json": {"a": "s3cret"}}])


@_VALUE_FORMS
@pytest.mark.parametrize("is_overwritten", [False, True])
def test_inputs_of_a_refresh_ask_for_what_is_stored(
    *, manager: SecretsManager, warn: Warner, by_hand: Any, form: dict[str, Any], is_overwritten: bool
) -> None:
    declared = {**DECLARED, **form}
    outputs = made(manager, warn, **form)
    by_hand.tag_resource(SecretId=NAME, Tags=[{"Key": "owner", "Value": "ops"}])
    if is_overwritten:
        by_hand.put_secret_value(SecretId=NAME, SecretString="theirs")

    inputs, found = drifted(manager, outputs, warn)

    (name,) = inputs.keys() & {"secret_string", "secret_json"}
    assert declared[name] is not None
    assert inputs["tags"] == {"owner": "ops"}
    assert secrets.check(inputs, is_new=False).problems == []
    assert changes(found, inputs).changed == ()
    assert changes(found, {**inputs, name: declared[name]}).changed == ((name,) if is_overwritten else ())
    assert changes(found, {**declared, name: inputs[name]}).changed == ("tags",)


@_VALUE_FORMS
def test_stand_in_of_a_refresh_is_never_stored(
    manager: SecretsManager, warn: Warner, by_hand: Any, form: dict[str, Any]
) -> None:
    outputs = made(manager, warn, **form)
    stored = value(by_hand)
    by_hand.update_secret(SecretId=NAME, Description="theirs")
    inputs, found = drifted(manager, outputs, warn)

    edited = update(manager, found, {**inputs, "description": "ours"})
    with pytest.raises(LifecycleError, match="out of ignore_changes"):
        secrets.create(manager, {**inputs, "secret_name": "signa/other"}, warn=warn)
    with pytest.raises(LifecycleError, match="out of ignore_changes"):
        update(manager, {**edited, "version_id": "another"}, inputs)

    assert value(by_hand) == stored
    assert changes(edited, {**DECLARED, **form, "description": "ours"}).changed == ()
    assert list(versions(by_hand)) == [outputs["version_id"]]


def test_value_that_resembles_a_stand_in_is_a_value(manager: SecretsManager, warn: Warner, by_hand: Any) -> None:
    text = "the value of version 1, which pulumi-signa does not read"

    made(manager, warn, secret_string=text)

    assert value(by_hand) == text


def test_state_that_does_not_say_how_the_value_was_declared_gives_no_inputs(
    manager: SecretsManager, warn: Warner, by_hand: Any
) -> None:
    outputs = made(manager, warn)
    del outputs[VALUE_INPUT]
    by_hand.update_secret(SecretId=NAME, Description="theirs")

    found = secrets.read(manager, outputs["arn"], outputs)

    assert found is not None
    assert found.inputs is None


def test_other_name_of_the_same_key_is_no_drift(fake_aws: Callable[[SecretsManager], Stubber]) -> None:
    manager = SecretsManager(REGION)
    key = f"arn:aws:kms:{REGION}:123456789012:key/{KEY_ID}"
    stubber = fake_aws(manager)
    stubber.add_response("describe_secret", {"ARN": ARN, "Name": NAME, "KmsKeyId": key})
    stored = {**DECLARED, "arn": ARN, "kms_key_id": KEY_ID, VALUE_INPUT: "secret_string"}

    found = secrets.read(manager, ARN, stored)

    assert found is not None
    assert (found.inputs, found.outputs["kms_key_id"]) == (None, KEY_ID)


# Read by id


def test_secret_of_others_is_read_without_its_value(manager: SecretsManager, by_hand: Any) -> None:
    made = by_hand.create_secret(Name=NAME, SecretString="theirs", Description="d", Tags=[{"Key": "a", "Value": "b"}])

    found = secrets.read(manager, made["ARN"], DECLARED)
    by_hand.put_secret_value(SecretId=NAME, SecretString="theirs, another")

    assert found is not None
    assert found.inputs is None
    assert (found.outputs["arn"], found.outputs["version_id"]) == (made["ARN"], made["VersionId"])
    assert (found.outputs["secret_name"], found.outputs["description"], found.outputs["tags"]) == (
        NAME,
        "d",
        {"a": "b"},
    )
    assert not {"s3cret-one", "theirs"} & set(map(str, found.outputs.values()))
    assert read(manager, found.outputs) is not None, "a version of others is no news, and no warning"


def test_secret_that_does_not_exist_is_an_error_to_whom_names_it(manager: SecretsManager, by_hand: Any) -> None:
    with pytest.raises(LifecycleError, match=f"^{ARN} does not exist"):
        secrets.read(manager, ARN, {})

    deleted = by_hand.create_secret(Name=NAME, SecretString="theirs")["ARN"]
    by_hand.delete_secret(SecretId=NAME)
    with pytest.raises(LifecycleError, match=f"^{deleted} is scheduled for deletion"):
        secrets.read(manager, deleted, {})


@pytest.mark.parametrize(
    "id_",
    [NAME, "", "arn", "arn:aws:secretsmanager", "arn:aws:s3:::bucket", ARN.replace(REGION, ""), f"{ARN}\n", "x" * 9999],
)
def test_what_is_not_the_arn_of_a_secret_is_one_clear_line(manager: SecretsManager, id_: str) -> None:
    with pytest.raises(
        LifecycleError, match=r"\A.* is not the ARN of a secret, which looks like arn:[^\n]*\Z"
    ) as caught:
        secrets.read(manager, id_, {})

    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("days", [0, 7])
def test_deleted_secret_is_gone(manager: SecretsManager, warn: Warner, by_hand: Any, days: int) -> None:
    outputs = made(manager, warn, recovery_window_in_days=days)
    secrets.delete(manager, outputs["arn"], outputs)

    assert read(manager, outputs) is None


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException", "InternalServiceError"])
def test_other_refusals_are_never_gone(fake_aws: Callable[[SecretsManager], Stubber], code: str) -> None:
    manager = SecretsManager(REGION)
    stubber = fake_aws(manager)
    stubber.add_client_error("describe_secret", code)
    stubber.add_client_error("delete_secret", code)

    with pytest.raises(AwsError) as of_read:
        read(manager, {"arn": ARN})
    with pytest.raises(AwsError) as of_delete:
        secrets.delete(manager, ARN)

    refused = AccessDeniedError if code == "AccessDeniedException" else AwsError
    assert type(of_read.value) is type(of_delete.value) is refused


# Update


def test_new_value_keeps_the_old_one_as_previous(manager: SecretsManager, warn: Warner, by_hand: Any) -> None:
    outputs = made(manager, warn)

    new = update(manager, outputs, {**DECLARED, "secret_string": "s3cret-two"})

    assert (value(by_hand), value(by_hand, "AWSPREVIOUS")) == ("s3cret-two", "s3cret-one")
    assert new["version_id"] != outputs["version_id"]
    assert new.keys() == outputs.keys()


def test_update_repeated_after_a_crash_makes_one_version(manager: SecretsManager, warn: Warner, by_hand: Any) -> None:
    outputs = made(manager, warn)
    declared = {**DECLARED, "secret_string": "s3cret-two"}
    first = update(manager, outputs, declared)

    second = update(manager, outputs, declared)

    assert second == first
    assert len(versions(by_hand)) == 2


def test_value_edited_between_crash_and_rerun_wins(manager: SecretsManager, warn: Warner, by_hand: Any) -> None:
    outputs = made(manager, warn)
    update(manager, outputs, {**DECLARED, "secret_string": "s3cret-two"})

    new = update(manager, outputs, {**DECLARED, "secret_string": "s3cret-three"})

    assert (value(by_hand), value(by_hand, "AWSPREVIOUS")) == ("s3cret-three", "s3cret-two")
    assert versions(by_hand)[new["version_id"]] == ["AWSCURRENT"]


def test_value_that_goes_there_and_back_is_written_each_time(
    manager: SecretsManager, warn: Warner, by_hand: Any
) -> None:
    outputs = made(manager, warn)

    for text in ("s3cret-two", "s3cret-one", "s3cret-two"):
        outputs = update(manager, outputs, {**DECLARED, "secret_string": text})
        assert value(by_hand) == text

    assert changes(outputs, {**DECLARED, "secret_string": "s3cret-two"}).changed == ()


def test_update_of_tags_touches_nothing_else(
    fake_aws: Callable[[SecretsManager], Stubber],
) -> None:
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

    new = update(manager, old, {**DECLARED, "tags": {"b": "2", "c": "9", "d": "4"}})

    stubber.assert_no_pending_responses()
    assert (new["version_id"], new["tags"]) == ("v", {"b": "2", "c": "9", "d": "4"})


def test_cleared_description_and_key_are_sent_as_empty(
    fake_aws: Callable[[SecretsManager], Stubber],
) -> None:
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

    new = update(manager, old, DECLARED)

    stubber.assert_no_pending_responses()
    assert (new["description"], new["kms_key_id"]) == (None, None)


@pytest.mark.parametrize("change", [{"secret_string": "s3cret-two"}, {"description": "x"}, {"tags": {"a": "b"}}])
def test_update_of_a_vanished_secret_says_what_to_do(
    manager: SecretsManager, warn: Warner, change: dict[str, Any]
) -> None:
    outputs = made(manager, warn, recovery_window_in_days=0)
    secrets.delete(manager, outputs["arn"], outputs)

    with pytest.raises(LifecycleError, match=r"no longer exists, .*run `pulumi refresh`"):
        update(manager, outputs, {**DECLARED, **change})


def test_update_of_a_secret_on_its_way_out_says_what_to_do(fake_aws: Callable[[SecretsManager], Stubber]) -> None:
    manager = SecretsManager(REGION)
    stubber = fake_aws(manager)
    message = "You can't perform this operation on the secret because it was marked for deletion."
    stubber.add_client_error("put_secret_value", "InvalidRequestException", message)
    old = {**DECLARED, "arn": ARN, "version_id": "v"}

    with pytest.raises(LifecycleError, match="scheduled for deletion: run `pulumi refresh`"):
        update(manager, old, DECLARED)


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
    manager = SecretsManager(REGION)
    stubber = fake_aws(manager)
    stubber.add_response("delete_secret", {"ARN": ARN}, {"SecretId": ARN, **request_})

    secrets.delete(manager, ARN, {"recovery_window_in_days": days})

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
    manager = SecretsManager(REGION)
    stubber = fake_aws(manager)
    stubber.add_client_error("delete_secret", code, message)

    secrets.delete(manager, ARN)

    stubber.assert_no_pending_responses()


def test_delete_twice_against_a_server(manager: SecretsManager, warn: Warner) -> None:
    outputs = made(manager, warn, recovery_window_in_days=7)
    secrets.delete(manager, outputs["arn"], outputs)

    secrets.delete(manager, outputs["arn"], outputs)

    assert manager.describe(NAME).is_deleted


def test_restore_that_cannot_be_finished_is_taken_back(
    fake_aws: Callable[[SecretsManager], Stubber], warn: Warner, warned: list[str]
) -> None:
    manager = SecretsManager(REGION)
    stubber = fake_aws(manager)
    stubber.add_response(
        "describe_secret",
        {"ARN": ARN, "Name": NAME, "DeletedDate": NOW, "VersionIdsToStages": {"a" * 32: ["AWSCURRENT"]}},
        {"SecretId": NAME},
    )
    stubber.add_response("restore_secret", {"ARN": ARN, "Name": NAME}, {"SecretId": ARN})
    stubber.add_client_error("put_secret_value", "AccessDeniedException", "no")
    stubber.add_response("delete_secret", {"ARN": ARN}, {"SecretId": ARN, "RecoveryWindowInDays": 30})

    with pytest.raises(AwsError, match="AccessDenied"):
        made(manager, warn)

    stubber.assert_no_pending_responses()
    assert warned == []


def test_secret_that_this_run_took_over_outlives_the_deletion_of_its_predecessor(
    manager: SecretsManager, warn: Warner, warned: list[str], by_hand: Any
) -> None:
    roster = Roster(settle_s=0)
    old = made(manager, warn)

    said: list[str] = []
    new = secrets.create(manager, DECLARED, roster=roster, warn=warn)[1]
    secrets.delete(manager, old["arn"], old, roster=roster, inform=said.append)

    assert new["arn"] == old["arn"]
    assert value(by_hand) == "s3cret-one"
    assert warned == [f"took over {old['arn']}, which this resource wrote before"]
    assert said == [f"kept {old['arn']}: what replaces it is the same secret"]


# A state that was edited by hand

_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    max_leaves=6,
)
_STORED = sorted({*State.of(ARN, {}).outputs(), "secret_string", "secret_json"})


def _refusal(operation: Callable[[], Any]) -> str:
    """Return the text with which an operation is refused, or an empty one."""
    try:
        operation()
    except (LifecycleError, AwsError) as error:
        return str(error)
    return ""


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    damage=st.dictionaries(st.sampled_from(_STORED), _JSON, max_size=3),
    id_=st.one_of(st.just(None), st.just(None), st.text(max_size=12)),
    verb=st.sampled_from(["plan", "read", "update", "delete"]),
)
def test_damaged_state_is_repaired_or_refused_in_one_line(
    *, manager: SecretsManager, by_hand: Any, damage: dict[str, Any], id_: str | None, verb: str
) -> None:
    if by_hand.list_secrets(IncludePlannedDeletion=True)["SecretList"]:
        by_hand.delete_secret(SecretId=NAME, ForceDeleteWithoutRecovery=True)
    arn, outputs = secrets.create(manager, DECLARED)
    arn, damaged = arn if id_ is None else id_, {**outputs, **damage}
    quiet: dict[str, Any] = {"warn": lambda _message: None}
    verbs = {
        "plan": lambda: secrets.preview(arn, damaged, {**DECLARED, "region": REGION}),
        "read": lambda: secrets.read(manager, arn, damaged, **quiet),
        "update": lambda: secrets.update(manager, arn, damaged, {**DECLARED, "description": "d"}, **quiet),
        "delete": lambda: secrets.delete(manager, arn, damaged, **quiet),
    }

    refusal = _refusal(verbs[verb])

    assert len(refusal.splitlines()) <= 1
    assert refusal == "" or id_ is not None


@pytest.mark.parametrize(
    ("damage", "changed"),
    [
        ({"tags": 5}, ("tags",)),
        ({"version_id": None}, ()),
        ({FINGERPRINT: []}, ("secret_string",)),
        ({"description": {}}, ("description",)),
        ({"kms_key_id": 5}, ("kms_key_id",)),
        ({"replica_regions": 5}, ("replica_regions",)),
        ({VALUE_INPUT: []}, ()),
        ({"arn": 5}, ()),
    ],
)
def test_damaged_property_of_a_state_counts_as_absent(
    manager: SecretsManager, warn: Warner, damage: dict[str, Any], changed: tuple[str, ...]
) -> None:
    declared = {
        **DECLARED, "tags": {"a": "b"}, "description": "d", "kms_key_id": "alias/a", "replica_regions": ["us-east-1"],
    }  # fmt: skip
    arn, outputs = secrets.create(manager, declared, warn=warn)

    assert secrets.plan(arn, {**outputs, **damage}, declared).changed == changed


# Versions


class ForgetfulManager:
    """A look-alike of AWS that never says which version is current."""

    puts = 0

    def put(self, secret_id: str, _value: str, *, token: str) -> Version:
        """Store the value, and say that it is not current."""
        self.puts += 1
        return Version(secret_id, token, is_current=False)


def test_server_that_never_has_a_current_version_is_not_asked_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(version_ids, "_MAX_KEYS", 7)
    manager = ForgetfulManager()

    with pytest.raises(LifecycleError, match=r"7 versions .*AWS_ENDPOINT_URL_SECRETS_MANAGER"):
        Lineage(("stack", "", "urn", NAME)).put(manager, ARN, "value", after=None)  # type: ignore[arg-type]

    assert manager.puts == 7
