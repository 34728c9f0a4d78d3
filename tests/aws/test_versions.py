"""The operations on the versions of a secret: put, check, make current, and look for one."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from pulumi_signa.aws.descriptions import CHECKED
from pulumi_signa.aws.errors import (
    AccessDeniedError,
    AwsError,
    SecretDeletedError,
    SecretExistsError,
    SecretNotFoundError,
)
from pulumi_signa.aws.secrets_manager import SecretsManager

REGION, NAME = "eu-west-1", "signa/alerts"
ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:signa/alerts-AbCdEf"
A, B, C = ("a" * 64, "b" * 64, "c" * 64)
DELETED = "You can't perform this operation on the secret because it was marked for deletion."


@pytest.fixture
def manager(aws: str) -> SecretsManager:
    """Return a manager of an AWS that has one secret without a value."""
    assert aws
    boto3.client("secretsmanager", region_name=REGION).create_secret(Name=NAME)
    return SecretsManager(REGION)


@pytest.fixture
def stubber(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    """Return the stub that answers in place of AWS; every answer that was given has to be asked for."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with Stubber(SecretsManager(REGION)._client) as fake_answers:
        yield fake_answers
        fake_answers.assert_no_pending_responses()


def stubbed(stubber: Stubber) -> SecretsManager:
    """Return the manager that the stub answers."""
    manager = SecretsManager(REGION)
    manager._client = stubber.client
    return manager


def stored(label: str = "AWSCURRENT") -> str:
    """Return what a receiver reads."""
    answer = boto3.client("secretsmanager", region_name=REGION).get_secret_value(SecretId=NAME, VersionStage=label)
    return str(answer["SecretString"])


# On moto


def test_put_into_a_token_that_has_the_value_changes_nothing(manager: SecretsManager) -> None:
    first = manager.put(NAME, "one", token=A)
    manager.put(NAME, "two", token=B)

    again = manager.put(NAME, "one", token=A)

    assert (first.version_id, first.is_current) == (A, True)
    assert (again.version_id, again.is_current) == (A, False)
    assert stored() == "two"


def test_put_into_a_token_that_has_another_value_is_refused(manager: SecretsManager) -> None:
    manager.put(NAME, "one", token=A)

    with pytest.raises(SecretExistsError):
        manager.put(NAME, "two", token=A)

    assert stored() == "one"


def test_check_puts_nothing(manager: SecretsManager) -> None:
    manager.put(NAME, "one", token=A)
    before = manager.describe(NAME)

    manager.check_put(NAME, A)

    assert manager.describe(NAME) == before
    assert stored() == "one"


def test_check_of_a_version_that_is_not_there_shows_in_the_description(manager: SecretsManager) -> None:
    manager.put(NAME, "one", token=A)

    manager.check_put(NAME, B)

    found = manager.describe(NAME)
    assert (found.current_version, found.previous_version, found.checked_version) == (A, None, B)
    assert stored() == "one"


def test_check_of_a_secret_that_is_not_there_is_refused(manager: SecretsManager) -> None:
    with pytest.raises(SecretNotFoundError):
        manager.check_put("gone", A)


def test_version_without_a_label_is_made_current_again(manager: SecretsManager) -> None:
    for token in (A, B, C):
        manager.put(NAME, token[0], token=token)

    manager.make_current(NAME, A, instead_of=C)

    assert (stored(), stored("AWSPREVIOUS")) == ("a", "c")


def test_version_that_is_not_the_current_one_is_no_place_to_take_the_label_from(manager: SecretsManager) -> None:
    for token in (A, B, C):
        manager.put(NAME, token[0], token=token)

    with pytest.raises(AwsError):
        manager.make_current(NAME, A, instead_of=B)

    assert stored() == "c"


def test_version_is_there_with_or_without_a_label(manager: SecretsManager) -> None:
    for token in (A, B, C):
        manager.put(NAME, token[0], token=token)

    assert [manager.has_version(NAME, token) for token in (A, B, C, "d" * 64)] == [True, True, True, False]
    assert A not in manager.describe(NAME).versions.values()


# On answers that moto does not give


