"""The secret in Secrets Manager that signing secrets are written to."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from fake_host import context
from fake_secrets_manager import NO_ANSWER, FakeClient, FakeSecret, manager_of, refusal
from pulumi_signa.aws.errors import AccessDeniedError, AwsError
from pulumi_signa.lifecycle.context import Context
from pulumi_signa.lifecycle.errors import LifecycleError
from pulumi_signa.lifecycle.webhook_endpoint.destination import brought_back, looked_at, observed
from pulumi_signa.lifecycle.webhook_endpoint.keeping import InSecretsManager, NotKeptError, Nowhere, SigningSecret
from pulumi_signa.lifecycle.webhook_endpoint.schema import Destination

NAME, VALUE = "signa/alerts", "whsec_bmV2ZXItdG8tYmUtc2Vlbg=="
SECRET = SigningSecret("whk_1", 1, VALUE)
NEXT = SigningSecret("whk_1", 2, "whsec_dGhlLW5leHQtb25l")
ALERTS = Destination(NAME, None)


@pytest.fixture
def client() -> FakeClient:
    """Return an AWS with one secret, which has no value yet."""
    aws = FakeClient()
    aws.make(NAME)
    return aws


@pytest.fixture
def secret(client: FakeClient) -> FakeSecret:
    """Return that secret."""
    return client.secrets[NAME]


@pytest.fixture
def regions() -> list[str | None]:
    """Return the regions that were asked for."""
    return []


@pytest.fixture
def run(client: FakeClient, regions: list[str | None]) -> Context:
    """Return the context of a call that reaches this AWS."""

    def aws(region: str | None) -> Any:
        regions.append(region)
        return manager_of(client)

    return context({}, aws=aws)


@pytest.fixture
def kept(run: Context) -> InSecretsManager:
    """Return where the secret was written."""
    return looked_at(run, ALERTS, Nowhere()).keep(SECRET, Nowhere())


# The look


def test_look_writes_nothing(run: Context, client: FakeClient, secret: FakeSecret) -> None:
    client.overwrite(NAME, "theirs")
    before = replace(secret, values=dict(secret.values), labels=dict(secret.labels))

    keeper = looked_at(run, ALERTS, Nowhere())

    assert keeper.arn == secret.arn
    assert client.sent == ["DescribeSecret", "PutSecretValue"]
    assert secret == before


def test_secret_without_a_value_is_only_described(run: Context, client: FakeClient, secret: FakeSecret) -> None:
    looked_at(run, ALERTS, Nowhere())

    assert client.sent == ["DescribeSecret"]
    assert secret.values == {}


def test_place_that_is_known_is_not_described_again(
    run: Context, client: FakeClient, secret: FakeSecret, kept: InSecretsManager
) -> None:
    client.sent.clear()

    assert looked_at(run, ALERTS, kept).arn == secret.arn
    assert client.sent == ["PutSecretValue"]
    assert [*secret.values.values()] == [VALUE]


@pytest.mark.parametrize("status", ["overwritten", "unknown"])
def test_place_that_may_have_changed_is_described(
    run: Context, client: FakeClient, kept: InSecretsManager, status: str
) -> None:
    client.sent.clear()

    looked_at(run, ALERTS, replace(kept, status=status))

    assert client.sent == ["DescribeSecret", "PutSecretValue"]


def test_another_destination_is_the_one_that_is_looked_at(
    run: Context, client: FakeClient, secret: FakeSecret, kept: InSecretsManager
) -> None:
    other = client.make("signa/other")

    found = looked_at(run, Destination("signa/other", None), kept).keep(NEXT, kept)

    assert found.arn == other.arn
    assert other.read() == NEXT.value
    assert secret.read() == VALUE


@pytest.mark.parametrize("secret_id", [NAME, "arn"])
def test_secret_that_was_made_again_is_found_by_its_name(
    run: Context, client: FakeClient, secret: FakeSecret, kept: InSecretsManager, secret_id: str
) -> None:
    again = client.make(NAME)
    destination = Destination(secret.arn if secret_id == "arn" else secret_id, None)

    if secret_id == "arn":
        with pytest.raises(LifecycleError, match="there is no secret"):
            looked_at(run, destination, kept)
    else:
        assert looked_at(run, destination, kept).arn == again.arn


@pytest.mark.parametrize(
    ("destination", "region"),
    [
        (Destination(NAME, None), "eu-west-1"),
        (Destination(NAME, "us-east-1"), "us-east-1"),
        (Destination("arn:aws:secretsmanager:ap-south-1:123456789012:secret:x-AbCdEf", None), "ap-south-1"),
        (Destination("arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:x-AbCdEf", "cn-north-1"), "cn-north-1"),
    ],
)
def test_look_goes_to_the_region_of_the_destination(
    run: Context, client: FakeClient, regions: list[str | None], destination: Destination, region: str
) -> None:
    client.make(destination.secret_id or "")

    looked_at(run, destination, Nowhere())

    assert regions == [region]


@pytest.mark.parametrize(
    ("destination", "where"),
    [
        (Destination("gone", None), "there is no secret gone in eu-west-1"),
        (Destination("gone", "us-east-1"), "there is no secret gone in us-east-1"),
        (
            Destination("arn:aws:secretsmanager:eu-west-1:123456789012:secret:gone", None),
            "gone in eu-west-1",
        ),
    ],
)
def test_destination_that_is_not_there_is_refused(run: Context, destination: Destination, where: str) -> None:
    with pytest.raises(LifecycleError) as caught:
        looked_at(run, destination, Nowhere())

    assert where in str(caught.value)
    assert "nothing was made or rotated" in str(caught.value)


@pytest.mark.parametrize("is_known", [False, True])
def test_destination_that_is_scheduled_for_deletion_is_refused(
    run: Context, secret: FakeSecret, kept: InSecretsManager, *, is_known: bool
) -> None:
    secret.is_deleted = True

    with pytest.raises(LifecycleError, match=r"signa/alerts is scheduled for deletion; restore it"):
        looked_at(run, ALERTS, kept if is_known else Nowhere())


def test_destination_without_a_name_is_refused(run: Context, client: FakeClient) -> None:
    with pytest.raises(LifecycleError, match=r"secret_destination\.secret_id has no value"):
        looked_at(run, Destination(None, "eu-west-1"), Nowhere())

    assert client.sent == []


@pytest.mark.parametrize("operation", ["DescribeSecret", "PutSecretValue"])
@pytest.mark.parametrize(
    ("code", "error", "words"),
    [
        ("AccessDeniedException", AccessDeniedError, '"Effect": "Allow"'),
        ("EncryptionFailure", AccessDeniedError, "kms_key_id names an enabled key"),
        ("ThrottlingException", AwsError, "run the same command again later"),
        ("InternalServiceError", AwsError, "InternalServiceError"),
    ],
)
def test_refusal_of_the_look_is_that_of_aws(
    run: Context, client: FakeClient, *, operation: str, code: str, error: type[AwsError], words: str
) -> None:
    client.overwrite(NAME, "theirs")
    client.refused[operation] = [code]

    with pytest.raises(error) as caught:
        looked_at(run, ALERTS, Nowhere())

    assert words in str(caught.value)
    assert operation in str(caught.value)


# Writing


def test_secret_is_written_byte_for_byte_and_recorded(run: Context, secret: FakeSecret, kept: InSecretsManager) -> None:
    assert secret.read() == VALUE
    assert kept == InSecretsManager(secret.arn, secret.labels["AWSCURRENT"], SECRET.fingerprint)
    assert 32 <= len(kept.version_id) <= 64


def test_same_secret_is_written_once_whichever_run_writes_it(
    run: Context, secret: FakeSecret, kept: InSecretsManager
) -> None:
    assert looked_at(run, ALERTS, Nowhere()).keep(SECRET, Nowhere()) == kept
    assert [*secret.values] == [kept.version_id]


def test_secret_before_is_the_previous_version(run: Context, secret: FakeSecret, kept: InSecretsManager) -> None:
    looked_at(run, ALERTS, kept).keep(NEXT, kept)

    assert (secret.read(), secret.read("AWSPREVIOUS")) == (NEXT.value, VALUE)


def test_secret_that_was_written_and_overwritten_is_made_current_again(
    run: Context, client: FakeClient, secret: FakeSecret, kept: InSecretsManager
) -> None:
    for value in ("theirs", "theirs again"):
        client.overwrite(NAME, value)

    assert looked_at(run, ALERTS, Nowhere()).keep(SECRET, Nowhere()) == kept
    assert secret.read() == VALUE
    assert len(secret.values) == 3


def test_other_value_under_the_same_version_takes_the_next_token(
    run: Context, secret: FakeSecret, kept: InSecretsManager
) -> None:
    """A user who adopts may give another secret for the version than before."""
    other = replace(SECRET, value="whsec_b3RoZXI=")

    found = looked_at(run, ALERTS, kept).keep(other, Nowhere())

    assert found.version_id != kept.version_id
    assert secret.read() == other.value


def test_tokens_end(run: Context, client: FakeClient) -> None:
    for number in range(10):
        looked_at(run, ALERTS, Nowhere()).keep(replace(SECRET, value=f"whsec_{number}"), Nowhere())

    with pytest.raises(LifecycleError, match="other values under the ids of the endpoint's versions"):
        looked_at(run, ALERTS, Nowhere()).keep(SECRET, Nowhere())


@pytest.mark.parametrize(
    ("code", "is_final"),
    [
        ("AccessDeniedException", True),
        ("EncryptionFailure", True),
        ("ResourceNotFoundException", True),
        ("ThrottlingException", False),
        ("InternalServiceError", False),
        (NO_ANSWER, False),
    ],
)
def test_refused_write_says_whether_it_is_worth_to_try_again(
    run: Context, client: FakeClient, secret: FakeSecret, code: str, *, is_final: bool
) -> None:
    keeper = looked_at(run, ALERTS, Nowhere())
    client.refused["PutSecretValue"] = [code]

    with pytest.raises(NotKeptError) as caught:
        keeper.keep(SECRET, Nowhere())

    assert (caught.value.arn, caught.value.is_final) == (secret.arn, is_final)
    assert str(caught.value).startswith(f"the secret could not be written to {secret.arn}: AWS ")
    assert caught.value.__cause__ is None


def test_destination_that_is_deleted_after_the_look_is_a_final_refusal(run: Context, secret: FakeSecret) -> None:
    keeper = looked_at(run, ALERTS, Nowhere())
    secret.is_deleted = True

    with pytest.raises(NotKeptError) as caught:
        keeper.keep(SECRET, Nowhere())

    assert caught.value.is_final


@pytest.mark.parametrize("operation", ["put_secret_value", "update_secret_version_stage"])
def test_reason_does_not_quote_the_secret(
    run: Context,
    client: FakeClient,
    kept: InSecretsManager,
    monkeypatch: pytest.MonkeyPatch,
    operation: str,
) -> None:
    client.overwrite(NAME, "theirs")
    keeper = looked_at(run, ALERTS, Nowhere())

    def quote(**_request: Any) -> Any:
        raise refusal("PutSecretValue", "ValidationException", f"1 error at 'secretString': {VALUE} is odd")

    monkeypatch.setattr(client, operation, quote)
    with pytest.raises(NotKeptError) as caught:
        keeper.keep(SECRET, Nowhere())

    for text in (str(caught.value), caught.value.reason, repr(caught.value), repr(keeper)):
        assert VALUE not in text
    assert "[secret] is odd" in caught.value.reason


# Finding


def test_secret_of_this_version_is_found_by_the_id_of_its_version(run: Context, kept: InSecretsManager) -> None:
    keeper = looked_at(run, ALERTS, Nowhere())

    assert keeper.find("whk_1", 1) == replace(kept, fingerprint=None)
    assert keeper.find("whk_1", 2) == keeper.find("whk_2", 1) == Nowhere()


def test_secret_that_is_not_current_is_not_found(run: Context, client: FakeClient, kept: InSecretsManager) -> None:
    client.overwrite(NAME, "theirs")

    assert looked_at(run, ALERTS, Nowhere()).find("whk_1", 1) == Nowhere()


# What became of it


def _nothing(_client: FakeClient) -> None:
    """Do nothing."""


def _overwrite(client: FakeClient) -> None:
    client.overwrite(NAME, "theirs")


def _overwrite_twice(client: FakeClient) -> None:
    client.overwrite(NAME, "theirs")
    client.overwrite(NAME, "theirs again")


def _purge(client: FakeClient) -> None:
    _overwrite_twice(client)
    client.purge(NAME)


def _schedule(client: FakeClient) -> None:
    client.secrets[NAME].is_deleted = True


def _delete(client: FakeClient) -> None:
    del client.secrets[NAME]


def _make_again(client: FakeClient) -> None:
    client.make(NAME, "theirs")


@pytest.mark.parametrize(
    ("happens", "status", "after"),
    [
        (_nothing, "current", "current"),
        (_overwrite, "overwritten", "current"),
        (_overwrite_twice, "overwritten", "current"),
        (_purge, "unknown", "unknown"),
        (_schedule, "unknown", "unknown"),
        (_delete, "unknown", "unknown"),
        (_make_again, "unknown", "unknown"),
    ],
)
def test_status_is_that_of_the_destination_and_an_overwritten_secret_is_brought_back(
    run: Context,
    client: FakeClient,
    secret: FakeSecret,
    kept: InSecretsManager,
    *,
    happens: Callable[[FakeClient], None],
    status: str,
    after: str,
) -> None:
    happens(client)
    current = secret.labels["AWSCURRENT"]

    assert observed(run, kept) == replace(kept, status=status)
    assert secret.labels["AWSCURRENT"] == current
    warned: list[str] = []
    assert brought_back(replace(run, warn=warned.append), kept) == replace(kept, status=after)
    assert [kept.version_id in warning for warning in warned] == [True] * (after == "unknown")
    assert after != "current" or secret.read() == VALUE
    assert "GetSecretValue" not in client.sent


def test_destination_is_observed_with_one_call_while_all_is_well(
    run: Context, client: FakeClient, regions: list[str | None], kept: InSecretsManager
) -> None:
    client.sent.clear()
    regions.clear()

    observed(run, kept)

    assert (client.sent, regions) == (["DescribeSecret"], ["eu-west-1"])


@pytest.mark.parametrize("look", [observed, brought_back])
def test_refusal_to_describe_is_no_change(run: Context, client: FakeClient, kept: InSecretsManager, look: Any) -> None:
    client.refused["DescribeSecret"] = ["AccessDeniedException"]

    with pytest.raises(AccessDeniedError):
        look(run, kept)


def test_version_that_a_look_has_made_is_never_taken_for_the_secret(
    run: Context, client: FakeClient, secret: FakeSecret, kept: InSecretsManager
) -> None:
    """A state may know of a version that AWS has forgotten; the look then makes one with this id and another value."""
    _purge(client)
    theirs = secret.read()
    looked_at(run, ALERTS, kept)

    assert secret.read() == theirs
    assert observed(run, kept).status == "unknown"
    assert brought_back(replace(run, warn=str), kept).status == "unknown"
    assert secret.read() == theirs