@pytest.mark.parametrize(
    ("code", "text", "error"),
    [
        ("InvalidRequestException", DELETED, SecretDeletedError),
        ("ResourceNotFoundException", "No.", SecretNotFoundError),
        ("AccessDeniedException", "No.", AccessDeniedError),
        ("EncryptionFailure", "No.", AccessDeniedError),
        ("DecryptionFailure", "No.", AccessDeniedError),
        ("InvalidRequestException", "No.", AwsError),
        ("ThrottlingException", "No.", AwsError),
    ],
)
def test_check_raises_what_a_put_would(stubber: Stubber, code: str, text: str, error: type[AwsError]) -> None:
    stubber.add_client_error("put_secret_value", code, text)

    with pytest.raises(AwsError) as caught:
        stubbed(stubber).check_put(NAME, A)

    assert type(caught.value) is error


def test_check_sends_no_secret_and_leaves_the_current_version_alone(stubber: Stubber) -> None:
    stubber.add_client_error(
        "put_secret_value",
        "ResourceExistsException",
        expected_params={
            "SecretId": NAME,
            "SecretString": CHECKED,
            "ClientRequestToken": A,
            "VersionStages": [CHECKED],
        },
    )

    stubbed(stubber).check_put(NAME, A)


def test_current_version_is_named_when_its_label_moves(stubber: Stubber) -> None:
    stubber.add_response(
        "update_secret_version_stage",
        {"ARN": ARN, "Name": NAME},
        {"SecretId": ARN, "VersionStage": "AWSCURRENT", "MoveToVersionId": A, "RemoveFromVersionId": B},
    )

    stubbed(stubber).make_current(ARN, A, instead_of=B)


@pytest.mark.parametrize("operation", ["make_current", "has_version"])
def test_refusal_names_the_permission(stubber: Stubber, operation: str) -> None:
    sent = {"make_current": "update_secret_version_stage", "has_version": "list_secret_version_ids"}[operation]
    stubber.add_client_error(sent, "AccessDeniedException", "No.")
    manager = stubbed(stubber)

    with pytest.raises(AccessDeniedError) as caught:
        manager.make_current(ARN, A, instead_of=B) if operation == "make_current" else manager.has_version(ARN, A)

    action = "UpdateSecretVersionStage" if operation == "make_current" else "ListSecretVersionIds"
    assert f'"Action": "secretsmanager:{action}", "Resource": "{ARN}"' in str(caught.value)


def _page(stubber: Stubber, versions: list[str], *, after: str | None, before: str | None) -> None:
    answer: dict[str, Any] = {"ARN": ARN, "Versions": [{"VersionId": version} for version in versions]}
    request: dict[str, Any] = {"SecretId": ARN, "IncludeDeprecated": True, "MaxResults": 100}
    stubber.add_response(
        "list_secret_version_ids",
        {**answer, **({} if before is None else {"NextToken": before})},
        {**request, **({} if after is None else {"NextToken": after})},
    )


def test_versions_are_read_page_by_page_until_one_has_it(stubber: Stubber) -> None:
    _page(stubber, [B], after=None, before="1")
    _page(stubber, [A, C], after="1", before="2")

    assert stubbed(stubber).has_version(ARN, A)


def test_last_page_ends_the_search(stubber: Stubber) -> None:
    _page(stubber, [B], after=None, before="1")
    _page(stubber, [], after="1", before=None)

    assert not stubbed(stubber).has_version(ARN, A)


def test_server_whose_pages_never_end_is_not_asked_for_ever(stubber: Stubber) -> None:
    for number in range(10):
        _page(stubber, [B], after=None if number == 0 else "same", before="same")

    assert not stubbed(stubber).has_version(ARN, A)


@pytest.mark.parametrize("answer", [{"ARN": ARN}, {"ARN": ARN, "Versions": []}])
def test_secret_without_versions_has_none(stubber: Stubber, answer: dict[str, Any]) -> None:
    stubber.add_response("list_secret_version_ids", answer)

    assert not stubbed(stubber).has_version(ARN, A)


def test_version_without_an_id_is_no_answer(stubber: Stubber) -> None:
    stubber.add_response("list_secret_version_ids", {"ARN": ARN, "Versions": [{"VersionStages": ["AWSCURRENT"]}]})

    with pytest.raises(AwsError, match="AWS's answer to ListSecretVersionIds is not as documented"):
        stubbed(stubber).has_version(ARN, A)
